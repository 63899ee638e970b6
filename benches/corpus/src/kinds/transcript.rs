//! A WebVTT transcript: numbered cues, voices, and numbers as recognisers write them.

use std::io;

use super::Stage;
use crate::sink::Sink;
use crate::values;
use crate::words;

const DIGITS: [&str; 10] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

fn cue_time(sink: &mut Sink<'_>, ms: u64) {
    let (hours, minutes) = (ms / 3_600_000 % 100, ms / 60_000 % 60);
    sink.put(format_args!(
        "{hours:02}:{minutes:02}:{:02}.{:03}",
        ms / 1000 % 60,
        ms % 1000
    ));
}

pub fn record(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let chance = &mut stage.chance;
    stage.serial += 1;
    // The clock counts milliseconds of the recording here.
    let begin = stage.clock.0 - crate::clock::Clock::START.0;
    let length = u64::from(chance.between(700, 6500));
    stage.clock.0 += length;
    sink.put(format_args!("{}\n", stage.serial));
    cue_time(sink, begin);
    sink.text(" --> ");
    cue_time(sink, begin + length);
    sink.put(format_args!("\n<v {}>", chance.of(&["Agent", "Customer"])));
    let count = 5 + chance.below(20);
    stage.words.clause(chance, sink, count);
    if chance.once_in(60) {
        match chance.below(10) {
            0..=3 => {
                sink.text(", my number is ");
                let value = values::written_phone(chance);
                sink.plant("phone", &value)?;
            }
            4 => {
                sink.text(", my number is ");
                let digits = values::ten_digits(chance);
                let spaced: Vec<String> = digits.chars().map(String::from).collect();
                sink.plant("phone", &spaced.join(" "))?;
            }
            5..=6 => {
                sink.text(", it is ");
                let digits = values::ten_digits(chance);
                let spoken: Vec<&str> = digits
                    .bytes()
                    .map(|digit| DIGITS[usize::from(digit - b'0')])
                    .collect();
                sink.plant("spoken_phone", &spoken.join(" "))?;
            }
            7 => {
                sink.text(", send it to ");
                let value = values::email(chance);
                sink.plant("email", &value)?;
            }
            _ => {
                let (entity, term) = words::term(chance);
                sink.text(", this is about ");
                sink.plant(entity, term)?;
            }
        }
    }
    sink.text(".\n\n");
    Ok(())
}
