//! New names in an archive, no two of which may be alike: who unpacks it would lose a file.
//!
//! Owns which names there are and which copy of a new name each old one gets. Knows neither how a
//! name is stored nor what goes in it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use super::unfit;

/// How many names may become alike but for a number.
const MOST_COPIES: u32 = 999_999;

/// The names of one archive while it is written anew. Names are kept as hashes: there are up to
/// half a million of them, and two that share one only get another number.
#[derive(Default)]
pub(super) struct Renaming {
    /// Names that are taken.
    taken: HashSet<u64>,
    /// Names that were given in the place of others.
    given: HashSet<u64>,
    /// Which copy the old name got, by its last part: links name it without its folder.
    copies: HashMap<u64, u32>,
    /// Which copy each whole old name got.
    whole: HashMap<u64, u32>,
    /// The last number given to a name, so that the next need not try them all.
    last: HashMap<u64, u32>,
}

impl Renaming {
    /// Notes a name that stays.
    ///
    /// # Errors
    /// `Unsupported` where another one became this.
    pub(super) fn stays(&mut self, name: &[u8]) -> io::Result<()> {
        let name = hash(name);
        self.taken.insert(name);
        if self.given.contains(&name) {
            return Err(unfit());
        }
        Ok(())
    }

    /// The new name for `old` that `make` gives and nobody else has, and which copy of it that is;
    /// `None` where it stays.
    ///
    /// # Errors
    /// Those of `make`, and `Unsupported` where every copy is taken.
    pub(super) fn name(
        &mut self,
        old: &[u8],
        mut make: impl FnMut(u32) -> io::Result<Option<Vec<u8>>>,
    ) -> io::Result<Option<(Vec<u8>, u32)>> {
        let known = self.copies.get(&hash(last_part(old))).copied();
        let Some(first) = make(known.unwrap_or(0))? else {
            self.stays(old)?;
            return Ok(None);
        };
        // Two members that were called alike are called alike again.
        if let Some(copy) = self.whole.get(&hash(old)).copied() {
            return Ok(make(copy)?.map(|new| (new, copy)));
        }
        if let Some(copy) = known
            && !self.taken.contains(&hash(&first))
        {
            self.give(old, hash(&first), copy);
            return Ok(Some((first, copy)));
        }
        let alike = hash(&first);
        let mut copy = self.last.get(&alike).map_or(0, |last| last + 1);
        while copy <= MOST_COPIES {
            let new = make(copy)?.ok_or_else(unfit)?;
            let name = hash(&new);
            if !self.taken.contains(&name) {
                self.last.insert(alike, copy);
                self.give(old, name, copy);
                return Ok(Some((new, copy)));
            }
            copy += 1;
        }
        Err(unfit())
    }

    fn give(&mut self, old: &[u8], name: u64, copy: u32) {
        self.taken.insert(name);
        self.given.insert(name);
        self.copies.insert(hash(last_part(old)), copy);
        self.whole.insert(hash(old), copy);
    }

    /// Which copy what is called `old` became.
    pub(super) fn copy_of(&self, old: &[u8]) -> u32 {
        self.copies.get(&hash(last_part(old))).copied().unwrap_or(0)
    }
}

/// A name without the folders before it.
fn last_part(name: &[u8]) -> &[u8] {
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let start = memchr::memrchr(b'/', name).map_or(0, |slash| slash + 1);
    name.get(start..).unwrap_or_default()
}

fn hash(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_become_one() {
        let mut names = Renaming::default();
        names.stays(b"xxxxxxxxx1.wav").unwrap();
        let new = |names: &mut Renaming, old: &str| {
            let masked = |copy| Ok(Some(format!("xxxxxxxxx{copy}.wav").into_bytes()));
            let (name, _) = names.name(old.as_bytes(), masked).unwrap().unwrap();
            String::from_utf8(name).unwrap()
        };
        assert_eq!(new(&mut names, "4165550123.wav"), "xxxxxxxxx0.wav");
        assert_eq!(new(&mut names, "6475550148.wav"), "xxxxxxxxx2.wav");
        // A second member of the first name, and a link to the second.
        assert_eq!(new(&mut names, "4165550123.wav"), "xxxxxxxxx0.wav");
        assert_eq!(names.copy_of(b"rec/6475550148.wav"), 2);
        // One in another folder, whose folder becomes the same.
        assert_eq!(new(&mut names, "a/6475550148.wav"), "xxxxxxxxx3.wav");
        // One that was not known of and is called like a new one.
        assert!(names.stays(b"xxxxxxxxx2.wav").is_err());
        assert!(names.stays(b"other.wav").is_ok());
    }
}
