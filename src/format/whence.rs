//! Which of the times that stand in a record it is from.
//!
//! Owns the choice: a record's own names win over those of what lies within, unless that is from
//! later, and what may be newer than it seems is of no time that can be told. Nothing is taken for
//! older than it is. Knows no format: who walks a record says what opens, what stands there under
//! a name, and what closes.

use std::cmp::Ordering;
use std::ops::Range;

use crate::time::{self, Date, Named, Read, Stamp};

/// Where a time stands, and what its name says.
#[derive(Clone, Debug)]
pub(super) struct Time {
    pub(super) place: Range<usize>,
    pub(super) named: Named,
}

/// Where the time of a record stands.
#[derive(Clone, Debug)]
pub(super) enum Whence {
    /// Nowhere.
    Nothing,
    /// There.
    At(Time),
    /// Some stand in it, and nobody can tell which one it is from.
    Unclear,
}

/// How the text of a time is got.
pub(super) type StampOf = for<'t> fn(&'t [u8], &Time) -> Option<Stamp<'t>>;

/// The times of a record and of what lies within it, as it is walked.
pub(super) struct Times<'t> {
    text: &'t [u8],
    stamp: StampOf,
    open: Vec<Object>,
    own: Option<Time>,
    /// The latest of those within that are written alike, which need not be read to be compared.
    lead: Option<Time>,
    /// The latest within: of those that are told in UTC, on the wall of their source, and in an
    /// order of day and month that is not told.
    latest: [Option<(Time, Read)>; 3],
    /// Of two without a told order nobody knows which is the later.
    muddled: bool,
    /// One within that is no time, or one of a year that is not written.
    unread: Option<Time>,
    yearless: usize,
    /// Whether one of them speaks for the record.
    speaks: bool,
}

/// What is open within a record, or the record itself.
struct Object {
    best: Option<Time>,
    speaks: bool,
}

impl<'t> Times<'t> {
    /// For a record in `text`.
    pub(super) fn new(text: &'t [u8], stamp: StampOf) -> Self {
        Times {
            text,
            stamp,
            open: Vec::new(),
            own: None,
            lead: None,
            latest: [const { None }; 3],
            muddled: false,
            unread: None,
            yearless: 0,
            speaks: false,
        }
    }

    /// How many are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The record opens, or what lies within it; whether its time `speaks` for a record that has
    /// none under its own names.
    pub(super) fn open(&mut self, speaks: bool) {
        let best = None;
        self.open.push(Object { best, speaks });
    }

    /// Takes a time of what is open innermost, or of what is open around that (`above` of them).
    /// The best name counts; of two as good ones the later time.
    pub(super) fn meet(&mut self, time: Time, above: usize) {
        let value = self.text.get(time.place.clone()).unwrap_or_default();
        let at = self.open.len().checked_sub(1 + above);
        let Some(at) = at.filter(|_| !is_nothing(value)) else {
            return;
        };
        let better = match self.open.get(at).and_then(|object| object.best.as_ref()) {
            None => true,
            Some(best) => match time.named.rank.cmp(&best.named.rank) {
                Ordering::Less => true,
                Ordering::Greater => false,
                Ordering::Equal => match (self.read(best), self.read(&time)) {
                    (Some(best), Some(time)) => best.compare(&time) == Some(Ordering::Less),
                    (None, Some(_)) => true,
                    _ => false,
                },
            },
        };
        if let Some(object) = self.open.get_mut(at).filter(|_| better) {
            object.best = Some(time);
        }
    }

    /// What is open innermost closes.
    pub(super) fn close(&mut self) {
        let Some(object) = self.open.pop() else {
            return;
        };
        if self.open.is_empty() {
            self.own = object.best;
            return;
        }
        let Some(time) = object.best else {
            return;
        };
        self.speaks |= object.speaks;
        match &self.lead {
            None => self.lead = Some(time),
            Some(lead) => match self.alike(lead, &time) {
                Some(Ordering::Less) => self.lead = Some(time),
                Some(_) => {}
                None => self.take(time),
            },
        }
    }

    /// Reads a time within and keeps it where it is the latest.
    fn take(&mut self, time: Time) {
        let Some(read) = self.read(&time) else {
            self.unread.get_or_insert(time);
            return;
        };
        let slot = match read {
            Read::Instant(_) => 0,
            Read::Written(written) => match (written.date, written.offset) {
                (Date::Yearless(..), _) => {
                    self.yearless += 1;
                    self.unread = Some(time);
                    return;
                }
                (Date::Either { .. }, _) => 2,
                (Date::Day(..), Some(_)) => 0,
                (Date::Day(..), None) => 1,
            },
        };
        let Some(slot) = self.latest.get_mut(slot) else {
            return;
        };
        match slot {
            None => *slot = Some((time, read)),
            Some((_, before)) => match before.compare(&read) {
                Some(Ordering::Less) => *slot = Some((time, read)),
                Some(_) => {}
                None => self.muddled = true,
            },
        }
    }

    /// Lets everything within speak for the record.
    pub(super) fn speak(&mut self) {
        self.speaks |= self.lead.is_some() || self.unread.is_some();
    }

    /// Where the time of the record stands. `newer` tells whether something else in it may be from
    /// more than a day after the time given; it is asked where the record has no name of its own.
    pub(super) fn whole(mut self, newer: impl FnOnce(&Read) -> bool) -> Whence {
        while !self.open.is_empty() {
            self.close();
        }
        if let (Some(own), Some(lead)) = (&self.own, &self.lead)
            && matches!(
                self.alike(own, lead),
                Some(Ordering::Greater | Ordering::Equal)
            )
        {
            self.lead = None;
        }
        if let Some(lead) = self.lead.take() {
            self.take(lead);
        }
        let within = || self.latest.iter().flatten();
        if let Some(own) = self.own.as_ref().filter(|_| within().next().is_none())
            && !self.muddled
        {
            return Whence::At(own.clone());
        }
        let first = match &self.own {
            Some(own) => match self.read(own) {
                Some(read) => (own, read),
                None => return Whence::At(own.clone()),
            },
            None if !self.speaks => {
                let nothing = self.unread.is_none() && within().next().is_none();
                return if nothing {
                    Whence::Nothing
                } else {
                    Whence::Unclear
                };
            }
            None => match (within().next(), self.yearless, &self.unread) {
                (Some((time, read)), 0, _) => (time, *read),
                (None, 0 | 1, Some(unread)) => return Whence::At(unread.clone()),
                _ => return Whence::Unclear,
            },
        };
        let mut best = first;
        for (time, read) in within() {
            if best.1.compare(read) == Some(Ordering::Less) {
                best = (time, *read);
            }
        }
        // A time of its own is only put off by what is later for certain.
        let counts =
            |read: &Read| self.own.is_none() || first.1.compare(read) == Some(Ordering::Less);
        let unclear = within().any(|(_, read)| counts(read) && best.1.compare(read).is_none());
        if unclear || self.muddled || self.own.is_none() && newer(&best.1) {
            return Whence::Unclear;
        }
        Whence::At(best.0.clone())
    }

    /// How `two` follows `one` where both are written in the same way, from the year to the second or
    /// as a count, so that their digits tell.
    fn alike(&self, one: &Time, two: &Time) -> Option<Ordering> {
        /// Up to the seconds of `2024-05-30T10:00:00`; what follows is a fraction or a zone.
        const SECONDS: usize = 19;
        let text = |time: &Time| self.text.get(time.place.clone());
        let (first, second) = (text(one)?, text(two)?);
        let (head, other) = (first.get(..SECONDS)?, second.get(..SECONDS)?);
        let same = first.len() == second.len()
            && (one.named.count, one.named.utc) == (two.named.count, two.named.utc)
            && first.get(SECONDS..) == second.get(SECONDS..);
        let shaped = |text: &[u8]| {
            let form = text.iter().zip(b"0000-00-00?00:00:00");
            form.into_iter().all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                b'?' => matches!(byte, b'T' | b' '),
                form => byte == form,
            })
        };
        (same && shaped(head) && shaped(other)).then(|| head.cmp(other))
    }

    fn read(&self, time: &Time) -> Option<Read> {
        time::read(&(self.stamp)(self.text, time)?)
    }
}

impl Whence {
    /// The time as it stands in `text`. What is unclear is told by a text that is no time.
    pub(super) fn stamp<'t>(&self, text: &'t [u8], stamp: StampOf) -> Option<Stamp<'t>> {
        match self {
            Whence::Nothing => None,
            Whence::At(time) => stamp(text, time),
            Whence::Unclear => Some(Stamp::of(&b"?"[..])),
        }
    }
}

/// Seconds of a day: what happened within one is of one record.
const DAY: i64 = 86_400;
/// Whether `value`, under a name that says nothing, is a time more than a day after `time`; with
/// `numbers` also what counts from 1970.
pub(super) fn is_newer(value: &[u8], numbers: bool, time: &Read) -> bool {
    /// From `1.5.24` to a name of the day with a zone in brackets.
    const LENGTHS: std::ops::RangeInclusive<usize> = 6..=48;
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let counts = digits == value.len();
    // Numbers of telephones do not begin so.
    let count = matches!(digits, 10 | 13) && value.first() == Some(&b'1');
    let looks = LENGTHS.contains(&value.len())
        && value.first().is_some_and(u8::is_ascii_alphanumeric)
        && value.iter().any(u8::is_ascii_digit)
        && (!counts || digits == 8 || digits == 14 || numbers && count);
    if !looks {
        return false;
    }
    let read = time::read(&Stamp::of(value));
    read.and_then(|read| time.apart(&read))
        .is_some_and(|(least, _)| least > DAY)
}

/// Whether a value says nothing of a time: a literal, a short number such as a place in a
/// recording.
fn is_nothing(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    if matches!(value, b"" | b"null" | b"true" | b"false") {
        return true;
    }
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let whole = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = digits.get(whole..).unwrap_or_default();
    let number = match rest {
        [] => whole > 0,
        [b'.', fraction @ ..] => fraction.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    // 20240530 is a day.
    let is_day = || whole == 8 && matches!(time::read(&Stamp::of(value)), Some(Read::Written(_)));
    number && whole < 9 && !is_day()
}
