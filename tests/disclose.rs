//! `efface disclose`: all of one person's data, and nothing of anybody else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make and change files of their own"
)]

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

struct Bench(tempfile::TempDir);

/// Jane's.
const NUMBER: &str = "+1 416 555 0123";
/// What is anybody else's, as digits or in lower case.
const OTHERS: [&str; 8] = [
    "6475550148",
    "9025550134",
    "2125550199",
    "bob.smith@example.com",
    "carol@example.net",
    "bob smith",
    "carol jones",
    "4111111111111111",
];

impl Bench {
    fn new() -> Self {
        let bench = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(bench.path("in")).unwrap();
        let wide = "src;dst;clid\r\n+1 416 555 0123;+1 647 555 0148;Bob Smith\r\n+1 902 555 0134;+1 647 555 0148;x\r\n";
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(wide.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let mut gzip = flate2::GzBuilder::new()
            .filename("bob.smith@example.com-6475550148.log")
            .comment("of Bob Smith, 902 555 0134")
            .write(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"from=4165550123 to=6475550148\nfrom=9025550134 to=6475550148\n")
            .unwrap();
        for (name, bytes) in [
            (
                "cdr.csv",
                &b"clid,src,dst,duration\n\"\"\"Jane Doe\"\" <4165550123>\",4165550123,6475550148,17\n\
                  \"\"\"Bob Smith\"\" <6475550148>\",6475550148,4165550123,18\n\
                  \"\"\"Carol Jones\"\" <9025550134>\",9025550134,6475550148,19\n"[..],
            ),
            (
                "calls.json",
                br#"{"account":"x","calls":[
 {"from":"+19025550134","to":"+16475550148","caller_name":"Carol Jones"},
 {"from":"\u002b1 (416) 555-0123","to":"647-555-0148","caller_name":"Jane Doe","callee_name":"Bob Smith"},
 {"from":"+19025550134","to":"+16475550148","caller_name":"Carol Jones"}
]}"#,
            ),
            (
                "sms.jsonl",
                b"{\"from\":\"+16475550148\",\"to\":\"+14165550123\",\"body\":\"Bob Smith here, mail bob.smith@example.com or pay by 4111 1111 1111 1111\"}\n\
                  {\"from\":\"+19025550134\",\"to\":\"+16475550148\",\"body\":\"hi\"}\n",
            ),
            ("app.log", b"INVITE sip:+14165550123@192.0.2.4 for 6475550148\nBYE sip:+16475550148@example.com\n"),
            ("wide.csv", &utf16),
            ("old.log.gz", &gzip.finish().unwrap()),
            (
                "call.vtt",
                b"WEBVTT\n\n00:01.000 --> 00:02.000\nit is 416 555\n\n00:02.000 --> 00:03.000\n0123 thanks\n\n\
                  00:03.000 --> 00:04.000\nCarol Jones said call 212 555 0199\n",
            ),
            (
                "mail.mbox",
                b"From x Mon Jan  1 00:00:00 2024\nFrom: Bob Smith <bob.smith@example.com>\nTo: jane.doe@example.com\nSubject: hello\n\nCall me, Bob Smith, at (647) 555-0148.\n\n\
                  From x Mon Jan  1 00:00:00 2024\nFrom: Carol Jones <carol@example.net>\nTo: bob.smith@example.com\nSubject: other\n\nCall 902 555 0134.\n",
            ),
            ("6475550148.csv", b"src,dst\n4165550123,\n"),
            ("formula.csv", b"src,note\n4165550123,=1+1\n"),
            ("other.csv", b"src,dst\n9025550134,6475550148\n"),
        ] {
            std::fs::write(bench.path("in").join(name), bytes).unwrap();
        }
        let store = rusqlite::Connection::open(bench.path("in/store.db")).unwrap();
        store
            .execute_batch(
                "CREATE TABLE sms(id INTEGER PRIMARY KEY, sender TEXT, recipient TEXT, body TEXT);
                 INSERT INTO sms VALUES(1,'+14165550123','+16475550148','hello from jane');
                 INSERT INTO sms VALUES(2,'+19025550134','+16475550148','not hers');",
            )
            .unwrap();
        drop(store);
        std::fs::write(
            bench.path("who"),
            format!("{NUMBER}\njane.doe@example.com\n"),
        )
        .unwrap();
        std::fs::write(bench.path("names"), "Bob Smith\nCarol Jones\n").unwrap();
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .output()
            .unwrap()
    }

    fn with_input(&self, args: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_efface"))
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_STATE_HOME", self.path("state"))
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut to = child.stdin.take().unwrap();
        to.write_all(input.as_bytes()).unwrap();
        drop(to);
        child.wait_with_output().unwrap()
    }

    fn disclose(&self, args: &[&str]) -> Output {
        self.run(
            &[
                &["disclose", "--subject-file", "who", "--names", "names"],
                args,
            ]
            .concat(),
        )
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.push(path);
        }
    }
    all
}

/// The forms in which a value may lie in bytes: as they are, unpacked, from UTF-16; each in lower
/// case, and as digits alone.
fn decoded(bytes: &[u8]) -> Vec<String> {
    let mut forms = vec![String::from_utf8_lossy(bytes).into_owned()];
    let mut unpacked = Vec::new();
    if flate2::read::MultiGzDecoder::new(bytes)
        .read_to_end(&mut unpacked)
        .is_ok()
    {
        forms.push(String::from_utf8_lossy(&unpacked).into_owned());
    }
    let units: Vec<u16> = bytes
        .chunks(2)
        .filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)))
        .collect();
    forms.push(String::from_utf16_lossy(&units));
    let unescaped: Vec<String> = forms
        .iter()
        .map(|form| form.replace("\\u002b", "+").replace("=\n", ""))
        .collect();
    forms.extend(unescaped);
    let mut all = Vec::new();
    for form in forms {
        all.push(form.chars().filter(char::is_ascii_digit).collect());
        all.push(form.to_lowercase());
    }
    all
}

#[test]
fn a_package_holds_all_of_one_person_and_nothing_of_others() {
    let bench = Bench::new();
    let ran = bench.disclose(&["--out", "pack", "in"]);
    let out = String::from_utf8(ran.stdout).unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{out}{err}");
    let all = files(&bench.path("pack"));
    let mut hers = 0;
    for file in &all {
        let forms = decoded(&std::fs::read(file).unwrap());
        for other in OTHERS {
            let leak = forms.iter().any(|form| form.contains(other));
            let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
            assert!(!leak, "{other} in {}:\n{text}", file.display());
        }
        hers += usize::from(
            file.parent().unwrap().ends_with("records")
                && forms.iter().any(|form| {
                    form.contains("4165550123") || form.contains("jane.doe@example.com")
                }),
        );
    }
    let coverage: Value =
        serde_json::from_slice(&std::fs::read(bench.path("pack/coverage.json")).unwrap()).unwrap();
    let sources = coverage["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 11, "{coverage:#}");
    for source in sources {
        assert_eq!(source["withheld"], Value::Null, "{source:#}");
        let records = match source["path"].as_str().unwrap() {
            "in/cdr.csv" => 2,
            _ => 1,
        };
        assert_eq!(source["records"], records, "{source:#}");
    }
    // The number that is told over two cues stands in neither.
    assert_eq!(hers, 10);
    let page = std::fs::read_to_string(bench.path("pack/index.html")).unwrap();
    assert!(
        page.contains("DRAFT") && page.contains("payment_card") && page.contains("[PHONE].csv"),
        "{page}"
    );
    assert!(
        !page.contains("<script") && !page.contains("http:") && !page.contains("https:"),
        "{page}"
    );
    let lines = std::fs::read_to_string(bench.path("pack/records.jsonl")).unwrap();
    assert!(
        lines
            .lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
    assert!(
        lines.contains("Jane Doe") && lines.contains("hello from jane"),
        "{lines}"
    );
    let table = std::fs::read(bench.path("pack/records.csv")).unwrap();
    for row in csv::Reader::from_reader(&table[..]).records() {
        assert!(!row.unwrap()[4].starts_with('='));
    }
    // The copies are still what they were.
    let names: Vec<String> = all
        .iter()
        .filter_map(|file| file.file_name()?.to_str().map(str::to_owned))
        .collect();
    assert!(
        names.iter().any(|name| name.ends_with(".csv.txt")),
        "{names:?}"
    );
    for file in &all {
        let bytes = std::fs::read(file).unwrap();
        if file.extension().is_some_and(|ending| ending == "json") {
            serde_json::from_slice::<Value>(&bytes)
                .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&bytes)));
        }
    }
    let again = bench.disclose(&["--out", "pack", "in"]);
    assert_eq!(
        again.status.code(),
        Some(2),
        "a folder that exists is refused"
    );
}

/// What the ID3 tag of a recording says in front of its sound.
fn tagged(sound: &[u8], title: &str) -> Vec<u8> {
    let text = [&[3], title.as_bytes()].concat();
    let frame = [
        b"TIT2",
        &u32::try_from(text.len()).unwrap().to_be_bytes()[..],
        &[0, 0],
        &text,
    ]
    .concat();
    let len = u8::try_from(frame.len()).unwrap();
    [b"ID3\x04\0\0\0\0\0", &[len][..], &frame, sound].concat()
}

#[test]
fn no_recording_is_in_a_package_whatever_it_is_in() {
    let bench = Bench::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/recordings");
    std::fs::create_dir(bench.path("calls")).unwrap();
    let sound = std::fs::read(fixtures.join("v25-mono.mp3")).unwrap();
    std::fs::write(bench.path("calls/one.mp3"), tagged(&sound, NUMBER)).unwrap();
    std::fs::write(bench.path("calls/call.log"), format!("to {NUMBER}\n")).unwrap();
    let ran = bench.disclose(&["--out", "pack", "calls"]);
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(3), "{err}");
    let records = files(&bench.path("pack/records"));
    assert_eq!(records.len(), 1, "{records:?}");
    let coverage = std::fs::read_to_string(bench.path("pack/coverage.json")).unwrap();
    assert!(coverage.contains("others can be heard"), "{coverage}");
}

#[test]
fn a_package_by_the_index_is_that_from_the_files_and_knows_what_changed_since() {
    let bench = Bench::new();
    let records = |pack: &str| {
        let mut all: Vec<Vec<u8>> = files(&bench.path(pack).join("records"))
            .iter()
            .map(|file| std::fs::read(file).unwrap())
            .collect();
        all.sort();
        all
    };
    let built = bench.run(&["index", "build", "in"]);
    assert_eq!(built.status.code(), Some(0), "{built:?}");
    for (pack, index) in [("read", &["--no-index"][..]), ("known", &[])] {
        let ran = bench.disclose(&[&["--out", pack, "in"], index].concat());
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(0), "{pack}: {err}");
    }
    assert_eq!(records("known"), records("read"));
    assert_eq!(records("known").len(), 11);
    // A file that says nothing of her in the index, and does now.
    std::fs::write(
        bench.path("in/other.csv"),
        "src,dst\n9025550134,6475550148\n4165550123,6475550148\n",
    )
    .unwrap();
    let ran = bench.disclose(&["--out", "later", "in"]);
    assert_eq!(ran.status.code(), Some(0), "{ran:?}");
    let later = records("later");
    assert_eq!(later.len(), 12);
    for file in &later {
        for form in decoded(file) {
            assert!(OTHERS.iter().all(|other| !form.contains(other)), "{form}");
        }
    }
}

#[test]
fn a_draft_is_approved_once_and_says_so() {
    let bench = Bench::new();
    assert_eq!(
        bench.disclose(&["--out", "pack", "in"]).status.code(),
        Some(0)
    );
    assert_eq!(
        bench.run(&["disclose", "--approve", "pack"]).status.code(),
        Some(0)
    );
    let page = std::fs::read_to_string(bench.path("pack/index.html")).unwrap();
    assert!(
        !page.contains("DRAFT") && page.contains("Approved on "),
        "{page}"
    );
    let coverage: Value =
        serde_json::from_slice(&std::fs::read(bench.path("pack/coverage.json")).unwrap()).unwrap();
    assert_eq!(coverage["status"], "approved");
    let manifest = std::fs::read_to_string(bench.path("pack/manifest.txt")).unwrap();
    assert!(
        manifest.contains("  records/0001.csv") || manifest.contains("  records/0001"),
        "{manifest}"
    );
    for folder in ["pack", "in", "gone"] {
        let ran = bench.run(&["disclose", "--approve", folder]);
        assert_eq!(ran.status.code(), Some(2), "{folder}");
    }
}

#[test]
fn levels_policies_and_misuse() {
    let bench = Bench::new();
    std::fs::write(
        bench.path("policy.toml"),
        "[[source]]\npaths = [\"in/*.csv\"]\ncategory = \"call records\"\npurpose = \"billing\"\nrecipients = [\"Carrier Inc\"]\n",
    )
    .unwrap();
    let ran = bench.disclose(&[
        "--level",
        "categories",
        "--policy",
        "policy.toml",
        "--out",
        "pack",
        "in",
    ]);
    assert_eq!(ran.status.code(), Some(0));
    let names: Vec<String> = files(&bench.path("pack"))
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let page = std::fs::read_to_string(bench.path("pack/index.html")).unwrap();
    for part in ["call records", "billing", "Carrier Inc", "not stated"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("0123"), "{page}");
    for args in [
        &["disclose", "--out", "p2", "in"][..],
        &["disclose", "--subject-file", "who", "in"],
        &["disclose", "--subject", "nobody", "--out", "p2", "in"],
        &["disclose", "--subject-file", "who", "--out", "in/p2", "in"],
        &["disclose", "--subject-file", "who", "--out", "p2", "-"],
        &[
            "disclose",
            "--subject-file",
            "who",
            "--policy",
            "who",
            "--out",
            "p2",
            "in",
        ],
    ] {
        let ran = bench.run(args);
        assert_eq!(ran.status.code(), Some(2), "{args:?}");
        let err = String::from_utf8(ran.stderr).unwrap();
        assert!(
            err.starts_with("efface: error: ") && err.contains("\n\nhint: "),
            "{args:?}: {err}"
        );
        assert!(
            !bench.path("p2").exists() && !bench.path("in/p2").exists(),
            "{args:?}"
        );
    }
    let none = bench.run(&[
        "disclose",
        "--subject",
        "+1 416 555 0177",
        "--out",
        "p2",
        "in",
    ]);
    assert_eq!(none.status.code(), Some(1));
    assert!(!bench.path("p2").exists());
}

/// A number that changed hands on the first of July, and two lines of another person.
const HANDED_ON: &str = "src,dst,start\n\
    4165550123,6475550148,2023-03-01 10:00:00\n\
    4165550123,9025550134,2023-09-01 10:00:00\n\
    9025550134,6475550148,2023-09-02 10:00:00\n";

const MANY: &str = r#"{"id":"first","identifiers":["+1 416 555 0123"],"to":"2023-07-01"}
{"id":"second","identifiers":["+1 416 555 0123"],"from":"2023-07-01"}
{"id":"third","identifiers":["902 555 0134"]}
{"id":"nobody","identifiers":["902 555 0199"]}
"#;

#[test]
fn many_packages_come_of_one_search_and_each_holds_what_was_its_persons_then() {
    let bench = Bench::new();
    std::fs::write(bench.path("calls.csv"), HANDED_ON).unwrap();
    let args = ["disclose", "--subjects", "-", "--out", "packs", "calls.csv"];
    let ran = bench.with_input(&args, MANY);
    let told = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{told}");
    for line in [
        "packs/first: a draft with 1 records from 1 files",
        "packs/second: a draft with 1 records from 1 files",
        "packs/third: a draft with 2 records from 1 files",
        "packs/nobody: nothing was found; no package was made",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(!bench.path("packs/nobody").exists());
    let csv = |id: &str| {
        let path = bench.path(&format!("packs/{id}/records/0001.csv"));
        std::fs::read_to_string(path).unwrap()
    };
    assert!(csv("first").contains("4165550123,[PHONE],2023-03-01"));
    assert!(!csv("first").contains("2023-09"));
    assert!(csv("second").contains("4165550123,[PHONE],2023-09-01"));
    assert!(!csv("second").contains("2023-03"));
    assert!(csv("third").contains("[PHONE],9025550134,2023-09-01"));
    assert!(!csv("third").contains("4165550123"));
}

#[test]
fn an_id_that_is_no_name_of_a_folder_is_refused() {
    let bench = Bench::new();
    for id in ["../up", "a/b", ".hidden", ""] {
        let line = format!("{{\"id\":\"{id}\",\"identifiers\":[\"416 555 0123\"]}}\n");
        let args = ["disclose", "--subjects", "-", "--out", "packs", "in"];
        let ran = bench.with_input(&args, &line);
        assert_eq!(ran.status.code(), Some(2), "{id}");
        assert!(!bench.path("packs").exists());
    }
}

#[test]
fn no_more_is_told_than_is_known_of_who_asks() {
    let bench = Bench::new();
    let opened = [
        "case",
        "open",
        "24-17",
        "--profile",
        "ccpa",
        "--received",
        "2026-01-31",
    ];
    assert_eq!(bench.run(&opened).status.code(), Some(0));
    let mut packs = 0;
    // (points, declaration, categories may be told, records may be given)
    for (points, declaration, categories, pieces) in [
        (None, false, false, false),
        (Some("1"), true, false, false),
        (Some("2"), true, true, false),
        (Some("3"), false, true, false),
        (Some("3"), true, true, true),
    ] {
        if let Some(points) = points {
            let mut args = vec!["case", "verify", "24-17", "--points", points];
            args.extend(declaration.then_some("--declaration"));
            assert_eq!(bench.run(&args).status.code(), Some(0));
        }
        for (level, may) in [("categories", categories), ("pieces", pieces)] {
            let out = format!("pack-{packs}");
            packs += 1;
            let args = [
                "--case",
                "24-17",
                "--level",
                level,
                "--out",
                &out,
                "in/cdr.csv",
            ];
            let ran = bench.disclose(&args);
            let told = String::from_utf8(ran.stderr).unwrap();
            let code = if may { Some(0) } else { Some(2) };
            assert_eq!(
                ran.status.code(),
                code,
                "{points:?} {declaration} {level}: {told}"
            );
            assert_eq!(bench.path(&out).exists(), may);
            assert_eq!(told.contains("efface case verify"), !may, "{told}");
        }
    }
}

#[test]
fn what_was_somebodys_for_a_time_goes_from_that_time_alone() {
    let bench = Bench::new();
    std::fs::write(bench.path("calls.csv"), HANDED_ON).unwrap();
    let first = MANY.lines().next().unwrap();
    let args = [
        "erase",
        "--records",
        "--subjects",
        "-",
        "--apply",
        "calls.csv",
    ];
    let ran = bench.with_input(&args, first);
    assert_eq!(ran.status.code(), Some(0));
    let left = std::fs::read_to_string(bench.path("calls.csv")).unwrap();
    let expected: Vec<&str> = HANDED_ON
        .lines()
        .filter(|line| !line.contains("2023-03"))
        .collect();
    assert_eq!(left.lines().collect::<Vec<_>>(), expected);
    // What has no date may be the other's: it is left, and told.
    std::fs::write(
        bench.path("undated.csv"),
        "src,dst\n4165550123,6475550148\n",
    )
    .unwrap();
    let args = ["erase", "--subjects", "-", "--apply", "undated.csv"];
    let ran = bench.with_input(&args, first);
    let told = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(ran.status.code(), Some(3), "{told}");
    assert!(told.contains("its record has no date"), "{told}");
    let undated = std::fs::read_to_string(bench.path("undated.csv")).unwrap();
    assert!(undated.contains("4165550123"));
    // It is somebody else's by now, and is not kept out.
    let replay = bench.run(&["replay", "--apply", "calls.csv"]);
    assert!(matches!(replay.status.code(), Some(0 | 1)));
    assert_eq!(
        std::fs::read_to_string(bench.path("calls.csv")).unwrap(),
        left
    );
}
