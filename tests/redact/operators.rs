//! Each operator through the program, and which of them may not do what.

use crate::bench::Bench;

const LINE: &str = "call 416-555-0123 or jane.doe@example.com\n";

#[test]
fn each_operator_replaces_in_its_way() {
    for (operator, expected) in [
        ("mask", "call ************ or ********************\n"),
        ("label", "call [PHONE] or [EMAIL]\n"),
        ("partial", "call *******0123 or j***@e***.com\n"),
        ("remove", "call  or \n"),
        ("phone=label", "call [PHONE] or ********************\n"),
    ] {
        let bench = Bench::new();
        bench.put("a.txt", LINE);
        let ran = bench.run(&["redact", "--in-place", "--operator", operator, "a.txt"]);
        assert_eq!(ran.code, 0, "{operator}: {}{}", ran.out, ran.err);
        let text = String::from_utf8(bench.get("a.txt")).unwrap();
        assert_eq!(text, expected, "{operator}");
        assert_eq!(bench.found(&["."]), 0, "{operator}");
        let again = bench.run(&["redact", "--in-place", "--operator", operator, "a.txt"]);
        assert!(
            again.out.starts_with("nothing to change"),
            "{operator}: {}",
            again.out
        );
    }
}

#[test]
fn a_pseudonym_is_the_same_for_every_spelling_and_another_with_another_key() {
    let bench = Bench::new();
    bench.put("a.txt", "416-555-0123\n");
    bench.put("b.csv", "id,src\n1,+14165550123\n2,4165550123\n");
    let ran = bench.run(&["redact", "--in-place", "--operator", "phone=token", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = String::from_utf8(bench.get("a.txt")).unwrap();
    let token = text.trim_end();
    assert!(token.starts_with("PHONE_"), "{text}");
    let table = String::from_utf8(bench.get("b.csv")).unwrap();
    assert_eq!(table, format!("id,src\n1,{token}\n2,{token}\n"));
    assert_eq!(bench.found(&["."]), 0);
    bench.put("a.txt", "416-555-0123\n");
    let other = bench.path("../other");
    let ran = bench.run(&[
        "redact",
        "--in-place",
        "--operator",
        "token",
        "--state",
        other.to_str().unwrap(),
        "a.txt",
    ]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_ne!(String::from_utf8(bench.get("a.txt")).unwrap(), text);
}

#[test]
fn what_can_be_turned_back_is_for_copies_and_is_turned_back_with_the_key() {
    let bench = Bench::new();
    bench.put("a.txt", "call 416-555-0123 now\n");
    let refused = bench.run(&["redact", "--in-place", "--operator", "phone=fpe", "a.txt"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(refused.err.contains("hint: "), "{}", refused.err);
    assert_eq!(bench.get("a.txt"), b"call 416-555-0123 now\n");
    let ran = bench.run(&["redact", "--out", "out", "--operator", "phone=fpe", "a.txt"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let text = String::from_utf8(bench.get("out/a.txt")).unwrap();
    let hidden = text.split(' ').nth(1).unwrap();
    assert_ne!(hidden, "416-555-0123");
    assert_eq!(hidden.len(), 12);
    let revealed = bench.run_with(
        &["reveal", "--entity", "phone"],
        format!("{hidden}\n").as_bytes(),
    );
    assert_eq!(
        (revealed.code, revealed.out.as_str()),
        (0, "+14165550123\n"),
        "{}",
        revealed.err
    );
    let wrong = [
        "reveal",
        "--entity",
        "phone",
        "--key-id",
        "0123456789abcdef",
    ];
    let refused = bench.run_with(&wrong, format!("{hidden}\n").as_bytes());
    assert_eq!(refused.code, 2);
    assert!(
        !refused.err.contains("0123\n") && refused.err.contains("key"),
        "{}",
        refused.err
    );
}

#[test]
fn only_what_is_selected_goes() {
    const TABLE: &str = "src,dst,mail\n4165550123,6475550148,jane@example.com\n";
    for (args, expected) in [
        (
            &["--only", "email"][..],
            "src,dst,mail\n4165550123,6475550148,****************\n",
        ),
        (
            &["--except", "phone"],
            "src,dst,mail\n4165550123,6475550148,****************\n",
        ),
        (
            &["--field", "dst"],
            "src,dst,mail\n4165550123,**********,jane@example.com\n",
        ),
        (
            &["--subject", "+1 (416) 555-0123"],
            "src,dst,mail\n**********,6475550148,jane@example.com\n",
        ),
        (&["--min-confidence", "1"], TABLE),
    ] {
        let bench = Bench::new();
        bench.put("a.csv", TABLE);
        let mut all = vec!["redact", "--in-place"];
        all.extend(args);
        all.push("a.csv");
        let ran = bench.run(&all);
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
        assert_eq!(
            String::from_utf8(bench.get("a.csv")).unwrap(),
            expected,
            "{args:?}"
        );
    }
    let bench = Bench::new();
    bench.put("notes.txt", "the diabetes clinic called 416-555-0123\n");
    bench.put("a.csv", TABLE);
    let list = bench.put("../list", "# May\nemail:jane@example.com\n4165550123\n");
    let list = list.to_str().unwrap();
    let ran = bench.run(&["redact", "--in-place", "--subject-file", list, "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(
        bench.get("a.csv"),
        b"src,dst,mail\n**********,6475550148,****************\n"
    );
    assert_eq!(
        bench.get("notes.txt"),
        b"the diabetes clinic called ************\n"
    );
    let ran = bench.run(&["redact", "--in-place", "--only", "special", "."]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(
        bench.get("notes.txt"),
        b"the ******** clinic called ************\n"
    );
}
