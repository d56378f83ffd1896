//! Tokens of a provider that are ready for a call of its API, for handlers.

use crate::cookie::add::add_cookies;
use crate::cookie::set::SetCookie;
use crate::event::Event;
use crate::provider_tokens::{ProviderTokens, ProviderTokensError};
use crate::refusal::Refusal;
use http::{HeaderMap, Response};
use std::ops::Deref;

/// Tokens that a provider granted for the signed-in user, whose access token serves at least for the moment, and the cookies that
/// keep them where they were refreshed and no store has them. Where their ID token states an earlier end of the session at the
/// provider (`session_expiry`, OpenID IPSIE SL1), the cookies of a session that ends then are among these.
///
/// ```
/// # use aura_proto::ReadyTokens;
/// # use http::Response;
/// fn page(tokens: ReadyTokens) -> Response<String> {
///     let authorization = format!("Bearer {}", tokens.access_token.expose());
///     // The call of the API is left out.
///     # drop(authorization);
///     tokens.finish(Response::new("Your repositories".to_owned()))
/// }
/// ```
#[derive(Debug)]
#[must_use = "finish the answer with it, so that refreshed tokens reach the browser"]
pub struct ReadyTokens {
    pub(crate) tokens: ProviderTokens,
    /// The name of the cookie that keeps them.
    pub(crate) name: String,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) events: Vec<Event>,
}

/// Why there are no tokens, what is to be reported of it, and the cookies of a refresh that failed after the refresh token was spent:
/// without them, the browser would bring the spent one again (RFC 9700 section 4.14.2).
///
/// It is a [`Refusal`], which carries the cookies:
///
/// ```
/// use aura_proto::{NoTokens, ProviderTokensError, Respond};
/// let none = NoTokens::from(ProviderTokensError::SignedOut);
/// assert!(none.needs_sign_in());
/// assert_eq!(Respond::refusal(none).into_response().status(), 401);
/// ```
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
#[must_use = "answer by a refusal of it, or finish the answer with it, so that the browser forgets a spent refresh token"]
#[non_exhaustive]
pub struct NoTokens {
    /// Why there are none.
    pub error: ProviderTokensError,
    /// The events, for the host to report.
    pub events: Vec<Event>,
    /// The name of the cookie that keeps tokens.
    pub(crate) name: String,
    pub(crate) cookies: Vec<SetCookie>,
}

impl From<ProviderTokensError> for NoTokens {
    fn from(error: ProviderTokensError) -> Self {
        Self { error, events: Vec::new(), name: String::new(), cookies: Vec::new() }
    }
}

impl From<NoTokens> for Refusal {
    fn from(none: NoTokens) -> Self {
        Self { error: none.error.into(), cookies: none.cookies }
    }
}

impl NoTokens {
    /// Tells whether the user has to sign in with the provider; see [`ProviderTokensError::needs_sign_in`].
    pub const fn needs_sign_in(&self) -> bool {
        self.error.needs_sign_in()
    }

    /// Adds the cookies of a refresh that failed to an answer of the page's own, and `no-store`, as [`ReadyTokens::finish`] does.
    ///
    /// ```
    /// use aura_proto::{NoTokens, ProviderTokensError};
    /// let page = NoTokens::from(ProviderTokensError::Refused).finish(http::Response::new("Sign in with GitHub again"));
    /// assert!(page.headers().is_empty());
    /// ```
    #[must_use]
    pub fn finish<B>(self, mut response: Response<B>) -> Response<B> {
        self.add_to(response.headers_mut());
        response
    }

    /// Adds the same to the headers of an answer, for frameworks that put answers together of parts.
    ///
    /// ```
    /// # fn page(none: aura_proto::NoTokens, headers: &mut http::HeaderMap) {
    /// none.add_to(headers);
    /// # }
    /// ```
    pub fn add_to(self, headers: &mut HeaderMap) {
        add_cookies(headers, &self.cookies, &self.name);
    }
}

impl Deref for ReadyTokens {
    type Target = ProviderTokens;

    fn deref(&self) -> &ProviderTokens {
        &self.tokens
    }
}

impl ReadyTokens {
    /// Makes ready tokens that change nothing in an answer, for the test of a handler that takes them.
    ///
    /// ```
    /// use aura_proto::{AccessToken, ProviderTokens, ReadyTokens, UnixTime};
    /// let tokens = ReadyTokens::of(ProviderTokens::new(AccessToken::new("t"), UnixTime::from_secs(1_790_000_000)));
    /// assert_eq!(tokens.access_token.expose(), "t");
    /// assert!(tokens.finish(http::Response::new("a page")).headers().is_empty());
    /// ```
    pub const fn of(tokens: ProviderTokens) -> Self {
        Self { tokens, name: String::new(), cookies: Vec::new(), events: Vec::new() }
    }

    /// Takes out the events, for the host to report: the tokens were refreshed, or the provider could not refresh them.
    ///
    /// ```
    /// # fn report(tokens: &mut aura_proto::ReadyTokens) {
    /// for event in tokens.take_events() {
    ///     println!("{}", event.name());
    /// }
    /// assert_eq!(tokens.take_events(), []);
    /// # }
    /// ```
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Adds the cookies of refreshed tokens to the page's answer, and `no-store`. Nothing is added to an answer that sets or clears
    /// their cookie itself, such as that of a sign-out. Where the provider stated an earlier end of the session
    /// at the refresh, its cookie is added, too, unless the answer sets it: finish a page by a [`Visit`](crate::Visit) whose claims were
    /// updated first.
    #[must_use]
    pub fn finish<B>(self, mut response: Response<B>) -> Response<B> {
        self.add_to(response.headers_mut());
        response
    }

    /// Adds the same to the headers of an answer, for frameworks that put answers together of parts.
    ///
    /// ```
    /// # fn page(tokens: aura_proto::ReadyTokens, headers: &mut http::HeaderMap) {
    /// tokens.add_to(headers);
    /// # }
    /// ```
    pub fn add_to(self, headers: &mut HeaderMap) {
        add_cookies(headers, &self.cookies, &self.name);
    }
}
