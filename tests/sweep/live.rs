//! A system at work: logs that are written to and rotated, runs that are killed, overlap or stop
//! early.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::world::{NOW, World};

const POLICY: &str = "version = 1\n[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"18 months\"\naction = \"erase\"\n";

#[test]
fn a_sweep_over_a_log_that_is_written_to_and_rotated_loses_no_line() {
    let world = World::new(POLICY);
    let old: String = (0..200)
        .map(|n| format!("2020-01-01 10:00:00 old {n}\n"))
        .collect();
    world.put("app.log", &old);
    let (log, rotated) = (world.path("app.log"), world.path("app.log.1"));
    let stop = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                // Opened for each line, as many programs do; rotated now and then.
                let file = OpenOptions::new().append(true).create(true).open(&log);
                writeln!(file.unwrap(), "2024-01-01 10:00:00 new {written}").unwrap();
                written += 1;
                if written % 400 == 0 && !rotated.exists() {
                    fs::rename(&log, &rotated).unwrap();
                }
                std::thread::sleep(Duration::from_micros(200));
            }
            written
        });
        for _ in 0..6 {
            let code = world.apply().code;
            assert!(code == 0 || code == 3, "{code}");
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    assert_eq!(world.apply().code, 0);
    let all: String = world
        .all()
        .into_iter()
        .map(|(_, text)| String::from_utf8(text).unwrap())
        .collect();
    assert!(!all.contains(" old "), "what is old is gone in the end");
    let mut seen: Vec<u64> = all
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..written).collect::<Vec<_>>());
}

#[test]
fn a_killed_sweep_is_gone_on_with_and_ends_the_same() {
    let row = |year: u32, n: u32| format!("416555{:04},{year}-01-01 10:00:00,ok\n", 100 + n % 100);
    let make = || {
        let world = World::new(POLICY);
        for number in 0..60 {
            let rows: String = (0..200).map(|n| row(2019 + n % 6, n)).collect();
            world.put(
                &format!("f{number}.csv"),
                format!("caller,start_time,status\n{rows}"),
            );
        }
        world
    };
    let whole = make();
    assert_eq!(whole.apply().code, 0);
    let want = whole.all();
    let world = make();
    for pause in [5, 20, 60, 120, 40] {
        let args = [
            "sweep",
            "--policy",
            "retention.toml",
            "--now",
            NOW,
            "--apply",
            "-q",
            "data",
        ];
        let mut run = world.command(&args).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        run.kill().unwrap();
        run.wait().unwrap();
    }
    let done = world.apply();
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert_eq!(world.all(), want);
}

#[test]
fn a_budget_ends_a_run_and_the_next_goes_on() {
    let world = World::new(POLICY);
    for number in 0..6 {
        let rows = "4165550123,2020-01-01 10:00:00,ok\n".repeat(2000);
        world.put(
            &format!("f{number}.csv"),
            format!("caller,start_time,status\n{rows}"),
        );
    }
    let mut runs = 0;
    loop {
        let said = world.sweep(&["--apply", "--budget", "100K", "--json"]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
        runs += 1;
        assert!(runs < 10);
        if said.out.contains("\"carried_over\":false") {
            break;
        }
    }
    assert!(runs >= 3, "{runs}");
    assert!(
        world
            .all()
            .iter()
            .all(|(_, text)| text == b"caller,start_time,status\n")
    );
}

#[test]
fn what_cannot_have_come_due_is_not_read_again() {
    let world = World::new(POLICY);
    world.put(
        "new.csv",
        "caller,start_time,status\n4165550123,2024-01-01 10:00:00,ok\n",
    );
    assert_eq!(world.apply().code, 0);
    // Nobody could read it, and nobody has to.
    let said = world.sweep(&["--apply", "--json"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("\"later\":1"), "{}", said.out);
    // With its content changed it is looked at again.
    world.put(
        "new.csv",
        "caller,start_time,status\n4165550123,2020-01-01 10:00:00,ok\n",
    );
    let said = world.sweep(&["--apply", "--json"]);
    assert!(said.out.contains("\"erased\":1"), "{}", said.out);
}

#[test]
fn figures_and_the_page_tell_of_the_run_and_of_no_path() {
    let world = World::new(POLICY);
    world.put("secret-416-555-0123.csv", "caller,start_time,status\n4165550123,2020-01-01 10:00:00,ok\n4165550124,2024-01-01 10:00:00,ok\n");
    let said = world.sweep(&[
        "--apply",
        "-q",
        "--metrics",
        "efface.prom",
        "--report",
        "page.html",
    ]);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let figures = fs::read_to_string(world.folder.path().join("efface.prom")).unwrap();
    for line in [
        "efface_sweep_records{rule=\"old\",fate=\"erased\"} 1\n",
        "efface_sweep_records{rule=\"old\",fate=\"later\"} 1\n",
        "efface_sweep_files 1\n",
        "efface_sweep_applied 1\n",
    ] {
        assert!(figures.contains(line), "{line}{figures}");
    }
    let page = fs::read_to_string(world.folder.path().join("page.html")).unwrap();
    for part in [
        "<td>old</td><td>erased</td>",
        "2020-01",
        "<title>2025-07: 1</title>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    for text in [&figures, &page] {
        assert!(!text.contains("0123") && !text.contains("secret"), "{text}");
    }
    assert!(!page.contains("http"), "the page needs nothing else");
    // The receipt says what went, and can be checked.
    let receipts = world.folder.path().join("state/efface/receipts");
    let receipt = fs::read_dir(receipts)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(world.run(&["verify", receipt.to_str().unwrap()]).code, 0);
    assert!(
        fs::read_to_string(receipt)
            .unwrap()
            .contains("\"erased\":1")
    );
}
