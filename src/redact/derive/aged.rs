//! The edits of one chunk that the age of its records makes necessary.
//!
//! Owns the way from records and their times to splices. What a rule does to values goes the way
//! of every other edit; detectors run only where something is due that asks for them.

use std::ops::Range;

use super::making::{Found, Making, find};
use super::{Aged, Asked, Derived, Job, Memory, add_held, subject_tag};
use crate::edit::{Refusal, Splice};
use crate::format::{Chunk, Content, Locate, Reader};
use crate::redact::ageing::{
    Action, AgeRule, Company, Item, Judged, Link, Tally, When, Why, month_of,
};
use crate::redact::guard::EditContext;
use crate::time::Undated;

/// One record of the chunk.
struct Record {
    range: Range<usize>,
    /// By its own account.
    when: When,
    /// As it is told: where the file's date counts, that.
    shown: When,
    judged: Judged,
    /// It is a part of the one around it, or holds others and has no time of its own.
    part: bool,
    /// It is all of a source that has no records.
    whole: bool,
    /// All that it held has gone.
    emptied: bool,
}

/// The splices of `chunk`, in its offsets, sorted and disjoint.
pub(super) fn edit_chunk(
    chunk: Chunk<'_>,
    reader: &dyn Reader,
    (job, aged): (&Job<'_>, &Aged<'_>),
    memory: &mut Memory,
    derived: &mut Derived,
) -> Vec<Splice> {
    let index = reader.index(chunk);
    let mut records = records(chunk, &*index, aged, memory.carry);
    // A source that counts as a whole is one record where its format has none. Of one whose format
    // has some nothing is left to erase; it goes where files go.
    let counts = aged.deletes() != 0 || !reader.has_records();
    if let (Some(shown), true) = (aged.all, counts && records.is_empty())
        && chunk.start < chunk.end
    {
        let when = aged.own(shown);
        records.push(Record {
            judged: aged.file.judge(when),
            range: chunk.start..chunk.end,
            when,
            shown,
            part: false,
            whole: true,
            emptied: false,
        });
    }
    derived.met |= !records.is_empty();
    derived.loose |= records.is_empty() && index.holds_values();
    let mut months = Months::default();
    let mut due = false;
    // Records that stay for now and name files: a hold on one keeps all that goes with it.
    let mut waiting: Vec<(&Record, Vec<u32>)> = Vec::new();
    for record in records.iter().filter(|record| !record.part) {
        if record.judged.due == 0 {
            let month = months.of(record.shown);
            let item = Item::of(aged.leading(), record.judged.why, month);
            derived.tally.add(item, 1);
            if aged.gathers() {
                let files = aged.named(chunk, record);
                match job.guard {
                    Some(asked) if asked.guard.has_holds() && !files.is_empty() => {
                        waiting.push((record, files));
                    }
                    _ => derived.link(record, record.judged.why, files),
                }
            }
        } else {
            due = true;
        }
    }
    if !due && waiting.is_empty() {
        return reader.settle(chunk, &[]);
    }
    let asks = |record: &Record| {
        aged.of(record.judged.due)
            .any(|(_, rule)| rule.selected.is_some())
    };
    let named = job.guard.is_some_and(|asked| asked.guard.holds_subjects());
    let looks = named
        || records
            .iter()
            .any(|record| !record.part && record.judged.due != 0 && asks(record));
    let content = if looks {
        reader.read(chunk, &*index)
    } else {
        Content::nothing()
    };
    if let Some((_, reason)) = content.ledger.gaps().first() {
        derived.unread = Some(*reason);
    }
    let mut deriving = Deriving {
        chunk,
        index: &*index,
        job,
        aged: *aged,
        // Everyone in a record may be held.
        all: if named {
            find(&content, &*index, job, memory, derived)
        } else {
            Vec::new()
        },
        by_rule: Vec::new(),
        months,
    };
    for (number, rule) in aged.of(u64::MAX) {
        if let Some(selected) = &rule.selected
            && looks
        {
            let job = Job { selected, ..*job };
            let mut found = find(&content, &*index, &job, memory, derived);
            found.retain(|found| {
                found.selected
                    && (rule.parties.is_empty()
                        || found
                            .party
                            .is_some_and(|party| rule.parties.contains(&party)))
            });
            deriving.by_rule.push((number, found));
        }
    }
    let mut making = Making {
        content: &content,
        index: &*index,
        reader,
        chunk,
        job: *job,
        splices: Vec::new(),
        derived,
    };
    for (record, files) in waiting {
        let held = deriving.is_held(record, &making);
        let why = if held { Why::Held } else { record.judged.why };
        making.derived.link(record, why, files);
    }
    for record in records
        .iter()
        .filter(|record| !record.part && record.judged.due != 0)
    {
        let (rule, why, stays) = deriving.carry_out(record, &mut making);
        let month = deriving.months.of(record.shown);
        let item = Item {
            rule,
            why,
            stays,
            month,
        };
        making.derived.tally.add(item, 1);
        if aged.gathers() {
            // What goes by itself ties no other record of its file to its call.
            let alone = stays == Why::Erased;
            let why = if alone { stays } else { why };
            making.derived.link(record, why, aged.named(chunk, record));
        }
    }
    making.settled()
}

/// The records of a chunk with what the rules say to them.
fn records(
    chunk: Chunk<'_>,
    index: &dyn Locate,
    aged: &Aged<'_>,
    carry: Option<When>,
) -> Vec<Record> {
    let clock = aged.file.clock(aged.order);
    let deletes = aged.deletes();
    let mut records: Vec<Record> = Vec::new();
    // Records around the one at hand, by their numbers.
    let mut around: Vec<usize> = Vec::new();
    let mut from = chunk.start;
    while let Some(range) = index.record_from(from) {
        if range.start >= chunk.end {
            break;
        }
        // Rows of a table that tells no time are left alone, and keep their file.
        let timeless = index.is_timeless(range.start);
        if timeless && deletes == 0 {
            from = range.end;
            continue;
        }
        let when = match aged.all {
            Some(all) => aged.own(all),
            None => index.stamp(range.start).map_or_else(
                || carry.unwrap_or(Err(Undated::None)),
                |stamp| clock.at(&stamp),
            ),
        };
        while let Some(outer) = around.last().and_then(|outer| records.get(*outer)) {
            if range.end <= outer.range.end {
                break;
            }
            around.pop();
        }
        let outer = around.last().and_then(|outer| records.get(*outer));
        let part = outer.is_some_and(|outer| outer.when == when && when.is_ok());
        // What lies within starts behind; flat records follow each other.
        from = range.start + 1;
        around.push(records.len());
        let mut judged = aged.file.judge(when);
        if timeless && judged.due & !deletes != 0 {
            judged.due &= deletes;
            judged.why = Why::Later;
        }
        let emptied = when == Err(Undated::None) && index.is_emptied(range.start);
        records.push(Record {
            judged,
            range,
            when,
            shown: aged.all.unwrap_or(when),
            part: part || emptied,
            whole: false,
            emptied,
        });
    }
    settle_nested(&mut records);
    records
}

/// A record that holds others goes no sooner than all of them; one without a time that holds some
/// is no record to the rules, nor are those without one within it.
fn settle_nested(records: &mut [Record]) {
    // What holds nothing but what was emptied is so itself.
    for number in (0..records.len()).rev() {
        let Some((outer, within)) = records.get_mut(number..).and_then(<[_]>::split_first_mut)
        else {
            continue;
        };
        let end = outer.range.end;
        let mut within = within
            .iter()
            .take_while(|one| one.range.start < end)
            .peekable();
        let holds = within.peek().is_some();
        if outer.when == Err(Undated::None) && holds && within.all(|one| one.emptied) {
            (outer.part, outer.emptied) = (true, true);
        }
    }
    for number in 0..records.len() {
        let Some((outer, within)) = records.get_mut(number..).and_then(<[_]>::split_first_mut)
        else {
            break;
        };
        let end = outer.range.end;
        let inner = within.partition_point(|one| one.range.start < end);
        if inner == 0 {
            continue;
        }
        let within = within.get_mut(..inner).unwrap_or_default();
        if outer.when == Err(Undated::None) {
            let dated = within.iter().any(|one| one.when != Err(Undated::None));
            if dated {
                outer.part = true;
            } else {
                for one in within {
                    one.part = true;
                }
            }
            continue;
        }
        for one in within.iter().filter(|one| !one.part) {
            if one.when != Err(Undated::None) {
                let due = outer.judged.due & one.judged.due;
                if due != outer.judged.due {
                    outer.judged = Judged {
                        due,
                        why: one.judged.why,
                    };
                }
            }
        }
    }
}

/// Carries out what the rules say.
struct Deriving<'a> {
    chunk: Chunk<'a>,
    index: &'a dyn Locate,
    job: &'a Job<'a>,
    aged: Aged<'a>,
    /// Everything found, where who is in a record has to be known.
    all: Vec<Found>,
    /// What each rule that looks at values found.
    by_rule: Vec<(usize, Vec<Found>)>,
    months: Months,
}

impl<'a> Deriving<'a> {
    /// What becomes of a record that is due: the rule, its fate, and its fate where its file stays.
    fn carry_out(&self, record: &Record, making: &mut Making<'a, '_>) -> (u16, Why, Why) {
        let due = self.aged.of(record.judged.due);
        // A rule that looks at values is about records that hold some.
        let mut due = due.filter(|(number, rule)| {
            rule.selected.is_none() || !self.found(*number, &record.range).is_empty()
        });
        let by_file = due
            .clone()
            .find(|(_, rule)| matches!(rule.action, Action::DeleteFile));
        let by_itself = due.find(|(_, rule)| !matches!(rule.action, Action::DeleteFile));
        let Some((number, rule)) = by_itself.or(by_file) else {
            let first = self.aged.of(record.judged.due).next();
            let number = first.map_or(0, |(number, _)| number as u16);
            return (number, Why::Clean, Why::Clean);
        };
        let number = number as u16;
        if let Some(held) = self.held(record, making) {
            return (number, held, held);
        }
        let redacts = matches!(rule.action, Action::Redact(_));
        let kept = (!redacts || by_file.is_some()).then(|| self.kept_with(record, making));
        let kept = kept.flatten();
        let stays = match (&rule.action, kept) {
            (Action::Redact(_), _) => self.redact(record, making),
            (_, Some(kept)) => return (number, kept, kept),
            (Action::Erase, _) => self.erase(record, number, making),
            (Action::DeleteFile, _) => Why::WithFile,
        };
        let why = match stays {
            Why::Erased | Why::Redacted if by_file.is_some() && kept.is_none() => Why::WithFile,
            _ => stays,
        };
        // What only goes with its file waits for it.
        let waits = stays == Why::WithFile;
        (number, why, if waits { Why::Later } else { stays })
    }

    /// Replaces what every rule that asks for it found in a record.
    fn redact(&self, record: &Record, making: &mut Making<'a, '_>) -> Why {
        if making.is_torn(record.range.start) {
            making.derived.refuse(Refusal::Torn, 1);
            return Why::Refused;
        }
        for (number, rule) in self.aged.of(record.judged.due) {
            let Action::Redact(operators) = &rule.action else {
                continue;
            };
            making.job.operators = operators;
            for found in self.found(number, &record.range) {
                making.replace(found);
            }
        }
        Why::Redacted
    }

    fn found(&self, rule: usize, range: &Range<usize>) -> &[Found] {
        let of_rule = self.by_rule.iter().find(|(number, _)| *number == rule);
        of_rule.map_or(&[], |(_, found)| within(found, range))
    }

    fn erase(&self, record: &Record, rule: u16, making: &mut Making<'_, '_>) -> Why {
        if record.whole {
            return Why::WithFile;
        }
        let start = record.range.start;
        if making.is_torn(start) {
            making.derived.refuse(Refusal::Torn, 1);
            return Why::Refused;
        }
        making.derived.doubtful |= !self.index.tells_records();
        match self.index.drop_range(&record.range) {
            Ok(splices) => {
                making.splices.extend(splices);
                making.derived.records += 1;
                let all = if self.all.is_empty() {
                    self.found(usize::from(rule), &record.range)
                } else {
                    within(&self.all, &record.range)
                };
                for found in all {
                    making.gone(found);
                }
                Why::Erased
            }
            // It is all there is in the file, which goes as a whole.
            Err(_) if self.is_all(&record.range) => Why::WithFile,
            Err(refusal) => {
                making.derived.refuse(refusal, 1);
                Why::Refused
            }
        }
    }

    /// Whether nothing but blanks stands around a record in a source that is read whole.
    fn is_all(&self, range: &Range<usize>) -> bool {
        let chunk = self.chunk;
        let blank = |range: Range<usize>| {
            let text = chunk.text.get(range).unwrap_or_default();
            text.trim_ascii().is_empty()
        };
        chunk.offset + chunk.start as u64 <= BYTE_ORDER_MARK
            && !chunk.torn.behind
            && blank(chunk.start..range.start)
            && blank(range.end..chunk.end)
    }

    /// What keeps a record whose files cannot go with it.
    fn kept_with(&self, record: &Record, making: &mut Making<'_, '_>) -> Option<Why> {
        let company = self.aged.company.filter(|company| !company.gathers())?;
        let (why, hold) = company.keeps(&self.aged.named(self.chunk, record))?;
        if let Some(hold) = hold {
            add_held(&mut making.derived.held, hold, 1);
        }
        Some(why)
    }

    /// What the guard is asked about a record: who is in it, and when it is from.
    fn context(&self, asked: Asked<'_>, record: &Record, making: &Making<'_, '_>) -> EditContext {
        let tags = asked.guard.holds_subjects().then(|| {
            let all = within(&self.all, &record.range).iter();
            all.map(|found| {
                let text = making.text_of(found);
                subject_tag(asked.key, found.hit.entity, &found.hit.canonical, text)
            })
            .collect()
        });
        // Holds ask when it is from by its own account, else everything may be meant. Duties take
        // what else tells it.
        let last = match self.aged.file.told(record.when) {
            Err(Undated::None) => self.aged.file.dated(),
            when => when.ok(),
        };
        EditContext {
            path: asked.path.to_path_buf(),
            subject_tags: tags,
            client: self.aged.file.client().map(str::to_owned),
            format: self.aged.format,
            time: record.when.ok(),
            last,
        }
    }

    /// Whether a hold keeps a record that nothing is done to.
    fn is_held(&self, record: &Record, making: &Making<'_, '_>) -> bool {
        self.job.guard.is_some_and(|asked| {
            let context = self.context(asked, record, making);
            asked.guard.hold_on(&context).is_some()
        })
    }

    /// Asks the guard.
    fn held(&self, record: &Record, making: &mut Making<'_, '_>) -> Option<Why> {
        let asked = self.job.guard?;
        let context = self.context(asked, record, making);
        match asked.guard.permits(&context) {
            Ok(permit) => {
                making.derived.permit = match making.derived.permit.take() {
                    None => Some(permit),
                    Some(before) => before.merge(permit).ok(),
                };
                None
            }
            Err(held) => {
                add_held(&mut making.derived.held, held.id, 1);
                Some(Why::Held)
            }
        }
    }
}

/// The longest byte order mark, before which nothing stands.
const BYTE_ORDER_MARK: u64 = 4;

/// Those of `found`, in order, that lie in `range`.
fn within<'f>(found: &'f [Found], range: &Range<usize>) -> &'f [Found] {
    let from = found.partition_point(|one| one.at < range.start);
    let to = found.partition_point(|one| one.at < range.end);
    found.get(from..to).unwrap_or_default()
}

/// Months, remembered from record to record.
#[derive(Default)]
struct Months {
    /// A day, and the month it is in.
    last: Option<(i64, i32)>,
}

impl Months {
    fn of(&mut self, when: When) -> i32 {
        let Ok(time) = when else {
            return 0;
        };
        let day = time.div_euclid(86_400);
        match self.last {
            Some((last, month)) if last == day => month,
            _ => {
                let month = month_of(when);
                self.last = Some((day, month));
                month
            }
        }
    }
}

impl Derived {
    fn link(&mut self, record: &Record, why: Why, files: Vec<u32>) {
        if !files.is_empty() {
            self.links.push(Link {
                files,
                why,
                when: record.shown,
            });
        }
    }
}

impl<'a> Aged<'a> {
    /// When a record is from by its own account, of a source all of which is from `all`.
    fn own(&self, all: When) -> When {
        if self.file.by_file() {
            self.file.own()
        } else {
            all
        }
    }

    /// The account of a source that is one record, as it has none.
    pub(crate) fn whole(&self) -> Tally {
        let when = self.all.unwrap_or(Err(Undated::None));
        let judged = self.file.judge(self.own(when));
        let why = match self.of(judged.due).next() {
            None => judged.why,
            Some((_, rule)) if rule.selected.is_some() => Why::Clean,
            Some((_, rule)) => match rule.action {
                Action::Redact(_) => Why::Clean,
                Action::Erase | Action::DeleteFile => Why::WithFile,
            },
        };
        Tally::of_one(self.leading(), why, when)
    }

    /// Whether it is only gathered which records name files that go with them.
    fn gathers(&self) -> bool {
        self.company.is_some_and(Company::gathers)
    }

    /// The files that go with a record.
    fn named(&self, chunk: Chunk<'_>, record: &Record) -> Vec<u32> {
        // A file that counts as one names others by its own name, not by what is in it.
        let Some(company) = self.company.filter(|_| !record.whole) else {
            return Vec::new();
        };
        let rules = self
            .of(u64::MAX)
            .filter(|(_, rule)| rule.cascades)
            .fold(0u64, |bits, (number, _)| bits | 1 << number);
        let text = chunk.text.get(record.range.clone()).unwrap_or_default();
        company.named(rules, text, self.file.wall(record.when))
    }

    /// The rules of the file that are among `due`, with their numbers, the strongest first.
    fn of(&self, due: u64) -> impl Iterator<Item = (usize, &'a AgeRule)> + Clone + use<'a> {
        let rules = self.rules;
        let own = self.file.rules().iter().enumerate();
        own.filter(move |(bit, _)| due >> bit & 1 == 1)
            .filter_map(move |(_, number)| Some((*number, rules.get(*number)?)))
    }

    /// The rules of the file that delete it once everything in it is due, as bits.
    fn deletes(&self) -> u64 {
        let rules = self.file.rules().iter().enumerate();
        let deletes = rules.filter(|(_, number)| {
            let rule = self.rules.get(**number);
            rule.is_some_and(|rule| matches!(rule.action, Action::DeleteFile))
        });
        deletes.fold(0, |bits, (bit, _)| bits | 1 << bit)
    }

    /// The rule that speaks for records nothing is due of.
    fn leading(&self) -> u16 {
        self.file.rules().first().map_or(0, |number| *number as u16)
    }
}
