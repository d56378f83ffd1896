//! Redaction of texts: their shape and their public words remain.

use crate::known::WORDS;
use crate::signed::METADATA;
use crate::written::{self, Written};
use aura_proto::Auth;
use aura_proto::replay_door::{STATE_CHARACTERS, public_texts};
use ring::hmac;
use serde_json::{Number, Value};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Members whose numbers are moments or lengths, and decide what happens.
const TIMES: [&str; 10] = [
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "mexp",
    "issued_at",
    "expires_at",
    "refresh_token_expires_at",
    "expires_in",
    "refresh_token_expires_in",
];

/// The names of this machine that count as such, after which a port may stand.
const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// How many stand-ins are drawn at most for one that is no known word: `dev` must not become the id of a provider.
const MAX_DRAWN: u8 = 8;

/// Where equal words have equal stand-ins, since the flow compares them. In two of these they have not, so that a link
/// that somebody else made does not tell which of its words are those of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Where a request arrived and where a redirect leads: hosts, paths, targets.
    Target,
    /// States, and their beginnings in the names of cookies.
    State,
    /// Cookies that do not open.
    Cookie,
    /// What else a request says.
    Request,
    /// What was sealed, and what providers answered.
    Data,
}

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    /// A sign-in attempt of ours.
    Attempt,
    /// Claims or a grant, whose outermost times decide what happens.
    Claims,
    /// Anything else.
    Other,
}

/// Replaces what is not known by stand-ins of the same shape.
pub(crate) struct Redactor {
    key: hmac::Key,
    words: BTreeSet<String>,
}

impl Redactor {
    /// Knows the words of the protocols and those of a configuration.
    pub(crate) fn new(key: &[u8; 32], auth: &Auth) -> Self {
        let mut redactor = Self { key: hmac::Key::new(hmac::HMAC_SHA256, key), words: BTreeSet::new() };
        WORDS.iter().chain(&METADATA).for_each(|word| redactor.know(word));
        public_texts(auth).iter().for_each(|text| redactor.know(text));
        redactor
    }

    /// Knows the words of one more text.
    pub(crate) fn know(&mut self, text: &str) {
        let meant = written::meant(text).to_ascii_lowercase();
        let words = meant.split(|c| !is_word(c)).filter(|word| !word.is_empty());
        self.words.extend(words.map(str::to_owned));
    }

    /// Derives bytes from a text, under the key of the stand-ins and apart from these.
    pub(crate) fn derive(&self, text: &str) -> [u8; 32] {
        tag(&self.key, &[b"seed:", text.as_bytes()])
    }

    /// Redacts a text word by word. What is escaped stays escaped; so a `$` is only ever that of a placeholder.
    pub(crate) fn text(&self, space: Space, text: &str) -> String {
        let all: Vec<_> = written::read(text).collect();
        let mut redacted = String::with_capacity(text.len());
        let mut rest = all.as_slice();
        while let Some(first) = rest.first() {
            let kept = this_machine(rest);
            let length = match kept {
                0 => rest.iter().position(|written| !is_word(written.meant)).unwrap_or(rest.len()),
                kept => kept,
            };
            let (piece, after) = rest.split_at_checked(length.max(1)).unwrap_or((rest, &[]));
            if kept == 0 && length > 0 {
                self.word(space, piece, &mut redacted);
            } else if first.text == "$" {
                redacted.push('!');
            } else {
                redacted.extend(piece.iter().map(|written| written.text));
            }
            rest = after;
        }
        redacted
    }

    fn word(&self, space: Space, word: &[Written<'_>], redacted: &mut String) {
        let lower: Zeroizing<String> =
            Zeroizing::new(word.iter().map(|written| written.meant.to_ascii_lowercase()).collect());
        if self.words.contains(lower.as_str()) {
            redacted.extend(word.iter().map(|written| written.text));
            return;
        }
        let mut drawn = (0..MAX_DRAWN).map(|round| self.stand_in(space, word, &lower, round));
        let is_known = |drawn: &String| self.words.contains(&drawn.to_ascii_lowercase());
        let found = drawn.find(|drawn| !is_known(drawn));
        let found = found.unwrap_or_else(|| self.stand_in(space, word, &lower, 0));
        word.iter().zip(found.chars()).for_each(|(written, instead)| written.write(instead, redacted));
    }

    fn stand_in(&self, space: Space, word: &[Written<'_>], lower: &str, round: u8) -> String {
        // A state's beginning, which stands alone in the name of a cookie, begins its stand-in, too.
        let own = match space {
            Space::State => STATE_CHARACTERS,
            Space::Target | Space::Cookie | Space::Request | Space::Data => 0,
        };
        let end = lower.char_indices().nth(own).map_or(lower.len(), |(at, _)| at);
        let beginning = lower.get(..end).filter(|beginning| !beginning.is_empty());
        let drawn = beginning.into_iter().flat_map(|beginning| self.draw(space, beginning, round)).take(own);
        // What goes on is drawn from the whole, which differs where the beginnings are equal.
        let drawn = drawn.chain(self.draw(space, lower, round));
        let shaped = word.iter().enumerate().zip(drawn);
        shaped.map(|((at, written), byte)| shaped_as(at, written.meant, byte)).collect()
    }

    /// Draws as many bytes as it takes for a word, whose length counts once.
    fn draw(&self, space: Space, word: &str, round: u8) -> impl Iterator<Item = u8> {
        let space: &[u8] = match space {
            Space::Target => b"target:",
            Space::State => b"state:",
            Space::Cookie => b"cookie:",
            Space::Request => b"request:",
            Space::Data => b"data:",
        };
        let first = tag(&self.key, &[space, &[round], word.as_bytes()]);
        (0_u32..).flat_map(move |block| match block {
            0 => first,
            _ => tag(&hmac::Key::new(hmac::HMAC_SHA256, &first), &[&block.to_be_bytes()]),
        })
    }

    /// Redacts a JSON value, and overwrites its texts.
    pub(crate) fn json(&self, of: Json, json: Value) -> Value {
        match json {
            Value::Object(members) => {
                let redacted = members
                    .into_iter()
                    .map(|(name, value)| (self.text(Space::Data, &name), self.member(of, &name, value)));
                Value::Object(redacted.collect())
            }
            Value::Array(values) => {
                values.into_iter().map(|value| self.member(of.within(), "", value)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.member(of, "", json),
        }
    }

    fn member(&self, of: Json, name: &str, json: Value) -> Value {
        match json {
            Value::String(text) => self.text(of.space(name), &Zeroizing::new(text)).into(),
            Value::Number(number) if of.keeps(name) => number.into(),
            Value::Number(number) => self.number(&number),
            Value::Array(_) | Value::Object(_) => self.json(of.within(), json),
            Value::Null | Value::Bool(_) => json,
        }
    }

    /// A whole number becomes another one, and any other the half.
    fn number(&self, number: &Number) -> Value {
        let other = |number: u64| self.text(Space::Data, &number.to_string()).parse().unwrap_or(u64::MAX);
        if let Some(number) = number.as_u64() {
            return other(number).into();
        }
        match number.as_i64() {
            Some(number) => {
                i64::try_from(other(number.unsigned_abs())).map_or(i64::MIN, i64::saturating_neg).into()
            }
            None => 0.5.into(),
        }
    }
}

impl Json {
    /// What stands inside.
    fn within(self) -> Self {
        match self {
            Self::Attempt => Self::Attempt,
            Self::Claims | Self::Other => Self::Other,
        }
    }

    fn space(self, name: &str) -> Space {
        match (self, name) {
            (Self::Attempt, "state") => Space::State,
            (Self::Attempt, "redirect_to" | "redirect_uri") => Space::Target,
            (Self::Attempt | Self::Claims | Self::Other, _) => Space::Data,
        }
    }

    /// Tells whether a number decides what happens.
    fn keeps(self, name: &str) -> bool {
        match self {
            Self::Attempt => TIMES.contains(&name) || name == "seconds",
            Self::Claims => TIMES.contains(&name),
            Self::Other => false,
        }
    }
}

fn tag(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(context.sign().as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}

/// Returns a character of the same kind. Case is kept, and words that differ in case alone still do.
fn shaped_as(at: usize, of: char, byte: u8) -> char {
    let among = |first: u8, count: u8| char::from(first.saturating_add(byte.checked_rem(count).unwrap_or(0)));
    match of {
        'a'..='z' => among(b'a', 26),
        'A'..='Z' => among(b'A', 26),
        // A number keeps its length and is no octal one, and a port stays one.
        '0' if at == 0 => '0',
        '1'..='9' if at == 0 => among(b'1', 5),
        '0'..='9' => among(b'0', 10),
        of => match of.len_utf8() {
            1 => of,
            2 => '\u{e9}',
            3 => '\u{4e2d}',
            _ => '\u{1d49c}',
        },
    }
}

/// Words are what identifiers, numbers, names and base64url are made of; everything that is no ASCII; and controls, so that
/// the letters of UTF-16 are no words of their own.
fn is_word(c: char) -> bool {
    let is_space = matches!(c, '\t' | '\n' | '\r');
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || !c.is_ascii() || (c.is_ascii_control() && !is_space)
}

/// The length of a name of this machine at the beginning of a text, with its port.
fn this_machine(text: &[Written<'_>]) -> usize {
    let meant = |at: usize| text.get(at).map(|written| written.meant);
    let begins = |name: &&&str| {
        name.chars().enumerate().all(|(at, c)| meant(at).is_some_and(|meant| meant.eq_ignore_ascii_case(&c)))
    };
    let Some(end) = THIS_MACHINE.iter().find(begins).map(|name| name.len()) else { return 0 };
    if meant(end).is_some_and(is_word) {
        return 0;
    }
    let port = text.iter().skip(end).skip(1).take_while(|written| written.meant.is_ascii_digit()).count();
    let port_end = end.saturating_add(port).saturating_add(1);
    let is_port = meant(end) == Some(':') && (1..=5).contains(&port);
    if is_port && !meant(port_end).is_some_and(is_word) { port_end } else { end }
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
