//! Calls, and what has to become of them, the slow way: everything is asked of everything until
//! nothing changes. Shares no code with the program.
//!
//! A place is a folder and a class in it; patterns, duties and holds go by places.

use std::collections::BTreeSet;

pub(crate) const DAY: i64 = 86_400;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) folder: &'static str,
    pub(crate) class: u64,
}

/// A folder, or one class of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pattern {
    pub(crate) folder: &'static str,
    pub(crate) class: Option<u64>,
}

impl Pattern {
    fn fits(self, place: Place) -> bool {
        self.folder == place.folder && self.class.is_none_or(|class| class == place.class)
    }
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) on: Pattern,
    pub(crate) days: i64,
    /// The file goes once everything in it is due.
    pub(crate) whole: bool,
    /// Rows without a time are as old as their table.
    pub(crate) undated_by_file: bool,
    pub(crate) takes: Vec<Pattern>,
}

#[derive(Debug)]
pub(crate) struct Duty {
    pub(crate) on: Pattern,
    pub(crate) days: i64,
}

/// What is held: a place, a file by its number, or a person; and of which times.
#[derive(Debug)]
pub(crate) struct Hold {
    pub(crate) place: Option<Pattern>,
    pub(crate) file: Option<usize>,
    pub(crate) person: Option<usize>,
    pub(crate) from: Option<i64>,
    pub(crate) to: Option<i64>,
    pub(crate) over: bool,
}

/// A table of calls.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) place: Place,
    /// Its last change.
    pub(crate) changed: i64,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) table: usize,
    pub(crate) at: Option<i64>,
    /// Who calls, by the number of the call whose number it has.
    pub(crate) person: usize,
    /// The calls it names.
    pub(crate) calls: Vec<usize>,
}

/// A recording, a transcript or what stands beside them.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) place: Place,
    pub(crate) call: usize,
    pub(crate) is_recording: bool,
    /// Whose number stands in it.
    pub(crate) person: Option<usize>,
    /// Of the recording: the time in its name.
    pub(crate) at: i64,
}

#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) rules: Vec<Rule>,
    pub(crate) duties: Vec<Duty>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) tables: Vec<Table>,
    pub(crate) rows: Vec<Row>,
    pub(crate) files: Vec<File>,
}

/// Why something stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Stays {
    Held,
    Duty,
    Undated,
    Later,
}

/// What the rules say to a row for itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Said {
    NoRule,
    Stays(Stays),
    Erased,
    WithFile,
}

/// What is left at the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) rows: Vec<bool>,
    pub(crate) tables: Vec<bool>,
    pub(crate) files: Vec<bool>,
    /// Why rows and files stay, as far as it was asked.
    pub(crate) why_rows: Vec<Option<Stays>>,
}

impl World {
    fn rules_of(&self, place: Place) -> Vec<&Rule> {
        self.rules
            .iter()
            .filter(|rule| rule.on.fits(place))
            .collect()
    }

    /// Whether a duty keeps what lies there and is from then; nobody knows when: it does.
    fn in_duty(&self, place: Place, from: Option<i64>) -> bool {
        let duties = self.duties.iter().filter(|duty| duty.on.fits(place));
        duties
            .into_iter()
            .any(|duty| from.is_none_or(|from| from + duty.days * DAY > self.now))
    }

    /// Whether a hold keeps it. `at`: when it is from, where that is one time. `people`: who is in
    /// it, where that is known.
    fn is_held(
        &self,
        place: Place,
        file: Option<usize>,
        at: Option<i64>,
        people: Option<&[usize]>,
    ) -> bool {
        self.holds.iter().any(|hold| {
            !hold.over
                && hold.place.is_none_or(|held| held.fits(place))
                && hold.file.is_none_or(|held| Some(held) == file)
                && hold
                    .person
                    .is_none_or(|held| people.is_none_or(|people| people.contains(&held)))
                && at.is_none_or(|at| {
                    hold.from.is_none_or(|from| at >= from) && hold.to.is_none_or(|to| at < to)
                })
        })
    }

    fn holds_row(&self, row: &Row) -> bool {
        self.is_held(
            self.tables[row.table].place,
            None,
            row.at,
            Some(&[row.person]),
        )
    }

    /// The rules that a row is old enough for.
    fn due(&self, row: &Row) -> Vec<&Rule> {
        let table = &self.tables[row.table];
        let mut due = Vec::new();
        for rule in self.rules_of(table.place) {
            let from = if row.at.is_none() && rule.undated_by_file {
                Some(table.changed)
            } else {
                row.at
            };
            if from.is_some_and(|from| from + rule.days * DAY <= self.now) {
                due.push(rule);
            }
        }
        due
    }

    fn said(&self, row: &Row) -> Said {
        let table = &self.tables[row.table];
        if self.rules_of(table.place).is_empty() {
            return Said::NoRule;
        }
        let due = self.due(row);
        if due.is_empty() {
            return Said::Stays(match row.at {
                None => Stays::Undated,
                Some(_) => Stays::Later,
            });
        }
        if self.in_duty(table.place, row.at) {
            return Said::Stays(Stays::Duty);
        }
        if self.holds_row(row) {
            return Said::Stays(Stays::Held);
        }
        if due.iter().all(|rule| rule.whole) {
            Said::WithFile
        } else {
            Said::Erased
        }
    }

    /// The patterns of files that go with rows of a table, or with a recording.
    fn takes(&self, place: Place) -> Vec<Pattern> {
        let rules = self.rules_of(place);
        let takes = rules.iter().flat_map(|rule| rule.takes.iter().copied());
        takes.collect()
    }

    /// Files of a call that some rule lets go with others.
    fn files_of(&self, call: usize) -> Vec<usize> {
        let taken = |file: &File| {
            let mut takes = self.rules.iter().flat_map(|rule| &rule.takes);
            takes.any(|pattern| pattern.fits(file.place))
        };
        let files = self.files.iter().enumerate();
        files
            .filter(|(_, file)| file.call == call && taken(file))
            .map(|(number, _)| number)
            .collect()
    }

    /// The calls that a row takes along: those it names of which a file goes with its table.
    fn calls_of(&self, row: &Row) -> Vec<usize> {
        let takes = self.takes(self.tables[row.table].place);
        let mut calls = row.calls.clone();
        calls.retain(|call| {
            let files = self.files_of(*call);
            files.iter().any(|file| {
                let place = self.files[*file].place;
                takes.iter().any(|pattern| pattern.fits(place))
            })
        });
        calls
    }

    /// What is left.
    pub(crate) fn left(&self) -> Left {
        let said: Vec<Said> = self.rows.iter().map(|row| self.said(row)).collect();
        let calls: Vec<Vec<usize>> = self.rows.iter().map(|row| self.calls_of(row)).collect();
        // Of a table with rows that only go with it and take calls along, all calls are one.
        let whole: Vec<bool> = (0..self.tables.len())
            .map(|table| {
                let mut rows = self.rows.iter().zip(&said).zip(&calls);
                rows.any(|((row, said), calls)| {
                    row.table == table && *said == Said::WithFile && !calls.is_empty()
                })
            })
            .collect();
        let mut stays: Vec<Option<Stays>> = said
            .iter()
            .map(|said| match said {
                Said::Stays(why) => Some(*why),
                Said::NoRule => Some(Stays::Later),
                Said::Erased | Said::WithFile => None,
            })
            .collect();
        let mut file_goes = vec![false; self.files.len()];

        // The groups: rows and calls that are tied to each other, in any way.
        let all_calls: BTreeSet<usize> = self.files.iter().map(|file| file.call).collect();
        let mut grouped: BTreeSet<usize> = BTreeSet::new();
        let mut groups: Vec<(BTreeSet<usize>, BTreeSet<usize>)> = Vec::new();
        for call in &all_calls {
            if grouped.contains(call) {
                continue;
            }
            let (mut rows, mut within) = (BTreeSet::new(), BTreeSet::from([*call]));
            loop {
                let before = (rows.len(), within.len());
                for (number, row) in self.rows.iter().enumerate() {
                    let covered = said[number] != Said::NoRule;
                    let tied = calls[number].iter().any(|call| within.contains(call));
                    let beside = whole[row.table]
                        && !calls[number].is_empty()
                        && rows
                            .iter()
                            .any(|other: &usize| self.rows[*other].table == row.table);
                    if covered && (tied || beside) {
                        rows.insert(number);
                        within.extend(&calls[number]);
                    }
                }
                if before == (rows.len(), within.len()) {
                    break;
                }
            }
            grouped.extend(&within);
            groups.push((rows, within));
        }
        for (rows, within) in &groups {
            let files: Vec<usize> = within
                .iter()
                .flat_map(|call| self.files_of(*call))
                .collect();
            if rows.is_empty() {
                continue;
            }
            let times: Vec<Option<i64>> = rows.iter().map(|row| self.rows[*row].at).collect();
            let known: Option<Vec<i64>> = times.iter().copied().collect();
            let last = known.as_ref().and_then(|known| known.iter().max().copied());
            let first = known.as_ref().and_then(|known| known.iter().min().copied());
            let moment = last.filter(|last| Some(*last) == first);
            let mut why: Vec<Stays> = rows.iter().filter_map(|row| stays[*row]).collect();
            // A hold on any part keeps all of it, and of a table that does not go whole rows wait.
            for row in rows {
                if self.holds_row(&self.rows[*row]) {
                    why.push(Stays::Held);
                }
                let table = self.rows[*row].table;
                let mut others = self.rows.iter().zip(&said);
                let waits = whole[table]
                    && others.any(|(other, said)| {
                        other.table == table && !matches!(said, Said::Erased | Said::WithFile)
                    });
                if waits {
                    why.push(Stays::Later);
                }
            }
            for file in &files {
                let one = &self.files[*file];
                if self.in_duty(one.place, last) {
                    why.push(Stays::Duty);
                }
                let people: Vec<usize> = one.person.into_iter().collect();
                if self.is_held(one.place, Some(*file), moment, Some(&people)) {
                    why.push(Stays::Held);
                }
            }
            why.sort_unstable();
            match why.first() {
                None => {
                    for file in files {
                        file_goes[file] = true;
                    }
                }
                Some(reason) => {
                    for row in rows {
                        stays[*row].get_or_insert(*reason);
                    }
                    if *reason != Stays::Held {
                        self.own(within, true, &mut file_goes);
                        // What is due and whose files are gone has nothing to wait for.
                        for row in rows {
                            let due = matches!(said[*row], Said::Erased | Said::WithFile);
                            let mut of = calls[*row].iter().flat_map(|call| self.files_of(*call));
                            if due && of.all(|file| file_goes[file]) {
                                stays[*row] = None;
                            }
                        }
                    }
                }
            }
        }
        for (rows, within) in &groups {
            if rows.is_empty() {
                self.own(within, false, &mut file_goes);
            }
        }
        // A table goes once nothing is left in it, if some row is due by a rule that deletes it;
        // what only goes with it waits for that.
        let mut tables = vec![true; self.tables.len()];
        for table in 0..self.tables.len() {
            let of = |number: &usize| self.rows[*number].table == table;
            let rows: Vec<usize> = (0..self.rows.len()).filter(of).collect();
            let by_whole = |row: &usize| self.due(&self.rows[*row]).iter().any(|rule| rule.whole);
            if !rows.iter().any(by_whole) {
                continue;
            }
            if rows.iter().all(|row| stays[*row].is_none()) {
                tables[table] = false;
            } else {
                for row in rows {
                    if said[row] == Said::WithFile {
                        stays[row].get_or_insert(Stays::Later);
                    }
                }
            }
        }
        Left {
            rows: stays.iter().map(Option::is_some).collect(),
            tables,
            files: file_goes.iter().map(|goes| !goes).collect(),
            why_rows: stays,
        }
    }

    /// Recordings that go by a rule of their own, with what it lists: of calls that no row names, or
    /// whose rows stay for now.
    fn own(&self, calls: &BTreeSet<usize>, named: bool, goes: &mut [bool]) {
        for call in calls {
            let of_call = self
                .files
                .iter()
                .enumerate()
                .filter(|(_, file)| file.call == *call);
            let recordings: Vec<usize> = of_call
                .filter(|(_, file)| file.is_recording)
                .map(|(number, _)| number)
                .collect();
            for recording in recordings {
                let one = &self.files[recording];
                let mut rules = self.rules_of(one.place);
                // What goes with rows does not go by the same rule for itself.
                rules.retain(|rule| !named || !rule.takes.iter().any(|take| take.fits(one.place)));
                let due = |rule: &&&Rule| one.at + rule.days * DAY <= self.now;
                if !rules.iter().any(|rule| due(&rule))
                    || self.in_duty(one.place, Some(one.at))
                    || self.is_held(one.place, Some(recording), Some(one.at), None)
                {
                    continue;
                }
                let cascades = rules.iter().any(|rule| !rule.takes.is_empty());
                let with: Vec<usize> = if cascades && !self.files_of(*call).is_empty() {
                    let mut with = self.files_of(*call);
                    with.push(recording);
                    with
                } else {
                    vec![recording]
                };
                let kept = with.iter().any(|file| {
                    let one_of = &self.files[*file];
                    let people: Vec<usize> = one_of.person.into_iter().collect();
                    *file != recording
                        && (self.in_duty(one_of.place, Some(one.at))
                            || self.is_held(one_of.place, Some(*file), Some(one.at), Some(&people)))
                });
                if !kept {
                    for file in with {
                        goes[file] = true;
                    }
                }
            }
        }
    }
}
