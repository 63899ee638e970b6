//! Known column orders of telephone exports, from `patterns/layouts/`.

use std::borrow::Cow;

use crate::view::Party;

include!(concat!(env!("OUT_DIR"), "/layouts.rs"));

/// A known order or set of columns.
pub(super) struct Layout {
    /// Its name, as `patterns list` shows it.
    pub(super) name: &'static str,
    /// Keys of column names that together tell it by its header.
    header: &'static [&'static str],
    /// The fewest and the most columns, when it can be told without a header.
    counts: Option<(usize, usize)>,
    /// What is known of its columns; in order when it can be told without a header.
    columns: &'static [Known],
}

/// What is known of one column.
pub(super) struct Known {
    pub(super) name: &'static str,
    /// The name as names are compared.
    key: &'static str,
    pub(super) party: Option<Party>,
    /// Whether it holds the record's own time, from which its age is told.
    pub(super) time: bool,
    /// Whether only a number may stand in it.
    pub(super) number: bool,
    /// Whether it may be empty and the layout still be told.
    optional: bool,
    /// Values one of which every record has.
    one_of: &'static [&'static str],
    /// The form every value has, see [`has_form`].
    form: Option<&'static str>,
}

/// The layout of which every telling name stands in the header.
pub(super) fn by_header(names: &[Cow<'_, [u8]>]) -> Option<&'static Layout> {
    let keys: Vec<Vec<u8>> = names.iter().map(|name| key(name)).collect();
    LAYOUTS
        .iter()
        .filter(|layout| !layout.header.is_empty())
        .filter(|layout| {
            layout
                .header
                .iter()
                .all(|known| keys.iter().any(|key| key == known.as_bytes()))
        })
        .max_by_key(|layout| layout.header.len())
}

/// The layout whose tests nine of ten records pass; `records` are decoded cells.
pub(super) fn by_content(records: &[Vec<Cow<'_, [u8]>>]) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| {
        let passing = records.iter().filter(|cells| layout.passes(cells)).count();
        passing > 0 && passing * 10 >= records.len() * 9
    })
}

impl Layout {
    /// What is known of the column called `name`.
    pub(super) fn named(&self, name: &[u8]) -> Option<&'static Known> {
        let key = key(name);
        self.columns
            .iter()
            .find(|column| column.key.as_bytes() == key)
    }

    /// The columns in order, for tables without a header.
    pub(super) fn ordered(&self) -> &'static [Known] {
        self.columns
    }

    fn passes(&self, cells: &[Cow<'_, [u8]>]) -> bool {
        self.counts
            .is_some_and(|(fewest, most)| (fewest..=most).contains(&cells.len()))
            && self
                .columns
                .iter()
                .enumerate()
                .all(|(i, column)| match cells.get(i) {
                    Some(cell) => column.accepts(cell),
                    None => column.one_of.is_empty() && column.form.is_none(),
                })
    }
}

impl Known {
    fn accepts(&self, cell: &[u8]) -> bool {
        if cell.is_empty() && self.optional {
            return true;
        }
        let listed = self.one_of.is_empty() || self.one_of.iter().any(|v| v.as_bytes() == cell);
        listed && self.form.is_none_or(|form| has_form(cell, form.as_bytes()))
    }
}

/// A column name as layouts are compared: lower case, letters and digits only.
fn key(name: &[u8]) -> Vec<u8> {
    name.iter()
        .filter(|b| b.is_ascii_alphanumeric())
        .map(u8::to_ascii_lowercase)
        .collect()
}

/// Whether `cell` has `form`: `9` is a digit, `X` a hexadecimal one, `A` a letter, `U` a capital
/// letter or `_`, each with `+` for one or more; `*` is anything; the rest stands for itself.
fn has_form(cell: &[u8], form: &[u8]) -> bool {
    let Some((&symbol, rest)) = form.split_first() else {
        return cell.is_empty();
    };
    if symbol == b'*' {
        return (0..=cell.len()).any(|n| has_form(&cell[n..], rest));
    }
    let fits = |b: u8| match symbol {
        b'9' => b.is_ascii_digit(),
        b'X' => b.is_ascii_hexdigit(),
        b'A' => b.is_ascii_alphabetic(),
        b'U' => b.is_ascii_uppercase() || b == b'_',
        other => b == other,
    };
    if let Some((b'+', rest)) = rest.split_first() {
        let longest = cell.iter().take_while(|b| fits(**b)).count();
        return (1..=longest).rev().any(|n| has_form(&cell[n..], rest));
    }
    cell.split_first()
        .is_some_and(|(&first, behind)| fits(first) && has_form(behind, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_describe_values() {
        for (cell, form, want) in [
            ("2024-04-25 16:00:00", "9999-99-99 99:99:99", true),
            ("2020/2/10 22:41", "9999*9*9+:99*", true),
            ("863", "9+", true),
            ("", "9+", false),
            (
                "d80e22e0-4c15-11ea-97a0-9dd79410affb",
                "X+-XXXX-XXXX-XXXX-X+",
                true,
            ),
            ("NORMAL_CLEARING", "U+", true),
            ("86x", "9+", false),
        ] {
            assert_eq!(
                has_form(cell.as_bytes(), form.as_bytes()),
                want,
                "{cell} {form}"
            );
        }
    }
}
