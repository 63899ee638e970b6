//! Identifiers that are spoken or spelled: "four one six, triple five, oh one twenty-three".
//!
//! Two steps, because the first runs on every word of every file: the filter of the listed terms
//! lets number words pass, and where some of them stand close together the stretch around them is
//! read word by word. Every reading of what is ambiguous is kept until one is a value.
//!
//! Owns what is read and what becomes of it. The words are data (`patterns/spoken/`). It must not
//! know formats, records or files.

mod address;
mod cue;
mod dotted;
mod hash;
mod host;
mod judge;
mod letters;
mod lexicon;
mod recall;
mod role;
mod run;
#[cfg(test)]
mod tests;
mod token;
mod unit;

use std::ops::Range;

use super::Scene;
use super::hit::Hit;
use crate::entity::Entity;
use crate::finding::{Canonical, Confidence, Evidence};
use address::{Address, Speller};
use cue::Cues;
use judge::{Judge, Telling, Verdict};
use lexicon::Lexicon;
pub(super) use lexicon::wakes;
use recall::Recall;
use run::{Digits, Run};
use token::{Kind, Token, Tokens};
use unit::Unit;

/// How far apart number words may stand that wake the detector together.
const NEAR: usize = 30;
/// How many of them do.
const ENOUGH: u8 = 3;
/// Bytes before the first of them that are read for what they say of it.
const HEARD: usize = 160;
/// ... and those before a sign of an address: a spelled name is long.
const BEFORE: usize = 320;
/// Bytes behind it that are read at once, and the most of one stretch.
const STEP: usize = 144;
const BEHIND: usize = 864;
/// Number words that begin so many bytes after each other, on average, stand in a row.
const IN_A_ROW: usize = 7;
/// Tokens of one stretch.
const MOST_TOKENS: usize = 280;
/// Tokens in a row that belong to nothing that is told, and end the stretch.
const IDLE: usize = 14;
/// Units that are tried as one value; longer runs are only searched for one.
const MOST_UNITS: usize = 40;
/// Bytes from the first number word on that tell whether the stretch is worth reading in full.
const GLANCE: usize = 128;
/// The fewest digits of a value, and of one that is told with strange words between its digits.
const FEWEST: usize = 3;
const FEWEST_APART: usize = 4;
/// ... of which each stands for so many units at least.
const UNITS_TO_STRANGE: usize = 2;
/// The least confidence at which a part of a run is taken.
const TAKEN: u8 = 50;

/// Memory reused from view to view.
#[derive(Default)]
pub(super) struct Spoken {
    tokens: Tokens,
    units: Vec<Unit>,
    runs: Vec<Run>,
    addresses: Vec<Address>,
    recall: Recall,
    /// Up to here the text has been read.
    behind: usize,
    /// The last number word and how many stand close together up to it.
    last: usize,
    count: u8,
    /// Where the first of them stands.
    first: usize,
}

impl Spoken {
    /// Begins another text.
    pub(super) fn start(&mut self) {
        (self.behind, self.last, self.count, self.first) = (0, 0, 0, 0);
        self.recall.clear();
    }

    /// Takes a word that [`wakes`]: reads the stretch around `at` once enough of them stand there.
    #[inline(never)]
    pub(super) fn word(&mut self, scene: &Scene<'_>, at: usize, flags: u8, out: &mut Vec<Hit>) {
        if at < self.behind {
            return;
        }
        if self.count == 0 || at - self.last > NEAR {
            (self.count, self.first) = (0, at);
        }
        self.count = self.count.saturating_add(1);
        self.last = at;
        let address = flags >> 3 != 0;
        if address && !address::begins_at(scene.text, at) {
            return;
        }
        let enough = if self.recall.reaches(at) { 2 } else { ENOUGH };
        if address {
            self.read(scene, self.first, flags, out);
        } else if self.count >= enough || beside_digit(scene.text, at) {
            let in_a_row =
                self.count > 1 && at - self.first <= IN_A_ROW * usize::from(self.count - 1);
            if in_a_row || self.glance(scene.text, self.first, flags) {
                self.read(scene, self.first, flags, out);
            } else {
                self.count = 0;
            }
        }
    }

    /// Whether enough digits are told from `seed` on for any value: number words that stand close
    /// together by chance seldom are, and a full reading costs ten times as much.
    fn glance(&mut self, text: &[u8], seed: usize, flags: u8) -> bool {
        let to = word_start(text, (seed + GLANCE).min(text.len()), text.len());
        self.tokens.begin(seed);
        self.tokens.cut(text, to, MOST_TOKENS);
        lexicon::asked(flags).any(|lexicon| {
            self.tokens.forget();
            self.tokens.name(text, lexicon);
            let Spoken {
                tokens,
                units,
                runs,
                ..
            } = self;
            run::gather(text, &tokens.list, lexicon, units, runs);
            runs.iter().any(|run| {
                let units = units.get(run.units.0..run.units.1).unwrap_or_default();
                is_told(units) && {
                    let gaps = units
                        .iter()
                        .skip(1)
                        .map(|unit| usize::from(unit.gap.strange));
                    let strange: usize = gaps.sum();
                    let fewest = if strange > 0 { FEWEST_APART } else { FEWEST };
                    units.iter().map(Unit::most_digits).sum::<usize>() >= fewest
                        && units.len() >= strange * UNITS_TO_STRANGE
                }
            })
        })
    }

    /// Reads the stretch around `seed` in the languages of `flags`.
    fn read(&mut self, scene: &Scene<'_>, seed: usize, flags: u8, out: &mut Vec<Hit>) {
        let text = scene.text;
        let heard = if flags >> 3 == 0 { HEARD } else { BEFORE };
        let from = word_start(text, seed.saturating_sub(heard), seed);
        self.tokens.begin(from);
        let floor = self.behind;
        let mut behind = seed + 1;
        for lexicon in lexicon::asked(flags) {
            let before = out.len();
            let end = self.stretch(text, seed, lexicon);
            behind = behind.max(end);
            run::gather(
                text,
                &self.tokens.list,
                lexicon,
                &mut self.units,
                &mut self.runs,
            );
            let runs = std::mem::take(&mut self.runs);
            for run in &runs {
                let units = self.units.get(run.units.0..run.units.1).unwrap_or_default();
                let starts = units.first().map_or(0, |unit| unit.start);
                if starts >= floor && starts < end && is_told(units) {
                    let reader = Reader {
                        scene,
                        run,
                        judge: Judge {
                            scene,
                            lexicon,
                            cues: Cues::of(&self.tokens.list, run.tokens.0, run.tokens.1),
                        },
                    };
                    reader.run(units, &mut self.recall, out);
                }
            }
            self.runs = runs;
            self.addresses.clear();
            let speller = Speller {
                text,
                tokens: &self.tokens.list,
                lexicon,
            };
            speller.all(&mut self.addresses);
            for address in self.addresses.drain(..) {
                spell(text, &self.tokens.list, address, floor..end, out);
            }
            if out.len() > before {
                break;
            }
        }
        self.behind = behind;
        self.count = 0;
    }

    /// Cuts and names the tokens from the seed on until nothing is told any more; returns where
    /// that is.
    fn stretch(&mut self, text: &[u8], seed: usize, lexicon: &Lexicon) -> usize {
        let mut to = seed;
        self.tokens.forget();
        loop {
            // Most stretches are short; the last turn of the others is named again with each step.
            to = word_start(text, (to + STEP).min(text.len()), text.len());
            let full = !self.tokens.cut(text, to, MOST_TOKENS) || to >= seed + BEHIND;
            self.tokens.name(text, lexicon);
            let list = &mut self.tokens.list;
            let begin = list.partition_point(|token| token.start < seed);
            let mut last = begin;
            let mut ended = false;
            for (at, token) in list.iter().enumerate().skip(begin) {
                if tells(token) {
                    last = at;
                }
                ended = at > last + IDLE;
                if ended {
                    break;
                }
            }
            if ended || to >= text.len() {
                let end = list.get(last).map_or(to, |token| token.end);
                list.truncate(last + IDLE);
                return end;
            }
            if full {
                // Numbers without end: what is told in the last part is read with what follows.
                let kept = begin + (list.len() - begin) * 3 / 4;
                return list.get(kept).map_or(to, |token| token.start);
            }
        }
    }
}

/// Whether a token belongs to what is told, and not to any sentence.
fn tells(token: &Token) -> bool {
    let entry = &token.entry;
    let spelled = entry.is(role::LETTER)
        && token.end == token.start + 1
        && !matches!(entry.sign, b'a' | b'i');
    token.kind == Kind::Numeral
        || spelled
        || entry.is(role::NUMBER | role::TIMES | role::SCALE | role::PROVIDER)
        || entry.is(role::SIGN) && matches!(entry.sign, b'.' | b'_')
}

/// Adds the hits of an address that is told in what is `owned`, one for each line.
fn spell(text: &[u8], tokens: &[Token], address: Address, owned: Range<usize>, out: &mut Vec<Hit>) {
    let told = tokens
        .get(address.tokens.0..address.tokens.1)
        .unwrap_or_default();
    let (Some(first), Some(last)) = (told.first(), told.last()) else {
        return;
    };
    let sign = tokens.get(address.sign).map_or(0, |sign| sign.start);
    if !owned.contains(&sign) {
        return;
    }
    let mut evidence = Evidence::SPOKEN.with(Evidence::SYNTAX);
    if address.told {
        evidence = evidence.with(Evidence::CONTEXT);
    }
    let canonical = Canonical::Text(address.written.into_boxed_slice());
    let mut start = first.start;
    let mut cut = |range: Range<usize>| {
        out.push(Hit {
            entity: Entity::Email,
            range,
            confidence: Confidence(address.confidence),
            evidence,
            canonical: canonical.clone(),
            extension: None,
        });
    };
    for pair in told.windows(2) {
        let [one, next] = pair else { continue };
        if is_another_line(text, one.end..next.start) {
            cut(start..one.end);
            start = next.start;
        }
    }
    cut(start..last.end);
}

/// Whether a line or a tag ends in `gap`.
fn is_another_line(text: &[u8], gap: Range<usize>) -> bool {
    let gap = text.get(gap).unwrap_or_default();
    gap.iter().any(|b| matches!(b, b'\n' | b'<'))
}

/// Reads one run.
struct Reader<'a, 'b> {
    scene: &'a Scene<'b>,
    run: &'a Run,
    judge: Judge<'a, 'b>,
}

impl Reader<'_, '_> {
    fn run(&self, units: &[Unit], recall: &mut Recall, out: &mut Vec<Hit>) {
        let extension = units.iter().position(|unit| unit.gap.extension);
        let (units, extension) = units.split_at(extension.unwrap_or(units.len()));
        if let Some((range, address)) = dotted::address(units) {
            let sure = match (
                self.judge.cues.tells(role::IP),
                self.judge.cues.distance(role::VERSION),
            ) {
                (true, _) => 95,
                (_, Some(_)) => 30,
                _ => 82,
            };
            let found = Verdict {
                entity: Entity::IpAddress,
                confidence: sure,
                evidence: Evidence::SPOKEN.with(Evidence::SYNTAX),
                canonical: Canonical::Ip(address.into()),
            };
            self.report(units.get(range).unwrap_or_default(), &[], found, out);
            return;
        }
        self.value(units, extension, recall, out);
    }

    /// Finds the values in `units`, which nothing but an extension follows.
    fn value(&self, units: &[Unit], extension: &[Unit], recall: &mut Recall, out: &mut Vec<Hit>) {
        if let Some(found) = self.whole(units) {
            recall.tell(&found, units.last().map_or(0, |unit| unit.end));
            self.report(units, extension, found, out);
            return;
        }
        if let Some((range, found)) = self.part(units) {
            let (head, rest) = units.split_at(range.start);
            let (value, tail) = rest.split_at(range.len());
            recall.tell(&found, value.last().map_or(0, |unit| unit.end));
            self.value(head, &[], recall, out);
            let own = if tail.is_empty() { extension } else { &[] };
            self.report(value, own, found, out);
            self.value(tail, extension, recall, out);
            return;
        }
        if !self.run.measured
            && let Some(found) = recall.part(units)
        {
            self.report(units, &[], found, out);
            return;
        }
        if let Some(digits) = run::first_reading(units)
            && let Some(found) = self.judge.possible(&digits, &self.telling(units, units, 0))
        {
            self.report(units, extension, found, out);
        }
    }

    /// What all units are together, in their best reading.
    fn whole(&self, units: &[Unit]) -> Option<Verdict> {
        if units.len() > MOST_UNITS {
            return None;
        }
        let mut best: Option<Verdict> = None;
        run::readings(units, |digits, cost| {
            let telling = self.telling(units, units, cost);
            if let Some(found) = self.judge.valid(digits, &telling)
                && best
                    .as_ref()
                    .is_none_or(|best| best.confidence < found.confidence)
            {
                best = Some(found);
            }
        });
        best.filter(|best| best.confidence >= TAKEN)
    }

    /// The first part of `units` that is a value by itself, the longest there.
    fn part(&self, units: &[Unit]) -> Option<(Range<usize>, Verdict)> {
        for first in 0..units.len() {
            let rest = units.get(first..).unwrap_or_default();
            let mut digits = Digits::NONE;
            let mut best: Option<(Range<usize>, Verdict)> = None;
            for (used, unit) in rest.iter().enumerate() {
                if !digits.push(unit.first()) {
                    break;
                }
                if digits.as_bytes().len() < 9 || first == 0 && used + 1 == units.len() {
                    continue;
                }
                let part = rest.get(..=used).unwrap_or_default();
                let telling = self.telling(units, part, 0);
                if let Some(found) = self.judge.valid(&digits, &telling)
                    && found.confidence >= TAKEN
                    && best
                        .as_ref()
                        .is_none_or(|(_, best)| best.confidence <= found.confidence)
                {
                    best = Some((first..first + used + 1, found));
                }
            }
            if best.is_some() {
                return best;
            }
        }
        None
    }

    /// How `part` of `units` is told.
    fn telling(&self, units: &[Unit], part: &[Unit], cost: u8) -> Telling {
        let whole = part.len() == units.len();
        let is_first = |unit: &Unit| units.first().is_some_and(|first| first.start == unit.start);
        let parts = |unit: &Unit| unit.gap.turn || unit.gap.strange > 0;
        let begins = part
            .first()
            .is_none_or(|unit| is_first(unit) || unit.gap.is_natural());
        let end = part.last().map_or(0, |unit| unit.end);
        let next = units.iter().find(|unit| unit.start >= end);
        let strange: usize = part
            .iter()
            .enumerate()
            .map(|(at, unit)| {
                let doubted = unit.weak && unit.first().value != 0;
                let gap = &unit.gap;
                let between = usize::from(gap.strange) + usize::from(gap.fillers > 2);
                usize::from(doubted) + if at == 0 { 0 } else { between }
            })
            .sum();
        let single = part.iter().filter(|unit| unit.single || !unit.word).count();
        Telling {
            whole,
            begins,
            ends: next.is_none_or(|next| next.gap.is_natural()),
            plus: part.first().is_some_and(|unit| unit.gap.plus),
            digit_by_digit: single * 2 >= part.len(),
            plain: single * 10 >= part.len() * 9 && strange == 0,
            nearly_plain: single * 10 >= part.len() * 9 && strange == 1,
            grouped: is_grouped(part),
            crosses: part.iter().skip(1).any(|unit| unit.gap.turn),
            strange: strange as u8,
            counted: is_counted(part),
            measured: self.run.measured && next.is_none(),
            apart: part
                .first()
                .is_none_or(|unit| begins && parts(unit) || is_first(unit))
                && next.is_none_or(parts),
            digits_around: if whole {
                0
            } else {
                units.iter().map(|unit| usize::from(unit.first().len)).sum()
            },
            cost,
        }
    }

    fn report(&self, units: &[Unit], extension: &[Unit], found: Verdict, out: &mut Vec<Hit>) {
        let text = self.scene.text;
        let phone = found.entity == Entity::Phone;
        let extension = match (extension.first(), extension.last()) {
            (Some(first), Some(last)) if phone => Some(first.start..last.end),
            _ => None,
        };
        let mut evidence = found.evidence;
        let (Some(first), Some(last)) = (units.first(), units.last()) else {
            return;
        };
        let mut end = last.end;
        if let Some(extension) = &extension {
            evidence = evidence.with(Evidence::EXTENSION);
            end = extension.end;
        }
        // The words of another line are a finding of their own: nothing between them is touched.
        let mut start = first.start;
        let mut cut = |start: usize, end: usize, extension: Option<Range<usize>>| {
            out.push(Hit {
                entity: found.entity,
                range: start..end,
                confidence: Confidence(found.confidence),
                evidence,
                canonical: found.canonical.clone(),
                extension,
            });
        };
        for pair in units.windows(2) {
            let [one, next] = pair else { continue };
            if next.gap.turn && is_another_line(text, one.end..next.start) {
                cut(start, one.end, None);
                start = next.start;
            }
        }
        cut(
            start,
            end,
            extension.filter(|extension| extension.start >= start),
        );
    }
}

/// Whether enough of `units` is spoken: one number word among written numbers and other words tells
/// nothing.
fn is_told(units: &[Unit]) -> bool {
    let spoken = units.iter().filter(|unit| unit.word).count();
    let apart = units.iter().skip(1).any(|unit| unit.gap.strange > 0);
    spoken > 1 && units.len() <= 3 * spoken + 6 || spoken == 1 && !apart && units.len() <= 9
}

/// Whether units are grouped as those of a phone are, where a few numbers in a row are not: one
/// begins each group of three, three and four digits, with a digit or a hundred, and what is said
/// between parts groups. Or all are pairs of which one begins with a zero.
fn is_grouped(units: &[Unit]) -> bool {
    let (mut left, mut begins) = (0, 0);
    let mut sound = true;
    for (at, unit) in units.iter().enumerate().rev() {
        let len = usize::from(unit.first().len);
        left += len;
        let group = matches!(left, 4 | 7 | 10);
        begins += usize::from(group);
        sound &= left != 10 && left != 7 || len != 2;
        let gap = &unit.gap;
        let before = at.checked_sub(1).and_then(|before| units.get(before));
        let digits = unit.single && before.is_some_and(|before| before.single);
        let said = gap.fillers > 0 || gap.pause && !gap.turn;
        sound &= at == 0 || group || digits || !said;
    }
    let zero = |pair: &[Unit]| {
        pair.iter().all(|unit| unit.single && unit.first().len == 1)
            && pair.first().is_some_and(|unit| unit.first().value == 0)
    };
    sound && begins == 3 || left == 10 && units.windows(2).any(zero)
}

/// Whether each unit is one more than the one before, as in counting.
fn is_counted(units: &[Unit]) -> bool {
    let steps = units.windows(2).filter(|pair| {
        let [one, next] = pair else { return false };
        next.first().value == one.first().value + 1
    });
    units.len() >= 5 && steps.count() + 2 >= units.len()
}

/// Whether a digit stands a blank away from the word at `at`.
fn beside_digit(text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(2).and_then(|from| text.get(from..at));
    if let Some([digit, b' ' | b'-']) = before
        && digit.is_ascii_digit()
    {
        return true;
    }
    let word = text.get(at..).unwrap_or_default();
    let len = word
        .iter()
        .take(12)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    matches!(word.get(len..len + 2), Some([b' ' | b'-', digit]) if digit.is_ascii_digit())
}

/// The first byte from `at` on at which no word is cut, at most `most`.
fn word_start(text: &[u8], at: usize, most: usize) -> usize {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80 || *b == b'\'';
    let inside = at > 0 && text.get(at - 1).is_some_and(is_word);
    if !inside {
        return at;
    }
    let rest = text.get(at..most).unwrap_or_default();
    at + rest.iter().take(64).take_while(|b| is_word(b)).count()
}
