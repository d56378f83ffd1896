//! What may be shown of a text? Its shape, and the words that everybody knows.

use super::known::WORDS;
use ring::hmac;
use std::collections::{BTreeMap, BTreeSet};

/// Members whose numbers are moments or lengths, and decide what happens.
pub(super) const TIMES: [&str; 11] = [
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "seconds",
    "mexp",
    "issued_at",
    "expires_at",
    "refresh_token_expires_at",
    "expires_in",
    "refresh_token_expires_in",
];

/// Replaces what is not known by stand-ins of the same shape.
pub(super) struct Redactor {
    key: hmac::Key,
    words: BTreeSet<String>,
    /// Pieces that have a stand-in of their own, such as a state's beginning in the name of a cookie.
    pieces: BTreeMap<String, String>,
}

impl Redactor {
    /// Knows the words of the protocols and those of some texts of the configuration.
    pub(super) fn new<'a>(key: [u8; 32], known: impl IntoIterator<Item = &'a str>) -> Self {
        let words = WORDS
            .iter()
            .copied()
            .chain(known.into_iter().flat_map(words))
            .map(str::to_ascii_lowercase)
            .collect();
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), words, pieces: BTreeMap::new() }
    }

    /// Knows the words of one more text.
    pub(super) fn know(&mut self, text: &str) {
        self.words.extend(words(text).map(str::to_ascii_lowercase));
    }

    /// Derives bytes from a text, under the key of the stand-ins.
    pub(super) fn derive(&self, text: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.key, text.as_bytes());
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// Notes that the beginning of a text, which stands alone elsewhere, begins its stand-in there, too.
    pub(super) fn begins(&mut self, text: &str, length: usize) {
        let stand_in = self.text(text);
        if let (Some(beginning), Some(stand_in)) = (text.get(..length), stand_in.get(..length)) {
            self.pieces.insert(beginning.to_owned(), stand_in.to_owned());
        }
    }

    /// Redacts a text word by word. What is escaped by `%` or `\` stays, since it is structure; so does `$0$`.
    pub(super) fn text(&self, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let kept = escape(rest);
            let length = if kept > 0 {
                kept
            } else if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (piece, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            if kept == 0 && is_word(first) {
                redacted.push_str(&self.word(piece));
            } else {
                redacted.push_str(piece);
            }
            rest = after;
        }
        redacted
    }

    fn word(&self, word: &str) -> String {
        if let Some(stand_in) = self.pieces.get(word) {
            return stand_in.clone();
        }
        // The number of a chunk of a cookie decides what happens, and says nothing.
        let is_index = word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_index || self.words.contains(&word.to_ascii_lowercase()) {
            word.to_owned()
        } else {
            self.stand_in(word)
        }
    }

    /// Derives a word of the same shape. Case is kept, and words that differ in case alone still do.
    fn stand_in(&self, word: &str) -> String {
        let lower = word.to_ascii_lowercase();
        // A word is hashed once, however long it is and its stand-in with it.
        let seed = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&self.key, lower.as_bytes()).as_ref());
        let mut bytes = (0_u32..).flat_map(|block| hmac::sign(&seed, &block.to_be_bytes()).as_ref().to_vec());
        let mut drawn = || bytes.next().unwrap_or_default();
        word.chars()
            .enumerate()
            .map(|(at, c)| match c {
                'a'..='z' => char::from(b'a'.saturating_add(drawn() % 26)),
                'A'..='Z' => char::from(b'A'.saturating_add(drawn() % 26)),
                // A number keeps its length, and is no octal one.
                '1'..='9' if at == 0 => char::from(b'1'.saturating_add(drawn() % 9)),
                '1'..='9' => char::from(b'0'.saturating_add(drawn() % 10)),
                '0' if at > 0 => char::from(b'0'.saturating_add(drawn() % 10)),
                c if c.is_ascii() => c,
                c => match c.len_utf8() {
                    2 => '\u{e9}',
                    3 => '\u{4e2d}',
                    _ => '\u{1d49c}',
                },
            })
            .collect()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

/// Words are what identifiers, numbers, names and base64url are made of.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// The length of an escape at the beginning of a text: `%2F`, `\n`, `\u00e9`, or a placeholder; else zero.
fn escape(text: &str) -> usize {
    let hex = |from: usize, to: usize| {
        text.get(from..to).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    match text.as_bytes() {
        // An escape that is itself escaped decides what happens once it is read.
        [b'%', b'2', b'5', ..] if hex(3, 5) => 5,
        [b'%', ..] if hex(1, 3) => 3,
        [b'\\', b'u', ..] if hex(2, 6) => 6,
        [b'\\', second, ..] if second.is_ascii() => 2,
        [b'$', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits > 0 && rest.get(digits) == Some(&b'$') { digits.saturating_add(2) } else { 0 }
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redactor() -> Redactor {
        Redactor::new([7; 32], ["https://app.test/auth"])
    }

    #[test]
    fn the_protocol_stays_and_everything_else_goes() {
        let redacted = redactor().text("/auth/callback/github?code=s3cret%2FA&state=$0$&error=invalid_grant");
        let (before, after) = redacted.split_once("?code=").unwrap();
        assert!(before.starts_with("/auth/callback/") && !before.contains("github"));
        assert!(after.ends_with("&state=$0$&error=invalid_grant") && after.contains("%2F"));
        assert!(!redacted.contains("s3cret"));
        let json =
            redactor().text(r#"{"access_token":"gho_Abc123","id":583231,"name":"Ad\u00e9a\n\"x","ok":true}"#);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert!(json["id"].is_u64() && json["access_token"].as_str().unwrap().len() == 10);
        assert!(!json.to_string().contains("583231") && !json.to_string().contains("Abc"));
    }

    #[test]
    fn an_escape_that_is_escaped_stays_for_whoever_reads_it_next() {
        let redacted = redactor().text("/?redirectTo=%2F%252fsecret");
        assert!(redacted.starts_with("/?redirectTo=%2F%252f") && !redacted.contains("secret"), "{redacted}");
    }

    #[test]
    fn numbers_stay_numbers_and_every_digit_may_be_another() {
        let redactor = redactor();
        let of =
            |numbers: Vec<u32>| numbers.iter().map(|n| redactor.text(&n.to_string())).collect::<Vec<_>>();
        let nines = of((999_000..999_200).collect());
        assert!(nines.iter().all(|number| number.len() == 6 && !number.starts_with('0')));
        assert!(
            nines.iter().any(|number| number[1..].contains('0'))
                && nines.iter().any(|number| number.as_str() < "5")
        );
        let zeros = of((1..10).map(|n| n * 100_000_000).collect());
        assert!(zeros.iter().all(|number| !number.ends_with("00000000")));
        assert!((100..200).all(|n| redactor.text(&format!("0{n}")).starts_with('0')));
    }

    #[test]
    fn letters_of_every_alphabet_go() {
        assert_eq!(redactor().text("\u{416}\u{43e}\u{301}"), "\u{e9}\u{e9}\u{301}");
        assert_eq!(redactor().text("\u{5b57} \u{10330}"), "\u{4e2d} \u{1d49c}");
    }

    #[test]
    fn what_only_begins_like_an_escape_is_none() {
        for text in
            ["%25secret", "%secret", "\\usecret", "\\\u{e9}secret", "$secret$", "$$secret", "$123secret"]
        {
            let redacted = redactor().text(text);
            assert!(!redacted.contains("se") && !redacted.contains("123"), "{text}: {redacted}");
        }
        assert_eq!(redactor().text("$123$"), "$123$");
        assert_ne!(redactor().text("$123;"), "$123;");
    }

    #[test]
    fn the_beginning_of_a_state_begins_its_stand_in() {
        let mut redactor = redactor();
        redactor.begins("Abcdefgh-ijkl_mnop", 8);
        let whole = redactor.text("Abcdefgh-ijkl_mnop");
        assert_eq!(redactor.text("x.Abcdefgh=1").split(['.', '=']).nth(1), whole.get(..8));
    }

    proptest! {
        #[test]
        fn equal_words_have_equal_stand_ins_of_their_shape(word in "[a-zA-Z0-9_-]{4,40}", other in "[a-zA-Z0-9_-]{4,40}") {
            let redactor = redactor();
            let stand_in = redactor.text(&word);
            prop_assert_eq!(&stand_in, &redactor.text(&word));
            prop_assert_eq!(stand_in.len(), word.len());
            let class = |c: char| (c.is_ascii_lowercase(), c.is_ascii_uppercase(), c.is_ascii_digit());
            prop_assert!(stand_in.chars().zip(word.chars()).all(|(new, old)| class(new) == class(old)));
            let otherwise = Redactor::new([8; 32], []);
            let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
            prop_assert!(letters < 12 || otherwise.text(&word) != stand_in);
            let long = other.bytes().filter(u8::is_ascii_alphabetic).count() >= 12;
            prop_assert!(word == other || !long || redactor.text(&other) != stand_in);
        }

        #[test]
        fn any_text_keeps_its_length_and_its_punctuation(text: String) {
            let redacted = redactor().text(&text);
            prop_assert_eq!(redacted.len(), text.len());
            let punctuation = |text: &str| text.chars().filter(|c| !c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(punctuation(&redacted), punctuation(&text));
        }
    }
}
