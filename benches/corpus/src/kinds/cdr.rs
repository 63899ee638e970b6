//! Asterisk `cdr-csv/Master.csv`: no header, 18 columns, strings quoted, seconds bare.

use std::io;

use super::Stage;
use crate::clock::Clock;
use crate::sink::Sink;
use crate::values;

pub fn record(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let chance = &mut stage.chance;
    stage.serial += 1;
    stage.clock.0 += u64::from(chance.below(9));
    let extension = 200 + chance.below(60);
    let outbound = chance.once_in(3);
    let outside = values::stored_phone(chance);
    let dialled = values::stored_phone(chance);

    sink.put(format_args!(
        "\"{}\",\"",
        if chance.once_in(4) { "north" } else { "" }
    ));
    if outbound {
        sink.put(format_args!("{extension}"));
    } else {
        sink.plant("phone", &outside)?;
    }
    sink.text("\",\"");
    sink.plant("phone", &dialled)?;
    sink.text(if outbound {
        "\",\"outbound\",\""
    } else {
        "\",\"from-carrier\",\""
    });

    let (given, family) = values::name(chance);
    if outbound {
        sink.put(format_args!("\"\"Desk {extension}\"\" <{extension}>\",\""));
        sink.put(format_args!(
            "PJSIP/{extension}-{:08x}\",\"",
            stage.serial * 2
        ));
        sink.put(format_args!(
            "PJSIP/carrier-a-{:08x}\",\"Dial\",\"PJSIP/",
            stage.serial * 2 + 1
        ));
        sink.plant("phone", &dialled)?;
        sink.text("@carrier-a,60,T\",\"");
    } else {
        sink.put(format_args!("\"\"{family} {given}\"\" <"));
        sink.plant("phone", &outside)?;
        sink.put(format_args!(
            ">\",\"PJSIP/carrier-b-{:08x}\",\"",
            stage.serial * 2
        ));
        sink.put(format_args!(
            "Local/{extension}@agents-{:08x};1\",",
            stage.serial * 2 + 1
        ));
        sink.put(format_args!(
            "\"Queue\",\"sales,tTC,,,{}\",\"",
            chance.between(20, 300)
        ));
    }

    let (ring, talk) = (
        u64::from(chance.between(1, 40)),
        u64::from(chance.below(1500)),
    );
    let answered = !chance.once_in(5);
    let begin = stage.clock.0;
    sink.text(&stage.clock.stamp());
    if answered {
        sink.put(format_args!("\",\"{}\",\"", Clock(begin + ring).stamp()));
        sink.put(format_args!(
            "{}\",{},{talk},\"ANSWERED",
            Clock(begin + ring + talk).stamp(),
            ring + talk
        ));
    } else {
        // Asterisk leaves an answer time that never came unquoted and empty.
        sink.put(format_args!(
            "\",,\"{}\",{ring},0,\"NO ANSWER",
            Clock(begin + ring).stamp()
        ));
    }
    sink.put(format_args!(
        "\",\"DOCUMENTATION\",\"{begin}.{}\",\"",
        stage.serial
    ));
    if answered && chance.once_in(6) {
        let m = stage.clock.moment();
        sink.text(if outbound { "out-" } else { "in-" });
        sink.plant("phone", if outbound { &dialled } else { &outside })?;
        sink.put(format_args!(
            "-{extension}-{:04}{:02}{:02}-{:02}{:02}{:02}-{begin}.{}.wav",
            m.year, m.month, m.day, m.hour, m.minute, m.second, stage.serial
        ));
    }
    sink.text("\"\n");
    Ok(())
}
