//! Text that is shown beside results, such as paths, with everything personal in it named and not
//! shown: a recording is often called by a number.

use crate::detect::{Detectors, Scratch};
use crate::redact::operator::{is_replacement, label};
use crate::view::{Hinting, Hints, Register, View};

/// Names personal values in texts.
pub struct Labeller<'a>(&'a Detectors);

/// Names are written to be told apart, not to be read.
struct Name;

impl Hinting for Name {
    fn hints(&self, _at: usize) -> Hints<'_> {
        Hints {
            register: Register::Identifier,
            label: Some(b"phone"),
            ..Hints::default()
        }
    }
}

impl<'a> Labeller<'a> {
    /// One that names what `detectors` find.
    pub fn new(detectors: &'a Detectors) -> Self {
        Labeller(detectors)
    }

    /// `text` with the label of its entity in the place of each value; runs of digits that stand
    /// side by side, as in names of recordings, are looked at one by one as well.
    pub fn of(&self, text: &str) -> String {
        let whole = self.once(text);
        let mut out = String::with_capacity(whole.len());
        let mut rest = whole.as_str();
        while let Some(start) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
            let (before, run) = rest.split_at(start);
            let len = run
                .find(|c: char| !c.is_ascii_digit() && c != '+')
                .unwrap_or(run.len());
            let (run, behind) = run.split_at(len);
            out.push_str(before);
            out.push_str(&self.once(run));
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    fn once(&self, text: &str) -> String {
        let mut hits = Vec::new();
        let bytes = text.as_bytes();
        let view = View::raw(bytes, 0, &Name);
        self.0.scan(&view, &mut Scratch::default(), &mut hits);
        hits.sort_by_key(|hit| hit.range.start);
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for hit in hits {
            let Some(before) = text.get(done..hit.range.start) else {
                continue;
            };
            let value = bytes.get(hit.range.clone()).unwrap_or_default();
            // A listed word in a name tells of a subject of work, not of a person.
            if hit.entity.is_special() || is_replacement(value) {
                continue;
            }
            out.push_str(before);
            out.push_str(&label(hit.entity));
            done = hit.range.end;
        }
        out.push_str(text.get(done..).unwrap_or_default());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::phone::plan::Region;
    use crate::entity::EntitySet;
    use crate::finding::Confidence;

    #[test]
    fn names_of_recordings_show_no_number() {
        let us = vec![Region::parse("US").unwrap()];
        let detectors = Detectors::new(us, EntitySet::all(), Confidence(20));
        let labeller = Labeller::new(&detectors);
        for (text, shown) in [
            ("exports/cdr.csv", "exports/cdr.csv"),
            ("rec/+14165550123.wav", "rec/[PHONE].wav"),
            ("rec/14165550123-6475550148.wav", "rec/[PHONE]-[PHONE].wav"),
            ("mail/jane@example.com/inbox", "mail/[EMAIL]/inbox"),
            ("2024/2024-05-01.log", "2024/2024-05-01.log"),
        ] {
            assert_eq!(labeller.of(text), shown);
        }
    }
}
