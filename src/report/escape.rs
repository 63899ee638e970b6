//! How untrusted text goes out: as a JSON string, to a terminal, or in a message.
//!
//! Names and values come from strangers. JSON escapes everything that could steer a terminal
//! whoever reads it, because the escaped string is the same string; text for people is escaped
//! only where it meets a terminal or stands in a sentence.

use std::fmt;
use std::path::Path;

/// Whether a character could move a cursor, hide text or turn its direction.
fn is_hostile(c: char) -> bool {
    matches!(c,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// The bytes that stand for themselves in a JSON string.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'"' && byte != b'\\';
        byte += 1;
    }
    plain
};

/// Appends `text` as a JSON value: a string, or `{"bytes":"<base64>"}` when it is not UTF-8.
pub(super) fn json(out: &mut Vec<u8>, text: &[u8]) {
    if text.iter().all(|b| PLAIN[usize::from(*b)]) {
        out.push(b'"');
        out.extend_from_slice(text);
        out.push(b'"');
        return;
    }
    if let Ok(text) = std::str::from_utf8(text) {
        json_str(out, text);
    } else {
        out.extend_from_slice(b"{\"bytes\":\"");
        base64(out, text);
        out.extend_from_slice(b"\"}");
    }
}

fn json_str(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            c if is_hostile(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.extend_from_slice(b"\\u");
                    for shift in [12, 8, 4, 0] {
                        out.push(HEX[usize::from(*unit >> shift & 15)]);
                    }
                }
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// Appends standard base64 with padding (RFC 4648 section 4).
fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let byte = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            out.push(if digit <= group.len() {
                DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]
            } else {
                b'='
            });
        }
    }
}

/// Appends `text` so that a terminal shows it and does nothing else: what could steer it, and
/// bytes that are not UTF-8, appear as `\x1b`, `\u{202e}`, `\xff`.
pub(super) fn terminal(out: &mut Vec<u8>, text: &[u8]) {
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                c if c.is_ascii() && is_hostile(c) => hex_byte(out, c as u8),
                c if is_hostile(c) => {
                    out.extend_from_slice(c.escape_unicode().to_string().as_bytes());
                }
                c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        for byte in chunk.invalid() {
            hex_byte(out, *byte);
        }
    }
}

/// Appends `text` as text of an HTML page, in an element or a quoted attribute: markup and what could
/// hide or turn text stands for itself.
pub(crate) fn html(out: &mut Vec<u8>, text: &[u8]) {
    let mut plain = Vec::new();
    terminal(&mut plain, text);
    for byte in plain {
        match byte {
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            byte => out.push(byte),
        }
    }
}

/// A time in seconds since 1970 as RFC 3339 writes it, in UTC.
pub(crate) fn rfc3339(time: i64) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| String::new(), |time| time.to_string())
}

fn hex_byte(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(b"\\x");
    out.push(HEX[usize::from(byte >> 4)]);
    out.push(HEX[usize::from(byte & 15)]);
}

/// A path or an argument in a sentence: on one line, with nothing that could steer a terminal.
pub struct Shown<'a>(&'a [u8]);

impl<'a> Shown<'a> {
    /// A path.
    pub fn path(path: &'a Path) -> Self {
        Shown(path.as_os_str().as_encoded_bytes())
    }

    /// An argument as it was typed.
    pub fn text(text: &'a str) -> Self {
        Shown(text.as_bytes())
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(self.0.len());
        terminal(&mut out, self.0);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json_of(text: &[u8]) -> String {
        let mut out = Vec::new();
        json(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    fn terminal_of(text: &[u8]) -> String {
        let mut out = Vec::new();
        terminal(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_strings_read_back_and_hold_nothing_that_steers_a_terminal() {
        for (text, expected) in [
            ("plain.csv", r#""plain.csv""#),
            ("", r#""""#),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("line\nbreak\ttab\r", r#""line\nbreak\ttab\r""#),
            ("\x1b[31mred\x07", r#""\u001b[31mred\u0007""#),
            ("del\x7f c1\u{9b}", r#""del\u007f c1\u009b""#),
            ("cod\u{202e}gpj", r#""cod\u202egpj""#),
            ("tag\u{e0041}", r#""tag\udb40\udc41""#),
            ("café \u{1f4de}", "\"café \u{1f4de}\""),
        ] {
            assert_eq!(json_of(text.as_bytes()), expected);
            let back: String = serde_json::from_str(&json_of(text.as_bytes())).unwrap();
            assert_eq!(back, text);
        }
    }

    #[test]
    fn bytes_that_are_no_utf8_become_base64() {
        for (bytes, expected) in [
            (&b"\xff"[..], r#"{"bytes":"/w=="}"#),
            (b"a\xff", r#"{"bytes":"Yf8="}"#),
            (b"ab\xff", r#"{"bytes":"YWL/"}"#),
            (b"abc\xff", r#"{"bytes":"YWJj/w=="}"#),
        ] {
            assert_eq!(json_of(bytes), expected);
        }
    }

    #[test]
    fn a_terminal_gets_no_control_character() {
        for (text, expected) in [
            (&b"plain name.csv"[..], "plain name.csv"),
            (b"\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
            (b"two\nlines\r\t", r"two\nlines\r\t"),
            ("\u{9b}31m".as_bytes(), r"\u{9b}31m"),
            (
                "a\u{202e}b\u{200b}c\u{feff}".as_bytes(),
                r"a\u{202e}b\u{200b}c\u{feff}",
            ),
            (b"bad\xff\xfe", r"bad\xff\xfe"),
            ("naïve \u{6f22}".as_bytes(), "naïve \u{6f22}"),
        ] {
            assert_eq!(terminal_of(text), expected);
        }
    }
}
