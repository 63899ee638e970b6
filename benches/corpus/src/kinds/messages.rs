//! A message store as JSON Lines, written by an encoder that escapes all that is not ASCII, and
//! now and then a plus, an at sign or a dash as well: offsets here are those of the escaped bytes.

use std::io;

use super::Stage;
use crate::sink::Sink;
use crate::values;
use crate::words;

/// What surrounds text in messages: typographic quotes, accents, an emoji as a surrogate pair.
const TRIMMINGS: &[&str] = &[
    " \\ud83d\\ude42",
    " \\u2014 ok?",
    " caf\\u00e9",
    " \\u201cyes\\u201d",
    " \\/ mx",
    "\\n",
    " thx",
    "!",
];

pub fn record(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let chance = &mut stage.chance;
    stage.serial += 1;
    stage.clock.0 += u64::from(chance.below(40));
    sink.put(format_args!(
        "{{\"sid\":\"SM{:08x}{:08x}{:08x}{:08x}\",\"seq\":{},\"at\":{}{:03},\"from\":\"",
        chance.word(),
        chance.word(),
        chance.word(),
        chance.word(),
        stage.serial,
        stage.clock.0,
        chance.below(1000)
    ));
    let sender = values::e164(chance);
    sink.plant(
        "phone",
        &if chance.once_in(8) {
            sender.replace('+', "\\u002b")
        } else {
            sender
        },
    )?;
    sink.text("\",\"text\":\"");
    let count = 3 + chance.below(16);
    stage.words.clause(chance, sink, count);
    if chance.once_in(3) {
        sink.text(chance.of(TRIMMINGS));
    }
    if chance.once_in(4) {
        planted(stage, sink)?;
    }
    sink.text("\"}\n");
    Ok(())
}

fn planted(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let chance = &mut stage.chance;
    match chance.below(20) {
        0..=8 => {
            sink.text(". Ring me on ");
            let value = values::written_phone(chance);
            // U+2011, the dash that does not break, is what phones autocorrect to.
            sink.plant(
                "phone",
                &if chance.once_in(6) {
                    value.replace('-', "\\u2011")
                } else {
                    value
                },
            )?;
        }
        9..=13 => {
            sink.text(". Write to ");
            let value = values::email(chance);
            sink.plant(
                "email",
                &if chance.once_in(6) {
                    value.replace('@', "\\u0040")
                } else {
                    value
                },
            )?;
        }
        14..=15 => {
            sink.text(". The card is ");
            let value = values::card(chance);
            sink.plant("payment_card", &value)?;
        }
        16 => {
            sink.text(". The box answers at ");
            let value = values::ipv4(chance);
            sink.plant("ip_address", &value)?;
        }
        17 => {
            // Numbers that are nobody's: an order, a date, an amount.
            sink.put(format_args!(
                ". Order {:05}-{:03} of 2024-0{}-1{} for {}.{:02}",
                chance.below(100_000),
                chance.below(1000),
                chance.between(1, 9),
                chance.below(10),
                chance.below(5000),
                chance.below(100)
            ));
        }
        _ => {
            let (entity, term) = words::term(chance);
            sink.text(". It is about ");
            sink.plant(entity, term)?;
        }
    }
    sink.text(".");
    Ok(())
}
