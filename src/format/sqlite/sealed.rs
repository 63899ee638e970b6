//! Databases that are encrypted: they have no signature and nothing but chance in them.
//!
//! Owns how one is told from other binary files, so that it is named. Nobody reads it.

/// The name reports show for one.
const NAME: &str = "encrypted-database";
/// What messengers call their encrypted stores: `msgstore.db.crypt14`.
const SEALED: &str = "crypt";
/// What databases are called; SQLCipher and its like keep the name.
const NAMES: [&str; 5] = ["db", "db3", "sqlite", "sqlite3", "sqlitedb"];
/// Bytes that are looked at, and how many of the 256 values have to occur among them. Of bytes of
/// chance all but one in ten times; of pages of a database, or of text, never more than some 200.
const LOOKED_AT: usize = 2048;
const VALUES: usize = 250;

/// What the file called `name`, which starts with `head` and has no signature, is named as when it
/// is encrypted.
pub(crate) fn sealed(name: &str, head: &[u8]) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let by_name = extension
        .strip_prefix(SEALED)
        .is_some_and(|number| number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit()));
    let is_database = NAMES.contains(&extension.as_str());
    (by_name && !super::super::is_text(head) || is_database && is_chance(head)).then_some(NAME)
}

fn is_chance(head: &[u8]) -> bool {
    let Some(bytes) = head.get(..LOOKED_AT) else {
        return false;
    };
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|seen| **seen).count() >= VALUES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encrypted_stores_are_told_by_name_and_by_chance() {
        let mut state = 1u32;
        let chance: Vec<u8> = std::iter::repeat_with(|| {
            // Numerical Recipes, section 7.1: good enough for bytes that look like any.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(4096)
        .collect();
        for (name, head, told) in [
            ("signal.db", &chance[..], true),
            ("db.SQLite", &chance, true),
            ("msgstore.db.crypt15", &chance, true),
            ("msgstore.db.crypt14", b"\x01\x02\x08\0\x12", true),
            ("notes.crypt14", b"plain words", false),
            ("picture.bin", &chance, false),
            ("short.db", &chance[..100], false),
            ("empty.db", b"", false),
            ("pages.db", &[0; 4096], false),
        ] {
            assert_eq!(sealed(name, head).is_some(), told, "{name}");
        }
    }
}
