//! Values in names of files: found in every report, told where they stay, and gone with `--rename`,
//! together with what refers to them.

use super::bench::Bench;

const RECORDING: &str = "out-4165550123-101-20240115-093012-1705329012.1.wav";
const RENAMED: &str = "out-xxxxxxxxxx-101-20240115-093012-1705329012.1.wav";

/// Samples of silence in a recording.
fn silence() -> Vec<u8> {
    let mut wav = b"RIFF\x34\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(16000_u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data\x10\0\0\0");
    wav.extend([0; 16]);
    wav
}

fn names(bench: &Bench, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(bench.path(folder)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn names_are_found_in_every_report() {
    let bench = Bench::new();
    bench.put(&format!("rec/{RECORDING}"), silence());
    bench.put("4165550199/notes.txt", "nothing\n");
    bench.put("rec/20240115-093012-1705329012.7.wav", silence());
    let ran = bench.run(&["scan", "--format", "jsonl", "."]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let lines = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let found: Vec<serde_json::Value> = lines
        .filter(|one: &serde_json::Value| one["type"] == "finding")
        .collect();
    let told: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one["path"].as_str().unwrap(),
                one["field"].as_str(),
                one["start"].as_u64(),
                one["line"].is_null(),
            )
        })
        .collect();
    let path = format!("./rec/{RECORDING}");
    assert_eq!(
        told,
        [
            ("./4165550199", Some("name"), Some(0), true),
            (&*path, Some("name"), Some(4), true)
        ]
    );
    for format in ["table", "csv", "sarif"] {
        let ran = bench.run(&["scan", "--format", format, "."]);
        assert_eq!(ran.code, 1, "{format}: {}", ran.err);
        assert!(ran.out.contains(RECORDING), "{format}: {}", ran.out);
    }
    let ran = bench.run(&["find", "+1 416 555 0123", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn a_name_that_stays_is_told() {
    let bench = Bench::new();
    bench.put("4165550123.csv", "src\n+14165550124\n");
    let ran = bench.run(&["redact", "--in-place", "4165550123.csv"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("stands in a name"), "{}", ran.out);
    assert_eq!(bench.get("4165550123.csv"), b"src\n************\n");
}

#[test]
fn files_get_other_names_with_the_references_to_them() {
    let bench = Bench::new();
    bench.put(&format!("rec/{RECORDING}"), silence());
    let sidecar = RECORDING.replace(".wav", ".json");
    bench.put(
        &format!("rec/{sidecar}"),
        format!("{{\"media\":\"{RECORDING}\"}}\n"),
    );
    bench.put("rec/+14165550123.wav", silence());
    // Two that would be called alike, and one whose name is taken.
    bench.put("rec/in-6475550148.wav", silence());
    bench.put("rec/in-6475550149.wav", silence());
    bench.put("rec/in-xxxxxxxxxx.wav", "mine\n");
    let table = format!(
        "recordingfile,url,note\n{RECORDING},https://x.example/r/%2B14165550123.wav,q-{RECORDING}\nin-6475550149.wav,,\n"
    );
    bench.put("cdr.csv", &table);
    bench.put("list.m3u", format!("#EXTM3U\n../rec/{RECORDING}\n"));
    let ran = bench.run(&["redact", "--in-place", "--rename", "--dry-run", "."]);
    assert_eq!(bench.get("cdr.csv"), table.as_bytes(), "{}", ran.out);
    let ran = bench.run(&["redact", "--in-place", "--rename", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let sidecar = RENAMED.replace(".wav", ".json");
    assert_eq!(
        names(&bench, "rec"),
        [
            "in-xxxxxxxxx1.wav",
            "in-xxxxxxxxx2.wav",
            "in-xxxxxxxxxx.wav",
            &sidecar,
            RENAMED,
            "xxxxxxxxxxxx.wav"
        ]
    );
    assert_eq!(bench.get("rec/in-xxxxxxxxxx.wav"), b"mine\n");
    assert_eq!(
        bench.get("list.m3u"),
        format!("#EXTM3U\n../rec/{RENAMED}\n").as_bytes()
    );
    assert_eq!(
        bench.get(&format!("rec/{sidecar}")),
        format!("{{\"media\":\"{RENAMED}\"}}\n").as_bytes()
    );
    let table = String::from_utf8(bench.get("cdr.csv")).unwrap();
    let row = table.lines().nth(1).unwrap();
    assert!(
        row.starts_with(&format!(
            "{RENAMED},https://x.example/r/xxxxxxxxxxxx.wav,q-out-"
        )),
        "{table}"
    );
    assert!(table.ends_with("in-xxxxxxxxx2.wav,,\n"), "{table}");
    let ran = bench.run(&["scan", "."]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ran = bench.run(&["redact", "--in-place", "--rename", "."]);
    assert!(ran.out.starts_with("nothing to change"), "{}", ran.out);
}

#[test]
fn what_cannot_be_renamed_keeps_its_name_and_is_told() {
    let bench = Bench::new();
    bench.put("a/4165550123.wav", silence());
    std::os::unix::fs::symlink("4165550123.wav", bench.path("a/latest.wav")).unwrap();
    // A file that names itself, and one with a second name.
    bench.put("b/4165550124.json", "{\"file\":\"4165550124.json\"}\n");
    bench.put("c/4165550125.wav", silence());
    std::fs::hard_link(bench.path("c/4165550125.wav"), bench.path("c/other.wav")).unwrap();
    let ran = bench.run(&["redact", "--in-place", "--rename", "a", "b", "c"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert_eq!(names(&bench, "a"), ["4165550123.wav", "latest.wav"]);
    assert_eq!(names(&bench, "b"), ["4165550124.json"]);
    assert_eq!(names(&bench, "c"), ["other.wav", "xxxxxxxxxx.wav"]);
}

#[test]
fn a_name_that_tells_a_length_keeps_telling_the_truth() {
    let bench = Bench::new();
    let mail = "From: a\nTo: b\nSubject: x\n\ncall 416-555-0123\n";
    let name = format!("cur/1714644673.M1P1.host,S={},W={}:2,S", mail.len(), 49);
    bench.put(&name, mail);
    bench.put("cur/1714644674.M1P1.host:2,S", mail);
    let ran = bench.run(&["redact", "--in-place", "--operator", "label", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let masked = mail.replace("416-555-0123", "************");
    assert_eq!(bench.get(&name), masked.as_bytes());
    let labelled = mail.replace("416-555-0123", "[PHONE]");
    assert_eq!(
        bench.get("cur/1714644674.M1P1.host:2,S"),
        labelled.as_bytes()
    );
}
