//! The sieve against plain definitions of its candidates, on texts longer than a strip.

use proptest::prelude::*;

use super::*;
use crate::raw::run_hot;

#[derive(Default, Debug, PartialEq)]
struct Found {
    /// Start of each number and, by distance, its digits and what is reached.
    numbers: Vec<(usize, u64, u64)>,
    at_signs: Vec<usize>,
    colons: Vec<usize>,
    words: Vec<(usize, u64)>,
}

impl Candidates for Found {
    fn number(&mut self, start: usize, digits: u64, reach: u64) {
        // Behind the stretch both may hold anything.
        let stretch = if reach == !0 {
            !0
        } else {
            (1 << reach.trailing_ones()) - 1
        };
        self.numbers
            .push((start, digits & stretch, reach & stretch));
    }

    fn at_sign(&mut self, at: usize) {
        self.at_signs.push(at);
    }

    fn colons(&mut self, at: usize) {
        self.colons.push(at);
    }

    fn word(&mut self, at: usize, letters: u64) {
        self.words.push((at, letters));
    }
}

fn is_joiner(byte: u8) -> bool {
    b" ()+-./".contains(&byte)
}

/// What the sieve finds by definition, one byte after the other.
fn plainly(text: &[u8]) -> Found {
    let mut found = Found::default();
    let byte = |at: usize| text.get(at).copied().unwrap_or(0);
    let joiners_from = |at: usize| (0..4).take_while(|i| is_joiner(byte(at + i))).count();
    let mut free_from = 0;
    for at in 0..text.len() {
        match text[at] {
            b'@' => found.at_signs.push(at),
            b':' => {
                let chain = |from: Vec<usize>| -> Vec<usize> {
                    let backs = from.iter().flat_map(|at| (2..=5).map(move |by| (at, by)));
                    let near = backs.filter_map(|(at, by)| at.checked_sub(by));
                    near.filter(|at| text[*at] == b':').collect()
                };
                let four = chain(chain(chain(vec![at])));
                if at > 0 && text[at - 1] == b':' || !four.is_empty() {
                    found.colons.push(at);
                }
            }
            _ => {}
        }
        let letter = text[at].is_ascii_alphabetic();
        if letter && (at == 0 || !text[at - 1].is_ascii_alphabetic()) {
            let run = text[at..].iter().take_while(|b| b.is_ascii_alphabetic());
            if run.clone().count() >= SHORTEST_WORD {
                let first = run.take(8).enumerate();
                let word = first.fold(0, |word, (i, letter)| {
                    word | u64::from(letter.to_ascii_uppercase()) << (8 * i)
                });
                found.words.push((at, word));
            }
        }
        if text[at].is_ascii_digit() && at >= free_from {
            let (mut digits, mut reach, mut from) = (0u64, 0u64, at);
            let mark = |set: &mut u64, place: usize| {
                if place < at + 64 {
                    *set |= 1 << (place - at);
                }
            };
            loop {
                while byte(from).is_ascii_digit() {
                    mark(&mut digits, from);
                    mark(&mut reach, from);
                    from += 1;
                }
                let gap = joiners_from(from);
                (from..from + gap.min(3)).for_each(|place| mark(&mut reach, place));
                if gap == 4 || !byte(from + gap).is_ascii_digit() {
                    break;
                }
                from += gap;
            }
            free_from = from;
            if reach.trailing_ones() as usize >= SHORTEST_NUMBER {
                found.numbers.push((at, digits, reach));
            }
        }
    }
    found
}

fn sifted(text: &[u8]) -> Found {
    let mut found = Found::default();
    let mut strip = Strip::default();
    run_hot(&mut Sieve {
        text,
        strip: &mut strip,
        out: &mut found,
    });
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_candidate_comes_out_whatever_the_borders(
        dense in prop::collection::vec(prop::sample::select(&b"0123 -.(/:@aZx,\n\xc3"[..]), 0..5000),
        sparse in prop::collection::vec(prop::sample::select(&b"000 -,aaaaaa:\n"[..]), 0..5000),
    ) {
        prop_assert_eq!(sifted(&dense), plainly(&dense));
        prop_assert_eq!(sifted(&sparse), plainly(&sparse));
    }

    #[test]
    fn runs_over_a_border_are_whole(before in 3900..4200usize, len in 1..200usize) {
        for unit in [&b"7"[..], b"1-", b"1   ", b"word ", b"letters", b"a:", b"::", b"1    "] {
            let mut text = vec![b','; before];
            text.extend(unit.iter().cycle().take(len));
            text.push(b',');
            prop_assert_eq!(sifted(&text), plainly(&text));
        }
    }
}

#[test]
fn memory_of_one_text_does_not_show_in_the_next() {
    let mut strip = Strip::default();
    let long = b"1234567890 call anna@example.com :: ".repeat(300);
    for text in [&long[..], b"12", b"", b"ab 1:2"] {
        let mut found = Found::default();
        run_hot(&mut Sieve {
            text,
            strip: &mut strip,
            out: &mut found,
        });
        assert_eq!(found, plainly(text));
    }
}
