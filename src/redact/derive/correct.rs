//! A value in the place of one that was wrong, in the shape in which that stood there.

/// `new`, as it was typed, in the shape of `old` where both are numbers of as many digits, or `old`
/// is the same without a country code: `(416) 555-0123` becomes `(647) 555-0148`.
pub(super) fn in_shape(old: &[u8], new: &str) -> String {
    let digits =
        |text: &[u8]| -> Vec<u8> { text.iter().copied().filter(u8::is_ascii_digit).collect() };
    let (was, is) = (digits(old), digits(new.as_bytes()));
    let shaped = old
        .iter()
        .all(|b| b.is_ascii_digit() || b" +-.()/".contains(b));
    let plain = new
        .bytes()
        .all(|b| b.is_ascii_digit() || b" +-.()/".contains(&b));
    let international = old.first() == Some(&b'+');
    let fits = was.len() == is.len()
        || was.len() + 1 == is.len() && !international && is.starts_with(b"1");
    if !shaped || !plain || !fits || was.is_empty() {
        return new.to_owned();
    }
    let mut coming = is.iter().skip(is.len() - was.len());
    old.iter()
        .map(|b| {
            if b.is_ascii_digit() {
                coming.next().map_or(*b, |b| *b)
            } else {
                *b
            }
        })
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_takes_the_shape_of_the_one_before() {
        for (old, new, put) in [
            ("(416) 555-0123", "+1 647 555 0148", "(647) 555-0148"),
            ("4165550123", "6475550148", "6475550148"),
            ("+14165550123", "+1 647 555 0148", "+16475550148"),
            ("+14165550123", "6475550148", "6475550148"),
            ("4165550123", "+44 20 7946 0018", "+44 20 7946 0018"),
            (
                "jane@example.com",
                "jane.doe@example.com",
                "jane.doe@example.com",
            ),
            ("four one six", "6475550148", "6475550148"),
        ] {
            assert_eq!(in_shape(old.as_bytes(), new), put, "{old}");
        }
    }
}
