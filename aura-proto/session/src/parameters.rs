//! Parameters and members that a request has wrong.

use std::fmt;

/// The name of a member of the session's user, as a page wrote it: for the answer to that page alone.
#[derive(Clone, PartialEq, Eq)]
pub struct MemberName(String);

impl MemberName {
    /// Keeps a name of 1 to 64 plain characters; any other name is replaced by `user`.
    pub(crate) fn new(name: &str) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let is_word = (1..=64).contains(&name.len()) && name.bytes().all(is_plain);
        Self(if is_word { format!("user.{name}") } else { "user".to_owned() })
    }

    /// Returns the name as text.
    #[doc(hidden)]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MemberName {
    /// Omits the name, because logs must not quote a request.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemberName(..)")
    }
}

/// One parameter that is missing, repeated or malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidParameter {
    /// The parameter's name.
    pub name: &'static str,
    /// The problem with it.
    pub issue: ParameterIssue,
}

impl InvalidParameter {
    /// Describes a parameter with a problem.
    #[doc(hidden)]
    pub const fn new(name: &'static str, issue: ParameterIssue) -> Self {
        Self { name, issue }
    }
}

/// The problem with a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterIssue {
    /// It is required and absent.
    Missing,
    /// It has a value that it cannot have.
    Invalid,
    /// It occurs twice (RFC 6749 section 3.1).
    Repeated,
}

impl ParameterIssue {
    /// Returns the code that answers have.
    #[doc(hidden)]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "invalid_type",
            Self::Invalid | Self::Repeated => "invalid_value",
        }
    }

    /// Returns the sentence that answers have.
    #[doc(hidden)]
    pub fn message(self) -> &'static str {
        match self {
            Self::Missing => "This parameter is required.",
            Self::Invalid => "This value is not one of those allowed.",
            Self::Repeated => "This parameter may occur once only.",
        }
    }
}
