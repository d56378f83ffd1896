//! A writer of JSON objects (RFC 8259).

use serde::Serialize;

/// A JSON object that is written member by member.
///
/// `serde_json` looks at each byte of a text for what has to be escaped, which takes ten instructions a byte. Nearly all
/// texts have nothing of the kind, and vector instructions tell so by less than one a byte.
pub(crate) struct Object<'a> {
    json: &'a mut Vec<u8>,
    /// What separates the next member from what is before it.
    separator: u8,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub(crate) fn begin(json: &'a mut Vec<u8>) -> Self {
        Self { json, separator: b'{' }
    }

    /// Adds a text.
    pub(crate) fn text(mut self, name: &'static str, text: &str) -> Self {
        self.name(name);
        write_text(self.json, text);
        self
    }

    /// Adds a text, where there is one.
    pub(crate) fn optional_text(self, name: &'static str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds a text, or `null` where there is none.
    pub(crate) fn text_or_null(self, name: &'static str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self.json(name, b"null"),
        }
    }

    /// Adds any other value.
    pub(crate) fn value(mut self, name: &'static str, value: &impl Serialize) -> Self {
        self.name(name);
        write(self.json, value);
        self
    }

    /// Adds a value that has been written.
    pub(crate) fn json(mut self, name: &'static str, json: &[u8]) -> Self {
        self.name(name);
        self.json.extend_from_slice(json);
        self
    }

    /// Adds a value under any name. All other names are of our own making, and have nothing to escape.
    pub(crate) fn any(mut self, name: &str, value: &impl Serialize) -> Self {
        self.json.push(std::mem::replace(&mut self.separator, b','));
        write_text(self.json, name);
        self.json.push(b':');
        write(self.json, value);
        self
    }

    /// Adds an object.
    pub(crate) fn object(mut self, name: &'static str, write: impl FnOnce(Object<'_>) -> Object<'_>) -> Self {
        self.name(name);
        write(Object::begin(self.json)).end();
        self
    }

    /// Ends the object.
    pub(crate) fn end(self) {
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
pub(crate) fn write(json: &mut Vec<u8>, value: &impl Serialize) {
    // Cannot fail: every name is a text, and a buffer takes what it is given.
    let written = serde_json::to_writer(json, value);
    debug_assert!(written.is_ok());
}

/// Appends a text in quotation marks.
pub(crate) fn write_text(json: &mut Vec<u8>, text: &str) {
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
