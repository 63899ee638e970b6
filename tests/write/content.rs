//! R1 for the engine: outside the splices no byte changes, in either mode, for random contents
//! and random splices, holes included; what verify reads is what is published.

use std::cell::RefCell;
use std::io::Read;
use std::os::unix::fs::FileExt;

use efface::redact::apply::{FileEdit, Run};
use efface::redact::content::Reader;
use efface::redact::edit::{Change, Splice};
use efface::redact::guard::{EditContext, Guard};
use efface::redact::io::Io;
use efface::redact::mode::WriteOptions;
use efface::redact::place::{Identity, Root};
use efface::redact::receipt::Counts;
use proptest::prelude::*;

use crate::bench::Bench;

/// Stretches (whether data or hole, length) and splices (gap before, length, replacement).
type Case = (Vec<(bool, usize)>, Vec<(usize, usize, Vec<u8>)>);

fn cases() -> impl Strategy<Value = Case> {
    let stretch = (
        any::<bool>(),
        prop_oneof![0_usize..5000, Just(4096), 60_000_usize..140_000],
    );
    let gap = prop_oneof![0_usize..200, 0_usize..90_000];
    let len = prop_oneof![0_usize..30, 60_000_usize..150_000];
    let new = proptest::collection::vec(any::<u8>(), 0..40);
    (
        proptest::collection::vec(stretch, 0..8),
        proptest::collection::vec((gap, len, new), 0..30),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn only_the_splices_change(
        (stretches, wanted) in cases(),
        same_width in any::<bool>(),
    ) {
        let bench = Bench::new();
        let path = bench.put("f", b"");
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let mut old = Vec::new();
        for (number, (data, len)) in stretches.iter().enumerate() {
            if *data {
                let bytes: Vec<u8> = (0..*len).map(|at| (at * 7 + number) as u8 | 1).collect();
                file.write_all_at(&bytes, old.len() as u64).unwrap();
                old.extend(bytes);
            } else {
                old.resize(old.len() + len, 0);
            }
        }
        file.set_len(old.len() as u64).unwrap();
        drop(file);
        let mut at = 0;
        let (mut splices, mut expected, mut copied) = (Vec::new(), Vec::new(), 0);
        for (gap, len, new) in wanted {
            let start = at + gap;
            let end = start + if same_width { len.max(1) } else { len };
            if end > old.len() {
                break;
            }
            let new = if same_width { vec![b'#'; end - start] } else { new };
            expected.extend_from_slice(&old[copied..start]);
            expected.extend_from_slice(&new);
            copied = end;
            at = end;
            splices.push(Splice {
                range: start as u64..end as u64,
                old: Some(old[start..end].to_vec().into()),
                new: new.into(),
            });
        }
        expected.extend_from_slice(&old[copied..]);

        let io = Io::real();
        let state = bench.state();
        let guard = Guard::load(&io, &state, 0).unwrap();
        let root = Root::open(&io, &bench.tree()).unwrap();
        let expect = Identity::of_file(std::fs::File::open(&path).unwrap()).unwrap();
        let (mut run, _) =
            Run::begin(&io, &state, &guard, &[&root], WriteOptions::default()).unwrap();
        let seen = RefCell::new(Vec::new());
        let verify = |new: &mut Reader<'_>| {
            new.read_to_end(&mut seen.borrow_mut()).unwrap();
            Ok(())
        };
        let mut edits = splices.into_iter().map(Ok);
        let context = EditContext { path: root.path().join("f"), ..EditContext::default() };
        let outcome = run.apply(vec![FileEdit {
            root: &root,
            path: "f".into(),
            expect,
            change: if same_width {
                Change::SameWidth(&mut edits)
            } else {
                Change::Splices(&mut edits)
            },
            verify: &verify,
            permit: guard.permits(&context).unwrap(),
            out: None,
            counts: Counts::new(),
        }]);
        prop_assert!(outcome.is_done(), "{outcome:?}");
        prop_assert!(run.finish().unwrap());
        prop_assert!(bench.get("f") == expected, "other bytes changed");
        prop_assert!(seen.into_inner() == expected, "verify read something else");
        prop_assert!(bench.left_over().is_empty());
    }
}

#[test]
fn holes_stay_holes() {
    use std::os::unix::fs::MetadataExt;
    const ISLANDS: [u64; 3] = [0, 300 << 20, 1 << 30];
    for way in [crate::bench::Way::Mask, crate::bench::Way::Label] {
        let bench = Bench::new();
        let path = bench.put("sparse", b"");
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        for at in ISLANDS {
            file.write_all_at(b"call 555-0123 now", at).unwrap();
        }
        file.set_len(2 << 30).unwrap();
        let before = file.metadata().unwrap().blocks();
        drop(file);
        let io = Io::real();
        let state = bench.state();
        let guard = Guard::load(&io, &state, 0).unwrap();
        let root = Root::open(&io, &bench.tree()).unwrap();
        let expect = Identity::of_file(std::fs::File::open(&path).unwrap()).unwrap();
        let edits = ISLANDS
            .map(|at| Splice {
                range: at + 5..at + 13,
                old: Some(b"555-0123".to_vec().into()),
                new: if way == crate::bench::Way::Mask {
                    b"########"
                } else {
                    b"[PHONE!]"
                }
                .to_vec()
                .into(),
            })
            .to_vec();
        let mut edits = edits.into_iter().map(Ok);
        let context = EditContext {
            path: root.path().join("sparse"),
            ..EditContext::default()
        };
        let (mut run, _) =
            Run::begin(&io, &state, &guard, &[&root], WriteOptions::default()).unwrap();
        let outcome = run.apply(vec![FileEdit {
            root: &root,
            path: "sparse".into(),
            expect,
            change: if way == crate::bench::Way::Mask {
                Change::SameWidth(&mut edits)
            } else {
                Change::Splices(&mut edits)
            },
            verify: &|_| Ok(()),
            permit: guard.permits(&context).unwrap(),
            out: None,
            counts: Counts::new(),
        }]);
        assert!(outcome.is_done(), "{way:?} {outcome:?}");
        run.finish().unwrap();
        let after = std::fs::metadata(&path).unwrap();
        assert_eq!(after.len(), 2 << 30);
        assert!(
            after.blocks() <= before,
            "{way:?}: {} blocks, were {before}",
            after.blocks()
        );
    }
}
