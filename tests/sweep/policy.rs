//! Policies that are wrong are refused with file, line and remedy, before anything is touched.

use super::world::World;

const RULE: &str = "[[rule]]\nid = \"old\"\nmatch = { paths = [\"**\"] }\nmax_age = \"18 months\"\naction = \"erase\"\n";

#[test]
fn a_wrong_policy_is_refused_with_file_line_and_remedy() {
    let cases: &[(&str, usize, &str, &str)] = &[
        (
            &format!("version = 2\n{RULE}"),
            1,
            "version 2",
            "version = 1",
        ),
        ("version = 1\n", 1, "no [[rule]]", "what goes when"),
        (
            &format!("version = 1\nverison = 1\n{RULE}"),
            2,
            "unknown key 'verison'",
            "version",
        ),
        (
            &format!("version = 1\n{RULE}max_agee = \"1 day\"\n"),
            7,
            "unknown key 'max_agee'",
            "max_age",
        ),
        (
            &format!("version = 1\n{}", RULE.replace("18 months", "0 days")),
            5,
            "'0 days'",
            "1 day",
        ),
        (
            &format!(
                "version = 1\n{}",
                RULE.replace("18 months", "eighteen months")
            ),
            5,
            "'eighteen months'",
            "numbers and units",
        ),
        (
            &format!("version = 1\n{}", RULE.replace("18 months", "2000 years")),
            5,
            "'2000 years'",
            "200 years",
        ),
        (
            &format!("version = 1\n{}", RULE.replace("erase", "destroy")),
            6,
            "'destroy'",
            "erase",
        ),
        (
            &format!(
                "version = 1\n{}",
                RULE.replace("paths = [\"**\"]", "entity = \"fone\"")
            ),
            4,
            "fone",
            "phone",
        ),
        (
            &format!("version = 1\n{RULE}{RULE}"),
            8,
            "line 3 already",
            "of its own",
        ),
        (
            &format!(
                "version = 1\n{RULE}{}",
                RULE.replace("old", "other")
                    .replace("\"erase\"", "\"redact\"")
                    .replace("18 months", "2 years")
            ),
            7,
            "never acts",
            "shorter",
        ),
        (
            &format!(
                "version = 1\n[[source]]\npaths = [\"**\"]\ntimezone = \"Mars/Olympus\"\n{RULE}"
            ),
            4,
            "Mars/Olympus",
            "America/Toronto",
        ),
        (
            &format!(
                "version = 1\n[[source]]\npaths = [\"a/**\"]\n[[source]]\npaths = [\"a/**\"]\ntimezone = \"UTC\"\n{RULE}"
            ),
            5,
            "line 2 already",
            "one of the two",
        ),
        (
            &format!(
                "version = 1\n{RULE}[[duty]]\nid = \"d\"\nmatch = {{ paths = [\"**\"] }}\nmin_age = \"1 year\"\ncitation = \"\"\n"
            ),
            11,
            "citation",
            "47 CFR 42.6",
        ),
        ("version = 1\n[[rule]\n", 2, "", "docs/RETENTION.md"),
    ];
    for (policy, line, what, remedy) in cases {
        let world = World::new(policy);
        world.put(
            "a.csv",
            "caller,start_time,status\n4165550123,2020-11-30 23:59:59,ok\n",
        );
        let before = world.all();
        for args in [&["--apply"][..], &[]] {
            let said = world.sweep(args);
            assert_eq!(said.code, 2, "{policy}\n{}", said.err);
            let place = format!("retention.toml:{line}:");
            assert!(said.err.contains(&place), "{place}\n{}", said.err);
            assert!(
                said.err.contains(what) && said.err.contains(remedy),
                "{what} {remedy}\n{}",
                said.err
            );
        }
        assert_eq!(world.all(), before);
    }
}

#[test]
fn a_policy_is_checked_and_a_record_explained() {
    let world = World::new(&format!(
        "version = 1\ndated = \"2024-01-31\"\n[[source]]\npaths = [\"data/*\"]\ntimezone = \"America/Toronto\"\n{RULE}[[duty]]\nid = \"toll\"\nmatch = {{ paths = [\"**\"] }}\nmin_age = \"2 years\"\ncitation = \"47 CFR 42.6\"\n"
    ));
    world.put(
        "a.csv",
        "caller,start_time,status\n4165550123,2022-06-30 23:30:00,ok\n",
    );
    let said = world.run(&["sweep", "--policy", "retention.toml", "--check"]);
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        "valid, dated 2024-01-31",
        "rule old (line 6): after 1 year 6 months",
        "duty toll: kept for 2 years (47 CFR 42.6)",
        "old waits for it",
    ] {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
    let explain = |record: &str| {
        world.run(&[
            "sweep",
            "--policy",
            "retention.toml",
            "--now",
            super::world::NOW,
            "--explain",
            record,
        ])
    };
    let said = explain("data/a.csv:1");
    assert_eq!(said.code, 0, "{}", said.err);
    for part in [
        "it is from 2022-06-30 23:30:00 America/Toronto",
        "due 2023-12-30 23:30:00 America/Toronto",
        "until 2024-06-30 23:30:00 America/Toronto",
        "it is kept by the duty toll",
    ] {
        assert!(said.out.contains(part), "{part}\n{}", said.out);
    }
    assert_eq!(explain("data/a.csv:2").code, 2);
    assert_eq!(explain("data/a.csv").code, 2);
}

#[test]
fn a_record_is_explained_as_it_is_swept_beneath_a_folder() {
    let rule = RULE.replace("[\"**\"]", "[\"cdr/**\"]");
    assert!(rule.contains("cdr/**"), "{rule}");
    let world = World::new(&format!("version = 1\n{rule}"));
    let text = "caller,start_time,status\n4165550123,2020-11-30 23:59:59,ok\n";
    world.put("cdr/a.csv", text);
    let explain = |root: Option<&'static str>| {
        let mut args = vec!["sweep", "--policy", "retention.toml", "--explain"];
        args.push("data/cdr/a.csv:1");
        args.extend(root);
        let said = world.run(&args);
        assert_eq!(said.code, 0, "{}", said.err);
        said.out
    };
    assert!(explain(Some("data")).contains("it is due by old"));
    assert!(explain(None).contains("name that as well"));
}

#[test]
fn a_clock_far_from_the_files_is_refused() {
    let world = World::new(&format!("version = 1\n{RULE}"));
    let text = "caller,start_time,status\n4165550123,2020-11-30 23:59:59,ok\n";
    world.put("a.csv", text);
    let file = std::fs::File::options()
        .write(true)
        .open(world.path("a.csv"))
        .unwrap();
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_hours(720);
    file.set_modified(ahead).unwrap();
    let said = world.run(&["sweep", "--policy", "retention.toml", "--apply", "data"]);
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(
        said.err.contains("clock") && said.err.contains("--now"),
        "{}",
        said.err
    );
    assert_eq!(world.text("a.csv"), text);
}

#[test]
fn every_policy_of_the_documentation_is_valid() {
    let page = include_str!("../../docs/RETENTION.md");
    let mut policies = 0;
    for part in page.split("```toml\n").skip(1) {
        let text = part.split("\n```").next().unwrap();
        let world = World::new(text);
        let said = world.run(&["sweep", "--policy", "retention.toml", "--check"]);
        assert_eq!(said.code, 0, "{text}\n{}", said.err);
        assert!(said.out.contains("retention.toml: valid"), "{}", said.out);
        policies += 1;
    }
    assert!(policies >= 3);
}

#[test]
fn the_units_are_valid_where_systemd_can_tell() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/systemd");
    let service = std::fs::read_to_string(format!("{folder}/efface-sweep.service")).unwrap();
    // What the unit types is what the program understands.
    let typed = service
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/efface "));
    let world = World::new(&format!("version = 1\n{RULE}"));
    let args: Vec<String> = typed
        .unwrap()
        .split(' ')
        .map(|word| match word {
            "/etc/efface/retention.toml" => "retention.toml".to_owned(),
            "/var/lib/efface" => "state-of-unit".to_owned(),
            "/var/lib/prometheus/node-exporter/efface.prom" => "efface.prom".to_owned(),
            "/srv/cdr" => "data".to_owned(),
            word => word.to_owned(),
        })
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let said = world.run(&args);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let figures = std::fs::read_to_string(world.folder.path().join("efface.prom")).unwrap();
    assert!(figures.contains("efface_sweep_exit_code 0\n"), "{figures}");
    // The program is not where the unit has it, so only the form is asked for.
    let unit = world.folder.path().join("efface-sweep.service");
    let program = std::env::current_exe().unwrap();
    let here = service.replace("/usr/bin/efface", &program.to_string_lossy());
    std::fs::write(&unit, here).unwrap();
    std::fs::copy(
        format!("{folder}/efface-sweep.timer"),
        world.folder.path().join("efface-sweep.timer"),
    )
    .unwrap();
    let timer = world.folder.path().join("efface-sweep.timer");
    let Ok(told) = std::process::Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args([&unit, &timer])
        .output()
    else {
        return;
    };
    let told = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(!told.contains("efface-sweep"), "{told}");
}
