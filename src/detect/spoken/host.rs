//! The domain of an address that is told: "at example dot com", "at g mail com", "at example.org".
//!
//! Owns where a domain ends, over what is said meanwhile, and what it is in writing. It must not
//! know local parts.

use super::address::{Speller, is_said};
use super::letters::is_letter;
use super::role;
use super::token::Kind;

/// Tokens of a label: spelled ones are long.
const MOST_LABEL: usize = 48;
/// Words in a row of a label: "north wind dot com".
const MOST_LABEL_WORDS: usize = 3;
/// Labels of a domain.
const MOST_LABELS: usize = 5;

/// The part of an address behind its sign.
pub(super) struct Domain {
    pub(super) behind: usize,
    pub(super) written: Vec<u8>,
    /// A dot was left out, or the end is no known one.
    pub(super) unsure: bool,
    pub(super) provider: bool,
    /// Its dots are said, not written.
    pub(super) said: bool,
}

impl Speller<'_> {
    /// The domain that begins with token `at`.
    pub(super) fn domain(&self, at: usize) -> Option<Domain> {
        let mut domain = Domain {
            behind: at,
            written: Vec::new(),
            unsure: false,
            provider: false,
            said: false,
        };
        let mut at = at;
        for label in 0..MOST_LABELS {
            let Some((end, written, provider, whole)) = self.label(at, label > 0) else {
                return self.end_alone(at).filter(|_| label == 0);
            };
            domain.provider |= provider;
            domain.written.extend(written);
            domain.behind = end;
            at = end;
            if whole {
                // "gmail com": the dot was not heard.
                (domain.unsure, domain.said) = (true, true);
                return Some(domain);
            }
            let last = self.token(end - 1)?;
            let is_end = label > 0 && last.entry.is(role::TOP_LEVEL);
            let dotted = self.dot(at);
            let goes_on = dotted.filter(|dot| {
                !is_end
                    || self
                        .token(*dot)
                        .is_some_and(|next| next.entry.is(role::TOP_LEVEL))
            });
            match goes_on {
                Some(next) => {
                    domain.said |= self.token(next - 1).is_some_and(is_said);
                    domain.written.push(b'.');
                    at = next;
                }
                None if label == 0 => return None,
                None => {
                    domain.unsure |= !is_end;
                    return Some(domain);
                }
            }
        }
        None
    }

    /// A domain of which nothing but its end was heard: "dot com".
    fn end_alone(&self, at: usize) -> Option<Domain> {
        let end = self.dot(at)?;
        let token = self.token(end)?;
        token.entry.is(role::SURE_TOP_LEVEL).then(|| Domain {
            behind: end + 1,
            written: self.word(token),
            unsure: true,
            provider: false,
            said: true,
        })
    }

    /// The token behind a spoken dot at `at`, over what is said meanwhile.
    pub(super) fn dot(&self, at: usize) -> Option<usize> {
        let mut at = at;
        let over = role::FILLER | role::SPELLING;
        while self.token(at)?.entry.is(over) && !self.token(at)?.entry.is(role::SIGN) {
            at += 1;
        }
        let token = self.token(at)?;
        let dot =
            token.kind == Kind::Word && token.entry.is(role::SIGN) && token.entry.sign == b'.';
        dot.then_some(at + 1)
    }

    /// A label of a domain from token `at` on: the token behind it, its letters, whether it is a
    /// host of mailboxes, and whether an end without its dot is part of it.
    fn label(&self, at: usize, last: bool) -> Option<(usize, Vec<u8>, bool, bool)> {
        let mut written = Vec::new();
        let mut provider = false;
        let mut here = at;
        let mut words = 0;
        while here < at + MOST_LABEL {
            let Some(token) = self.token(here) else { break };
            let entry = &token.entry;
            if !matches!(token.kind, Kind::Word | Kind::Numeral) {
                break;
            }
            if entry.is(role::SIGN) && matches!(entry.sign, b'.' | b'@' | b'_') {
                break;
            }
            let begun = !written.is_empty();
            if begun && last {
                // The end is one word: what follows it is no part of it, but spelled letters are.
                let letters = is_letter(token) && self.token(here - 1).is_some_and(is_letter);
                if !letters || token.pause {
                    break;
                }
            }
            if begun && (token.pause || token.turn) && !is_letter(token) {
                break;
            }
            if entry.is(role::SPELLING) || entry.roles & !role::LEADS == role::FILLER {
                here += 1;
                continue;
            }
            if begun && !last && entry.is(role::SURE_TOP_LEVEL) && self.dot(here).is_none() {
                written.push(b'.');
                written.extend(self.word(token));
                return Some((here + 1, written, provider, true));
            }
            let end = self.token(here + 1).filter(|end| {
                begun && !last && end.entry.is(role::SURE_TOP_LEVEL) && !end.pause && !end.turn
            });
            if let Some(end) = end
                && !is_letter(token)
                && self.dot(here + 1).is_none()
            {
                // "example that com": the dot was misheard.
                written.push(b'.');
                written.extend(self.word(end));
                return Some((here + 2, written, provider, true));
            }
            provider |= entry.is(role::PROVIDER);
            words += usize::from(!is_letter(token) && self.spells(here, false).is_none());
            if words > MOST_LABEL_WORDS {
                return None;
            }
            here = self.append(here, &mut written);
        }
        // What is skipped at its end is no part of it.
        while here > at
            && self.token(here - 1).is_some_and(|last| {
                last.entry.is(role::SPELLING) || last.entry.roles & !role::LEADS == role::FILLER
            })
        {
            here -= 1;
        }
        (!written.is_empty()).then_some((here, written, provider, false))
    }
}
