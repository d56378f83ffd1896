//! A writer of JSON objects, and a reader of what it writes (RFC 8259).

use memchr::memchr;
use serde::{Deserialize, Serialize};

/// A JSON object that is written member by member.
///
/// `serde_json` looks at each byte of a text for what has to be escaped, which takes ten instructions a byte. Nearly all
/// texts have nothing of the kind, and vector instructions tell so by less than one a byte.
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
pub struct Object<'a> {
    json: &'a mut Vec<u8>,
    /// What separates the next member from what is before it.
    separator: u8,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub fn begin(json: &'a mut Vec<u8>) -> Self {
        Self { json, separator: b'{' }
    }

    /// Adds a text.
    pub fn text(mut self, name: &'static str, text: &str) -> Self {
        self.name(name);
        write_text(self.json, text);
        self
    }

    /// Adds a text, where there is one.
    pub fn optional_text(self, name: &'static str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds any other value.
    pub fn value(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.name(name);
        write(self.json, value);
        self
    }

    /// Adds a value that has been written.
    pub fn json(mut self, name: &'static str, json: &[u8]) -> Self {
        self.name(name);
        self.json.extend_from_slice(json);
        self
    }

    /// Adds a value under any name. All other names are of our own making, and have nothing to escape.
    pub fn any(mut self, name: &str, value: &impl Serialize) -> Self {
        self.json.push(std::mem::replace(&mut self.separator, b','));
        write_text(self.json, name);
        self.json.push(b':');
        write(self.json, value);
        self
    }

    /// Adds an object.
    pub fn object(mut self, name: &'static str, write: impl FnOnce(Object<'_>) -> Object<'_>) -> Self {
        self.name(name);
        write(Object::begin(self.json)).end();
        self
    }

    /// Ends the object.
    pub fn end(self) {
        if self.separator == b'{' {
            self.json.push(b'{');
        }
        self.json.push(b'}');
    }

    fn name(&mut self, name: &'static str) {
        for part in [&[self.separator, b'"'], name.as_bytes(), b"\":"] {
            self.json.extend_from_slice(part);
        }
        self.separator = b',';
    }
}

/// Appends a value.
pub fn write(json: &mut Vec<u8>, value: &impl Serialize) {
    // Cannot fail: every name is a text, and a buffer takes what it is given.
    let written = serde_json::to_writer(json, value);
    debug_assert!(written.is_ok());
}

/// Appends a text in quotation marks.
pub fn write_text(json: &mut Vec<u8>, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    // Not `all`, which stops at the first other byte: vector instructions do not.
    if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        write(json, &text);
    }
}

/// The rest of an object in the form that [`Object`] writes: in a known order, without spaces and escapes.
///
/// A member that is not the next one is absent. A value of another form is `None`, and the object is left to a general reader.
/// To read six texts and four numbers takes 1,300 instructions.
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
pub struct PlainMembers<'a>(&'a str);

impl<'a> PlainMembers<'a> {
    /// Begins an object that has a member.
    pub fn begin(text: &'a str) -> Option<Self> {
        // A control character is not JSON, and a backslash begins an escape. If there is none in all of the text, a quotation
        // mark ends each text.
        let is_odd = |byte: u8| (byte < b' ') | (byte == b'\\');
        // Not `any`, which stops at the first other byte: vector instructions do not.
        let has_odd = text.bytes().fold(false, |found, byte| found | is_odd(byte));
        text.strip_prefix('{').filter(|rest| rest.starts_with('"') && !has_odd).map(Self)
    }

    /// Reads a text, where it is the next member.
    #[inline(always)]
    pub fn text(&mut self, name: &'static str) -> Option<Option<&'a str>> {
        let Some(rest) = self.behind_name(name) else { return Some(None) };
        let rest = rest.strip_prefix('"')?;
        let (text, rest) = cut(rest, memchr(b'"', rest.as_bytes())?)?;
        self.take(rest).map(|()| Some(text))
    }

    /// Reads a time in seconds, where it is the next member: a number of ten digits, as it is until the year 2286.
    #[inline(always)]
    pub fn seconds(&mut self, name: &'static str) -> Option<Option<u64>> {
        let Some(rest) = self.behind_name(name) else { return Some(None) };
        let digits = rest.as_bytes().first_chunk::<10>()?;
        let has_other = digits.iter().fold(false, |found, byte| found | !byte.is_ascii_digit());
        let is_number = !has_other && digits.first() != Some(&b'0');
        let number = digits
            .iter()
            .fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit & 0xf)));
        self.take(rest.get(digits.len()..).filter(|_| is_number)?).map(|()| Some(number))
    }

    /// Reads any other value, where it is the next member.
    pub fn value<T: Deserialize<'a>>(&mut self, name: &'static str) -> Option<Option<T>> {
        let Some(rest) = self.behind_name(name) else { return Some(None) };
        let (value, rest) = first_value(rest)?;
        self.take(rest).map(|()| Some(value))
    }

    /// Reads past any value, where the next member has a name of this kind. Returns the name. Nothing is kept of a text, which is
    /// read past at once, and of other values what `T` keeps.
    pub fn any<T: Deserialize<'a>>(&mut self, is_meant: impl Fn(&str) -> bool) -> Option<Option<&'a str>> {
        let quoted = |rest: &'a str| {
            let rest = rest.strip_prefix('"')?;
            cut(rest, rest.bytes().position(|byte| byte == b'"')?)
        };
        let Some((name, rest)) = quoted(self.0).filter(|(name, _)| is_meant(name)) else { return Some(None) };
        let rest = rest.strip_prefix(':')?;
        let behind = match rest.strip_prefix('"') {
            Some(rest) => rest.get(memchr(b'"', rest.as_bytes())?.saturating_add(1)..)?,
            None => first_value::<T>(rest)?.1,
        };
        self.take(behind).map(|()| Some(name))
    }

    /// Tells whether the object has ended.
    pub fn end(self) -> bool {
        self.0.is_empty()
    }

    /// Returns what is behind the name of the next member.
    #[inline(always)]
    fn behind_name(&self, name: &'static str) -> Option<&'a str> {
        self.0.strip_prefix('"')?.strip_prefix(name)?.strip_prefix("\":")
    }

    /// Goes on behind a value: to another member, or to the end.
    fn take(&mut self, rest: &'a str) -> Option<()> {
        self.0 = match rest.strip_prefix(',') {
            Some(rest) => Some(rest).filter(|rest| rest.starts_with('"')),
            None => Some("").filter(|_| rest == "}"),
        }?;
        Some(())
    }
}

/// Cuts a text at a quotation mark, which is in neither part.
fn cut(text: &str, at: usize) -> Option<(&str, &str)> {
    Some((text.get(..at)?, text.get(at.saturating_add(1)..)?))
}

/// Reads a value of any form, and returns it with what is behind it.
fn first_value<'a, T: Deserialize<'a>>(rest: &'a str) -> Option<(T, &'a str)> {
    let mut values = serde_json::Deserializer::from_str(rest).into_iter();
    let value = values.next()?.ok()?;
    let (read, rest) = rest.split_at_checked(values.byte_offset())?;
    // A general reader goes down 127 levels, of which the object around this value is one.
    let levels = read.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
    (levels < 100).then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn object(write: impl FnOnce(Object<'_>) -> Object<'_>) -> String {
        let mut json = Vec::new();
        write(Object::begin(&mut json)).end();
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn members_are_written_in_the_order_given() {
        assert_eq!(object(|object| object), "{}");
        assert_eq!(
            object(|object| object.text("b", "x").value("a", &[1, 2]).text("c", "")),
            r#"{"b":"x","a":[1,2],"c":""}"#
        );
    }

    proptest! {
        /// The general writer is the oracle.
        #[test]
        fn a_text_is_written_as_the_general_writer_does(text in "(\\PC|[\\x00-\\x7f]|[a-z]{9}){0,12}") {
            prop_assert_eq!(object(|object| object.text("a", &text)), json!({ "a": text }).to_string());
            prop_assert_eq!(object(|object| object.any(&text, &1)), json!({ &text: 1 }).to_string());
        }
    }
}
