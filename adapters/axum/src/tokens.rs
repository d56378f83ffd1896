//! The tokens of the signed-in user's providers, for handlers that call their APIs.

use crate::extract::{Rejection, WithDriver};
use aura_http::Driver;
use aura_proto::{ProviderTokens, ReadyTokens};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use std::fmt;
use std::ops::Deref;

/// Makes tokens ready that a provider granted for the signed-in user: for a handler that calls the provider's API as this user; see
/// [`Driver::provider_tokens`].
///
/// ```
/// use aura_axum::{Rejection, TokensOf};
/// use axum::response::IntoResponse;
///
/// async fn repositories(tokens: TokensOf) -> Result<impl IntoResponse, Rejection> {
///     let tokens = tokens.provider("github").await?;
///     let page = format!("curl -H 'Authorization: Bearer {}' ..", tokens.access_token.expose());
///     Ok((tokens, page))
/// }
/// # let _: axum::Router<aura_axum::Driver> = axum::Router::new().route("/repositories", axum::routing::get(repositories));
/// ```
pub struct TokensOf {
    driver: Driver,
    head: Parts,
}

/// Tokens that are ready: return them in front of the page, so that refreshed ones reach the browser where cookies keep them.
#[derive(Debug)]
#[must_use = "return them in front of the page, so that refreshed tokens reach the browser"]
pub struct CurrentTokens(pub(crate) ReadyTokens);

impl fmt::Debug for TokensOf {
    /// Leaves the request out: its headers hold the session.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokensOf(..)")
    }
}

impl TokensOf {
    /// Returns the tokens of a provider, refreshed where that is due.
    ///
    /// # Errors
    /// The refusal: 401 where the user has to sign in with the provider, 502 to 504 where the same request may succeed later.
    pub async fn provider(&self, id: &str) -> Result<CurrentTokens, Rejection> {
        let tokens = self.driver.provider_tokens(id, &self.head).await;
        tokens.map(CurrentTokens).map_err(|error| Rejection::new(&self.head.headers, error))
    }
}

impl<S: WithDriver> FromRequestParts<S> for TokensOf {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self { driver: state.driver(), head: parts.clone() })
    }
}

impl Deref for CurrentTokens {
    type Target = ProviderTokens;

    fn deref(&self) -> &ProviderTokens {
        &self.0
    }
}
