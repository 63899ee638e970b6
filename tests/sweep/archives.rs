//! Records in compressed files and in archives go by their own time, or the file is named as one
//! that was not swept.

use super::make::{Zipped, bzip2, gzip, tar, tarred, xz, zip, zstd};
use super::world::World;

const RULE: &str = "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"cdr/**\"] }\n\
    max_age = \"18 months\"\naction = \"erase\"\n";
const ROWS: &str = "caller,start_time,note\n4165550123,2020-01-01 10:00:00,old\n\
    4165550124,2024-01-01 10:00:00,new\n";
const LEFT: &str = "caller,start_time,note\n4165550124,2024-01-01 10:00:00,new\n";

fn read(mut from: impl std::io::Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text
}

fn settles(world: &World, code: i32) {
    let after = world.all();
    let again = world.apply();
    assert_eq!(
        (again.code, world.all() == after),
        (code, true),
        "{}",
        again.out
    );
}

#[test]
fn records_of_compressed_files_go_by_their_own_time() {
    let world = World::new(RULE);
    world
        .put("cdr/a.csv.gz", gzip(ROWS.as_bytes()))
        .put("cdr/a.csv.bz2", bzip2(ROWS.as_bytes()))
        .put("cdr/a.csv.xz", xz(ROWS.as_bytes()))
        .put("cdr/a.csv.zst", zstd(ROWS.as_bytes()));
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let open = |name: &str| std::fs::File::open(world.path(name)).unwrap();
    for (name, text) in [
        (
            "gz",
            read(flate2::read::MultiGzDecoder::new(open("cdr/a.csv.gz"))),
        ),
        (
            "bz2",
            read(::bzip2::read::MultiBzDecoder::new(open("cdr/a.csv.bz2"))),
        ),
        (
            "xz",
            read(liblzma::read::XzDecoder::new_multi_decoder(open(
                "cdr/a.csv.xz",
            ))),
        ),
        (
            "zst",
            read(::zstd::Decoder::new(open("cdr/a.csv.zst")).unwrap()),
        ),
    ] {
        assert_eq!(text, LEFT, "{name}");
    }
    settles(&world, 0);
}

#[test]
fn records_of_archives_go_by_their_own_time() {
    let note = b"nothing with a time\n";
    let members = [
        Zipped::stored("in/rows.csv", ROWS.as_bytes()),
        Zipped::stored("in/new.csv", LEFT.as_bytes()),
    ];
    let tape = tar(&[
        tarred("in/rows.csv", b'0', ROWS.as_bytes()),
        tarred("in/new.csv", b'0', LEFT.as_bytes()),
    ]);
    let world = World::new(RULE);
    world
        .put("cdr/a.zip", zip(&members, b""))
        .put("cdr/b.tar", &tape)
        .put("cdr/c.tar.gz", gzip(&tape))
        // What no rule covers is not so much as opened.
        .put("else/d.zip", [&b"PK\x03\x04"[..], note].concat());
    let shown = world.sweep(&[]);
    assert_eq!(shown.code, 0, "{}{}", shown.out, shown.err);
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    let tape_left = |bytes: Vec<u8>| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        (text.matches(LEFT).count(), text.contains("old"))
    };
    let bytes = |name: &str| std::fs::read(world.path(name)).unwrap();
    assert_eq!(tape_left(bytes("cdr/a.zip")), (2, false));
    assert_eq!(tape_left(bytes("cdr/b.tar")), (2, false));
    let tape = read(flate2::read::MultiGzDecoder::new(
        &bytes("cdr/c.tar.gz")[..],
    ));
    assert_eq!(tape_left(tape.into_bytes()), (2, false));
    assert!(done.out.contains("old: 3 records erased"), "{}", done.out);
    assert!(
        done.out.contains("old: 6 records not due yet"),
        "{}",
        done.out
    );
    settles(&world, 0);
}

#[test]
fn what_cannot_be_taken_out_of_an_archive_is_named() {
    let recording = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0";
    let members = [
        Zipped::stored("in-20200101-100000.wav", recording),
        Zipped::stored("rows.csv", ROWS.as_bytes()),
    ];
    let world = World::new(RULE);
    world.put("cdr/a.zip", zip(&members, b""));
    let done = world.apply();
    assert_eq!(done.code, 3, "{}", done.out);
    assert!(
        done.out.contains("a.zip!in-20200101-100000.wav"),
        "{}",
        done.out
    );
    assert!(!done.out.contains("quotes"), "{}", done.out);
    assert!(done.out.contains("unpack it"), "{}", done.out);
    let left = std::fs::read(world.path("cdr/a.zip")).unwrap();
    let text = String::from_utf8_lossy(&left).into_owned();
    assert!(text.contains("WAVEfmt") && text.contains(LEFT) && !text.contains("old"));
    settles(&world, 3);
    // Rows of calls, of which nobody knows what else belongs to them.
    let world = World::new(&format!("{RULE}cascade = [\"rec/**\"]\n"));
    world
        .put("cdr/a.zip", zip(&members[1..], b""))
        .put("rec/1577872800.1.wav", "sound");
    let before = world.all();
    let done = world.apply();
    assert_eq!(
        (done.code, world.all() == before),
        (3, true),
        "{}",
        done.out
    );
}

#[test]
fn holds_and_duties_reach_into_archives() {
    let members = [Zipped::stored("in/rows.csv", ROWS.as_bytes())];
    let duty = |age: &str| {
        format!(
            "{RULE}[[duty]]\nid = \"law\"\nmatch = {{ paths = [\"cdr/**\"] }}\nmin_age = \"{age}\"\ncitation = \"law\"\n"
        )
    };
    for (policy, hold, stays) in [
        (
            RULE.to_owned(),
            Some(["--subject", "+1 416 555 0123"]),
            true,
        ),
        (
            RULE.to_owned(),
            Some(["--subject", "+1 416 555 0177"]),
            false,
        ),
        (RULE.to_owned(), Some(["--path", "data/cdr/a.zip"]), true),
        (duty("10 years"), None, true),
        (duty("2 years"), None, false),
    ] {
        let world = World::new(&policy);
        world.put("cdr/a.zip", zip(&members, b""));
        let before = world.all();
        if let Some([key, value]) = hold {
            let added = world.run(&["hold", "add", key, value, "--reason", "audit"]);
            assert_eq!(added.code, 0, "{}", added.err);
        }
        let done = world.apply();
        assert_eq!(done.code, 0, "{hold:?} {}{}", done.out, done.err);
        assert_eq!(
            world.all() == before,
            stays,
            "{hold:?} {policy} {}",
            done.out
        );
    }
}
