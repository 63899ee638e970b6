//! Walks SQL dumps statement by statement: which rows they insert, into which columns.
//!
//! Owns quotes, escapes, comments and `COPY` blocks. Sources: the `MySQL` and `PostgreSQL` manuals,
//! `mysqldump` and `pg_dump` output. Whatever the text is, every byte is passed once.

use std::ops::Range;

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Without its quotes.
    pub(super) text: Range<usize>,
    pub(super) quoted: bool,
}

/// One row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// With its parentheses, or its line end.
    pub(super) text: Range<usize>,
    /// Its cells, by their numbers.
    pub(super) cells: Range<usize>,
    /// What it is inserted by, a number of [`Dump::inserts`].
    pub(super) insert: usize,
}

/// A statement that inserts rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Insert {
    /// Where it starts; `None` where that is before the text.
    pub(super) start: Option<usize>,
    /// The name of its table.
    pub(super) table: Vec<u8>,
    /// The names of its columns, where it says them.
    pub(super) columns: Vec<Vec<u8>>,
    /// Rows that are lines.
    pub(super) copy: bool,
}

/// A column of a table as it was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: Vec<u8>,
    /// Whether it takes nothing but numbers.
    pub(super) number: bool,
}

/// What a text holds.
#[derive(Default)]
pub(super) struct Dump {
    pub(super) rows: Vec<Row>,
    pub(super) cells: Vec<Cell>,
    pub(super) inserts: Vec<Insert>,
    pub(super) tables: Vec<(Vec<u8>, Vec<Column>)>,
    /// Behind the last statement, or row that is a line, that is whole.
    pub(super) whole: usize,
    /// Behind the last row that is whole.
    pub(super) row: usize,
}

/// Types of columns that take numbers only, as they begin.
const NUMBERS: &[&[u8]] = &[
    b"int",
    b"bigint",
    b"smallint",
    b"tinyint",
    b"mediumint",
    b"serial",
    b"bigserial",
    b"numeric",
    b"decimal",
    b"float",
    b"double",
    b"real",
    b"bit",
];

/// Reads `text[from..]`; a backslash escapes in every string where `slashes` is true.
pub(super) fn read(text: &[u8], from: usize, slashes: bool) -> Dump {
    let mut walk = Walk {
        text,
        at: from,
        slashes,
        dump: Dump {
            whole: from,
            row: from,
            ..Dump::default()
        },
    };
    // A text may begin within a statement, whose rows go on.
    if walk.rest().trim_ascii_start().starts_with(b"(") {
        walk.dump.inserts.push(Insert::default());
        walk.tuples();
    } else if walk.is_copied() {
        walk.dump.inserts.push(Insert {
            copy: true,
            ..Insert::default()
        });
        walk.lines();
    }
    while walk.statement().is_some() {}
    walk.dump
}

struct Walk<'t> {
    text: &'t [u8],
    at: usize,
    slashes: bool,
    dump: Dump,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let len = rest.len() - rest.trim_ascii_start().len();
            self.at += len;
            let rest = self.rest();
            if rest.starts_with(b"--") || rest.starts_with(b"#") {
                self.at += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            } else if rest.starts_with(b"/*") {
                let end = memchr::memmem::find(rest, b"*/");
                self.at += end.map_or(rest.len(), |end| end + 2);
            } else if len == 0 {
                return;
            }
        }
    }

    /// The word here, in capitals.
    fn word(&mut self) -> Vec<u8> {
        self.blanks();
        let rest = self.rest();
        let len = rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let word = rest.get(..len).unwrap_or_default().to_ascii_uppercase();
        self.at += len;
        word
    }

    /// A name, quoted or not, of which the last part counts.
    fn name(&mut self) -> Vec<u8> {
        loop {
            self.blanks();
            let name = match self.peek() {
                Some(quote @ (b'`' | b'"')) => {
                    let inner = self.text.get(self.at + 1..).unwrap_or_default();
                    let len = memchr::memchr(quote, inner).unwrap_or(inner.len());
                    let name = inner.get(..len).unwrap_or_default().to_vec();
                    self.at = (self.at + len + 2).min(self.text.len());
                    name
                }
                _ => {
                    let rest = self.rest();
                    let named = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$');
                    let len = rest.iter().take_while(named).count();
                    let name = rest.get(..len).unwrap_or_default().to_vec();
                    self.at += len;
                    name
                }
            };
            if self.peek() != Some(b'.') {
                return name;
            }
            self.at += 1;
        }
    }

    /// The names between parentheses here.
    fn names(&mut self) -> Vec<Vec<u8>> {
        let mut names = Vec::new();
        self.blanks();
        if self.peek() != Some(b'(') {
            return names;
        }
        self.at += 1;
        loop {
            let before = self.at;
            names.push(self.name());
            self.blanks();
            let next = self.peek();
            self.at = (self.at + 1).min(self.text.len());
            if next != Some(b',') || self.at == before {
                return names;
            }
        }
    }

    fn statement(&mut self) -> Option<()> {
        self.blanks();
        let start = self.at;
        self.peek()?;
        match self.word().as_slice() {
            b"INSERT" | b"REPLACE" => self.insert(start),
            b"COPY" => self.copy(start),
            b"CREATE" => self.create(),
            _ => self.skip(),
        }
        Some(())
    }

    fn insert(&mut self, start: usize) {
        let mut insert = Insert {
            start: Some(start),
            ..Insert::default()
        };
        loop {
            let before = self.at;
            let word = self.word();
            match word.as_slice() {
                b"INTO" => insert.table = self.name(),
                b"VALUES" => break,
                b"" => {
                    if self.peek() != Some(b'(') || !insert.columns.is_empty() {
                        return self.skip();
                    }
                    insert.columns = self.names();
                }
                _ => {}
            }
            if self.at == before {
                return self.skip();
            }
        }
        self.dump.inserts.push(insert);
        self.tuples();
    }

    /// Rows behind each other, to the end of their statement.
    fn tuples(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'(') => {
                    let start = self.at;
                    let first = self.dump.cells.len();
                    self.at += 1;
                    if self.cells().is_none() {
                        return;
                    }
                    let insert = self.dump.inserts.len() - 1;
                    self.dump.rows.push(Row {
                        text: start..self.at,
                        cells: first..self.dump.cells.len(),
                        insert,
                    });
                }
                Some(b',') => {
                    self.at += 1;
                    self.dump.row = self.at;
                }
                _ => return self.skip(),
            }
        }
    }

    /// The cells of a row to behind its parenthesis; `None` where the text ends before.
    fn cells(&mut self) -> Option<()> {
        loop {
            self.blanks();
            let start = self.at;
            let mut quoted = None;
            let mut depth = 0usize;
            let end = loop {
                match self.peek()? {
                    b'\'' => {
                        let escapes = self.slashes
                            || matches!(self.text.get(self.at.wrapping_sub(1)), Some(b'E' | b'e'));
                        let inner = self.string(escapes)?;
                        // A prefix may stand before the quote, nothing behind it.
                        quoted = (inner.start <= start + 8).then_some(inner);
                    }
                    b'(' => {
                        depth += 1;
                        self.at += 1;
                    }
                    b')' if depth > 0 => {
                        depth -= 1;
                        self.at += 1;
                    }
                    b',' | b')' if depth == 0 => break self.at,
                    _ => self.at += 1,
                }
            };
            let bare = self.text.get(start..end).unwrap_or_default();
            self.dump.cells.push(match quoted {
                Some(text) => Cell { text, quoted: true },
                None => Cell {
                    text: start..start + bare.trim_ascii_end().len(),
                    quoted: false,
                },
            });
            let closes = self.peek() == Some(b')');
            self.at += 1;
            if closes {
                return Some(());
            }
        }
    }

    /// The text of the string whose quote is here.
    fn string(&mut self, escapes: bool) -> Option<Range<usize>> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            let rest = self.text.get(at..)?;
            let found = if escapes {
                memchr::memchr2(b'\'', b'\\', rest)?
            } else {
                memchr::memchr(b'\'', rest)?
            };
            at += found;
            let two = self.text.get(at) == Some(&b'\\') || self.text.get(at + 1) == Some(&b'\'');
            if !two {
                self.at = at + 1;
                return Some(start..at);
            }
            at += 2;
        }
    }

    /// To behind the end of the statement.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let Some(found) = rest.iter().position(|byte| b";'\"`-/#$".contains(byte)) else {
                self.at = self.text.len();
                return;
            };
            self.at += found;
            if self.peek() == Some(b';') {
                self.at += 1;
                self.dump.whole = self.line_end();
                return;
            }
            if self.aside().is_none() {
                self.at = self.text.len();
                return;
            }
        }
    }

    /// Passes what is no part of the statement's own text: a string, a quoted name, a comment, a
    /// body between dollars; or else one byte. `None` where the text ends within.
    fn aside(&mut self) -> Option<()> {
        let rest = self.rest();
        let len = match rest {
            [b'\'', ..] => return self.string(self.slashes).map(|_| ()),
            [quote @ (b'"' | b'`'), inner @ ..] => memchr::memchr(*quote, inner)? + 2,
            [b'-', b'-', ..] => memchr::memchr(b'\n', rest)? + 1,
            [b'#', ..] if self.slashes => memchr::memchr(b'\n', rest)? + 1,
            [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/")? + 2,
            [b'$', inner @ ..] => {
                let named = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_';
                let tag = inner.iter().take_while(named).count() + 2;
                match rest.get(..tag) {
                    Some(mark) if mark.ends_with(b"$") => {
                        tag * 2 + memchr::memmem::find(rest.get(tag..)?, mark)?
                    }
                    _ => 1,
                }
            }
            _ => 1,
        };
        self.at = (self.at + len).min(self.text.len());
        Some(())
    }

    /// Behind the line end here, if one is.
    fn line_end(&self) -> usize {
        match self.rest() {
            [b'\n', ..] => self.at + 1,
            [b'\r', b'\n', ..] => self.at + 2,
            _ => self.at,
        }
    }

    fn copy(&mut self, start: usize) {
        let mut insert = Insert {
            start: Some(start),
            table: self.name(),
            columns: self.names(),
            copy: true,
        };
        let rest = self.rest();
        let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let head = rest.get(..line).unwrap_or_default().to_ascii_lowercase();
        if memchr::memmem::find(&head, b"from stdin").is_none() {
            return self.skip();
        }
        insert.columns.retain(|name| !name.is_empty());
        self.at += line;
        self.dump.whole = self.at;
        self.dump.inserts.push(insert);
        self.lines();
    }

    /// Rows that are lines, to the line that ends them.
    fn lines(&mut self) {
        loop {
            let text = self.text;
            let rest = text.get(self.at..).unwrap_or_default();
            let Some(len) = memchr::memchr(b'\n', rest) else {
                self.at = self.text.len();
                return;
            };
            let line = rest.get(..len).unwrap_or_default();
            let (start, end) = (self.at, self.at + len + 1);
            if line.trim_ascii_end() == b"\\." {
                self.at = end;
                self.dump.whole = end;
                return;
            }
            let first = self.dump.cells.len();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let mut at = start;
            for cell in line.split(|&byte| byte == b'\t') {
                self.dump.cells.push(Cell {
                    text: at..at + cell.len(),
                    quoted: false,
                });
                at += cell.len() + 1;
            }
            self.dump.rows.push(Row {
                text: start..end,
                cells: first..self.dump.cells.len(),
                insert: self.dump.inserts.len().saturating_sub(1),
            });
            self.at = end;
            self.dump.whole = end;
        }
    }

    /// Whether the text begins within a `COPY` block: with a line of cells, before any statement.
    fn is_copied(&self) -> bool {
        let rest = self.rest();
        let line = rest.split(|&byte| byte == b'\n').next().unwrap_or_default();
        line.trim_ascii_end() == b"\\."
            || memchr::memchr(b'\t', line).is_some_and(|tab| {
                let first = line.get(..tab).unwrap_or_default();
                !first.is_empty()
                    && !first.ends_with(b"(")
                    && !first.starts_with(b"--")
                    && !begins_statement(first)
            })
    }

    fn create(&mut self) {
        if self.word() != b"TABLE" {
            return self.skip();
        }
        let before = self.at;
        if self.word() == b"IF" {
            self.word();
            self.word();
        } else {
            self.at = before;
        }
        let table = self.name();
        self.blanks();
        if self.peek() != Some(b'(') {
            return self.skip();
        }
        self.at += 1;
        let mut columns = Vec::new();
        loop {
            self.blanks();
            let quoted = matches!(self.peek(), Some(b'`' | b'"'));
            let name = self.name();
            let kind = self.word().to_ascii_lowercase();
            let is_key = !quoted
                && [
                    &b"PRIMARY"[..],
                    b"KEY",
                    b"UNIQUE",
                    b"CONSTRAINT",
                    b"FOREIGN",
                    b"INDEX",
                ]
                .contains(&name.to_ascii_uppercase().as_slice());
            if !is_key && !name.is_empty() {
                let number = NUMBERS.contains(&kind.as_slice()) || kind == b"integer";
                columns.push(Column { name, number });
            }
            if self.definition() != Some(b',') {
                break;
            }
        }
        self.dump.tables.push((table, columns));
        self.skip();
    }

    /// To behind the comma or parenthesis that ends a definition, which is given.
    fn definition(&mut self) -> Option<u8> {
        let mut depth = 0usize;
        loop {
            match self.peek()? {
                b'\'' | b'"' | b'`' | b'-' | b'/' | b'#' => self.aside()?,
                byte => {
                    self.at += 1;
                    match byte {
                        b'(' => depth += 1,
                        b')' if depth > 0 => depth -= 1,
                        b',' | b')' if depth == 0 => return Some(byte),
                        b';' => return None,
                        _ => {}
                    }
                }
            }
        }
    }
}

/// Whether a line begins with the word of a statement.
fn begins_statement(line: &[u8]) -> bool {
    const WORDS: [&str; 14] = [
        "ALTER", "BEGIN", "COMMIT", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "LOCK", "PRAGMA",
        "REPLACE", "SET", "UPDATE", "USE",
    ];
    let len = line
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let word = line.get(..len).unwrap_or_default();
    WORDS
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}
