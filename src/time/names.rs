//! Names of columns, keys and headers that stand for a record's own time, from
//! `patterns/times.toml`.

use super::Count;

include!(concat!(env!("OUT_DIR"), "/times.rs"));

/// The longest name that is looked up, in letters and digits.
const LONGEST: usize = 32;

/// One name.
struct Known {
    /// Lower case, letters and digits only.
    name: &'static str,
    rank: usize,
    count: Count,
    utc: bool,
    table: Option<&'static str>,
    beside: Option<&'static str>,
}

/// What a name says of the time beneath it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Of two names of one record the lower rank wins.
    pub rank: usize,
    /// What a bare number counts.
    pub count: Count,
    /// Whether a time without a zone is UTC.
    pub utc: bool,
}

/// What `name` says, when it stands for a record's own time.
pub fn named(name: &[u8]) -> Option<Named> {
    all(name)
        .find(|known| known.table.is_none())
        .map(Known::named)
}

/// What the column `name` of `table` says; `has` tells whether the table has a column of a name,
/// given in lower case, letters and digits only.
fn named_in(table: &[u8], name: &[u8], has: impl Fn(&str) -> bool) -> Option<Named> {
    let mut folded = [0; LONGEST];
    let table = fold(table, &mut folded).unwrap_or_default();
    all(name)
        .find(|known| {
            known.table.is_none_or(|one| one.as_bytes() == table) && known.beside.is_none_or(&has)
        })
        .map(Known::named)
}

/// Which of the columns `names` of `table` holds a row's own time, by its number.
pub fn time_column<'n>(
    table: &[u8],
    names: impl Iterator<Item = &'n [u8]> + Clone,
) -> Option<(usize, Named)> {
    let has = |wanted: &str| {
        names.clone().any(|name| {
            let mut folded = [0; LONGEST];
            fold(name, &mut folded) == Some(wanted.as_bytes())
        })
    };
    let named = names.clone().enumerate();
    let named = named.filter_map(|(number, name)| Some((number, named_in(table, name, has)?)));
    named.min_by_key(|(number, named)| (named.rank, *number))
}

impl Known {
    const fn named(&self) -> Named {
        Named {
            rank: self.rank,
            count: self.count,
            utc: self.utc,
        }
    }
}

/// Everything known of a name, in the order of ranks.
fn all(name: &[u8]) -> impl Iterator<Item = &'static Known> {
    let mut folded = [0; LONGEST];
    let name = fold(name, &mut folded).unwrap_or_default();
    let from = TIMES.partition_point(|known| known.name.as_bytes() < name);
    let to = TIMES.partition_point(|known| known.name.as_bytes() <= name);
    TIMES.get(from..to).unwrap_or_default().iter()
}

/// Letters and digits in lower case; `None` for what is longer than any name.
pub(crate) fn fold<'f>(name: &[u8], into: &'f mut [u8; LONGEST]) -> Option<&'f [u8]> {
    let mut len = 0;
    for byte in name.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        *into.get_mut(len)? = byte.to_ascii_lowercase();
        len += 1;
    }
    into.get(..len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Data {
        example: Vec<Name>,
        counter_example: Vec<Name>,
    }

    #[derive(serde::Deserialize)]
    struct Name {
        name: String,
    }

    #[test]
    fn every_example_of_the_list_holds() {
        let data: Data = toml::from_str(include_str!("../../patterns/times.toml")).unwrap();
        for one in data.example {
            assert!(named(one.name.as_bytes()).is_some(), "{}", one.name);
        }
        for one in data.counter_example {
            assert!(named(one.name.as_bytes()).is_none(), "{}", one.name);
        }
    }

    #[test]
    fn a_table_says_what_its_numbers_count() {
        let has = |name: &str| name == "handleid";
        let count = |table: &str, has: &dyn Fn(&str) -> bool| {
            named_in(table.as_bytes(), b"date", has).map(|named| named.count)
        };
        assert_eq!(count("message", &has), Some(Count::Apple));
        assert_eq!(count("message", &|_| false), Some(Count::Told));
        assert_eq!(count("sms", &|_| false), Some(Count::Millis));
        let joined = named_in(b"chat_message_join", b"message_date", |name| {
            name == "messageid"
        });
        assert_eq!(joined.map(|named| named.count), Some(Count::Apple));
    }
}
