//! What an operator asks of a configuration: the names of its routes, and whether its providers can be used.

use super::Auth;
use crate::action::{MAX_RESPONSE, unread};
use crate::error::{FetchError, ProviderError};
use crate::flow::io::{Caching, FETCH_TIMEOUT, Keep, MAX_AGE};
use crate::oauth;
use crate::provider::CheckedProvider;
use crate::route::Route;
use bytes::Bytes;
use http::{Request, Response};
use std::sync::Arc;
use std::time::Duration;

/// The exchange that shows whether an OpenID Provider publishes a configuration that this site can use (OpenID Connect Discovery
/// 1.0 section 4). It is the one that a sign-in begins with, so its answer may serve sign-ins, and theirs may serve it.
///
/// ```
/// use aura_proto::provider::Provider;
/// use aura_proto::{Auth, ClientSecret, FetchError, Salt, Secret};
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let work = Provider::openid("work", "https://id.example.com", "id").client_secret(ClientSecret::new("secret"));
/// let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(work).build()?;
///
/// let checks = auth.provider_checks();
/// // A host performs `check.request` here. This one gets no answer.
/// let broken = checks.filter(|check| check.read(Err(FetchError::TimedOut)).is_err()).map(|check| check.provider);
/// assert_eq!(broken.collect::<Vec<_>>(), ["work"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "perform the request, then call read with what came back"]
#[non_exhaustive]
pub struct ProviderCheck {
    /// The provider's id.
    pub provider: String,
    /// The request.
    pub request: Request<Bytes>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// How many bytes of the answer's body to read at most.
    pub max_response: usize,
    /// Whether an earlier answer may serve.
    pub caching: Caching,
    checked: Arc<CheckedProvider>,
}

impl ProviderCheck {
    /// Tells whether an answer is worth keeping; see [`Pending::keeps`](crate::Pending::keeps).
    pub fn keeps(&self, response: &Response<Bytes>) -> bool {
        unread(response).is_none() && Keep::Discovery(Arc::clone(&self.checked)).keeps(response)
    }

    /// Reads what the exchange brought.
    ///
    /// # Errors
    /// [`ProviderError`] says why a sign-in would fail.
    pub fn read(&self, outcome: Result<Response<Bytes>, FetchError>) -> Result<(), ProviderError> {
        let outcome = outcome.and_then(|response| unread(&response).map_or(Ok(response), Err));
        let response = outcome.map_err(ProviderError::DiscoveryUnreachable)?;
        self.checked.openid().map_or(Ok(()), |openid| Ok(openid.read(&response).map(drop)?))
    }
}

impl Auth {
    /// Names the route of a path, and the configured provider in it: for spans and counters, since nothing of it is text from
    /// outside. A path that is no route has no name.
    ///
    /// ```
    /// # fn count(auth: &aura_proto::Auth) {
    /// assert_eq!(auth.route_name("/auth/session"), Some(("session", None)));
    /// assert_eq!(auth.route_name("/auth/signIn/not-configured"), Some(("signIn", None)));
    /// # }
    /// ```
    pub fn route_name(&self, path: &str) -> Option<(&'static str, Option<&str>)> {
        let route = Route::of(self.base_path(), path)?;
        let provider = match &route {
            Route::Site(_) => None,
            Route::Provider(_, id) => self.0.providers.get_key_value(id.as_str()),
        };
        Some((route.name(), provider.map(|(id, _)| id.as_str())))
    }

    /// Iterates over the exchanges that show whether the OpenID Providers can be used, without a browser. Other providers are asked
    /// nothing before a user signs in, and have none.
    pub fn provider_checks(&self) -> impl Iterator<Item = ProviderCheck> {
        self.0.providers.values().filter_map(|provider| {
            Some(ProviderCheck {
                provider: provider.id.clone(),
                request: oauth::get(&provider.openid()?.discovery_url),
                timeout: FETCH_TIMEOUT,
                max_response: MAX_RESPONSE,
                caching: Caching::Reuse { max_age: MAX_AGE },
                checked: Arc::clone(provider),
            })
        })
    }
}
