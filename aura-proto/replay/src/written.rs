//! Spellings of a text: each character as itself, percent-encoded once or twice, or as `\u00e9`. A reader of a text may
//! decode it first.
//!
//! Twice, because a URL in the query of another one has escapes of its own: `redirectTo=%2Fcaf%25C3%25A9`. What is encoded more
//! often reads as words of hexadecimal digits, which are replaced like any others.

/// One character of a text.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    /// The character.
    pub(crate) meant: char,
    /// How it stands in the text.
    pub(crate) text: &'a str,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Percent(Escaped),
    /// An escaped byte that belongs to no character.
    Byte(Escaped),
    /// `\u0041`, in JSON and elsewhere.
    Utf16,
    /// Half of a character that takes two of these.
    Half,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escaped {
    /// `%41`.
    Single,
    /// `%2541`.
    Double,
}

/// The characters of a text, in order.
#[derive(Clone)]
pub(crate) struct Characters<'a>(&'a str);

/// Reads a text, character by character.
pub(crate) fn read(text: &str) -> Characters<'_> {
    Characters(text)
}

/// Returns what a text means.
pub(crate) fn meant(text: &str) -> String {
    read(text).map(|written| written.meant).collect()
}

impl<'a> Iterator for Characters<'a> {
    type Item = Written<'a>;

    fn next(&mut self) -> Option<Written<'a>> {
        let plain = self.0.chars().next()?;
        let escaped = match plain {
            '%' => percent(self.0),
            '\\' => backslash(self.0),
            _ => None,
        };
        let (meant, length, form) = escaped.unwrap_or((plain, plain.len_utf8(), Form::Plain));
        let (text, rest) = self.0.split_at_checked(length).unwrap_or((self.0, ""));
        self.0 = rest;
        Some(Written { meant, text, form })
    }
}

fn percent(text: &str) -> Option<(char, usize, Form)> {
    let (first, escaped, length) = byte(text)?;
    let further = match first {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => 0,
    };
    let (mut bytes, mut end) = (vec![first], length);
    for _ in 0..further {
        match text.get(end..).and_then(byte) {
            Some((next, same, length)) if same == escaped => {
                bytes.push(next);
                end = end.saturating_add(length);
            }
            Some(_) | None => break,
        }
    }
    let meant = str::from_utf8(&bytes).ok().and_then(|text| text.chars().next());
    Some(match meant {
        Some(meant) => (meant, end, Form::Percent(escaped)),
        None => (char::REPLACEMENT_CHARACTER, length, Form::Byte(escaped)),
    })
}

/// Reads an escaped byte: its value, how often it is escaped, and how long all of it is.
fn byte(text: &str) -> Option<(u8, Escaped, usize)> {
    let hex = |at: usize| {
        let digits = text.get(at..at.saturating_add(2))?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    };
    let byte = text.starts_with('%').then(|| hex(1))??;
    match hex(3).filter(|_| byte == b'%') {
        Some(inner) => Some((inner, Escaped::Double, 5)),
        None => Some((byte, Escaped::Single, 3)),
    }
}

fn backslash(text: &str) -> Option<(char, usize, Form)> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| is_hex)
    };
    if let Some(first) = unit(0) {
        let pair = unit(6).map(|second| [first, second]);
        let whole = |units: &[u16]| String::from_utf16(units).ok().and_then(|text| text.chars().next());
        return Some(match (whole(&[first]), pair.and_then(|pair| whole(&pair))) {
            (Some(meant), _) => (meant, 6, Form::Utf16),
            (None, Some(meant)) => (meant, 12, Form::Utf16),
            (None, None) => (char::REPLACEMENT_CHARACTER, 6, Form::Half),
        });
    }
    // What JSON escapes (RFC 8259 section 7) is a backslash at most.
    text.get(1..2).filter(|second| "bfnrt\"\\/".contains(*second)).map(|_| ('\\', 2, Form::Plain))
}

impl Written<'_> {
    /// Writes another character in the same form.
    pub(crate) fn write(self, instead: char, to: &mut String) {
        match self.form {
            Form::Plain => to.push(instead),
            Form::Percent(escaped) => {
                instead.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| escaped.write(byte, to));
            }
            Form::Byte(escaped) => escaped.write(0xff, to),
            Form::Utf16 => {
                for unit in instead.encode_utf16(&mut [0; 2]) {
                    to.push_str(&format!("\\u{unit:04x}"));
                }
            }
            Form::Half => to.push_str("\\ud800"),
        }
    }
}

impl Escaped {
    fn write(self, byte: u8, to: &mut String) {
        to.push_str(match self {
            Self::Single => "%",
            Self::Double => "%25",
        });
        for digit in [byte >> 4, byte & 0xf] {
            to.extend(char::from_digit(digit.into(), 16).map(|digit| digit.to_ascii_uppercase()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_escaped_is_read_as_what_it_means() {
        for (text, expected) in [
            ("a%2Fb", "a/b"),
            ("%D0%98\u{432}%41", "\u{418}\u{432}A"),
            ("%25D0%2598", "\u{418}"),
            ("%25252F", "%2F"),
            ("%25252", "%2"),
            ("100%25", "100%"),
            ("%2", "%2"),
            ("%+1%-1", "%+1%-1"),
            ("%F0%9F%98%80", "\u{1f600}"),
            ("%E5%BC", "\u{fffd}\u{fffd}"),
            ("%E5%25BC%A0", "\u{fffd}\u{fffd}\u{fffd}"),
            ("\\u0418\\u0041\\ud83d\\ude00", "\u{418}A\u{1f600}"),
            ("\\ud83dx\\u+041", "\u{fffd}x\\u+041"),
            ("\\n\\\\u0041\\x41", "\\\\u0041\\x41"),
            ("\\", "\\"),
        ] {
            assert_eq!(meant(text), expected, "{text}");
        }
    }

    #[test]
    fn a_character_takes_the_place_of_another_in_its_form() {
        let swapped = |text: &str, instead: char| {
            let mut to = String::new();
            read(text).for_each(|written| written.write(instead, &mut to));
            to
        };
        assert_eq!(swapped("a%61%2561\\u0061", 'z'), "z%7A%257A\\u007a");
        assert_eq!(swapped("%25D0%2598", '\u{e9}'), "%25C3%25A9");
        assert_eq!(swapped("%ff%25fe\\ud83d", 'z'), "%FF%25FF\\ud800");
        assert_eq!(swapped("\\ud83d\\ude00", '\u{1d49c}'), "\\ud835\\udc9c");
    }

    proptest! {
        #[test]
        fn every_part_of_a_text_belongs_to_one_character(text in "(\\PC|%|[0-9a-fA-F]{2}|25|\\\\u?|d83d){0,24}") {
            prop_assert_eq!(read(&text).map(|written| written.text).collect::<String>(), text);
        }
    }
}
