//! The metadata table: every attribute in every mode is kept, or the file is refused.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{XattrFlags, getxattr, setxattr};

use crate::bench::{Bench, Ends, Way};

/// A POSIX ACL as the kernel stores it: version 2, then (tag, permissions, id) in little endian:
/// owner rw-, user 1234 r--, group r--, mask r--, others none.
fn acl() -> Vec<u8> {
    let mut bytes = vec![2, 0, 0, 0];
    let entries: [(u16, u16, u32); 5] = [
        (0x01, 6, u32::MAX),
        (0x02, 4, 1234),
        (0x04, 4, u32::MAX),
        (0x10, 4, u32::MAX),
        (0x20, 0, u32::MAX),
    ];
    for (tag, may, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(may.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

/// A file capability set (version 2, CAP_NET_BIND_SERVICE), as the kernel stores it.
fn capability() -> Vec<u8> {
    let words: [u32; 5] = [0x0200_0001, 1 << 10, 0, 0, 0];
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn xattr(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = vec![0; 256];
    let len = getxattr(path, name, &mut value[..]).ok()?;
    value.truncate(len);
    Some(value)
}

type Set = fn(&Path) -> bool;
type Get = fn(&Path) -> String;

fn set_xattr(path: &Path, name: &str, value: &[u8]) -> bool {
    setxattr(path, name, value, XattrFlags::empty()).is_ok()
}

fn chmod(path: &Path, mode: u32) -> bool {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).is_ok()
}

fn chattr(path: &Path, flag: &str) -> bool {
    std::process::Command::new("chattr")
        .arg(flag)
        .arg(path)
        .output()
        .is_ok_and(|it| it.status.success())
}

fn stat(path: &Path) -> std::fs::Metadata {
    std::fs::metadata(path).unwrap()
}

/// Name, how it is set, how it reads.
const TABLE: &[(&str, Set, Get)] = &[
    (
        "owner",
        |p| std::os::unix::fs::chown(p, Some(1234), None).is_ok(),
        |p| stat(p).uid().to_string(),
    ),
    (
        "group",
        |p| std::os::unix::fs::chown(p, None, Some(2345)).is_ok(),
        |p| stat(p).gid().to_string(),
    ),
    (
        "mode",
        |p| chmod(p, 0o640),
        |p| format!("{:o}", stat(p).mode()),
    ),
    (
        "read-only mode",
        |p| chmod(p, 0o444),
        |p| format!("{:o}", stat(p).mode()),
    ),
    (
        "set-user-id",
        |p| chmod(p, 0o4755),
        |p| format!("{:o}", stat(p).mode()),
    ),
    (
        "set-group-id",
        |p| chmod(p, 0o2755),
        |p| format!("{:o}", stat(p).mode()),
    ),
    (
        "sticky",
        |p| chmod(p, 0o1644),
        |p| format!("{:o}", stat(p).mode()),
    ),
    (
        "ACL",
        |p| set_xattr(p, "system.posix_acl_access", &acl()),
        |p| format!("{:?}", xattr(p, "system.posix_acl_access")),
    ),
    (
        "user attribute",
        |p| set_xattr(p, "user.origin", b"switch 7"),
        |p| format!("{:?}", xattr(p, "user.origin")),
    ),
    (
        "trusted attribute",
        |p| set_xattr(p, "trusted.note", b"n"),
        |p| format!("{:?}", xattr(p, "trusted.note")),
    ),
    (
        "security label",
        |p| set_xattr(p, "security.efface_test", b"label"),
        |p| format!("{:?}", xattr(p, "security.efface_test")),
    ),
    (
        "capability",
        |p| set_xattr(p, "security.capability", &capability()),
        |p| format!("{:?}", xattr(p, "security.capability")),
    ),
    (
        "modification time",
        |_| true,
        |p| format!("{}.{}", stat(p).mtime(), stat(p).mtime_nsec()),
    ),
    (
        "access time",
        |_| true,
        |p| format!("{}.{}", stat(p).atime(), stat(p).atime_nsec()),
    ),
    (
        "no-dump flag",
        |p| chattr(p, "+d"),
        |p| {
            let fd = std::fs::File::open(p).unwrap();
            format!(
                "{:?}",
                rustix::fs::ioctl_getflags(&fd)
                    .ok()
                    .map(|f| f & rustix::fs::IFlags::NODUMP)
            )
        },
    ),
];

#[test]
fn every_attribute_is_kept_in_every_mode() {
    let (mut kept, mut skipped) = (0, Vec::new());
    // In memory, and on the disk this project is built on.
    for place in [
        Path::new("/dev/shm"),
        &std::env::current_dir().unwrap().join("target"),
    ] {
        for way in [Way::Mask, Way::Label] {
            for (name, set, get) in TABLE {
                let bench = Bench::on(place);
                let path = bench.put("a.csv", b"caller\n555-0123\n");
                // A time that is not now, to the nanosecond.
                let past = std::time::SystemTime::UNIX_EPOCH
                    + std::time::Duration::new(1_500_000_000, 123_456_789);
                let times = std::fs::FileTimes::new()
                    .set_modified(past)
                    .set_accessed(past);
                let set_times = |path: &Path| {
                    std::fs::File::open(path).unwrap().set_times(times).unwrap();
                };
                if !set(&path) {
                    skipped.push(format!("{name} on {}", place.display()));
                    continue;
                }
                set_times(&path);
                let (expect, edits) = crate::bench::scan(&path, b"555-0123", way);
                // Scanning reads, which moves the access time; the run must not move it more.
                set_times(&path);
                let fresh =
                    efface::redact::place::Identity::of_file(std::fs::File::open(&path).unwrap());
                let expect = fresh.unwrap_or(expect);
                let before = get(&path);
                let io = efface::redact::io::Io::real();
                let state = bench.state();
                let guard = efface::redact::guard::Guard::load(&io, &state, 0).unwrap();
                let root = efface::redact::place::Root::open(&io, &bench.tree()).unwrap();
                let options = efface::redact::mode::WriteOptions::default();
                let (mut run, _) =
                    efface::redact::apply::Run::begin(&io, &state, &guard, &[&root], options)
                        .unwrap();
                let outcome =
                    crate::bench::one(&mut run, &guard, &root, "a.csv", expect, edits, way);
                run.finish().unwrap();
                assert!(outcome.is_done(), "{name} {way:?}: {outcome:?}");
                let after = get(&path);
                assert_eq!(after, before, "{name}, {way:?}, {}", place.display());
                assert!(!bench.get("a.csv").windows(8).any(|w| w == b"555-0123"));
                kept += 1;
            }
        }
    }
    println!("metadata: {kept} kept; skipped (cannot be set here): {skipped:?}");
    assert!(kept >= 28);
}

#[test]
fn the_new_file_is_never_wider_than_the_old() {
    // Another thread looks at every file in the folder all the while.
    let bench = Bench::new();
    let path = bench.put("a.csv", &b"caller\n555-0123\n".repeat(5000));
    chmod(&path, 0o600);
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut seen = 0_u64;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                for entry in std::fs::read_dir(bench.tree()).unwrap().flatten() {
                    if let Ok(stat) = entry.metadata() {
                        assert_eq!(stat.mode() & 0o077, 0, "{:?}", entry.file_name());
                        seen += u64::from(entry.file_name() != "a.csv");
                    }
                }
            }
            seen
        });
        let until_here = Ends(&stop);
        let needles: [&[u8]; 2] = [b"555-0123", b"[X]"];
        for round in 0..30 {
            bench
                .rewrite("a.csv", needles[usize::from(round > 0)], Way::Label)
                .unwrap();
        }
        drop(until_here);
        assert!(
            watcher.join().unwrap() > 0,
            "the watcher never saw the new file"
        );
    });
}
