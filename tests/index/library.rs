//! What the tests that call the library share: a plan, some people, and what is found of them.

use std::num::NonZeroUsize;
use std::path::Path;

use efface::detect::phone::plan::Region;
use efface::entity::EntitySet;
use efface::report::{Jsonl, Options, Target};
use efface::scan::{Memo, Progress, Root, ScanPlan, Selection, run_with};
use efface::subject::Subjects;
use efface::subject::index::LEAST_CONFIDENCE;

/// Everything below `roots`, on one thread.
pub(crate) fn plan(roots: &[&Path]) -> ScanPlan {
    ScanPlan {
        roots: roots
            .iter()
            .map(|path| Root::Path(path.to_path_buf()))
            .collect(),
        regions: vec!["US".to_owned()],
        entities: EntitySet::all(),
        min_confidence: LEAST_CONFIDENCE,
        as_format: None,
        selection: Selection::default(),
        accept_unread: efface::scan::AcceptUnread::default(),
        threads: NonZeroUsize::MIN,
        show_values: true,
        subjects: None,
        lists: efface::lists::Lists::default(),
        rules: None,
    }
}

/// People, each with one identifier.
pub(crate) fn who() -> Vec<Subjects> {
    let us = [Region::parse("US").unwrap()];
    let typed = [
        "+1 416 555 0123",
        "416 555 0199",
        "647 555 0148",
        "jane@example.com",
        "416 555 0100",
    ];
    let read = typed.iter().map(|typed| {
        let mut one = Subjects::default();
        one.add(typed, &us).unwrap();
        one
    });
    read.collect()
}

/// The report of a run, without its time.
pub(crate) fn found(plan: &ScanPlan, memo: Option<Memo<'_>>) -> String {
    let mut out = Vec::new();
    let options = Options {
        regions: &plan.regions,
        show_values: true,
        subjects: None,
        target: Target {
            terminal: false,
            color: false,
            width: 80,
        },
    };
    let mut sink = Jsonl::new(&mut out, &options);
    run_with(plan, &mut sink, &Progress::default(), memo).unwrap();
    drop(sink);
    let text = String::from_utf8(out).unwrap();
    text.split("\"seconds\"").next().unwrap().to_owned()
}
