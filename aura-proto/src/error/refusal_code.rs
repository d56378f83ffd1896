//! The application's code for why it does not admit a user.

use std::borrow::Cow;
use std::fmt;

/// Why an application refuses a user, as a code of its own such as `invite_only`: 1 to 64 ASCII letters, digits, `_`, `-`
/// and `.`.
///
/// ```
/// use aura_proto::RefusalCode;
/// assert_eq!(RefusalCode::new("invite_only").unwrap().as_str(), "invite_only");
/// assert_eq!(RefusalCode::new("by invitation only"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalCode(Cow<'static, str>);

impl RefusalCode {
    /// Reads a code. Returns `None` if it is empty, too long, or has another character.
    ///
    /// ```
    /// use aura_proto::RefusalCode;
    /// assert!(RefusalCode::new("").is_none() && RefusalCode::new("a".repeat(65)).is_none());
    /// assert!(RefusalCode::new("banned-2026.1").is_some());
    /// ```
    pub fn new(code: impl Into<Cow<'static, str>>) -> Option<Self> {
        let code = code.into();
        let is_plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        (is_plain && (1..=64).contains(&code.len())).then_some(Self(code))
    }

    /// Returns the code as text.
    ///
    /// ```
    /// let code = aura_proto::RefusalCode::new("banned").unwrap();
    /// assert_eq!(code.as_str(), "banned");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
