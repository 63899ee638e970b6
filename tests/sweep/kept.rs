//! What holds and duties cover stays, however they are written and whatever else a file is due by.

use std::time::{Duration, SystemTime};

use super::make::{Zipped, zip};
use super::world::World;

const RULE: &str = "version = 1\n[[rule]]\nid = \"r\"\nmatch = { paths = [\"**\"] }\n\
    max_age = \"1 year\"\naction = \"erase\"\n";
/// An archive that is due by its name.
const NAME: &str = "b-20190101.zip";
const OLD: &str = "caller,start_time\n4165550123,2020-06-01 10:00:00\n";

fn with_duty(rule: &str, paths: &str, more: &str) -> String {
    format!(
        "{rule}[[duty]]\nid = \"law\"\nmatch = {{ paths = [\"{paths}\"]{more} }}\nmin_age = \"10 years\"\n\
         citation = \"law\"\n"
    )
}

fn by_file(action: &str) -> String {
    format!("{}event = \"file\"\n", RULE.replace("erase", action))
}

/// Makes a file one of the first day of 2019.
fn of_2019(world: &World, name: &str) {
    let file = std::fs::File::options()
        .write(true)
        .open(world.path(name))
        .unwrap();
    let at = SystemTime::UNIX_EPOCH + Duration::from_hours(429_528);
    file.set_modified(at).unwrap();
}

fn hold(world: &World, args: &[&str]) {
    let mut all = vec!["hold", "add"];
    all.extend(args);
    all.extend(["--reason", "audit"]);
    let added = world.run(&all);
    assert_eq!(added.code, 0, "{args:?} {}", added.err);
}

#[test]
fn a_hold_is_on_a_place_however_its_path_is_written() {
    let world = World::new(RULE);
    let absolute = world.path("f").to_string_lossy().into_owned();
    let twisted = absolute.replace("/data/f", "/data/x/../f");
    let plain = absolute.replace("/data/f", "//data/./f/");
    for path in [
        "data/f/",
        "./data/f",
        "data/../data/f/",
        &absolute,
        &format!("{absolute}/"),
        &twisted,
        &plain,
    ] {
        let world = World::new(RULE);
        let path = path.replace(
            &*absolute.replace("/data/f", ""),
            &world.path("f").to_string_lossy().replace("/data/f", ""),
        );
        world.put("f/a.csv", OLD).put("g.csv", OLD);
        hold(&world, &["--path", &path]);
        let done = world.apply();
        assert_eq!(done.code, 0, "{path} {}", done.err);
        assert_eq!(world.text("f/a.csv"), OLD, "{path}");
        assert_ne!(world.text("g.csv"), OLD, "{path}");
    }
    for path in ["", "data/**/../f", "data/[a"] {
        let refused = world.run(&["hold", "add", "--path", path, "--reason", "audit"]);
        assert_eq!(refused.code, 2, "{path} {}", refused.out);
        assert!(
            refused.err.contains("cannot be made a path"),
            "{}",
            refused.err
        );
    }
}

#[cfg(unix)]
#[test]
fn a_hold_follows_symbolic_links() {
    let world = World::new(RULE);
    world.put("f/a.csv", OLD);
    std::os::unix::fs::symlink(world.path("f"), world.folder.path().join("link")).unwrap();
    hold(&world, &["--path", "link/a.csv"]);
    world.apply();
    assert_eq!(world.text("f/a.csv"), OLD);
}

#[test]
fn a_folder_in_a_policy_is_all_beneath_it() {
    for paths in ["cdr", "cdr/", "./cdr/**", "./cdr", "cdr//**", "x/../cdr/"] {
        let world = World::new(&with_duty(RULE, paths, ""));
        world.put("cdr/in/a.csv", OLD).put("b.csv", OLD);
        let done = world.apply();
        assert_eq!(done.code, 0, "{paths} {}", done.err);
        assert_eq!(world.text("cdr/in/a.csv"), OLD, "{paths}");
        assert_ne!(world.text("b.csv"), OLD, "{paths}");
        // The same says what a rule covers.
        let world = World::new(&RULE.replace("\"**\"", &format!("\"{paths}\"")));
        world.put("cdr/in/a.csv", OLD).put("b.csv", OLD);
        world.apply();
        assert_ne!(world.text("cdr/in/a.csv"), OLD, "{paths}");
        assert_eq!(world.text("b.csv"), OLD, "{paths}");
    }
    // A file of that name, and no more than is said.
    let world = World::new(&RULE.replace("\"**\"", "\"a.csv\", \"log/*\", \".\""));
    world.put("a.csv", OLD);
    world.apply();
    assert_ne!(world.text("a.csv"), OLD);
    let world = World::new(&RULE.replace("\"**\"", "\"log/*\""));
    world.put("log/in/a.csv", OLD);
    world.apply();
    assert_eq!(world.text("log/in/a.csv"), OLD);
}

#[test]
fn an_absolute_path_that_is_nowhere_is_refused() {
    let world = World::new(&with_duty(RULE, "/no-such-folder/**", ""));
    world.put("a.csv", OLD);
    let refused = world.apply();
    assert_eq!(refused.code, 2, "{}", refused.out);
    for part in [
        "retention.toml:9",
        "'/no-such-folder/**'",
        "'no-such-folder/**'",
    ] {
        assert!(refused.err.contains(part), "{part}: {}", refused.err);
    }
    assert_eq!(world.text("a.csv"), OLD);
    // Nor may one that is there be meant for what lies beneath.
    let world = World::new(&with_duty(RULE, "/usr/**", ""));
    world.put("usr/a.csv", OLD);
    assert_eq!(world.apply().code, 2);
    assert_eq!(world.text("usr/a.csv"), OLD);
    let world = World::new(&with_duty(RULE, "/usr/**", ""));
    world.put("a.csv", OLD);
    assert_eq!(world.apply().code, 0);
    // One beneath what is swept counts from the root of the system.
    let world = World::new("");
    let policy = with_duty(RULE, &format!("{}/", world.path("cdr").display()), "");
    std::fs::write(world.folder.path().join("retention.toml"), policy).unwrap();
    world.put("cdr/a.csv", OLD).put("b.csv", OLD);
    assert_eq!(world.apply().code, 0);
    assert_eq!(world.text("cdr/a.csv"), OLD);
    assert_ne!(world.text("b.csv"), OLD);
}

#[test]
fn an_archive_does_not_go_unread_where_something_in_it_is_kept() {
    let archive = || {
        zip(
            &[
                Zipped::stored("in/a.csv", OLD.as_bytes()),
                Zipped::stored("in/b.csv", OLD.as_bytes()),
            ],
            b"",
        )
    };
    let kept = |world: &World| {
        let bytes = std::fs::read(world.path(NAME)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.matches("4165550123,2020").count()
    };
    for (policy, held, left) in [
        (RULE.to_owned(), None, 0),
        (RULE.to_owned(), Some("data/b-20190101.zip!in/a.csv"), 1),
        (RULE.to_owned(), Some("data/**/a.csv"), 1),
        (RULE.to_owned(), Some("data/b-20190101.zip"), 2),
        (RULE.to_owned(), Some("data/c.zip!in/a.csv"), 0),
        (with_duty(RULE, "**", ""), None, 2),
        (with_duty(RULE, "**", ", format = \"csv\""), None, 2),
        (with_duty(RULE, "c*.zip", ""), None, 0),
        (with_duty(&by_file("erase"), "**", ""), None, 2),
    ] {
        let world = World::new(&policy);
        world.put(NAME, archive());
        of_2019(&world, NAME);
        if let Some(path) = held {
            hold(&world, &["--path", path]);
        }
        let done = world.apply();
        assert_eq!(done.code, 0, "{held:?} {policy} {}{}", done.out, done.err);
        assert_eq!(kept(&world), left, "{held:?} {policy} {}", done.out);
        let told = done.out.contains("by a hold") || done.out.contains("held");
        assert_eq!(told, held.is_some() && left > 0, "{}", done.out);
    }
}

#[test]
fn a_hold_on_a_time_asks_the_records_own_time() {
    for policy in [RULE.to_owned(), by_file("erase"), by_file("delete-file")] {
        let world = World::new(&policy);
        world.put("a.csv", OLD);
        world.put("b.csv", OLD.replace("2020", "2019"));
        world.put(
            "old-20190101.zip",
            zip(&[Zipped::stored("a.csv", OLD.as_bytes())], b""),
        );
        for name in ["a.csv", "b.csv", "old-20190101.zip"] {
            of_2019(&world, name);
        }
        hold(&world, &["--from", "2020-01-01", "--to", "2021-01-01"]);
        let done = world.apply();
        assert_eq!(done.code, 0, "{policy} {}{}", done.out, done.err);
        assert_eq!(world.text("a.csv"), OLD, "{policy}");
        let gone = !world.has("b.csv") || !world.text("b.csv").contains("4165550123");
        assert!(gone, "{policy}");
        let left = std::fs::read(world.path("old-20190101.zip")).unwrap();
        assert!(String::from_utf8_lossy(&left).contains("2020-06-01"));
    }
}

#[test]
fn a_duty_asks_the_records_own_time() {
    let new = OLD.replace("2020", "2024");
    let rows = format!("{OLD}4165550124,2024-01-01 10:00:00\n");
    let policy = |rule: &str| with_duty(rule, "**", "").replace("10 years", "18 months");
    for rule in [by_file("erase"), by_file("delete-file")] {
        let world = World::new(&policy(&rule));
        world.put("a.csv", &rows).put("b.csv", OLD);
        world
            .put("call-20240101.wav", "sound")
            .put("call-20190101.wav", "sound")
            .put("x.7z", b"7z\xBC\xAF\x27\x1C\0\x04")
            .put(
                "z-20190101.zip",
                zip(&[Zipped::stored("a.csv", new.as_bytes())], b""),
            );
        for (name, _) in world.all() {
            of_2019(&world, name.trim_start_matches('/'));
        }
        let shown = world.sweep(&[]);
        let done = world.apply();
        assert_eq!(done.code, 0, "{rule} {}{}", done.out, done.err);
        let counted = |said: &str| said.matches("by the duty").count();
        assert_eq!(counted(&shown.out), counted(&done.out), "{}", shown.out);
        assert!(world.text("a.csv").contains("4165550124"), "{rule}");
        let gone = !world.has("b.csv") || !world.text("b.csv").contains("4165550123");
        assert!(gone, "{rule}");
        assert!(world.has("call-20240101.wav"), "{rule}");
        assert!(!world.has("call-20190101.wav"), "{rule}");
        assert!(world.has("x.7z"), "{rule}");
        assert!(world.has("z-20190101.zip"), "{rule}");
        let after = world.all();
        let again = world.apply();
        assert_eq!((again.code, world.all()), (0, after), "{}", again.out);
    }
}

#[test]
fn what_is_left_when_every_record_went_is_no_record() {
    let world = World::new(&by_file("erase"));
    world
        .put("a.csv", OLD)
        .put("b.json", "[{\"caller\":\"4165550123\"}]")
        .put("c.log", "2020-01-01 10:00:00 call 4165550123\n");
    for name in ["a.csv", "b.json", "c.log"] {
        of_2019(&world, name);
    }
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(done.out.contains("3 records erased"), "{}", done.out);
    let after = world.all();
    assert!(after.iter().all(|(_, text)| !text.contains(&b'4')));
    assert_eq!(after.len(), 3);
    let again = world.apply();
    assert_eq!((again.code, world.all()), (0, after), "{}", again.out);
    assert!(!again.out.contains("erased"), "{}", again.out);
    // Files go where files are to go.
    let world = World::new(&by_file("delete-file"));
    world.put("a.csv", "caller,start_time\n").put("c.log", "");
    for name in ["a.csv", "c.log"] {
        of_2019(&world, name);
    }
    assert_eq!(world.apply().code, 0);
    assert!(world.all().is_empty());
}

#[test]
fn what_nobody_can_look_into_stays_for_what_may_be_in_it() {
    let office = zip(
        &[
            Zipped::stored("[Content_Types].xml", b"<Types/>"),
            Zipped::stored("word/document.xml", b"<w:document/>"),
        ],
        b"",
    );
    let make = |policy: &str| {
        let world = World::new(policy);
        world
            .put("a-20190101.docx", &office)
            .put("b-20190101.7z", b"7z\xBC\xAF\x27\x1C\0\x04")
            .put("c-20190101.pdf", b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n")
            .put("d-20190101.amr", b"#!AMR\n\x3C\0\0\0");
        world
    };
    let left = |world: &World| {
        let names = world.all().into_iter();
        let names = names.map(|(name, _)| name.get(1..2).unwrap().to_owned());
        names.collect::<String>()
    };
    for (policy, hold_on, stays) in [
        (RULE.to_owned(), None, ""),
        // A duty for tables reaches into what may hold some.
        (with_duty(RULE, "**", ", format = \"csv\""), None, "ab"),
        (with_duty(RULE, "c*", ""), None, "c"),
        (RULE.to_owned(), Some(["--from", "2020-01-01"]), "abc"),
        (RULE.to_owned(), Some(["--path", "data/a*!**"]), "a"),
    ] {
        let world = make(&policy);
        if let Some(args) = hold_on {
            hold(&world, &args);
        }
        for _ in 0..2 {
            let done = world.apply();
            let all = format!("{hold_on:?} {policy} {}{}", done.out, done.err);
            assert_eq!((left(&world).as_str(), done.code), (stays, 0), "{all}");
        }
    }
}
