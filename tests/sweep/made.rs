//! Calls at random: what `model.rs` has to know of them, and what is written of them.

use super::model::{DAY, Duty, File, Hold, Pattern, Place, Row, Rule, Table, World as Model};

/// The clock of every test, as seconds since 1970.
const NOW: i64 = 1_717_200_000;
const ALL: [&str; 4] = ["cdr", "rec", "text", "side"];
const DAYS: [i64; 6] = [30, 90, 180, 365, 540, 1000];

/// Numbers that look random and are the same each time (xorshift64*).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % most
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    /// A folder, or one class of it.
    fn pattern(&mut self, folders: &[&'static str]) -> Pattern {
        Pattern {
            folder: self.pick(folders),
            class: self.one_in(2).then(|| self.below(CLASSES)),
        }
    }
}

pub(crate) const CLASSES: u64 = 3;

/// What only the one who writes the files has to know.
pub(crate) struct Written {
    pub(crate) tables: Vec<(String, Kind)>,
    pub(crate) rows: Vec<String>,
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Csv,
    Gz,
    Lines,
}

/// The number of a call: no other call has it.
pub(crate) fn number(call: usize) -> String {
    format!("{}55501{:02}", 201 + call / 100, call % 100)
}

pub(crate) fn civil(at: i64) -> jiff::civil::DateTime {
    let at = jiff::Timestamp::from_second(at).unwrap();
    jiff::tz::Offset::UTC.to_datetime(at)
}

fn rules(chance: &mut Chance) -> Vec<Rule> {
    let whole_folder = |folder| Pattern {
        folder,
        class: None,
    };
    let all = ["rec", "text", "side"].map(whole_folder).to_vec();
    let mut rules = vec![Rule {
        on: if chance.one_in(4) {
            chance.pattern(&["cdr"])
        } else {
            whole_folder("cdr")
        },
        days: chance.pick(&DAYS),
        whole: chance.one_in(6),
        undated_by_file: chance.one_in(3),
        takes: all.clone(),
    }];
    if chance.one_in(3) {
        rules.push(Rule {
            on: Pattern {
                folder: "cdr",
                class: Some(chance.below(CLASSES)),
            },
            days: chance.pick(&DAYS),
            whole: chance.one_in(3),
            undated_by_file: chance.one_in(3),
            takes: if chance.one_in(2) {
                all.clone()
            } else {
                Vec::new()
            },
        });
    }
    if chance.one_in(2) {
        rules.push(Rule {
            on: chance.pattern(&["rec"]),
            days: chance.pick(&DAYS),
            whole: chance.one_in(2),
            undated_by_file: false,
            takes: if chance.one_in(2) {
                all[1..].to_vec()
            } else {
                Vec::new()
            },
        });
    }
    // Two rules that do otherwise at one time are refused, and so are two that say the same.
    let clash = |a: &Rule, b: &Rule| a.on == b.on && a.days == b.days;
    if rules.len() > 1 && clash(&rules[0], &rules[1]) {
        rules.remove(1);
    }
    rules
}

pub(crate) fn model(chance: &mut Chance, calls: usize) -> (Model, Written) {
    let mut model = Model {
        now: NOW,
        rules: rules(chance),
        ..Model::default()
    };
    let mut written = Written {
        tables: Vec::new(),
        rows: Vec::new(),
        files: Vec::new(),
    };
    for _ in 0..chance.below(3) {
        model.duties.push(Duty {
            on: chance.pattern(&ALL),
            days: chance.pick(&DAYS),
        });
    }
    let tables = 3 + chance.below(calls as u64 / 6 + 1) as usize;
    for number in 0..tables {
        let class = chance.below(CLASSES);
        let kind = chance.pick(&[Kind::Csv, Kind::Csv, Kind::Gz, Kind::Lines]);
        let ending = match kind {
            Kind::Csv => "csv",
            Kind::Gz => "csv.gz",
            Kind::Lines => "jsonl",
        };
        written
            .tables
            .push((format!("cdr/c{class}/t{number}.{ending}"), kind));
        model.tables.push(Table {
            place: Place {
                folder: "cdr",
                class,
            },
            changed: NOW - chance.below(1500) as i64 * DAY,
        });
    }
    for call in 0..calls {
        add_call(chance, call, &mut model, &mut written);
    }
    let times: Vec<i64> = model.rows.iter().filter_map(|row| row.at).collect();
    for _ in 0..chance.below(4) {
        let what = chance.below(3);
        let at = |chance: &mut Chance| {
            // Holds count by days.
            chance.one_in(3).then(|| {
                let at = times.get(chance.below(times.len().max(1) as u64) as usize);
                at.map_or(NOW, |at| {
                    at - at.rem_euclid(DAY) + DAY * chance.below(2) as i64
                })
            })
        };
        model.holds.push(Hold {
            place: (what == 0).then(|| Pattern {
                class: Some(chance.below(CLASSES)),
                ..chance.pattern(&ALL)
            }),
            file: (what == 1).then(|| chance.below(model.files.len().max(1) as u64) as usize),
            person: (what == 2).then(|| chance.below(calls as u64) as usize),
            from: at(chance),
            to: at(chance),
            over: chance.one_in(6),
        });
    }
    model
        .holds
        .retain(|hold| hold.file.is_none_or(|file| file < model.files.len()));
    // What ends before it begins is refused.
    let ends = |hold: &Hold| hold.from.zip(hold.to).is_none_or(|(from, to)| from < to);
    model.holds.retain(ends);
    (model, written)
}

/// A call: its files, and the rows that name it.
fn add_call(chance: &mut Chance, call: usize, model: &mut Model, written: &mut Written) {
    let days = chance.pick(&DAYS);
    let at = match chance.below(3) {
        // At the very second at which something is over.
        0 => NOW - days * DAY + chance.below(3) as i64 - 1,
        1 => NOW - days * DAY + chance.below(20 * DAY as u64) as i64 - 10 * DAY,
        _ => NOW - chance.below(1200 * DAY as u64) as i64,
    }
    .min(NOW - 10);
    let (id, day) = (
        format!("{at}.{call}"),
        civil(at).strftime("%Y%m%d-%H%M%S").to_string(),
    );
    let style = chance.below(3);
    let name = match style {
        0 => format!("out-{id}"),
        1 => format!("out-{day}-{id}"),
        _ => format!("in-{}-{day}", number(call)),
    };
    let recorded = !chance.one_in(5);
    let mut kinds = vec![("text", "json", true), ("side", "peaks", true)];
    if style < 2 {
        kinds.push(("text", "txt", false));
    }
    kinds.retain(|_| chance.one_in(2));
    kinds.extend(recorded.then_some(("rec", "wav", true)));
    let before = model.files.len();
    for (folder, ending, like) in kinds {
        let class = chance.below(CLASSES);
        let person = (folder == "text" && chance.one_in(3)).then_some(call);
        let said = person.map_or("nobody".to_owned(), |call| {
            format!("call me at {}", number(call))
        });
        let text = match ending {
            "json" => format!("{{\"text\":\"{said}\"}}").into_bytes(),
            "txt" => format!("hello, {said}\n").into_bytes(),
            "wav" => b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0".to_vec(),
            _ => b"\x01\x02\0\xff\xfe peaks".to_vec(),
        };
        let stem = if like { &name } else { &id };
        written
            .files
            .push((format!("{folder}/c{class}/{stem}.{ending}"), text));
        model.files.push(File {
            place: Place { folder, class },
            call,
            is_recording: folder == "rec",
            person,
            at,
        });
    }
    let has_files = model.files.len() > before;
    for leg in 0..chance.pick(&[0, 1, 1, 1, 1, 2, 2, 3]) {
        let when = match chance.below(10) {
            0 => None,
            1 | 2 if leg > 0 => Some(NOW - chance.below(1200 * DAY as u64) as i64),
            3 => Some(at + chance.below(9) as i64 - 4),
            _ => Some(at),
        };
        let mut calls = if chance.one_in(12) {
            Vec::new()
        } else {
            vec![call]
        };
        // A transfer: the call before is named as well.
        if !calls.is_empty() && call > 0 && chance.one_in(15) {
            calls.push(call - 1);
        }
        let near = when.is_some_and(|when| (when - at).abs() <= 5);
        let mut cells = (String::new(), String::new());
        let like = written.files[before..]
            .iter()
            .any(|(path, _)| path.contains(&name));
        if calls.contains(&call) && !like {
            cells.0.clone_from(&id);
        } else if calls.contains(&call) {
            // By number and time, by the name of a file, or by the id of the call.
            match (style, chance.below(3)) {
                (2, 0) if near => {}
                (2, _) => cells.1 = format!("https://pbx.example/rec/{name}.wav"),
                (_, 0) => cells.1 = format!("{name}.wav"),
                (_, 1) => cells.1 = format!("/var/spool/{name}"),
                _ => cells.0.clone_from(&id),
            }
        }
        if calls.len() > 1 {
            let other = written.files.iter().zip(&model.files);
            let other = other
                .filter(|(_, file)| file.call + 1 == call)
                .map(|(file, _)| &file.0);
            let other = other.filter_map(|path| path.rsplit('/').next()).next_back();
            match other {
                Some(other) => cells.0 = format!("{} {other}", cells.0),
                None => calls.truncate(1),
            }
        }
        // Whoever is in no row with a number of the call names nothing by it.
        let person = if calls.is_empty() {
            call + 100_000
        } else {
            call
        };
        let caller = if calls.is_empty() {
            "+12125550100".to_owned()
        } else {
            number(call)
        };
        let table = chance.below(model.tables.len() as u64) as usize;
        let unread = chance.pick(&["", "soon"]);
        let shown = when.map_or(unread.to_owned(), |at| {
            civil(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
        });
        let (one, two) = cells;
        written.rows.push(match written.tables[table].1 {
            Kind::Csv | Kind::Gz => format!("{caller},{shown},{one},{two},{call}/{leg}\n"),
            Kind::Lines => format!(
                "{{\"caller\":\"{caller}\",\"start_time\":\"{shown}\",\"uniqueid\":\"{one}\",\"file\":\"{two}\",\"n\":\"{call}/{leg}\"}}\n"
            ),
        });
        if !has_files {
            calls.retain(|named| *named != call);
        }
        model.rows.push(Row {
            table,
            at: when,
            person,
            calls,
        });
    }
}
