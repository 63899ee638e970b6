//! Somebody swaps folders and files for symbolic links while runs go on: nothing outside the root
//! is ever written to.

use std::sync::atomic::{AtomicBool, Ordering};

use efface::redact::failure::Reason;

use crate::bench::{Bench, Ends, Way, reason};

#[test]
fn no_write_leaves_the_root() {
    const ROUNDS: usize = 400;
    let bench = Bench::new();
    let outside = bench.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("a.txt"), b"call 555-0123").unwrap();
    bench.put("sub/a.txt", b"call 555-0123");
    let stop = AtomicBool::new(false);
    let (mut done, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (sub, kept) = (bench.path("sub"), bench.dir.path().join("kept"));
            while !stop.load(Ordering::Relaxed) {
                std::fs::rename(&sub, &kept).unwrap();
                std::os::unix::fs::symlink(&outside, &sub).unwrap();
                std::fs::remove_file(&sub).unwrap();
                std::fs::rename(&kept, &sub).unwrap();
            }
        });
        let _until_here = Ends(&stop);
        for round in 0..ROUNDS {
            let (needle, way) = match round % 2 {
                0 => (&b"555-0123"[..], Way::Mask),
                _ => (&b"call"[..], Way::Label),
            };
            // The scan may have read the file outside: its identity then gives the edit away.
            match bench.rewrite("sub/a.txt", needle, way) {
                Ok(outcome) => match reason(&outcome) {
                    None => done += 1,
                    // A folder that is moved out of the root while its path is followed is outside.
                    Some(
                        Reason::Symlink
                        | Reason::Outside
                        | Reason::Vanished
                        | Reason::Changed
                        | Reason::Busy,
                    ) => refused += 1,
                    Some(other) => panic!("{other:?}"),
                },
                Err(failure) => panic!("{failure}"),
            }
            assert_eq!(
                std::fs::read(outside.join("a.txt")).unwrap(),
                b"call 555-0123"
            );
        }
    });
    println!("races: {done} done, {refused} refused of {ROUNDS}");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    assert!(bench.left_over().is_empty());
}
