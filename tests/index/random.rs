//! Whatever happens to a tree between updates, the index answers as the sources do.

use std::path::{Path, PathBuf};

use efface::redact::io::Io;
use efface::redact::state::State;
use efface::scan::Progress;
use efface::subject::index::{Chosen, Index, Keys, To, build, update};
use proptest::prelude::*;

use super::library::{found, plan, who};

#[derive(Clone, Debug)]
enum Change {
    Write(u8, u8),
    Append(u8, u8),
    Rename(u8, u8),
    Remove(u8),
    Copy(u8, u8),
    Update,
}

fn any_change() -> impl Strategy<Value = Change> {
    let name = || 0..6_u8;
    prop_oneof![
        3 => (name(), any::<u8>()).prop_map(|(name, text)| Change::Write(name, text)),
        3 => (name(), any::<u8>()).prop_map(|(name, text)| Change::Append(name, text)),
        2 => (name(), name()).prop_map(|(from, to)| Change::Rename(from, to)),
        1 => name().prop_map(Change::Remove),
        1 => (name(), name()).prop_map(|(from, to)| Change::Copy(from, to)),
        4 => Just(Change::Update),
    ]
}

/// Some lines; now and then of several windows.
fn text(seed: u8) -> String {
    let one = match seed % 6 {
        0 => "call 416-555-0123 now\n",
        1 => "416 555 0199,6475550148\n",
        2 => "jane@example.com wrote\n",
        3 => "nothing here\n",
        4 => "{\"from\":\"+16475550148\",\"to\":\"jane@example.com\"}\n",
        _ => "from 4165550123 to 4165550199",
    };
    let times = if seed > 200 {
        9_000
    } else {
        usize::from(seed % 5)
    };
    let filler = "a line that holds nothing of anybody\n";
    let mut text = one.to_owned();
    for _ in 0..times {
        text.push_str(filler);
    }
    text + one
}

fn path(folder: &Path, name: u8) -> PathBuf {
    folder.join(
        [
            "a.txt",
            "b.csv",
            "c.log",
            "d.json",
            "sub/e.txt",
            "sub/f.log",
        ][usize::from(name)],
    )
}

fn make(folder: &Path, change: &Change) {
    match change {
        Change::Write(name, seed) => std::fs::write(path(folder, *name), text(*seed)).unwrap(),
        Change::Append(name, seed) => {
            let mut bytes = std::fs::read(path(folder, *name)).unwrap_or_default();
            let from = bytes.len();
            bytes.extend_from_slice(text(*seed).as_bytes());
            let mut file = std::fs::OpenOptions::new();
            let mut file = file
                .append(true)
                .create(true)
                .open(path(folder, *name))
                .unwrap();
            std::io::Write::write_all(&mut file, &bytes[from..]).unwrap();
        }
        Change::Rename(from, to) => {
            let _ = std::fs::rename(path(folder, *from), path(folder, *to));
        }
        Change::Remove(name) => {
            let _ = std::fs::remove_file(path(folder, *name));
        }
        Change::Copy(from, to) if from != to => {
            let _ = std::fs::copy(path(folder, *from), path(folder, *to));
        }
        Change::Copy(..) | Change::Update => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn an_updated_index_answers_as_the_sources_do(
        changes in proptest::collection::vec(any_change(), 1..14)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (io, progress) = (Io::real(), Progress::default());
        let state = State::open(&io, &folder.path().join("state"), None).unwrap();
        let keys = Keys::of(state.key());
        let source = folder.path().join("in");
        std::fs::create_dir_all(source.join("sub")).unwrap();
        let index = folder.path().join("index");
        let to = To { io: &io, folder: &index, keys: &keys, dry_run: false };
        make(&source, &Change::Write(0, 255));
        make(&source, &Change::Write(1, 1));
        let all = plan(&[&source]);
        build(&to, &all, Chosen::default(), &progress).unwrap();
        for change in changes.iter().chain([&Change::Update]) {
            make(&source, change);
            let updated = matches!(change, Change::Update);
            if updated {
                update(&to, &all, &progress).unwrap();
                let condition = Index::verify(&io, &index, &keys).unwrap();
                prop_assert_eq!(condition.damage, vec![]);
            }
            let open = Index::open(&io, &index, &keys).unwrap();
            for one in who() {
                let mut plan = all.clone();
                plan.subjects = Some(one);
                let subjects = plan.subjects.as_ref().unwrap();
                let expected = found(&plan, None);
                // Over the sources it is right at any time, alone when it was just updated.
                let mut answer = open.ask(subjects).unwrap();
                prop_assert_eq!(&found(&plan, Some(answer.over(&plan.roots).unwrap())), &expected);
                if updated {
                    let mut answer = open.ask(subjects).unwrap();
                    let alone = found(&plan, Some(answer.alone().unwrap()));
                    prop_assert_eq!(findings(&alone), findings(&expected));
                    prop_assert_eq!(alone.lines().last(), expected.lines().last());
                }
            }
        }
    }
}

fn findings(report: &str) -> Vec<&str> {
    report
        .lines()
        .filter(|line| line.contains("\"type\":\"finding\""))
        .collect()
}
