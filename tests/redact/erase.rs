//! `erase`: records go, the rest stays valid, and nothing happens without `--apply`.

use crate::bench::Bench;

#[test]
fn records_of_a_subject_go_and_shared_ones_lose_its_side() {
    let cases = [
        (
            "a.csv",
            "src,dst,secs\n4165550123,6475550148,5\n6475550148,9025550134,6\n4165550123,,7\n",
            "src,dst,secs\n**********,6475550148,5\n6475550148,9025550134,6\n",
        ),
        (
            "b.jsonl",
            "{\"from\":\"+14165550123\"}\n{\"from\":\"+16475550148\"}\n",
            "{\"from\":\"+16475550148\"}\n",
        ),
        (
            "c.json",
            "[{\"from\":\"+14165550123\"}, {\"from\":\"+16475550148\"}, {\"from\":\"+14165550123\"}]\n",
            "[{\"from\":\"+16475550148\"} ]\n",
        ),
        (
            "d.log",
            "one 416-555-0123\ntwo\nthree (416) 555-0123\n",
            "two\n",
        ),
    ];
    let bench = Bench::new();
    for (name, old, _) in cases {
        bench.put(name, old);
    }
    let order = ["erase", "--subject", "416 555 0123", "."];
    let shown = bench.run(&order);
    assert_eq!(shown.code, 0, "{}{}", shown.out, shown.err);
    assert!(shown.out.contains("nothing was changed"), "{}", shown.out);
    assert!(!shown.out.contains("0123"), "{}", shown.out);
    for (name, old, _) in cases {
        assert_eq!(bench.get(name), old.as_bytes(), "{name}");
    }
    let ran = bench.run(&["erase", "--subject", "416 555 0123", "--apply", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for (name, _, new) in cases {
        assert_eq!(String::from_utf8(bench.get(name)).unwrap(), new, "{name}");
    }
    let none = bench.run(&["erase", "--subject", "416 555 0123", "--apply", "."]);
    assert_eq!(
        none.code, 1,
        "the subject is not found any more: {}",
        none.out
    );
}

#[test]
fn whole_records_and_values_alone_are_a_choice() {
    for (flag, new) in [
        ("--records", "src,dst\n6475550148,9025550134\n"),
        (
            "--values",
            "src,dst\n**********,6475550148\n6475550148,9025550134\n",
        ),
    ] {
        let bench = Bench::new();
        bench.put(
            "a.csv",
            "src,dst\n4165550123,6475550148\n6475550148,9025550134\n",
        );
        let ran = bench.run(&[
            "erase",
            flag,
            "--subject",
            "+14165550123",
            "--apply",
            "a.csv",
        ]);
        assert_eq!(ran.code, 0, "{flag}: {}{}", ran.out, ran.err);
        assert_eq!(
            String::from_utf8(bench.get("a.csv")).unwrap(),
            new,
            "{flag}"
        );
    }
}

#[test]
fn last_elements_take_their_comma_with_them() {
    for (old, new) in [
        ("[{\"p\":\"+14165550123\"}]", "[]"),
        ("[{\"a\":1},{\"p\":\"+14165550123\"}]", "[{\"a\":1}]"),
        (
            "[{\"a\":1},{\"p\":\"+14165550123\"},{\"q\":\"+14165550123\"}]",
            "[{\"a\":1}]",
        ),
        (
            "[{\"p\":\"+14165550123\"},{\"a\":1},{\"q\":\"+14165550123\"}]",
            "[{\"a\":1}]",
        ),
    ] {
        let bench = Bench::new();
        bench.put("a.json", old);
        let ran = bench.run(&["erase", "--subject", "+14165550123", "--apply", "a.json"]);
        assert_eq!(ran.code, 0, "{old}: {}{}", ran.out, ran.err);
        let text = String::from_utf8(bench.get("a.json")).unwrap();
        assert_eq!(text, new);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}

#[test]
fn a_saved_plan_is_followed_only_where_nothing_changed() {
    let bench = Bench::new();
    let table = "src,dst\n4165550123,6475550148\n6475550148,9025550134\n";
    bench.put("a.csv", table);
    bench.put("b.csv", table);
    bench.put("c.csv", "src,dst\n6475550148,9025550134\n");
    let plan = bench.path("../plan");
    let plan = plan.to_str().unwrap();
    let subject = "+1 416 555 0123";
    let ran = bench.run(&[
        "erase",
        "--records",
        "--subject",
        subject,
        "--save-plan",
        plan,
        ".",
    ]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(bench.get("a.csv"), table.as_bytes());
    let text = std::fs::read_to_string(plan).unwrap();
    // Digests and times may hold any few digits by chance.
    for spelled in ["4165550123", "5550123", "555 0123", "555-0123"] {
        assert!(!text.contains(spelled), "{text}");
    }
    let again = bench.run(&["erase", "--only", "phone", "--save-plan", plan, "."]);
    assert_eq!(again.code, 2, "a plan is never overwritten: {}", again.err);
    bench.put("b.csv", format!("{table}4165550123,\n"));
    let shown = bench.run(&["erase", "--plan", plan]);
    assert!(shown.out.contains("nothing was changed"), "{}", shown.out);
    let ran = bench.run(&["erase", "--plan", plan, "--apply"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(
        ran.out.contains("not what the plan was made for"),
        "{}",
        ran.out
    );
    assert_eq!(bench.get("a.csv"), b"src,dst\n6475550148,9025550134\n");
    assert!(bench.get("b.csv").starts_with(table.as_bytes()));
    let other = bench.path("../other");
    let other = other.to_str().unwrap();
    let refused = bench.run(&["erase", "--plan", plan, "--apply", "--state", other]);
    assert_eq!(refused.code, 2, "another key: {}", refused.err);
    bench.put("none", "{}");
    assert_eq!(bench.run(&["erase", "--plan", "none", "--apply"]).code, 2);
}

#[test]
fn a_certificate_says_what_went_what_stayed_and_whom_to_tell() {
    let bench = Bench::new();
    bench.put("calls.csv", "src,dst\n4165550123,6475550148\n4165550123,\n");
    bench.put("calls.csv.bak", "left alone, 416 555 0123\n");
    bench.put("rec-4165550123.log", "from 4165550123\n");
    bench.put("rec-4165550123.log.1", "nothing\n");
    bench.put("old.bin", "\0\u{1}\u{2}PK\0\0");
    let policy = bench.path("../policy.toml");
    std::fs::write(
        &policy,
        "[[source]]\npaths = [\"calls.csv\"]\nrecipients = [\"Carrier Inc\"]\n",
    )
    .unwrap();
    let written = bench.path("../done.txt");
    let (policy, file) = (policy.to_str().unwrap(), written.to_str().unwrap());
    let order = [
        "erase",
        "--subject",
        "+1 416 555 0123",
        "--apply",
        "--exclude",
        "*.bak",
        "--policy",
        policy,
        "--certificate",
        file,
        ".",
    ];
    let ran = bench.run(&order);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    let text = std::fs::read_to_string(&written).unwrap();
    for part in [
        "Certificate of erasure",
        "NOT COMPLETE",
        "./calls.csv: 1 records removed, 2 values in all",
        "./rec-[PHONE].log: 1 records removed",
        "./old.bin: not read whole (opaque)",
        "- ./calls.csv.bak\n",
        "Carrier Inc (got data of 1 changed files)",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    // A rotated file that the run read is none that was not touched.
    assert!(!text.contains("- ./rec-[PHONE].log.1\n"), "{text}");
    let stays = "- ./rec-[PHONE].log.1: 1 values could not be changed";
    assert!(text.contains(stays), "its name: {text}");
    assert!(!text.contains("0123"), "{text}");
    let again = bench.run(&order);
    assert_eq!(again.code, 2, "a certificate is never overwritten");
}
