//! A mixed log: web access lines (combined format), JSON lines of services, and RFC 3164 syslog.

use std::io;

use super::Stage;
use crate::clock::MONTHS;
use crate::sink::Sink;
use crate::values;

/// Agents with four-part versions in them: what a careless detector calls an address.
const AGENTS: &[&str] = &[
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0",
    "okhttp/4.12.0",
    "Zabbix 6.0.28",
];
const ROUTES: &[&str] = &[
    "/",
    "/v3/calls",
    "/v3/calls/recent",
    "/pool/swap",
    "/assets/app.8f3c2d.css",
    "/health",
    "/hooks/sms",
];

pub fn record(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    stage.serial += 1;
    stage.clock.0 += u64::from(stage.chance.below(3));
    match stage.chance.below(10) {
        0..=4 => access(stage, sink),
        5..=7 => service(stage, sink),
        _ => syslog(stage, sink),
    }
}

fn access(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let chance = &mut stage.chance;
    let client = if chance.once_in(20) {
        values::ipv6(chance)
    } else {
        values::ipv4(chance)
    };
    sink.plant("ip_address", &client)?;
    let m = stage.clock.moment();
    sink.put(format_args!(
        " - - [{:02}/{}/{}:{:02}:{:02}:{:02} +0000] \"{} {}?rid={:08x}{:08x}",
        m.day,
        MONTHS[m.month as usize - 1],
        m.year,
        m.hour,
        m.minute,
        m.second,
        chance.of(&["GET", "GET", "POST"]),
        chance.of(ROUTES),
        chance.word(),
        chance.word()
    ));
    if chance.once_in(25) {
        sink.text("&caller=");
        // A plus in a query would be a space, so clients escape it.
        let value = values::e164(chance).replace('+', "%2B");
        sink.plant("phone", &value)?;
    }
    if chance.once_in(25) {
        sink.text("&mail=");
        let plain = values::email(chance);
        let value = if chance.once_in(2) {
            plain.replace('@', "%40")
        } else {
            plain
        };
        // A plus tag would be a space here as well.
        sink.plant("email", &value.replace('+', "%2B"))?;
    }
    let status = [200, 200, 200, 204, 302, 404, 503][chance.below(7) as usize];
    let (size, agent) = (chance.below(120_000), chance.of(AGENTS));
    sink.put(format_args!(
        " HTTP/1.1\" {status} {size} \"-\" \"{agent}\"\n"
    ));
    Ok(())
}

fn service(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let chance = &mut stage.chance;
    sink.put(format_args!(
        "{{\"time\":{}{:03},\"lvl\":\"{}\",\"trace\":\"{:08x}-{:04x}-4{:03x}-a{:03x}-{:08x}{:04x}\",\"build\":\"v{}.{}.{}.{}\",\"took\":{}.{:04},\"text\":\"",
        stage.clock.0,
        chance.below(1000),
        chance.of(&["info", "info", "warning", "debug", "error"]),
        chance.word(),
        chance.below(0x10000),
        chance.below(0x1000),
        chance.below(0x1000),
        chance.word(),
        chance.below(0x10000),
        chance.between(1, 9),
        chance.below(30),
        chance.below(10),
        chance.below(4000),
        chance.below(900),
        chance.below(10_000)
    ));
    let count = 4 + chance.below(12);
    stage.words.clause(chance, sink, count);
    sink.text("\"");
    if chance.once_in(12) {
        sink.text(",\"account\":\"");
        let value = values::email(chance);
        sink.plant("email", &value)?;
        sink.text("\"");
    }
    if chance.once_in(10) {
        sink.text(",\"caller\":\"");
        let value = values::stored_phone(chance);
        sink.plant("phone", &value)?;
        sink.text("\"");
    }
    if chance.once_in(900) {
        sink.text(",\"note\":\"paid with ");
        let value = values::card(chance);
        sink.plant("payment_card", &value)?;
        sink.text("\"");
    }
    sink.text("}\n");
    Ok(())
}

fn syslog(stage: &mut Stage, sink: &mut Sink<'_>) -> io::Result<()> {
    let m = stage.clock.moment();
    let month = MONTHS[m.month as usize - 1];
    sink.put(format_args!(
        "{month} {:2} {:02}:{:02}:{:02} pbx{:02} asterisk[{}]: ",
        m.day,
        m.hour,
        m.minute,
        m.second,
        stage.chance.between(1, 12),
        stage.chance.between(600, 32_000)
    ));
    if stage.chance.once_in(2) {
        sink.text("NOTICE chan_sip.c: Registration from '<sip:");
        sink.put(format_args!("{}@", stage.chance.between(200, 260)));
        let host = values::ipv4(&mut stage.chance);
        sink.plant("ip_address", &host)?;
        sink.text(">' failed for '");
        // With a port behind it an IPv6 address would stand in brackets, so the peer is IPv4.
        let peer = values::ipv4(&mut stage.chance);
        sink.plant("ip_address", &peer)?;
        sink.put(format_args!(
            ":{}' - Wrong password\n",
            stage.chance.between(1024, 65_000)
        ));
    } else {
        sink.text("VERBOSE app_dial.c: Called PJSIP/");
        let value = values::stored_phone(&mut stage.chance);
        sink.plant("phone", &value)?;
        sink.put(format_args!(
            "@carrier-a, took {} ms\n",
            stage.chance.below(9000)
        ));
    }
    Ok(())
}
