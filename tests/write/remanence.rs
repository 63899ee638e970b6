//! Erasure down to the device's view: after redaction no planted value is left anywhere in the
//! raw image of an ext4 file system.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::bench::{Bench, Way};

const VALUES: usize = 5000;

fn value(number: usize) -> String {
    format!("CANARY-{number:05}-5550100")
}

fn run(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .output()
        .is_ok_and(|done| done.status.success())
}

/// A mounted image; unmounted when dropped.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        run("umount", &[self.0.to_str().unwrap()]);
    }
}

#[test]
fn no_planted_value_is_left_in_the_raw_image() {
    for way in [Way::Mask, Way::Label, Way::Remove] {
        let dir = tempfile::tempdir().unwrap();
        let image = dir.path().join("image");
        let mount = dir.path().join("mount");
        std::fs::create_dir(&mount).unwrap();
        std::fs::File::create(&image)
            .unwrap()
            .set_len(64 << 20)
            .unwrap();
        let (image_name, mount_name) = (image.to_str().unwrap(), mount.to_str().unwrap());
        let ready = run("mkfs.ext4", &["-q", "-F", image_name])
            && run("mount", &["-o", "loop", image_name, mount_name]);
        if !ready {
            println!("skipped: no root, loop device or mkfs.ext4 here");
            return;
        }
        let mounted = Mounted(&mount);
        let bench = Bench::on(&mount);
        let mut text = String::new();
        for number in 0..VALUES {
            writeln!(text, "{number},{},filler", value(number)).unwrap();
        }
        bench.put("a.csv", text.as_bytes());
        assert!(run("sync", &[]));
        let planted = count(&image);
        assert_eq!(planted, VALUES, "the values are in the image to begin with");
        // The needle is what all values share; the number before it stays.
        let outcome = bench.rewrite("a.csv", b"CANARY-", way).unwrap();
        assert!(outcome.is_done(), "{outcome:?}");
        assert_eq!(outcome.files[0].scrubbed, way != Way::Mask);
        drop(bench);
        drop(mounted);
        let left = count(&image);
        println!("remanence ext4 {way:?}: {planted} planted, {left} left");
        assert_eq!(left, 0, "{way:?}");
    }
}

/// How many of the values are in the raw image.
fn count(image: &Path) -> usize {
    let bytes = std::fs::read(image).unwrap();
    let found: std::collections::BTreeSet<&[u8]> = memchr::memmem::find_iter(&bytes, b"CANARY-")
        .filter_map(|at| bytes.get(at..at + 20))
        .filter(|value| value[7..12].iter().all(u8::is_ascii_digit))
        .collect();
    found.len()
}
