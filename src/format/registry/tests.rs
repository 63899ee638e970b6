use super::*;

#[test]
fn an_unknown_format_names_the_nearest() {
    let Err(error) = by_name("txt") else {
        panic!("txt is no format")
    };
    assert!(error.to_string().contains("'text'"), "{error}");
}
