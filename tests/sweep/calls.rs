//! Calls at random, and what becomes of them, against a slow reference (`model.rs`): a row, its
//! recording, transcripts and sidecars go together or stay, and nothing that is held, in duty or
//! not due changes by a byte.
//!
//! `EFFACE_CASES=1000000 cargo test --test sweep calls` runs the whole campaign; a case is a call.

use std::fs::File as Opened;
use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use super::made::{CLASSES, Chance, Kind, Written, civil, model, number};
use super::model::{Pattern, Row, Stays, World as Model};
use super::world::World;

/// The clock of every test.
const NOW: i64 = 1_717_200_000;
/// Cases of a run of the suite; the campaign takes a million.
const CASES: usize = 2_000;
/// Calls in one folder.
const CALLS: usize = 250;

fn policy(model: &Model) -> String {
    let glob = |pattern: &Pattern| match pattern.class {
        None => format!("\"{}/**\"", pattern.folder),
        Some(class) => format!("\"{}/c{class}/**\"", pattern.folder),
    };
    let mut text = "version = 1\n".to_owned();
    for (number, rule) in model.rules.iter().enumerate() {
        let part = format!(
            "[[rule]]\nid = \"r{number}\"\nmatch = {{ paths = [{}] }}\nmax_age = \"{} days\"\naction = \"{}\"\nundated = \"{}\"\n",
            glob(&rule.on),
            rule.days,
            if rule.whole { "delete-file" } else { "erase" },
            if rule.undated_by_file { "file" } else { "keep" },
        );
        text.push_str(&part);
        if !rule.takes.is_empty() {
            let takes: Vec<String> = rule.takes.iter().map(glob).collect();
            let part = format!("cascade = [{}]\n", takes.join(", "));
            text.push_str(&part);
        }
    }
    for (number, duty) in model.duties.iter().enumerate() {
        let part = format!(
            "[[duty]]\nid = \"d{number}\"\nmatch = {{ paths = [{}] }}\nmin_age = \"{} days\"\ncitation = \"law\"\n",
            glob(&duty.on),
            duty.days
        );
        text.push_str(&part);
    }
    text
}

const HEAD: &str = "caller,start_time,uniqueid,recordingfile,note\n";

fn table(model: &Model, written: &Written, number: usize, stays: impl Fn(usize) -> bool) -> String {
    let of = |row: &usize| model.rows[*row].table == number && stays(*row);
    let rows = (0..model.rows.len()).filter(of);
    let head = if written.tables[number].1 == Kind::Lines {
        ""
    } else {
        HEAD
    };
    head.to_owned() + &rows.map(|row| &*written.rows[row]).collect::<String>()
}

fn make(model: &Model, written: &Written) -> World {
    let world = World::in_memory(&policy(model));
    for (name, text) in &written.files {
        world.put(name, text);
    }
    for (number, (name, kind)) in written.tables.iter().enumerate() {
        let text = table(model, written, number, |_| true).into_bytes();
        let text = if *kind == Kind::Gz {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(&text).unwrap();
            out.finish().unwrap()
        } else {
            text
        };
        world.put(name, text);
        let changed = UNIX_EPOCH + Duration::from_secs(model.tables[number].changed as u64);
        let file = Opened::options()
            .append(true)
            .open(world.path(name))
            .unwrap();
        file.set_modified(changed).unwrap();
    }
    for hold in &model.holds {
        let mut args = vec![
            "hold".to_owned(),
            "add".to_owned(),
            "--reason".to_owned(),
            "case".to_owned(),
        ];
        let mut add = |key: &str, value: String| args.extend([key.to_owned(), value]);
        if let Some(Pattern { folder, class }) = hold.place {
            add(
                "--path",
                format!("data/{folder}/c{}", class.unwrap_or_default()),
            );
        }
        if let Some(file) = hold.file {
            add("--path", format!("data/{}", written.files[file].0));
        }
        if let Some(person) = hold.person {
            add("--subject", format!("+1{}", number(person)));
        }
        let day = |at: i64| civil(at).strftime("%Y-%m-%d").to_string();
        if let Some(from) = hold.from {
            add("--from", day(from));
        }
        if let Some(to) = hold.to {
            add("--to", day(to));
        }
        if hold.over {
            add("--expires", day(NOW));
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let folder = world.path("");
        for name in ["cdr", "rec", "text", "side"] {
            for class in 0..CLASSES {
                std::fs::create_dir_all(folder.join(format!("{name}/c{class}"))).unwrap();
            }
        }
        let said = world.run(&args);
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
    }
    world
}

fn unpacked(bytes: Vec<u8>, kind: Kind) -> String {
    if kind != Kind::Gz {
        return String::from_utf8(bytes).unwrap();
    }
    let mut text = String::new();
    std::io::Read::read_to_string(
        &mut flate2::read::MultiGzDecoder::new(&bytes[..]),
        &mut text,
    )
    .unwrap();
    text
}

/// What differs from what has to be left.
fn differences(world: &World, model: &Model, written: &Written) -> (Vec<String>, [usize; 4]) {
    let left = model.left();
    let mut wrong = Vec::new();
    for (number, (name, kind)) in written.tables.iter().enumerate() {
        let want = left.tables[number].then(|| table(model, written, number, |row| left.rows[row]));
        let got = std::fs::read(world.path(name))
            .ok()
            .map(|bytes| unpacked(bytes, *kind));
        if got == want {
            continue;
        }
        for (row, text) in written.rows.iter().enumerate() {
            let stands = got.as_ref().is_some_and(|got| got.contains(text.as_str()));
            if model.rows[row].table == number && stands != left.rows[row] {
                wrong.push(format!(
                    "{name} {} {:?} {text}",
                    left.rows[row], model.rows[row]
                ));
            }
        }
        if wrong.is_empty() {
            wrong.push(format!("{name}: {got:?} {want:?}"));
        }
    }
    for (number, (name, text)) in written.files.iter().enumerate() {
        let got = std::fs::read(world.path(name)).ok();
        if got.as_deref() != left.files[number].then_some(&text[..]) {
            let rows: Vec<(&Row, Option<Stays>)> = model
                .rows
                .iter()
                .zip(left.why_rows.iter().copied())
                .filter(|(row, _)| row.calls.contains(&model.files[number].call))
                .collect();
            wrong.push(format!(
                "{name} {} {:?} {rows:?}",
                left.files[number], model.files[number]
            ));
        }
    }
    let kept = |why: Stays| {
        left.why_rows
            .iter()
            .filter(|one| **one == Some(why))
            .count()
    };
    let gone = left.files.iter().filter(|stays| !**stays).count();
    (
        wrong,
        [
            gone,
            kept(Stays::Held),
            kept(Stays::Duty),
            kept(Stays::Later),
        ],
    )
}

#[test]
fn what_becomes_of_calls_is_what_the_reference_says() {
    let asked = std::env::var("EFFACE_CASES").ok();
    let cases = asked.and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    let seed = std::env::var("EFFACE_SEED").ok();
    let seed: u64 = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut sums = [0; 4];
    for tree in 0..cases.div_ceil(CALLS) as u64 {
        // Each folder has a beginning of its own, by which it can be made alone.
        let mut chance = Chance((tree + seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (model, written) = model(&mut chance, CALLS);
        let world = make(&model, &written);
        let said = world.apply();
        assert_eq!(said.code, 0, "tree {tree}: {}{}", said.out, said.err);
        let (wrong, counts) = differences(&world, &model, &written);
        assert!(
            wrong.is_empty(),
            "tree {tree}: {} differ, such as\n{}\nrules {:#?}\nduties {:?}\nholds {:?}\n{}",
            wrong.len(),
            wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n"),
            model.rules,
            model.duties,
            model.holds,
            said.out
        );
        // What a recording that goes by a rule of its own leaves behind may be free to go the next time.
        let own = model.rules.iter().any(|rule| rule.on.folder == "rec");
        if !own {
            let before = world.all();
            let again = world.apply();
            let after = world.all();
            let changed: Vec<&String> = before
                .iter()
                .filter(|file| !after.contains(file))
                .map(|(name, _)| name)
                .collect();
            assert!(
                again.code == 0 && changed.is_empty(),
                "tree {tree}: again {changed:?}"
            );
        }
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    println!("{cases} calls: {sums:?} files gone, rows held, in duty and not due");
    // A campaign in which nothing happens proves nothing.
    assert!(
        cases < CASES || sums.iter().all(|sum| sum * 500 > cases),
        "{sums:?} of {cases}"
    );
}
