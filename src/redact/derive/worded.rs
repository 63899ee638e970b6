//! What is to go in words that stand in no content: names, comments, owners.
//!
//! Owns how a value in a name is replaced. Knows neither where the words are stored nor whose they
//! are.

use super::{Derived, Job, Memory, Way, derive};
use crate::format::names::{Says, Words};
use crate::redact::edit::Splice;
use crate::source::Window;

/// What masks a byte of a name: shells and other systems take it for nothing else.
const MASK: u8 = b'x';
/// Digits of a mask that may tell two names apart: no number is as short.
const MOST_DIGITS: usize = 6;

/// What `words` come to by `job`. There is no record around them that could go.
///
/// A copy made for one person says nothing in them: nobody is told from the name of a file which
/// part of it is whose.
pub(crate) fn derive_words(words: &Words, job: &Job<'_>) -> Derived {
    if job.way == Way::Others {
        return nothing_of(words);
    }
    let job = Job {
        tell: false,
        count_only: false,
        keep_old: false,
        way: Way::Values,
        aged: None,
        ..*job
    };
    let window = Window::whole(words.text.clone(), 0);
    let mut derived = derive(&window, &*words.reader(), &job, &mut Memory::default());
    if words.says != Says::Comment {
        for splice in &mut derived.splices {
            for byte in splice.new.iter_mut().filter(|byte| **byte == b'*') {
                *byte = MASK;
            }
        }
    }
    derived
}

/// Masks all of `words`, once.
fn nothing_of(words: &Words) -> Derived {
    let len = words.text.len();
    let mut derived = Derived::default();
    if words.text.iter().any(|&byte| byte != MASK) {
        derived.splices.push(Splice {
            range: 0..len as u64,
            old: None,
            new: vec![MASK; len].into(),
        });
    }
    derived
}

/// The text of `words` after `splices`, as the `copy`th of those that become alike; `None` where
/// that cannot be told, or would be a name in another folder.
pub(crate) fn reworded(words: &Words, splices: Vec<Splice>, copy: u32) -> Option<Vec<u8>> {
    let mut new = Vec::with_capacity(words.text.len());
    let mut done = 0;
    let last = splices.len().checked_sub(1)?;
    for (number, mut splice) in splices.into_iter().enumerate() {
        if copy > 0 && number == last {
            let digits = copy.to_string();
            let len = splice.new.len();
            let fits = len > digits.len() && digits.len() <= MOST_DIGITS;
            let tail = splice.new.get_mut(len.checked_sub(digits.len())?..);
            let tail = tail.filter(|tail| fits && tail.is_ascii())?;
            tail.copy_from_slice(digits.as_bytes());
        }
        let (start, end) = (splice.range.start as usize, splice.range.end as usize);
        new.extend_from_slice(words.text.get(done..start)?);
        new.extend_from_slice(&splice.new);
        done = end;
    }
    new.extend_from_slice(words.text.get(done..)?);
    let marks = |text: &[u8]| memchr::memchr2_iter(b'/', 0, text).count();
    let same = words.says == Says::Comment || marks(&new) == marks(&words.text);
    same.then_some(new)
}
