//! What refers to a recording that is erased: call records, lists, URLs.

use std::path::Path;

use super::call::{self, Call};
use super::{all, efface, told};

const ERASE: [&str; 5] = ["erase", "--subject", "+1 604 555 0155", "--apply", "calls"];
const GONE: &str = "out-1700000000.1.wav";
const STAYS: &str = "out-1700000000.2.wav";

/// What refers to two recordings, one of which goes; `{}` is its name.
const REFERS: [(&str, &str); 5] = [
    (
        "cdr.csv",
        "uniqueid,src,dst,recordingfile\n\
         1700000000.1,+16475550188,+14165550111,{}\n\
         1700000000.2,+16475550188,+14165550111,out-1700000000.2.wav\n",
    ),
    (
        "paths.csv",
        "id;path\n1;\"/var/spool/asterisk/monitor/2024/{}\"\n2;/var/spool/out-1700000000.2.wav\n",
    ),
    (
        "events.jsonl",
        "{\"n\":1,\"recording_url\":\"https:\\/\\/x.example\\/rec\\/{}?s=1\"}\n\
         {\"n\":2,\"recording_url\":\"https://x.example/rec/out-1700000000.2.wav\"}\n",
    ),
    (
        "full.log",
        "[x] mixmonitor.c: {} closed\n[x] mixmonitor.c: not-{} {}.gz\n",
    ),
    (
        "notes.xml",
        "<calls><call>{}</call><call>out-1700000000.2.wav</call></calls>\n",
    ),
];

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let calls = dir.path().join("calls");
    std::fs::create_dir(&calls).unwrap();
    let call = Call::usual();
    std::fs::write(calls.join(GONE), call.wav_by("+1 604 555 0155")).unwrap();
    std::fs::write(calls.join("out-1700000000.1.vtt"), call::vtt(&call)).unwrap();
    std::fs::write(calls.join(STAYS), call.wav_by("+1 604 555 0177")).unwrap();
    for (name, text) in REFERS {
        std::fs::write(calls.join(name), text.replace("{}", GONE)).unwrap();
    }
    dir
}

/// Each reference of its own is masked, what only looks like one is not.
fn taken(text: &str) -> String {
    let masked = text.replace("not-{} {}.gz", "not-KEPT KEPT.gz");
    masked
        .replace("{}", &"x".repeat(GONE.len()))
        .replace("KEPT", GONE)
}

fn read(dir: &Path, name: &str) -> String {
    std::fs::read_to_string(dir.join("calls").join(name)).unwrap()
}

#[test]
fn references_to_a_recording_go_with_it_and_the_rest_of_the_rows_stays() {
    let dir = folder();
    let plan: Vec<&str> = ERASE.into_iter().filter(|arg| *arg != "--apply").collect();
    let before = all(&dir.path().join("calls"));
    let output = efface(dir.path(), &plan);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(told(&output).contains("cdr.csv"), "{}", told(&output));
    assert_eq!(all(&dir.path().join("calls")), before);
    let output = efface(dir.path(), &ERASE);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for (name, text) in REFERS {
        assert_eq!(read(dir.path(), name), taken(text), "{name}");
    }
    let left = all(&dir.path().join("calls"));
    assert_eq!(left.len(), 1 + REFERS.len());
    assert!(left.keys().any(|path| path.ends_with(STAYS)));
    let output = efface(dir.path(), &ERASE);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert_eq!(all(&dir.path().join("calls")), left);
}

#[test]
fn a_row_that_is_found_by_its_reference_alone_is_found_before_that_goes() {
    let dir = folder();
    let calls = dir.path().join("calls");
    let named = "out-6045550155-1700000000.9.wav";
    let call = Call::usual();
    std::fs::write(calls.join(named), call.wav_by("+1 604 555 0155")).unwrap();
    let cdr = format!("uniqueid,recordingfile\n8,a\n9,{named}\n10,b\n");
    std::fs::write(calls.join("z.csv"), cdr).unwrap();
    let output = efface(dir.path(), &ERASE);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let left = read(dir.path(), "z.csv");
    assert!(
        !left.contains("6045550155") && !left.contains("1700000000.9"),
        "{left}"
    );
    assert!(left.contains("8,a\n") && left.contains("10,b\n"), "{left}");
}

#[test]
fn a_plan_with_references_is_followed() {
    let dir = folder();
    let plan = [
        "erase",
        "--subject",
        "+1 604 555 0155",
        "--save-plan",
        "plan",
        "calls",
    ];
    let output = efface(dir.path(), &plan);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let output = efface(dir.path(), &["erase", "--plan", "plan", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for (name, text) in REFERS {
        assert_eq!(read(dir.path(), name), taken(text), "{name}");
    }
}

#[test]
fn a_name_that_two_files_have_is_no_reference_to_one() {
    let dir = folder();
    let other = dir.path().join("calls/other");
    std::fs::create_dir(&other).unwrap();
    let call = Call::usual();
    std::fs::write(other.join(GONE), call.wav_by("+1 604 555 0177")).unwrap();
    let output = efface(dir.path(), &ERASE);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    for (name, text) in REFERS {
        assert_eq!(read(dir.path(), name), text.replace("{}", GONE), "{name}");
    }
    assert!(!dir.path().join("calls").join(GONE).exists());
}

#[test]
fn a_held_recording_keeps_what_refers_to_it() {
    let dir = folder();
    let calls = dir.path().join("calls");
    let before = all(&calls);
    let held = format!("calls/{GONE}");
    let hold = ["hold", "add", "--path", &held, "--reason", "claim"];
    let output = efface(dir.path(), &hold);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let output = efface(dir.path(), &ERASE);
    assert_eq!(output.status.code(), Some(3), "{}", told(&output));
    assert_eq!(all(&calls), before);
}
