//! The filter: what flows, when, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::Bench;

fn start(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_efface"))
        .arg("redact")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_line_comes_out_at_once_and_half_a_number_never() {
    let mut child = start(&[]);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    // The quickest of a few: the machine may be busy with other tests.
    let mut waits = Vec::new();
    for _ in 0..5 {
        let said = Instant::now();
        input.write_all(b"call 416-555-0123 now\n").unwrap();
        line.clear();
        output.read_line(&mut line).unwrap();
        waits.push(said.elapsed());
        assert_eq!(line, "call ************ now\n");
    }
    let quickest = waits.into_iter().min().unwrap();
    assert!(quickest < Duration::from_millis(100), "{quickest:?}");
    // The input pauses within a number: the whole line before comes out, and nothing of the rest.
    input.write_all(b"first\nthen 416-555").unwrap();
    line.clear();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "first\n");
    assert!(output.buffer().is_empty());
    input.write_all(b"-0123\nlast 647 555").unwrap();
    line.clear();
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "then ************\n");
    input.write_all(b" 0148").unwrap();
    drop(input);
    line.clear();
    output.read_to_string(&mut line).unwrap();
    assert_eq!(line, "last ************");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_stream_is_the_same_however_it_is_cut() {
    let bench = Bench::new();
    let mut text = Vec::new();
    for n in 0..300 {
        writeln!(
            &mut text,
            "2024-05-02 10:11:{:02} call from (416) 555-01{:02}, card 4111 1111 1111 1111",
            n % 60,
            n % 100
        )
        .unwrap();
    }
    let whole = bench.run_with(&["redact"], &text);
    assert_eq!(whole.code, 0);
    assert_eq!(whole.out.len(), text.len());
    assert!(!whole.out.contains("555") && !whole.out.contains("4111"));
    for size in [1, 7, 64, 4093] {
        let mut child = start(&[]);
        let mut input = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let reading = std::thread::spawn(move || {
            let mut out = String::new();
            output.read_to_string(&mut out).unwrap();
            out
        });
        for piece in text.chunks(size) {
            input.write_all(piece).unwrap();
            input.flush().unwrap();
        }
        drop(input);
        assert!(reading.join().unwrap() == whole.out, "in pieces of {size}");
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let mut child = start(&[]);
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    let mut errors = child.stderr.take().unwrap();
    // Enough that the program notices, and writing may fail once it has gone.
    for _ in 0..100_000 {
        if input.write_all(b"call 416-555-0123 now\n").is_err() {
            break;
        }
    }
    drop(input);
    let mut said = String::new();
    errors.read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn what_is_no_text_stays_intact_or_is_refused() {
    let bench = Bench::new();
    let blob: Vec<u8> = (0..200_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    bench.put("blob", &blob);
    let run = |args: &[&str], input: &[u8]| {
        let mut child = start(args);
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writing = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writing.join().unwrap();
        output
    };
    let passed = run(&[], &blob);
    assert_eq!(passed.status.code(), Some(3), "not known to be clean");
    assert!(passed.stdout == blob);
    let zipped = b"PK\x03\x04\x14\0\0\0\0\0 and 416-555-0123";
    let refused = run(&[], zipped);
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty());
    let let_through = run(&["--pass-unscanned"], zipped);
    assert_eq!(let_through.status.code(), Some(3));
    assert!(let_through.stdout == zipped);
    let broken = b"caf\xe9 \xff\xfe 416-555-0123 \xc3\x28\n".repeat(50);
    let masked = run(&[], &broken);
    let expected = b"caf\xe9 \xff\xfe ************ \xc3\x28\n".repeat(50);
    assert!(
        masked.stdout == expected,
        "{:?}",
        String::from_utf8_lossy(&masked.stdout[..40])
    );
    let empty = run(&[], b"");
    assert_eq!((empty.status.code(), empty.stdout.len()), (Some(0), 0));
}

#[test]
fn one_file_goes_to_standard_output() {
    let bench = Bench::new();
    bench.put("a.csv", "id,src\n1,4165550123\n");
    let ran = bench.run(&["redact", "a.csv"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "id,src\n1,**********\n"),
        "{}",
        ran.err
    );
    assert_eq!(bench.get("a.csv"), b"id,src\n1,4165550123\n");
}

#[test]
fn a_line_without_end_takes_little_memory() {
    /// What is written: far more than may be held.
    const BYTES: usize = 48 << 20;
    /// The most the program may take; less than what is written.
    const PEAK: u64 = 40 << 20;
    let mut child = start(&["-j", "2"]);
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 20];
        let mut total = 0;
        loop {
            match output.read(&mut buffer).unwrap() {
                0 => return total,
                len => total += len,
            }
        }
    });
    let piece = b"call 416-555-0123 or jane.doe@example.com now ".repeat(1 << 12);
    let mut written = 0;
    while written < BYTES {
        input.write_all(&piece).unwrap();
        written += piece.len();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    drop(input);
    assert_eq!(reading.join().unwrap(), written);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(peak * 1024 <= PEAK, "{peak} kB");
}
