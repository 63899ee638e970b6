//! The small regex dialect of numbering plans: digits, `\d`, classes, groups, alternation, `?`,
//! `{n}`, `{n,m}` and `$`. Compiles to a program of a few operations; it knows nothing of regions.

/// All ten digits.
const ANY: u16 = 0x3FF;

/// One operation of a compiled pattern. Positions index [`Program::ops`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// Consumes one digit of the set (bit n stands for digit n).
    Digit(u16),
    /// Continues at both places, the first is preferred.
    Split(usize, usize),
    Jump(usize),
    /// The start and the end of the pattern's last group.
    Open,
    Close,
    /// Passes only when the input ends here.
    End,
    /// The pattern with this tag has matched.
    Match(usize),
}

/// Any number of compiled patterns laid one after the other.
#[derive(Default)]
pub(super) struct Program {
    pub(super) ops: Vec<Op>,
}

enum Tree {
    Empty,
    Digit(u16),
    End,
    Then(Vec<Tree>),
    Either(Vec<Tree>),
    Times(Box<Tree>, usize, usize),
    Group(usize, Box<Tree>),
}

impl Program {
    /// Adds a pattern; `tag` comes back in its [`Op::Match`]. Returns where the pattern starts.
    /// With `open_end` any digits may follow a match, and it stays a match.
    pub(super) fn add(
        &mut self,
        pattern: &str,
        tag: usize,
        open_end: bool,
    ) -> Result<usize, String> {
        let mut parser = Parser {
            pattern,
            rest: pattern.as_bytes(),
            groups: 0,
        };
        let tree = parser.either()?;
        if !parser.rest.is_empty() {
            return Err(parser.error("unbalanced parenthesis"));
        }
        let start = self.ops.len();
        self.emit(&tree, parser.groups);
        if open_end {
            let here = self.ops.len();
            self.ops.push(Op::Split(here + 3, here + 1));
            self.ops.push(Op::Digit(ANY));
            self.ops.push(Op::Jump(here));
        }
        self.ops.push(Op::Match(tag));
        Ok(start)
    }

    fn emit(&mut self, tree: &Tree, last_group: usize) {
        match tree {
            Tree::Empty => {}
            Tree::Digit(set) => self.ops.push(Op::Digit(*set)),
            Tree::End => self.ops.push(Op::End),
            Tree::Then(parts) => parts.iter().for_each(|part| self.emit(part, last_group)),
            Tree::Either(choices) => self.emit_either(choices, last_group),
            Tree::Times(part, least, most) => {
                for _ in 0..*least {
                    self.emit(part, last_group);
                }
                let mut splits = Vec::new();
                for _ in *least..*most {
                    splits.push(self.ops.len());
                    self.ops.push(Op::Split(self.ops.len() + 1, 0));
                    self.emit(part, last_group);
                }
                let end = self.ops.len();
                for at in splits {
                    self.ops[at] = Op::Split(at + 1, end);
                }
            }
            Tree::Group(number, part) if *number == last_group => {
                self.ops.push(Op::Open);
                self.emit(part, last_group);
                self.ops.push(Op::Close);
            }
            Tree::Group(_, part) => self.emit(part, last_group),
        }
    }

    fn emit_either(&mut self, choices: &[Tree], last_group: usize) {
        let mut jumps = Vec::new();
        for (i, choice) in choices.iter().enumerate() {
            if i + 1 == choices.len() {
                self.emit(choice, last_group);
            } else {
                let split = self.ops.len();
                self.ops.push(Op::Split(split + 1, 0));
                self.emit(choice, last_group);
                jumps.push(self.ops.len());
                self.ops.push(Op::Jump(0));
                self.ops[split] = Op::Split(split + 1, self.ops.len());
            }
        }
        let end = self.ops.len();
        for at in jumps {
            self.ops[at] = Op::Jump(end);
        }
    }
}

struct Parser<'a> {
    pattern: &'a str,
    rest: &'a [u8],
    groups: usize,
}

impl Parser<'_> {
    fn error(&self, what: &str) -> String {
        let at = self.pattern.len() - self.rest.len();
        format!("pattern {:?}: {what} at byte {at}", self.pattern)
    }

    fn take(&mut self, token: &[u8]) -> bool {
        let found = self.rest.starts_with(token);
        if found {
            self.rest = &self.rest[token.len()..];
        }
        found
    }

    fn either(&mut self) -> Result<Tree, String> {
        let mut choices = vec![self.then()?];
        while self.take(b"|") {
            choices.push(self.then()?);
        }
        Ok(if choices.len() == 1 {
            choices.remove(0)
        } else {
            Tree::Either(choices)
        })
    }

    fn then(&mut self) -> Result<Tree, String> {
        let mut parts = Vec::new();
        while !matches!(self.rest.first(), None | Some(b'|' | b')')) {
            let part = self.atom()?;
            parts.push(self.repeated(part)?);
        }
        Ok(if parts.is_empty() {
            Tree::Empty
        } else {
            Tree::Then(parts)
        })
    }

    fn atom(&mut self) -> Result<Tree, String> {
        if self.take(b"\\d") {
            return Ok(Tree::Digit(ANY));
        }
        if self.take(b"$") {
            return Ok(Tree::End);
        }
        if self.take(b"[") {
            return self.class();
        }
        let tree = if self.take(b"(?:") {
            self.either()?
        } else if self.take(b"(") {
            self.groups += 1;
            let number = self.groups;
            Tree::Group(number, Box::new(self.either()?))
        } else {
            return Ok(Tree::Digit(1 << self.digit()?));
        };
        if self.take(b")") {
            Ok(tree)
        } else {
            Err(self.error("a group is not closed"))
        }
    }

    fn digit(&mut self) -> Result<u16, String> {
        match self.rest.split_first() {
            Some((&b, rest)) if b.is_ascii_digit() => {
                self.rest = rest;
                Ok(u16::from(b - b'0'))
            }
            _ => Err(self.error("expected a digit")),
        }
    }

    fn class(&mut self) -> Result<Tree, String> {
        let mut set = 0;
        while !self.take(b"]") {
            let low = self.digit()?;
            let high = if self.take(b"-") { self.digit()? } else { low };
            for digit in low..=high {
                set |= 1 << digit;
            }
        }
        Ok(Tree::Digit(set))
    }

    fn repeated(&mut self, part: Tree) -> Result<Tree, String> {
        if self.take(b"?") {
            return Ok(Tree::Times(Box::new(part), 0, 1));
        }
        if !self.take(b"{") {
            return Ok(part);
        }
        let least = self.count()?;
        let most = if self.take(b",") {
            self.count()?
        } else {
            least
        };
        if !self.take(b"}") {
            return Err(self.error("a repetition is not closed"));
        }
        Ok(Tree::Times(Box::new(part), least, most))
    }

    fn count(&mut self) -> Result<usize, String> {
        let mut value = usize::from(self.digit()?);
        while let Ok(digit) = self.digit() {
            value = value * 10 + usize::from(digit);
        }
        Ok(value)
    }
}
