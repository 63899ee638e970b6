//! What a pack may not say: each mistake is named with file, line and reason.

#[allow(dead_code, reason = "only its errors matter here")]
#[path = "../../../../build/pack.rs"]
mod pack;

/// A pack of which `list` is the third line and on.
fn refusal(list: &str) -> String {
    let text = format!("entity = \"special.health\"\nexamples = []\n{list}\n");
    pack::Source::new("p.toml", &text)
        .parse()
        .map(|_| ())
        .unwrap_err()
        .to_string()
}

#[test]
fn mistakes_are_named_with_file_line_and_reason() {
    let list = |terms: &str| {
        let head = "counter_examples = []\n[[list]]\nlang = \"en\"\nconfidence = 0.9\nterms = [";
        format!("{head}\n{terms}]")
    };
    for (text, expected) in [
        (list("\"a b\",\n7,"), "p.toml:9: this is not a table"),
        (
            list("\"a {b\","),
            "p.toml:8: an opening brace has no closing one",
        ),
        (
            list("\"a} b\","),
            "p.toml:8: a closing brace has no opening one",
        ),
        (
            list("\"a {b{c}}\","),
            "p.toml:8: braces stand inside braces",
        ),
        (list("\"{|a}\","), "p.toml:8: a form is empty"),
        (
            list("{ trem = \"a\" },"),
            "p.toml:8: unknown key 'trem'; known are term, ",
        ),
        (list("{ upper = true },"), "p.toml:8: 'term' is missing"),
        (
            list("{ term = \"a\", confidence = 2.0 },"),
            "p.toml:8: confidence is not from",
        ),
        (
            list("{ term = \"a\", confidence = 1 },"),
            "p.toml:8: confidence is not from",
        ),
        (
            list("{ term = \"a\", not = \"b a\" },"),
            "p.toml:8: this is not an array",
        ),
        (
            list("{ term = \"a\", after = [\"@who\"] },"),
            "p.toml:8: no set is named 'who'",
        ),
        (
            "counter_examples = [\"a [b]\"]".to_owned(),
            "p.toml:3: an example marks each hit",
        ),
        ("list = [".to_owned(), "p.toml:"),
        (String::new(), "p.toml:1: 'counter_examples' is missing"),
    ] {
        let refused = refusal(&text);
        assert!(refused.starts_with(expected), "{text}\ngave {refused}");
    }
}
