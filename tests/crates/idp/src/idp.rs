//! The provider: its issuer, clients and accounts, and the function that answers requests.

use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use crate::account::Account;
use crate::authorize;
use crate::behaviour::Behaviour;
use crate::client::Client;
use crate::endpoint::{Endpoint, Route, route};
use crate::entropy::Entropy;
use crate::lie::Lie;
use crate::state::State;
use crate::{discovery, end_session, jwks, par, response, token, userinfo, wire};

/// An authorization server without passwords (RFC 6749 section 1.1).
///
/// The value is only configuration. Its memory is a [`State`]; the time and the entropy are arguments.
///
/// ```
/// use aura_test_idp::{Account, Client, ClientSecret, Idp};
///
/// let client = Client::new("app", ClientSecret::new("app-secret"))
///     .with_redirect_uri("http://localhost:3000/callback")?;
/// let idp = Idp::new("http://localhost:3000/dev")?.client(client).accounts(Account::made_up());
/// assert_eq!(idp.token_endpoint(), "http://localhost:3000/dev/token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Idp {
    issuer: String,
    path: String,
    behaviour: Behaviour,
    clients: Vec<Client>,
    accounts: Vec<Account>,
}

impl Idp {
    /// Mounts a provider at its public base URL, which is also its issuer (RFC 8414 section 2).
    ///
    /// ```
    /// use aura_test_idp::Idp;
    ///
    /// let idp = Idp::new("http://localhost:3000/dev/")?;
    /// assert_eq!(idp.issuer(), "http://localhost:3000/dev");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the base is not an absolute `http` or `https` URL that ends with its path.
    pub fn new(base: &str) -> Result<Self, BaseUrlError> {
        let base = Url::parse(base).map_err(|_| BaseUrlError::NotAbsolute)?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(BaseUrlError::Scheme);
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(BaseUrlError::BeyondPath);
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(BaseUrlError::UserInformation);
        }
        Ok(Self {
            issuer: base.as_str().trim_end_matches('/').to_owned(),
            path: base.path().trim_end_matches('/').to_owned(),
            behaviour: Behaviour::default(),
            clients: Vec::new(),
            accounts: Vec::new(),
        })
    }

    /// Registers a client, in place of one with the same `client_id` (RFC 6749 section 2).
    #[must_use = "the provider with the client is the one returned"]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.retain(|known| known.id() != client.id());
        self.clients.push(client);
        self
    }

    /// Adds an account, in place of one with the same id.
    #[must_use = "the provider with the account is the one returned"]
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.retain(|known| known.id() != account.id());
        self.accounts.push(account);
        self
    }

    /// Adds several accounts.
    #[must_use = "the provider with the accounts is the one returned"]
    pub fn accounts(self, accounts: impl IntoIterator<Item = Account>) -> Self {
        accounts.into_iter().fold(self, Self::account)
    }

    /// Sets how the provider behaves where it has a choice.
    #[must_use = "the provider with the behaviour is the one returned"]
    pub const fn behaviour(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// Changes how the provider behaves, between two requests.
    pub const fn set_behaviour(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
    }

    /// Returns the issuer identifier (RFC 9207 section 2).
    ///
    /// ```
    /// # use aura_test_idp::Idp;
    /// assert_eq!(Idp::new("http://localhost:3000")?.issuer(), "http://localhost:3000");
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Answers one request to any endpoint (RFC 6749 section 3).
    ///
    /// The request's path is the public one, with the path of the base; `now` counts the seconds since the Unix
    /// epoch; `entropy` is fresh from a secure random source for every request.
    ///
    /// ```
    /// use aura_test_idp::{Idp, State};
    /// use bytes::Bytes;
    ///
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// let request = http::Request::get("/dev/elsewhere").body(Bytes::new())?;
    /// let response = idp.handle(&mut State::default(), request, 1_700_000_000, [7; 32]);
    /// assert_eq!(response.status(), 404);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "send the response"]
    #[expect(clippy::needless_pass_by_value, reason = "a server hands its request over")]
    pub fn handle(
        &self,
        state: &mut State,
        request: Request<Bytes>,
        now: u64,
        entropy: [u8; 32],
    ) -> Response<Bytes> {
        let entropy = Entropy::new(entropy);
        let path = request.uri().path().strip_prefix(&self.path).unwrap_or_default();
        let endpoint = match route(path, request.method()) {
            Route::To(endpoint) => endpoint,
            Route::WrongMethod { allow } => {
                return response::for_method(request.method(), response::method_not_allowed(allow));
            }
            Route::Nowhere => return response::for_method(request.method(), response::not_found()),
        };
        if let Some(redirect) = wire::redirect(self, endpoint, &request) {
            return redirect;
        }
        let answer = match endpoint {
            Endpoint::Discovery => discovery::answer(self),
            Endpoint::Jwks => jwks::answer(self, state),
            Endpoint::PushedAuthorization => par::push(self, state, &request, now, &entropy),
            Endpoint::Authorize => authorize::show(self, state, &request, now),
            Endpoint::Decision => authorize::decide(self, state, &request, now, &entropy),
            Endpoint::Token => token::redeem(self, state, &request, now, &entropy),
            Endpoint::Userinfo => userinfo::answer(self, state, &request, now, &entropy),
            Endpoint::EndSession => end_session::answer(self, &request),
        };
        response::for_method(request.method(), wire::spoil(self, endpoint, answer))
    }

    pub(crate) const fn current_behaviour(&self) -> Behaviour {
        self.behaviour
    }

    pub(crate) fn registered_client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id() == client_id)
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.clients.iter()
    }

    pub(crate) fn known_account(&self, account_id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id() == account_id)
    }

    pub(crate) fn all_accounts(&self) -> &[Account] {
        &self.accounts
    }

    pub(crate) const fn tells(&self, lie: Lie) -> bool {
        self.behaviour.tells(lie)
    }

    /// The issuer without its path.
    pub(crate) fn origin(&self) -> &str {
        self.issuer.strip_suffix(self.path.as_str()).unwrap_or(&self.issuer)
    }

    pub(crate) fn url_of(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.issuer, endpoint.path())
    }
}

/// Reason why a provider cannot have this base URL (RFC 8414 section 2).
///
/// ```
/// use aura_test_idp::{BaseUrlError, Idp};
///
/// assert_eq!(Idp::new("localhost:3000").err(), Some(BaseUrlError::Scheme));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// It is not an absolute URL.
    NotAbsolute,
    /// Its scheme is neither `http` nor `https`.
    Scheme,
    /// It has a query or a fragment.
    BeyondPath,
    /// It has a user name or a password.
    UserInformation,
}

impl fmt::Display for BaseUrlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotAbsolute => "the base is not an absolute URL",
            Self::Scheme => "the base is neither http nor https",
            Self::BeyondPath => "the base has a query or a fragment",
            Self::UserInformation => "the base has a user name or a password",
        })
    }
}

impl std::error::Error for BaseUrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_ends_with_its_path() {
        let refused = [
            ("", BaseUrlError::NotAbsolute),
            ("/dev", BaseUrlError::NotAbsolute),
            ("ftp://localhost", BaseUrlError::Scheme),
            ("http://localhost/?a", BaseUrlError::BeyondPath),
            ("http://localhost/#a", BaseUrlError::BeyondPath),
            ("http://me@localhost/", BaseUrlError::UserInformation),
        ];
        for (base, error) in refused {
            assert_eq!(Idp::new(base).err(), Some(error), "{base}");
        }
    }

    #[test]
    fn only_paths_below_the_base_are_answered() {
        let idp = Idp::new("http://localhost:3000/dev").unwrap();
        let found =
            [("/dev/token", 405), ("/token", 404), ("/devtoken", 404), ("/dev", 404), ("/dev/token/", 404)];
        for (path, status) in found {
            let request = Request::get(path).body(Bytes::new()).unwrap();
            assert_eq!(idp.handle(&mut State::default(), request, 0, [0; 32]).status(), status, "{path}");
        }
    }
}
