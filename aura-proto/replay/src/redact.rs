//! Redaction of texts: their shape and their public words remain.

use crate::known::{METADATA, WORDS};
use crate::stand_ins::{Space, StandIns};
use crate::written::{self, Characters, Written};
use aura_proto::Auth;
use aura_proto::replay_door::{STATE_CHARACTERS, public_texts};
use ring::hmac;
use serde_json::{Number, Value};
use zeroize::Zeroizing;

/// Members whose numbers are moments or lengths, and decide what happens.
const TIMES: [&str; 11] = [
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "mexp",
    "began",
    "issued_at",
    "expires_at",
    "refresh_token_expires_at",
    "expires_in",
    "refresh_token_expires_in",
];

/// The names of this machine that count as such, after which a port may stand.
const THIS_MACHINE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

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
    stand_ins: StandIns,
    /// Room for one word.
    meant: Zeroizing<String>,
}

impl Redactor {
    /// Knows the words of the protocols and those of a configuration.
    pub(crate) fn new(key: &[u8; 32], auth: &Auth) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let stand_ins = StandIns::new(&tag(&key, b"stand-ins"));
        let mut redactor = Self { key, stand_ins, meant: Zeroizing::default() };
        WORDS.iter().chain(&METADATA).for_each(|word| redactor.know(word));
        public_texts(auth).iter().for_each(|text| redactor.know(text));
        redactor
    }

    /// Knows the words of one more text.
    pub(crate) fn know(&mut self, text: &str) {
        let meant = written::meant(text);
        for word in meant.split(|c| !is_word(c)).filter(|word| !word.is_empty()) {
            self.stand_ins.know(word);
        }
    }

    /// Derives bytes from a text, under the key of the transcript and apart from its stand-ins.
    pub(crate) fn derive(&self, text: &str) -> [u8; 32] {
        tag(&self.key, format!("seed:{text}").as_bytes())
    }

    /// Redacts a text word by word. What is escaped stays escaped; so a `$` is only ever that of a placeholder.
    pub(crate) fn text(&mut self, space: Space, text: &str) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut rest = written::read(text);
        let mut word = Vec::new();
        loop {
            let kept = this_machine(&rest);
            for kept in rest.by_ref().take(kept) {
                redacted.push_str(kept.text);
            }
            word.clear();
            let mut after = rest.clone();
            while let Some(written) = after.next().filter(|written| is_word(written.meant)) {
                word.push(written);
                rest = after.clone();
            }
            if !word.is_empty() {
                self.word(space, &word, &mut redacted);
                continue;
            }
            match rest.next() {
                Some(written) if written.text == "$" => redacted.push('!'),
                Some(written) => redacted.push_str(written.text),
                None => return redacted,
            }
        }
    }

    fn word(&mut self, space: Space, word: &[Written<'_>], redacted: &mut String) {
        self.meant.clear();
        self.meant.extend(word.iter().map(|written| written.meant));
        // A state's beginning, which stands alone in the name of a cookie, begins its stand-in, too.
        let own = match space {
            Space::State => STATE_CHARACTERS,
            Space::Target | Space::Cookie | Space::Request | Space::Data => 0,
        };
        let mut spellings = word.iter();
        let write =
            |instead| spellings.next().into_iter().for_each(|written| written.write(instead, redacted));
        if !self.stand_ins.write(space, &self.meant, own, write) {
            redacted.extend(word.iter().map(|written| written.text));
        }
    }

    /// Redacts a JSON value, and overwrites its texts.
    pub(crate) fn json(&mut self, of: Json, json: Value) -> Value {
        match json {
            Value::Object(members) => {
                let redacted = members.into_iter().map(|(name, value)| {
                    let value = self.member(of, &name, value);
                    (self.text(Space::Data, &name), value)
                });
                Value::Object(redacted.collect())
            }
            Value::Array(values) => {
                values.into_iter().map(|value| self.member(of.within(), "", value)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.member(of, "", json),
        }
    }

    fn member(&mut self, of: Json, name: &str, json: Value) -> Value {
        match json {
            Value::String(text) => self.text(of.space(name), &Zeroizing::new(text)).into(),
            Value::Number(number) if of.keeps(name) => number.into(),
            Value::Number(number) => self.number(&number),
            Value::Array(_) | Value::Object(_) => self.json(of.within(), json),
            Value::Null | Value::Bool(_) => json,
        }
    }

    /// A whole number becomes another one, and any other the half.
    fn number(&mut self, number: &Number) -> Value {
        let mut other = |number: u64| self.text(Space::Data, &number.to_string()).parse().unwrap_or(u64::MAX);
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

fn tag(key: &hmac::Key, text: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(hmac::sign(key, text).as_ref()).for_each(|(to, from)| *to = *from);
    bytes
}

/// Words are what identifiers, numbers, names and base64url are made of; everything that is no ASCII; and controls, so that
/// the letters of UTF-16 are no words of their own.
fn is_word(c: char) -> bool {
    let is_space = matches!(c, '\t' | '\n' | '\r');
    c.is_ascii_alphanumeric() || c == '_' || c == '-' || !c.is_ascii() || (c.is_ascii_control() && !is_space)
}

/// How many characters a name of this machine has at the beginning of a text, with its port.
fn this_machine(text: &Characters<'_>) -> usize {
    let begins = |name: &&&str| {
        let mut text = text.clone();
        name.chars().all(|c| text.next().is_some_and(|written| written.meant.eq_ignore_ascii_case(&c)))
    };
    let Some(end) = THIS_MACHINE.iter().find(begins).map(|name| name.len()) else { return 0 };
    let mut after = text.clone().skip(end).map(|written| written.meant);
    match after.next() {
        Some(c) if is_word(c) => 0,
        Some(':') => {
            let port = after.by_ref().take_while(|c| is_word(*c));
            let (port, digits) = port.fold((0_usize, 0_usize), |(all, digits), c| {
                (all.saturating_add(1), digits.saturating_add(c.is_ascii_digit().into()))
            });
            if port == digits && (1..=5).contains(&port) {
                end.saturating_add(port).saturating_add(1)
            } else {
                end
            }
        }
        Some(_) | None => end,
    }
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
