//! What is to go for its age: the questions the engine asks whoever knows the rules, and the
//! account of the answers.
//!
//! Owns the questions. Knows no rule, no calendar and no format.

use std::collections::BTreeMap;
use std::path::Path;

use super::operator::Operators;
use super::place::Identity;
use super::selection::Selected;
use crate::time::{Clock, Order, Undated};
use crate::view::Party;

/// When a record is from, or why nobody can tell.
pub type When = Result<i64, Undated>;

/// Rules that cover one file, at most: they are bits of a word.
pub const RULES_MAX: usize = 64;

/// Formats of which nobody knows what lies in their files, beside those that nobody knows at all.
const CLOSED: [&str; 6] = ["7z", "bzip2", "rar", "sqlite", "tar", "zip"];

/// Whether a file of this format may hold sources of any other.
pub fn is_closed(format: Option<&str>) -> bool {
    format.is_none_or(|format| CLOSED.contains(&format))
}

/// Who knows the rules.
pub trait Ages: Send + Sync {
    /// The clock of the run, in seconds since 1970.
    fn now(&self) -> i64;
    /// Every rule; those of a file are numbers into it.
    fn rules(&self) -> &[AgeRule];
    /// What the rules say to a file; `None`: none covers it.
    fn of_file(&self, file: &FileFacts<'_>) -> Option<Box<dyn FileAges>>;
    /// What a file is to be read as, where that is known before it is seen.
    fn reads_as(&self, beneath: &Path, absolute: &Path) -> Option<&'static str>;
    /// The account of a file as it was when it was last looked at, where nothing has changed since
    /// and nothing in it has come due.
    fn settled(&self, absolute: &Path, identity: &Identity) -> Option<Tally>;
    /// Takes what was seen in a file that was read whole and left as it is.
    fn note(&self, absolute: &Path, identity: Identity, tally: &Tally);
    /// Whether what may be done in this run has been done.
    fn is_spent(&self, bytes: u64) -> bool;
    /// The rules, as bits by their numbers, with whose records a file goes that they name.
    fn goes_with(&self, beneath: &Path, absolute: &Path) -> u64;
    /// Whose data a file is, where that is known.
    fn client(&self, beneath: &Path, absolute: &Path) -> Option<&str>;
    /// Whether files may go with records of this one, as far as its path tells.
    fn may_name(&self, beneath: &Path, absolute: &Path) -> bool;
    /// Whether a rule may cover what lies there, whatever its format.
    fn covers(&self, beneath: &Path, absolute: &Path) -> bool;
    /// Which duty keeps a file that is from `when`, whether or not a rule covers it.
    fn kept(&self, file: &FileFacts<'_>, when: When) -> Option<Why>;
}

/// Who knows which files go with a record: its recording, the transcript of that, what stands
/// beside them.
pub(crate) trait Company: Sync {
    /// The files, each by a number, that a record names which goes by one of `rules` (bits) and is
    /// from `wall`, in seconds as a clock on the wall counts them.
    fn named(&self, rules: u64, record: &[u8], wall: Option<i64>) -> Vec<u32>;
    /// Whether it is only gathered what names what.
    fn gathers(&self) -> bool;
    /// Why a record has to stay that goes with these files, with the hold that says so.
    fn keeps(&self, files: &[u32]) -> Option<(Why, Option<String>)>;
}

/// A record and the files that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    /// The files, by their numbers.
    pub files: Vec<u32>,
    /// What becomes of the record for itself.
    pub why: Why,
    /// When it is from.
    pub when: When,
}

/// What is known of a file before its records are.
pub struct FileFacts<'a> {
    /// The file as it was given or met below a root.
    pub path: &'a Path,
    /// Beneath its root.
    pub beneath: &'a Path,
    /// Absolute.
    pub absolute: &'a Path,
    /// What it is read as, or what it is where nobody reads it.
    pub format: Option<&'static str>,
    /// Its last change, in seconds since 1970.
    pub changed: i64,
    /// Whether some record names it, with which it goes.
    pub named: bool,
}

/// What the rules say to the records of one file.
pub trait FileAges: Send + Sync {
    /// Reads its times; `order` is what the file itself says of days and months.
    fn clock(&self, order: Option<Order>) -> Clock;
    /// The rules that cover it, by their numbers, the strongest first.
    fn rules(&self) -> &[usize];
    /// What they say to a record that says itself to be from `when`.
    fn judge(&self, when: When) -> Judged;
    /// What they say to a file that goes unread: of what is in it nobody knows the age, so that no
    /// duty that may reach into it is over.
    fn judge_unread(&self) -> Judged;
    /// When a record is from that says itself to be from `when`: else the name of its file tells.
    fn told(&self, when: When) -> When;
    /// When a file that is one record is from by its own account, which is its name.
    fn own(&self) -> When {
        self.told(Err(Undated::None))
    }
    /// What duties count from where a record has no time at all: the file's date, where rules go by
    /// nothing else.
    fn dated(&self) -> Option<i64>;
    /// Whether duties cover it.
    fn has_duties(&self) -> bool;
    /// When the file as a whole is from: by the date of the file where rules say so, else by its
    /// name.
    fn whole(&self) -> When;
    /// Whether the file's date counts, so that records need not be asked.
    fn by_file(&self) -> bool;
    /// Whose data it is, where that is known.
    fn client(&self) -> Option<&str>;
    /// A time as a clock on the wall shows it where the file is from, in seconds.
    fn wall(&self, when: When) -> Option<i64>;
}

/// What the rules say to one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Those of [`FileAges::rules`] that it is due by, as bits; 0: none, or a duty keeps it.
    pub due: u64,
    /// What is to be told of it where nothing goes.
    pub why: Why,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// It is removed, or would be.
    Erased,
    /// Values in it are replaced, or would be.
    Redacted,
    /// It goes with its file.
    WithFile,
    /// It is a file that goes with the record that names it.
    WithRecord,
    /// It is due, and nothing of what was to be replaced stands in it.
    Clean,
    /// It is not due yet.
    Later,
    /// The duty of this number keeps it.
    Duty(u16),
    /// A hold keeps it.
    Held,
    /// It has no time that can be believed.
    Undated(Undated),
    /// Its place did not let it be changed.
    Refused,
}

impl Why {
    /// A word for reports.
    pub const fn name(self) -> &'static str {
        match self {
            Why::Erased => "erased",
            Why::Redacted => "redacted",
            Why::WithFile => "with-file",
            Why::WithRecord => "with-record",
            Why::Clean => "clean",
            Why::Later => "later",
            Why::Duty(_) => "duty",
            Why::Held => "hold",
            Why::Undated(undated) => undated.name(),
            Why::Refused => "refused",
        }
    }
}

/// What a rule does to what is due by it.
pub enum Action {
    /// The record goes.
    Erase,
    /// Values in it are replaced.
    Redact(Box<Operators>),
    /// The file goes once everything in it is due.
    DeleteFile,
}

/// A rule as the engine carries it out.
pub struct AgeRule {
    /// What is done.
    pub action: Action,
    /// What has to be found in a record, or what of it is replaced; `None`: whatever it holds.
    pub selected: Option<Selected>,
    /// Only on these sides of the record, where some are named.
    pub parties: Vec<Party>,
    /// Whether files go with its records.
    pub cascades: bool,
}

/// How many records had which fate, by rule and month of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Item, u64>,
    /// The last one, as most records are like the one before.
    last: Option<(Item, u64)>,
}

/// What records are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// The rule, by its number in [`Ages::rules`].
    pub rule: u16,
    /// What became of them.
    pub why: Why,
    /// What became of those that go with their file, where that stays.
    pub stays: Why,
    /// The month they are from, counted from year 0; 0 where that is not known.
    pub month: i32,
}

impl Item {
    /// What has one fate, whatever becomes of its file.
    pub(crate) fn of(rule: u16, why: Why, month: i32) -> Item {
        Item {
            rule,
            why,
            stays: why,
            month,
        }
    }
}

impl Tally {
    /// The account of one record.
    pub(crate) fn of_one(rule: u16, why: Why, when: When) -> Tally {
        let mut tally = Tally::default();
        let month = month_of(when);
        tally.add(Item::of(rule, why, month), 1);
        tally
    }

    /// The part of it of which `is` says so.
    pub(crate) fn only(&self, is: impl Fn(Why) -> bool) -> Tally {
        let mut out = Tally::default();
        for (item, count) in self.iter().filter(|(item, _)| is(item.why)) {
            out.add(item, count);
        }
        out.settle();
        out
    }

    /// Counts some more.
    pub fn add(&mut self, item: Item, count: u64) {
        match &mut self.last {
            Some((last, counted)) if *last == item => *counted += count,
            _ => {
                self.settle();
                self.last = Some((item, count));
            }
        }
    }

    /// Adds another account.
    pub fn join(&mut self, other: &Tally) {
        for (item, count) in other.iter() {
            self.add(item, count);
        }
        self.settle();
    }

    fn settle(&mut self) {
        if let Some((item, count)) = self.last.take() {
            *self.counts.entry(item).or_default() += count;
        }
    }

    /// Everything counted; an item may come twice.
    pub fn iter(&self) -> impl Iterator<Item = (Item, u64)> + '_ {
        let counts = self.counts.iter().map(|(item, count)| (*item, *count));
        counts.chain(self.last)
    }

    /// How many records.
    pub fn records(&self) -> u64 {
        self.iter().map(|(_, count)| count).sum()
    }

    /// How many records of which `is` says so.
    pub fn of(&self, is: impl Fn(Why) -> bool) -> u64 {
        let such = self.iter().filter(|(item, _)| is(item.why));
        such.map(|(_, count)| count).sum()
    }

    /// How many records had which fate, by its name.
    pub fn by_fate(&self) -> BTreeMap<&'static str, u64> {
        let mut out = BTreeMap::new();
        for (item, count) in self.iter() {
            *out.entry(item.why.name()).or_default() += count;
        }
        out
    }

    /// The same records with another fate, where `turn` gives one.
    #[must_use]
    pub fn turned(&self, turn: impl Fn(Why) -> Option<Why>) -> Tally {
        let mut out = Tally::default();
        for (item, count) in self.iter() {
            let why = turn(item.why).unwrap_or(item.why);
            out.add(Item::of(item.rule, why, item.month), count);
        }
        out.settle();
        out
    }

    /// The same records where the file they were to go with stays.
    #[must_use]
    pub(crate) fn staying(&self) -> Tally {
        let mut out = Tally::default();
        for (item, count) in self.iter() {
            out.add(Item::of(item.rule, item.stays, item.month), count);
        }
        out.settle();
        out
    }
}

/// The month of a time, counted from year 0, in UTC.
pub(crate) fn month_of(when: When) -> i32 {
    when.ok()
        .and_then(|when| jiff::Timestamp::from_second(when).ok())
        .map_or(0, |when| {
            let day = jiff::tz::Offset::UTC.to_datetime(when);
            i32::from(day.year()) * 12 + i32::from(day.month()) - 1
        })
}
