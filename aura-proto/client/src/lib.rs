//! Typed calls of the routes, without I/O: for front ends and other servers.
//!
//! A [`Call`] is a value: [`request`](Call::request) makes the request, [`read`](Call::read) makes a typed [`Answer`] of
//! its answer. The host chooses how to send it: `fetch` in a browser, any HTTP client on a server, or a
//! function in a test, as here, where a page signs out:
//!
//! ```
//! use aura_client::{Call, Client, Cookies};
//! use aura_proto::{Action, Auth, Entropy, Salt, Secret, UnixTime};
//!
//! let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
//! let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
//! let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
//! let carry_out = |request, entropy| {
//!     let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes(entropy));
//!     match auth.handle(request, now, entropy) {
//!         Action::Respond(respond) => respond.into_response(),
//!         _ => unreachable!("no provider is asked"),
//!     }
//! };
//!
//! let client = Client::new("https://example.com/auth")?;
//! // On a server: the cookies of the browser's request, `Cookies::of(request.headers())`.
//! let mut cookies = Cookies::default();
//!
//! let call = client.csrf_token();
//! let response = carry_out(call.request(&cookies), [1; 32]);
//! let answer = call.read(response);
//! // The token's cookie belongs to the next request, and to the browser.
//! cookies.keep(&answer.set_cookies);
//! let csrf_token = answer.outcome?;
//!
//! let call = client.sign_out(&csrf_token).redirect_to("/bye")?;
//! let response = carry_out(call.request(&cookies), [2; 32]);
//! let mut to_the_browser = http::Response::new(());
//! let signed_out = call.read(response).forward(to_the_browser.headers_mut())?;
//! assert_eq!(signed_out.redirect_url.unwrap().as_str(), "/bye");
//! let cleared = to_the_browser.headers()["set-cookie"].to_str()?;
//! assert!(cleared.starts_with("__Host-aura-auth.csrf_token=; Max-Age=0"));
//!
//! let call = client.get_session();
//! assert_eq!(call.read(carry_out(call.request(&cookies), [3; 32])).outcome?, None);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In a browser, cookies are the browser's own business: send the request with `Cookies::default()` and with
//! `credentials: "include"`.
//!
//! A server that fetches the CSRF token itself answers for the page: it must have made sure that the browser's request
//! comes from a page of its own, for the routes can no longer tell. Better is to let the page send the token along.

#![forbid(unsafe_code)]

mod answered;
mod call;
mod cookies;
mod csrf_token;
mod destination;
mod error;
mod provider;
mod secret;
mod session;
mod tokens;

#[doc(no_inline)]
pub use aura_types::{AccessToken, IdToken, ProviderTokens, RefreshToken, UnixTime, User};
pub use call::{Answer, Call, MAX_RESPONSE};
pub use cookies::Cookies;
pub use csrf_token::CsrfToken;
pub use destination::Destination;
pub use error::{CallError, ClientError, Refusal, RefusedParameter};
pub use provider::{ProviderRoutes, SignIn};
pub use session::{DeviceSession, PageSession, SessionChanges};

use answered::Answered;
use aura_types::parse_http_url;
use http::{Method, Uri};

/// Longest base URL, in bytes.
const MAX_BASE: usize = 2048;

/// The routes of a site, as its front ends and other servers call them.
///
/// ```
/// use aura_client::{Client, Cookies};
/// let client = Client::new("https://example.com/auth")?;
/// let request = client.get_session().request(&Cookies::default());
/// assert_eq!(request.uri(), "https://example.com/auth/session");
/// # Ok::<(), aura_client::CallError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Origin and base path, without a slash at the end.
    base: String,
}

/// The answer to a sign-out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedOut {
    /// Where the page asked to go, if it is a place that the server trusts.
    pub redirect_url: Option<Destination>,
}

impl Client {
    /// Takes the URL under which the routes are: origin and base path.
    ///
    /// # Errors
    /// [`CallError::Base`] if it is no `http` or `https` URL, or has credentials, a query or a fragment.
    ///
    /// ```
    /// use aura_client::{CallError, Client};
    /// assert!(Client::new("http://localhost:3000/api/auth/").is_ok());
    /// assert_eq!(Client::new("/auth"), Err(CallError::Base));
    /// ```
    pub fn new(base: &str) -> Result<Self, CallError> {
        let url = parse_http_url(base).filter(|url| url.query().is_none() && url.fragment().is_none());
        let base = url.ok_or(CallError::Base)?.as_str().trim_end_matches('/').to_owned();
        if base.len() > MAX_BASE || Uri::try_from(base.as_str()).is_err() {
            return Err(CallError::Base);
        }
        Ok(Self { base })
    }

    /// Asks for the session: `GET /session`. Its absence is `None`, not an error.
    ///
    /// ```
    /// # use aura_client::Client;
    /// # let client = Client::new("https://example.com/auth")?;
    /// let response = http::Response::builder().header("content-type", "application/json");
    /// let body = r#"{"session":{"user":{"sub":"583231","name":"Ada"},"expires":"2026-10-06T14:13:20Z"}}"#;
    /// let session = client.get_session().read(response.body(body.into())?).outcome?.unwrap();
    /// assert_eq!(session.user.sub(), "583231");
    /// assert_eq!(session.user.name(), Some("Ada"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_session(&self) -> Call<Option<PageSession>> {
        Call::new(Method::GET, self.url("/session"), PageSession::read_if_any)
    }

    /// Asks for the token that state-changing calls present: `GET /csrfToken`. It is bound to who is signed in.
    pub fn csrf_token(&self) -> Call<CsrfToken> {
        Call::new(Method::GET, self.url("/csrfToken"), CsrfToken::read)
    }

    /// Ends the session and drops every cookie of the site's sign-in: `POST /signOut`.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.sign_out(&csrf_token).request(&Cookies::default());
    /// assert_eq!(request.uri().query(), Some("redirect=false&token_type_hint=session_token"));
    /// assert_eq!(request.headers()["x-csrf-token"], csrf_token.expose());
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn sign_out(&self, csrf_token: &CsrfToken) -> Call<SignedOut> {
        Call::new(Method::POST, self.url("/signOut"), SignedOut::read)
            .query("redirect=false&token_type_hint=session_token")
            .presenting(csrf_token)
    }

    /// Changes what is editable in the session: `PATCH /session`. The answer is the session as it is then.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken, SessionChanges};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let changes = SessionChanges::default().member("name", "Countess of Lovelace");
    /// let request = client.update_session(&csrf_token, &changes).request(&Cookies::default());
    /// assert_eq!(request.method(), "PATCH");
    /// assert_eq!(request.body(), r#"{"user":{"name":"Countess of Lovelace"}}"#);
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn update_session(&self, csrf_token: &CsrfToken, changes: &SessionChanges) -> Call<PageSession> {
        Call::new(Method::PATCH, self.url("/session"), PageSession::read)
            .query("redirect=false")
            .presenting(csrf_token)
            .sending(changes.to_json())
    }

    /// Lists the devices on which the user is signed in: `GET /sessions`. Sites that keep no sessions in a store refuse it with 404.
    ///
    /// ```
    /// # use aura_client::Client;
    /// # let client = Client::new("https://example.com/auth")?;
    /// let response = http::Response::builder().header("content-type", "application/json");
    /// let body = r#"[{"id":"k3","current":true,"provider":"github","device":"Firefox on Linux",
    ///     "createdAt":"2026-10-06T14:13:20Z","lastSeenAt":"2026-10-06T14:13:20Z","expires":"2026-10-13T14:13:20Z"}]"#;
    /// let sessions = client.sessions().read(response.body(body.into())?).outcome?;
    /// assert_eq!((sessions[0].device.as_str(), sessions[0].is_current), ("Firefox on Linux", true));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sessions(&self) -> Call<Vec<DeviceSession>> {
        Call::new(Method::GET, self.url("/sessions"), DeviceSession::read_all).listing()
    }

    /// Ends one session of the list: `DELETE /sessions/:id`.
    ///
    /// # Errors
    /// [`CallError::SessionId`] if no session can have this id: it is empty, very long, `.` or `..`.
    ///
    /// ```
    /// # use aura_client::{CallError, Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.end_session("k3", &csrf_token)?.request(&Cookies::default());
    /// assert_eq!((request.method().as_str(), request.uri().path()), ("DELETE", "/auth/sessions/k3"));
    /// assert_eq!(client.end_session("", &csrf_token).unwrap_err(), CallError::SessionId);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn end_session(&self, id: &str, csrf_token: &CsrfToken) -> Result<Call<()>, CallError> {
        let path = format!("/sessions/{}", provider::segment(id).ok_or(CallError::SessionId)?);
        Ok(Call::new(Method::DELETE, self.url(&path), provider::done).presenting(csrf_token))
    }

    /// Ends the user's sessions except the one of the request: `DELETE /sessions`.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.end_other_sessions(&csrf_token).request(&Cookies::default());
    /// assert_eq!(request.uri(), "https://example.com/auth/sessions");
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn end_other_sessions(&self, csrf_token: &CsrfToken) -> Call<()> {
        Call::new(Method::DELETE, self.url("/sessions"), provider::done).presenting(csrf_token)
    }

    /// Ends every session of the user, that of the request included: `DELETE /sessions?current=true`. The answer clears its cookies.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.end_all_sessions(&csrf_token).request(&Cookies::default());
    /// assert_eq!(request.uri().query(), Some("current=true"));
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn end_all_sessions(&self, csrf_token: &CsrfToken) -> Call<()> {
        self.end_other_sessions(csrf_token).query("current=true")
    }

    /// Names the provider that further calls are about.
    ///
    /// # Errors
    /// [`CallError::ProviderId`] if no provider can have this id: it is empty, very long, `.` or `..`.
    ///
    /// ```
    /// # use aura_client::{CallError, Client};
    /// # let client = Client::new("https://example.com/auth")?;
    /// assert!(client.provider("github").is_ok());
    /// assert_eq!(client.provider("..").unwrap_err(), CallError::ProviderId);
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn provider(&self, id: &str) -> Result<ProviderRoutes<'_>, CallError> {
        ProviderRoutes::new(self, id)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl SignedOut {
    fn read(answered: Answered) -> Result<Self, ClientError> {
        let mut answered = answered.accepted()?;
        let redirect_url = match answered.take_text("redirectURL")? {
            Some(text) => Some(Destination::parse(&text).ok_or(ClientError::Member("redirectURL"))?),
            // The first generation of servers names it here, and only here.
            None => answered.location.as_deref().and_then(Destination::parse),
        };
        Ok(Self { redirect_url })
    }
}

impl Call<SignedOut> {
    /// Sets the target after the sign-out: a path of the site, or a URL of a trusted origin.
    ///
    /// # Errors
    /// [`CallError::RedirectTo`] if it is longer than servers take.
    ///
    /// ```
    /// # use aura_client::{Client, Cookies, CsrfToken};
    /// # let client = Client::new("https://example.com/auth")?;
    /// # let csrf_token = CsrfToken::parse("eyJhbGciOiJIUzI1NiJ9.e30.c2ln").unwrap();
    /// let request = client.sign_out(&csrf_token).redirect_to("/bye")?.request(&Cookies::default());
    /// assert!(request.uri().query().unwrap().contains("redirectTo=%2Fbye"));
    /// # Ok::<(), aura_client::CallError>(())
    /// ```
    pub fn redirect_to(self, target: &str) -> Result<Self, CallError> {
        self.leading_to(target)
    }
}

#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod tests;
