//! The CSRF token that a page presents.

use crate::answered::Answered;
use crate::error::ClientError;
use crate::secret::CsrfText;
use http::HeaderValue;

/// Longest token, in bytes: it has to fit into a cookie.
const MAX: usize = 4096;

/// The token that state-changing calls present as `X-CSRF-Token`.
///
/// ```
/// use aura_client::CsrfToken;
/// let token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
/// assert_eq!(format!("{token:?}"), "CsrfToken(CsrfText(..))");
/// assert_eq!(CsrfToken::parse("two words"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsrfToken(CsrfText);

impl CsrfToken {
    /// Takes a token that a page sent along, in a form or a header: visible ASCII, at most 4,096 bytes.
    ///
    /// ```
    /// use aura_client::CsrfToken;
    /// assert_eq!(CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap().expose(), "eyJhbGciOiJIUzI1NiJ9.e30.c2ln");
    /// assert!(CsrfToken::parse("two words").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        ((1..=MAX).contains(&text.len()) && is_plain).then(|| Self(CsrfText::new(text)))
    }

    /// Reads the token, to put it into a form's field `csrfToken` and nowhere else.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn to_header_value(&self) -> HeaderValue {
        // Cannot fail: the token is visible ASCII.
        let mut value = HeaderValue::from_str(self.expose()).unwrap_or(HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    pub(crate) fn read(answered: Answered) -> Result<Self, ClientError> {
        let token = answered.accepted()?.take_text("csrfToken")?;
        token.as_deref().and_then(Self::parse).ok_or(ClientError::Member("csrfToken"))
    }
}
