//! Client authentication: the `Authorization` header, the client secret or the client assertion.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::client::{Client, ClientAuthenticationMethod};
use crate::client_assertion::{self, JWT_BEARER};
use crate::error::TokenError;
use crate::form::{Parameters, decode};
use crate::idp::Idp;
use crate::state::State;

/// The Authorization header, as one scheme sees it (RFC 9110 section 11.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authorization<'a> {
    Absent,
    OtherScheme,
    Credentials(&'a str),
    Repeated,
}

impl<'a> Authorization<'a> {
    pub(crate) fn read(headers: &'a HeaderMap, scheme: &str) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            return Self::Absent;
        };
        if values.next().is_some() {
            return Self::Repeated;
        }
        match value.to_str().unwrap_or_default().split_once(' ') {
            Some((given, credentials)) if given.eq_ignore_ascii_case(scheme) => {
                Self::Credentials(credentials.trim_matches(' '))
            }
            Some(_) | None => Self::OtherScheme,
        }
    }
}

/// Authenticates the client, in exactly one way (RFC 6749 section 2.3, OpenID Connect Core section 9).
pub(crate) fn authenticate<'idp>(
    idp: &'idp Idp,
    state: &mut State,
    headers: &HeaderMap,
    parameters: &Parameters,
    now: u64,
) -> Result<&'idp Client, TokenError> {
    let client_id = parameters.one("client_id")?;
    let client_secret = parameters.one("client_secret")?;
    if let Some(assertion) = parameters.one("client_assertion")? {
        if client_secret.is_some() || headers.contains_key(AUTHORIZATION) {
            return Err(TokenError::TwoAuthentications);
        }
        if parameters.one("client_assertion_type")? != Some(JWT_BEARER) {
            return Err(TokenError::ClientAuthentication);
        }
        return client_assertion::authenticate(idp, state, assertion, now)
            // RFC 7521 section 4.2: a client_id MUST identify the same client.
            .filter(|client| client_id.is_none_or(|id| id == client.id()))
            .ok_or(TokenError::ClientAuthentication);
    }
    match Authorization::read(headers, "Basic") {
        Authorization::Repeated => Err(TokenError::TwoAuthentications),
        Authorization::OtherScheme => Err(TokenError::ClientAuthentication),
        Authorization::Absent => match client_secret {
            Some(secret) => check(idp, client_id, secret, ClientAuthenticationMethod::ClientSecretPost),
            None => public(idp, client_id),
        },
        Authorization::Credentials(_) if client_secret.is_some() => Err(TokenError::TwoAuthentications),
        Authorization::Credentials(credentials) => {
            let (id, secret) = basic(credentials).ok_or(TokenError::ClientAuthentication)?;
            if client_id.is_some_and(|client_id| client_id != id) {
                return Err(TokenError::TwoAuthentications);
            }
            check(idp, Some(&id), &secret, ClientAuthenticationMethod::ClientSecretBasic)
        }
    }
}

fn check<'idp>(
    idp: &'idp Idp,
    id: Option<&str>,
    secret: &str,
    method: ClientAuthenticationMethod,
) -> Result<&'idp Client, TokenError> {
    id.and_then(|id| idp.registered_client(id))
        .filter(|client| client.has_secret(secret, method))
        .ok_or(TokenError::ClientAuthentication)
}

/// A public client sends its `client_id` without a proof. Only PKCE protects its codes.
fn public<'idp>(idp: &'idp Idp, id: Option<&str>) -> Result<&'idp Client, TokenError> {
    id.and_then(|id| idp.registered_client(id))
        .filter(|client| client.is_public())
        .ok_or(TokenError::ClientAuthentication)
}

/// Reads id and secret, which are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn basic(credentials: &str) -> Option<(String, String)> {
    let joined = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((decode(id.as_bytes()).ok()?, decode(secret.as_bytes()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    use http::HeaderValue;

    use crate::ClientSecret;

    #[test]
    fn a_client_authenticates_by_header_or_by_body() {
        assert_eq!(authenticated(&[&header("a:p", "s s")], ""), Ok(()));
        assert_eq!(authenticated(&[&header("a:p", "s s")], "client_id=a%3Ap"), Ok(()));
        assert_eq!(authenticated(&[], "client_id=a%3Ap&client_secret=s+s"), Ok(()));
    }

    #[test]
    fn a_wrong_or_missing_secret_is_an_invalid_client() {
        let refused = Err(TokenError::ClientAuthentication);
        assert_eq!(authenticated(&[&header("a:p", "other")], ""), refused);
        assert_eq!(authenticated(&[&header("nobody", "s s")], ""), refused);
        assert_eq!(authenticated(&[], "client_id=a%3Ap&client_secret=other"), refused);
        assert_eq!(authenticated(&[], "client_id=a%3Ap"), refused);
        assert_eq!(authenticated(&[], ""), refused);
        for broken in ["Basic", "Basic !", "Basic YQ==", "Basic JTo=", "Bearer abc", ""] {
            assert_eq!(authenticated(&[broken], "client_id=a%3Ap&client_secret=s+s"), {
                if broken.starts_with("Basic ") { Err(TokenError::TwoAuthentications) } else { refused }
            });
            assert_eq!(authenticated(&[broken], ""), refused, "{broken}");
        }
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let refused = Err(TokenError::TwoAuthentications);
        let header = header("a:p", "s s");
        assert_eq!(authenticated(&[&header], "client_id=a%3Ap&client_secret=s+s"), refused);
        assert_eq!(authenticated(&[&header], "client_id=other"), refused);
        assert_eq!(authenticated(&[&header, &header], ""), refused);
    }

    #[test]
    fn the_scheme_is_case_insensitive() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bEaReR  abc"));
        assert_eq!(Authorization::read(&headers, "Bearer"), Authorization::Credentials("abc"));
        assert_eq!(Authorization::read(&headers, "Basic"), Authorization::OtherScheme);
    }

    fn authenticated(headers: &[&str], body: &str) -> Result<(), TokenError> {
        let idp =
            Idp::new("https://idp.example").unwrap().client(Client::new("a:p", ClientSecret::new("s s")));
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
        }
        let parameters = Parameters::parse(body.as_bytes()).unwrap();
        authenticate(&idp, &mut State::default(), &map, &parameters, 0).map(|_| ())
    }

    fn header(id: &str, secret: &str) -> String {
        let encode = |text: &str| text.replace(':', "%3A").replace(' ', "+");
        format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(id), encode(secret))))
    }
}
