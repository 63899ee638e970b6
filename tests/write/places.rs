//! What the doctor says about places, and outputs elsewhere.

use std::path::Path;

use efface::redact::apply::{FileEdit, Run};
use efface::redact::doctor::{Level, examine};
use efface::redact::edit::Change;
use efface::redact::failure::Reason;
use efface::redact::guard::{EditContext, Guard};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::Root;
use efface::redact::receipt::Counts;

use crate::bench::{Bench, Way, readable, scan};

#[test]
fn the_doctor_says_what_a_place_allows() {
    let io = Io::real();
    let bench = Bench::new();
    let path = bench.put("a.txt", b"x");
    let plain = examine(&io, &path).unwrap();
    assert_eq!(
        (plain.overwrite, plain.swap, plain.level),
        (Ok(()), Ok(()), Level::Overwritten)
    );
    assert_eq!(
        examine(&io, &bench.tree()).unwrap().level,
        Level::Overwritten
    );
    let writer = std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap();
    assert_eq!(
        examine(&io, &path).unwrap().swap.unwrap_err().reason,
        Reason::Busy
    );
    drop(writer);
    std::fs::hard_link(&path, bench.path("b.txt")).unwrap();
    let linked = examine(&io, &path).unwrap();
    assert_eq!(linked.overwrite, Ok(()));
    assert_eq!(linked.swap.unwrap_err().reason, Reason::HardLinks(2));
    assert_eq!(examine(&io, Path::new("/proc")).unwrap().level, Level::None);
    assert_eq!(
        examine(&io, &bench.path("none")).unwrap_err().reason,
        Reason::Vanished
    );
}

#[test]
fn an_output_elsewhere_leaves_the_source_alone_and_replaces_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let source = bench.put("in/a.txt", b"call 555-0123");
    std::fs::set_permissions(&source, std::fs::Permissions::from_mode(0o4640)).unwrap();
    std::fs::create_dir(bench.path("out")).unwrap();
    let io = Io::real();
    let state = bench.state();
    let guard = Guard::load(&io, &state, 0).unwrap();
    let root = Root::open(&io, &bench.path("in")).unwrap();
    let out = Root::open(&io, &bench.path("out")).unwrap();
    for expected in [None, Some(Reason::Exists)] {
        let (expect, edits) = scan(&source, b"555-0123", Way::Label);
        let mut edits = edits.into_iter().map(Ok);
        let context = EditContext {
            path: root.path().join("a.txt"),
            ..EditContext::default()
        };
        let options = WriteOptions::default();
        let (mut run, _) = Run::begin(&io, &state, &guard, &[&root, &out], options).unwrap();
        let outcome = run.apply(vec![FileEdit {
            root: &root,
            path: "a.txt".into(),
            expect,
            change: Change::Splices(&mut edits),
            verify: &readable,
            permit: guard.permits(&context).unwrap(),
            out: Some((&out, "x/y/a.txt".into())),
            counts: Counts::new(),
        }]);
        assert_eq!(crate::bench::reason(&outcome), expected);
        assert!(run.finish().unwrap());
    }
    assert_eq!(bench.get("in/a.txt"), b"call 555-0123");
    assert_eq!(bench.get("out/x/y/a.txt"), b"call [X]");
    let mode = std::fs::metadata(bench.path("out/x/y/a.txt"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o640);
    assert!(bench.left_over().is_empty());
}
