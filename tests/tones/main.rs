//! Digits keyed in are heard through noise and twist, on time, and not where there are none.
//!
//! The signals are made by `signal.rs`, which shares no code with the detector. Codecs and human
//! speech are the campaign's, `benches/tones.rs`.

mod signal;

use efface::detect::tones::{Digit, Tones};
use signal::{Dice, KEYS, Press, noise, press, quantised};

fn hear(rate: u32, samples: &[i16], block: usize) -> Vec<Digit> {
    let mut tones = Tones::new(rate).expect("a rate that is read");
    let mut found = Vec::new();
    for block in samples.chunks(block) {
        tones.push(block, &mut found);
    }
    tones.finish(&mut found);
    found
}

/// A usual press of 100 ms.
fn usual(key: u8, start: f64) -> Press {
    Press {
        key,
        start,
        length: 0.1,
        level: -10.0,
        twist: 0.0,
        off: [0.0, 0.0],
    }
}

/// So many presses of `length` seconds, 40 to 60 ms apart, each with another twist.
fn presses(count: usize, length: f64, twist: f64, off: f64, dice: &mut Dice) -> Vec<Press> {
    let mut start = 0.2;
    (0..count)
        .map(|_| {
            let press = Press {
                key: KEYS[(dice.next() % 16) as usize],
                start,
                length,
                level: -12.0,
                twist: dice.between(-twist, twist),
                off: [dice.between(-off, off), dice.between(-off, off)],
            };
            start += length + dice.between(0.040, 0.060);
            press
        })
        .collect()
}

fn sound(rate: u32, presses: &[Press], snr: f64, dice: &mut Dice) -> Vec<i16> {
    let rate = f64::from(rate);
    let end = presses
        .last()
        .map_or(0.0, |press| press.start + press.length);
    let mut samples = vec![0.0; ((end + 0.2) * rate) as usize];
    for one in presses {
        press(&mut samples, rate, one);
    }
    noise(&mut samples, -12.0 - snr, dice);
    quantised(&samples)
}

fn keys(digits: &[Digit]) -> String {
    digits.iter().map(|digit| digit.key as char).collect()
}

#[test]
fn every_digit_is_heard_at_15_db_with_twist_and_40_ms() {
    for (rate, count) in [
        (8_000, 300),
        (11_025, 60),
        (16_000, 60),
        (44_100, 60),
        (48_000, 60),
    ] {
        let mut dice = Dice(u64::from(rate));
        // Noise is as wide as the rate: what of it is in the band is less at higher ones.
        let presses = presses(count, 0.040, 8.0, 0.015, &mut dice);
        let samples = sound(rate, &presses, 15.0, &mut dice);
        let found = hear(rate, &samples, 1_000);
        let truth: String = presses.iter().map(|press| press.key as char).collect();
        assert_eq!(keys(&found), truth, "{rate}");
        for (digit, press) in found.iter().zip(&presses) {
            let (start, end) = (press.start * 1e3, (press.start + press.length) * 1e3);
            let (from, to) = (digit.ms.start as f64, digit.ms.end as f64);
            assert!(
                from < start + 10.0 && to > end - 10.0,
                "{rate} {digit:?} {start}"
            );
            assert!(
                from > start - 25.0 && to < end + 25.0,
                "{rate} {digit:?} {start}"
            );
        }
    }
}

#[test]
fn blocks_of_any_size_give_the_same() {
    let mut dice = Dice(3);
    for rate in [8_000, 44_100] {
        let presses = presses(12, 0.070, 6.0, 0.01, &mut dice);
        let samples = sound(rate, &presses, 20.0, &mut dice);
        let whole = hear(rate, &samples, samples.len());
        assert_eq!(whole.len(), 12);
        for block in [1, 7, 255, 5_000] {
            assert_eq!(hear(rate, &samples, block), whole, "{block}");
        }
    }
}

#[test]
fn a_break_of_10_ms_is_no_pause_and_one_of_40_is() {
    for (pause, expected) in [(0.010, "5"), (0.040, "55")] {
        let mut samples = vec![0.0; 4_000];
        for start in [0.1, 0.2 + pause] {
            press(&mut samples, 8_000.0, &usual(b'5', start));
        }
        let found = hear(8_000, &quantised(&samples), 4_000);
        assert_eq!(keys(&found), expected, "{pause}");
    }
}

#[test]
fn what_is_no_key_is_not_heard() {
    let second = |add: &dyn Fn(f64) -> f64| -> Vec<i16> {
        let samples: Vec<f64> = (0..8_000).map(|at| add(f64::from(at) / 8_000.0)).collect();
        quantised(&samples)
    };
    let tone = |time: f64, hertz: f64| 0.2 * (std::f64::consts::TAU * hertz * time).sin();
    for (name, samples) in [
        ("silence", vec![0; 8_000]),
        ("an offset", vec![9_000; 8_000]),
        ("full scale", [i16::MAX, i16::MIN].repeat(4_000)),
        ("a dial tone", second(&|t| tone(t, 350.0) + tone(t, 440.0))),
        ("a busy tone", second(&|t| tone(t, 480.0) + tone(t, 620.0))),
        ("one tone alone", second(&|t| tone(t, 770.0))),
        ("two rows", second(&|t| tone(t, 770.0) + tone(t, 941.0))),
        (
            "3.5 % too high",
            second(&|t| tone(t, 770.0 * 1.035) + tone(t, 1336.0 * 1.035)),
        ),
        (
            "10 dB and more of twist",
            second(&|t| tone(t, 770.0) + 0.2 * tone(t, 1336.0)),
        ),
    ] {
        assert_eq!(keys(&hear(8_000, &samples, 8_000)), "", "{name}");
    }
    let mut dice = Dice(11);
    let mut hiss = vec![0.0; 80_000];
    noise(&mut hiss, -6.0, &mut dice);
    assert_eq!(keys(&hear(8_000, &quantised(&hiss), 800)), "");
    // Q.24 refuses tones below 23 ms; what is to be muted is heard a little earlier.
    let short: Vec<Press> = presses(40, 0.015, 0.0, 0.0, &mut dice);
    assert_eq!(
        keys(&hear(8_000, &sound(8_000, &short, 30.0, &mut dice), 800)),
        ""
    );
}

#[test]
fn a_tone_may_begin_and_end_with_the_recording() {
    let mut samples = vec![0.0; 800];
    press(&mut samples, 8_000.0, &usual(b'7', 0.0));
    assert_eq!(keys(&hear(8_000, &quantised(&samples), 800)), "7");
    assert!(hear(8_000, &[], 1).is_empty());
    assert!(Tones::new(3_999).is_none() && Tones::new(400_000).is_none());
}
