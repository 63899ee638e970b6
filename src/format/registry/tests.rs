use super::*;

#[test]
fn an_unknown_format_names_the_nearest() {
    let head = Head {
        text: b"",
        name: "",
        whole: true,
    };
    let Err(error) = choose(&head, Some("txt")) else {
        panic!("txt is no format")
    };
    assert!(error.to_string().contains("'text'"), "{error}");
}
