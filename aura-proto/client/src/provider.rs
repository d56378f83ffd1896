//! Calls about one provider.

use crate::answered::Answered;
use crate::call::Call;
use crate::csrf_token::CsrfToken;
use crate::destination::Destination;
use crate::error::{CallError, ClientError};
use crate::session::PageSession;
use crate::{Client, tokens};
use aura_types::ProviderTokens;
use http::{Method, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// Longest id, in bytes.
const MAX_ID: usize = 256;
/// The characters that are encoded in a path segment: all but the unreserved characters (RFC 3986 section 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The routes that are about one provider.
///
/// ```
/// use aura_client::{Client, Cookies};
/// let client = Client::new("https://example.com/auth")?;
/// let request = client.provider("github")?.is_connected().request(&Cookies::default());
/// assert_eq!(request.uri(), "https://example.com/auth/providers/github");
/// # Ok::<(), aura_client::CallError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRoutes<'a> {
    client: &'a Client,
    /// The id, encoded.
    segment: String,
}

/// Where a sign-in begins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignIn {
    /// The URL to redirect the browser to. Its answer sets cookies, so the browser itself must request it.
    pub sign_in_url: Destination,
}

impl<'a> ProviderRoutes<'a> {
    pub(crate) fn new(client: &'a Client, id: &str) -> Result<Self, CallError> {
        Ok(Self { client, segment: segment(id).ok_or(CallError::ProviderId)? })
    }

    fn url(&self, before: &str, after: &str) -> String {
        self.client.url(&format!("/{before}/{}{after}", self.segment))
    }

    /// Asks where to send the browser to sign in: `GET /signIn/:provider`.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies};
    /// # let client = Client::new("https://example.com/auth")?;
    /// let request = client.provider("github")?.sign_in().redirect_to("/home")?.request(&Cookies::default());
    /// assert_eq!(request.uri(), "https://example.com/auth/signIn/github?redirectTo=%2Fhome&redirect=false");
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn sign_in(&self) -> Call<SignIn> {
        Call::new(Method::GET, self.url("signIn", ""), SignIn::read).query("redirect=false")
    }

    /// Asks whether the browser has tokens of the provider: `GET /providers/:provider`.
    ///
    /// ```
    /// # use aura_client::Client;
    /// # let client = Client::new("https://example.com/auth")?;
    /// let response = http::Response::builder().header("content-type", "application/json");
    /// let answer = client.provider("github")?.is_connected().read(response.body(r#"{"connected":true}"#.into())?);
    /// assert_eq!(answer.outcome, Ok(true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_connected(&self) -> Call<bool> {
        Call::new(Method::GET, self.url("providers", ""), |answered| {
            let connected = answered.accepted()?.get("connected").and_then(Value::as_bool);
            connected.ok_or(ClientError::Member("connected"))
        })
    }

    /// Drops the provider's tokens without revoking them: `DELETE /providers/:provider`.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.provider("github")?.disconnect(&csrf_token).request(&Cookies::default());
    /// assert_eq!(request.method(), "DELETE");
    /// assert_eq!(request.uri().path(), "/auth/providers/github");
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn disconnect(&self, csrf_token: &CsrfToken) -> Call<()> {
        Call::new(Method::DELETE, self.url("providers", ""), done).presenting(csrf_token)
    }

    /// Reads the provider's tokens, renewed where they are about to end: `GET /providers/:provider/tokens`.
    pub fn tokens(&self) -> Call<ProviderTokens> {
        Call::new(Method::GET, self.url("providers", "/tokens"), tokens::read)
    }

    /// Revokes the tokens at the provider (RFC 7009): `POST /providers/:provider/tokens/revoke`.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.provider("github")?.revoke_tokens(&csrf_token).request(&Cookies::default());
    /// assert_eq!(request.method(), "POST");
    /// assert_eq!(request.uri().path(), "/auth/providers/github/tokens/revoke");
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn revoke_tokens(&self, csrf_token: &CsrfToken) -> Call<()> {
        Call::new(Method::POST, self.url("providers", "/tokens/revoke"), done).presenting(csrf_token)
    }

    /// Refreshes the user's profile from the provider: `POST /providers/:provider/user/refresh`.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.provider("github")?.refresh_user(&csrf_token).request(&Cookies::default());
    /// assert_eq!(request.method(), "POST");
    /// assert_eq!(request.uri().path(), "/auth/providers/github/user/refresh");
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn refresh_user(&self, csrf_token: &CsrfToken) -> Call<PageSession> {
        Call::new(Method::POST, self.url("providers", "/user/refresh"), PageSession::read)
            .presenting(csrf_token)
    }
}

/// Encodes an id for a path.
pub(crate) fn segment(id: &str) -> Option<String> {
    // Clients drop `.` and `..` from paths, encoded or not, and would ask another route.
    let is_segment = !id.is_empty() && id.len() <= MAX_ID && !matches!(id, "." | "..");
    is_segment.then(|| utf8_percent_encode(id, SEGMENT).to_string())
}

/// Reads an answer without content of its own.
pub(crate) fn done(answered: Answered) -> Result<(), ClientError> {
    answered.accepted().map(drop)
}

impl SignIn {
    fn read(answered: Answered) -> Result<Self, ClientError> {
        // The first generation ignores `redirect=false` and redirects the browser to the provider at once.
        let mut answered = match answered.status {
            StatusCode::FOUND => answered.not_denied()?,
            _ => answered.accepted()?,
        };
        let url = answered.take_text("signInURL")?.or_else(|| answered.location.take());
        let sign_in_url = url.as_deref().and_then(Destination::parse);
        Ok(Self { sign_in_url: sign_in_url.ok_or(ClientError::Member("signInURL"))? })
    }
}

impl Call<SignIn> {
    /// Sets the target after the sign-in: a path of the site, or a URL of a trusted origin.
    ///
    /// # Errors
    /// [`CallError::RedirectTo`] if it is longer than servers take.
    pub fn redirect_to(self, target: &str) -> Result<Self, CallError> {
        self.leading_to(target)
    }
}
