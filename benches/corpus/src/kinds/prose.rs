//! Plain paragraphs with years, amounts and references, and very little to find.

use std::io;

use super::Stage;
use crate::sink::Sink;
use crate::values;

pub fn record(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    stage.serial += 1;
    let sentences = stage.chance.between(3, 8);
    for place in 0..sentences {
        let chance = &mut stage.chance;
        if place > 0 {
            sink.text(" ");
        }
        let count = chance.between(4, 24);
        stage.words.clause(chance, sink, count);
        if chance.once_in(30) {
            sink.put(format_args!(
                " in {} at {}.{:02}, section {}.{}",
                chance.between(1890, 2024),
                chance.below(900),
                chance.below(100),
                chance.between(1, 20),
                chance.between(1, 9)
            ));
        }
        if chance.once_in(1500) {
            sink.text(", telephone ");
            let value = values::written_phone(chance);
            sink.plant("phone", &value)?;
        } else if chance.once_in(3000) {
            sink.text(", write to ");
            let value = values::email(chance);
            sink.plant("email", &value)?;
        }
        sink.text(chance.of(&[".", ".", ".", "?", "!"]));
    }
    sink.text("\n\n");
    Ok(())
}
