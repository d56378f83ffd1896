//! What fuzz targets reach and hosts do not: the parsers themselves, and tokens that only the holder of the keys can make.
//! Behind the feature `fuzzing`; unstable, and no part of the API.

use crate::auth::Auth;
use crate::cookie::chunks::Sent;
use crate::cookie::parse::Cookies;
use crate::cookie::set::{Attributes, SameSite, SetCookie};
use crate::cookie::{CookieTable, OurCookie};
use crate::entropy::Entropy;
use crate::flow::attempt;
use crate::forwarded::{self, Forwarded, ForwardedFields};
use crate::keyring::sealed;
use crate::oauth::authorization::ExpectedIssuer;
use crate::oauth::authorization::{AuthorizationResponse, Outcome};
use crate::oauth::token::{TokenResponse, TokenType};
use crate::oauth::userinfo;
use crate::oidc::discovery::Metadata;
use crate::oidc::id_token::{MaxAge, Occasion, Parties, SignedBy, validate};
use crate::oidc::issuer::Issuer;
use crate::origin::{Origin, OriginPattern, Scheme, TrustedOrigins};
use crate::provider::Provider;
use crate::redirect::RedirectTo;
use crate::secret::{AccessToken, ClientSecret, CodeVerifier, IdToken, Nonce, RefreshToken, State};
use crate::session::{OpenedSession, Session, SessionError, User};
use aura_jose::{SigningAlgorithm, base64url};
use aura_types::UnixTime;
use bytes::Bytes;
use core::net::IpAddr;
use http::{HeaderMap, Response};
use ring::hmac;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Reads the pairs of the `Cookie` fields.
pub fn cookie_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    Cookies::new(headers).pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Reads the different values of one name; `None` where they are suspiciously many.
pub fn cookie_values(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    Some(Cookies::new(headers).values(name)?.into_iter().map(str::to_owned).collect())
}

/// Sets, reads and clears a value in chunks.
#[derive(Debug)]
pub struct Chunks(CookieTable);

impl Chunks {
    /// Names the cookie.
    pub fn new(name: &str) -> Self {
        let attributes = Attributes::of_host(Duration::from_secs(60), SameSite::Lax, Scheme::Https);
        let cookie = |name: &str| OurCookie::new(name.to_owned(), attributes.clone());
        Self(CookieTable {
            session: cookie(name),
            csrf: cookie("csrf"),
            attempts: cookie("state"),
            access_tokens: cookie("access_token"),
        })
    }

    /// Sets a value, or says `None` where it is too long.
    pub fn set(&self, value: &str, sent: &HeaderMap) -> Option<Vec<SetCookie>> {
        self.0.session.set_chunks(value, &self.sent(sent)).ok()
    }

    /// Reads the values that the chunks can be joined to; `None` where they are suspiciously many.
    pub fn read(&self, sent: &HeaderMap) -> Option<Vec<String>> {
        let values = self.0.session.read(Cookies::new(sent))?;
        Some(values.into_iter().map(std::borrow::Cow::into_owned).collect())
    }

    /// Clears what was sent.
    pub fn clear(&self, sent: &HeaderMap) -> Vec<SetCookie> {
        self.0.session.clear_chunks(&self.sent(sent))
    }

    fn sent(&self, headers: &HeaderMap) -> Sent {
        Sent::new(Cookies::new(headers), &self.0, |_| false)
    }
}

/// What an attempt's cookie holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    clippy::exhaustive_structs,
    reason = "the members of the attempt itself, for fuzz targets"
)]
pub struct Attempt {
    pub provider: String,
    /// `None`, or the issuer and whether it is always sent.
    pub issuer: Option<(String, bool)>,
    pub state: String,
    pub code_verifier: String,
    pub redirect_uri: String,
    pub redirect_to: String,
    pub issued_at: u64,
    /// `None` at a plain provider, or the nonce of the ID token and how many seconds old the authentication may be, if that was
    /// said.
    pub openid: Option<(String, Option<u64>)>,
}

impl Attempt {
    /// Seals the attempt.
    pub fn seal(&self, auth: &Auth, iv: [u8; 12]) -> Option<String> {
        let issuer = match &self.issuer {
            None => ExpectedIssuer::Unknown,
            Some((issuer, false)) => ExpectedIssuer::IfSent(issuer.clone()),
            Some((issuer, true)) => ExpectedIssuer::Always(issuer.clone()),
        };
        let attempt = attempt::Attempt {
            provider: self.provider.clone(),
            issuer,
            expected: match &self.openid {
                None => attempt::Expected::OAuth,
                Some((nonce, max_age)) => attempt::Expected::OpenId {
                    nonce: Nonce::new(nonce.as_str()),
                    max_age: max_age.map_or(MaxAge::Any, MaxAge::Seconds),
                },
            },
            state: State::new(self.state.as_str()),
            code_verifier: CodeVerifier::new(self.code_verifier.as_str()),
            redirect_uri: self.redirect_uri.clone(),
            redirect_to: self.redirect_to.clone(),
            issued_at: UnixTime::from_secs(self.issued_at),
        };
        attempt.seal(auth.config().keyring.newest(), iv).ok()
    }

    /// Seals any JSON where an attempt belongs.
    pub fn seal_json(auth: &Auth, iv: [u8; 12], json: &Value) -> Option<String> {
        sealed::seal(auth.config().keyring.newest(), attempt::PURPOSE, iv, json).ok()
    }

    /// Opens a sealed attempt.
    pub fn open(auth: &Auth, text: &str) -> Option<Self> {
        let attempt = attempt::Attempt::open(&auth.config().keyring, text).ok()?;
        let issuer = match attempt.issuer {
            ExpectedIssuer::Unknown => None,
            ExpectedIssuer::IfSent(issuer) => Some((issuer, false)),
            ExpectedIssuer::Always(issuer) => Some((issuer, true)),
        };
        Some(Self {
            provider: attempt.provider,
            issuer,
            state: attempt.state.expose().to_owned(),
            code_verifier: attempt.code_verifier.expose().to_owned(),
            redirect_uri: attempt.redirect_uri,
            redirect_to: attempt.redirect_to,
            issued_at: attempt.issued_at.as_secs(),
            openid: match attempt.expected {
                attempt::Expected::OAuth => None,
                attempt::Expected::OpenId { nonce, max_age: MaxAge::Any } => {
                    Some((nonce.expose().to_owned(), None))
                }
                attempt::Expected::OpenId { nonce, max_age: MaxAge::Seconds(seconds) } => {
                    Some((nonce.expose().to_owned(), Some(seconds)))
                }
            },
        })
    }
}

/// Writes any claims as a session token.
pub fn write_session(auth: &Auth, claims: &[u8], entropy: &mut Entropy) -> Option<String> {
    auth.config().keyring.newest().write_session(claims, entropy).ok()
}

/// Opens a session token.
///
/// # Errors
/// Those of [`Auth::session`].
pub fn open_session(auth: &Auth, token: &str, now: UnixTime) -> Result<Session, SessionError> {
    let opened = OpenedSession::open(&auth.config().keyring, &auth.config().session, token, now);
    opened.map(|opened| opened.session)
}

/// Writes a session as a token.
pub fn seal_session(auth: &Auth, session: &Session, entropy: &mut Entropy) -> Option<String> {
    session.seal(auth.config().keyring.newest(), &auth.config().session, entropy).ok()
}

/// Reads where a redirect may lead from an origin that trusts others.
pub fn redirect_target(value: &str, own: &str, trusted: &[&str]) -> Option<String> {
    let trusted = trusted.iter().filter_map(|pattern| OriginPattern::parse(pattern)).collect();
    let target = RedirectTo::parse(value, &Origin::parse(own)?, &TrustedOrigins(trusted))?;
    Some(target.to_location().as_str().to_owned())
}

/// An entry of the list of trusted origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(OriginPattern);

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Option<Self> {
        OriginPattern::parse(text).map(Self)
    }

    /// Tells whether a URL's origin matches.
    pub fn matches(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.0.matches(&url))
    }

    /// Writes the pattern.
    pub fn write(&self) -> String {
        self.0.to_string()
    }
}

/// Reads scheme and host off `Forwarded` and `X-Forwarded-*`; `None` where they are malformed.
pub fn forwarded(headers: &HeaderMap) -> Option<(Option<Scheme>, Option<String>)> {
    Forwarded::read(headers, ForwardedFields::Either).ok().map(|forwarded| (forwarded.scheme, forwarded.host))
}

/// Reads the address that the trusted hop was called from.
pub fn forwarded_client(headers: &HeaderMap) -> Option<IpAddr> {
    forwarded::client(headers, ForwardedFields::Either)
}

/// What a token endpoint grants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    clippy::exhaustive_structs,
    reason = "the members of RFC 6749 section 5.1, for fuzz targets"
)]
pub struct Granted {
    pub access_token: AccessToken,
    pub expires_in: Option<Duration>,
    pub refresh_token: Option<RefreshToken>,
    pub refresh_token_expires_in: Option<Duration>,
    pub scope: Option<Vec<String>>,
    pub id_token: Option<IdToken>,
}

/// Reads a token endpoint's answer.
pub fn token_answer(response: &Response<Bytes>) -> Option<Granted> {
    let TokenResponse { access_token, expires_in, refresh_token, refresh_token_expires_in, scope, id_token } =
        TokenResponse::parse(response, TokenType::Bearer).ok()?;
    Some(Granted { access_token, expires_in, refresh_token, refresh_token_expires_in, scope, id_token })
}

/// Reads a user out of a provider's userinfo answer.
pub fn user(provider: Provider, response: &Response<Bytes>) -> Option<User> {
    let provider = Arc::new(provider.validate().ok()?).known().ok()?;
    provider.user(&userinfo::parse(response).ok()?).ok()
}

/// Reads a published configuration, and lists its endpoints.
pub fn discovery(response: &Response<Bytes>, issuer: &str) -> Option<Vec<Url>> {
    let metadata = Metadata::parse(response, &Issuer::Exactly(issuer.to_owned())).ok()?;
    let pages = [Some(metadata.authorization_endpoint), metadata.end_session_endpoint];
    let endpoints = [
        Some(metadata.token_endpoint),
        Some(metadata.jwks_uri),
        metadata.userinfo_endpoint,
        metadata.revocation_endpoint,
        metadata.pushed_authorization_request_endpoint,
    ];
    let endpoints = endpoints.into_iter().flatten().filter_map(|uri| Url::parse(&uri.to_string()).ok());
    Some(pages.into_iter().flatten().chain(endpoints).collect())
}

/// Validates an ID token, whatever it was signed with by the holder of the secret; returns the subject.
pub fn id_token(token: &str, issuer: &str, client: &str, nonce: &str, now: UnixTime) -> Option<String> {
    let issuer_rule = Issuer::Exactly(issuer.to_owned());
    let parties = Parties {
        issuer: &issuer_rule,
        published: issuer,
        client_id: client,
        permitted: &[SigningAlgorithm::Hs256],
    };
    let (nonce, access_token) = (Nonce::new(nonce), AccessToken::new("at"));
    let occasion = Occasion::SignIn { nonce: &nonce, max_age: MaxAge::Any, access_token: &access_token };
    let secret = ClientSecret::new(ID_TOKEN_SECRET);
    validate(token, parties, SignedBy::Secret(&secret), occasion, now).ok().map(|claims| claims.subject)
}

/// Signs any claims under any header, as [`id_token`] verifies them.
pub fn sign_id_token(header: &str, claims: &[u8]) -> String {
    let text = format!("{}.{}", base64url::encode(header), base64url::encode(claims));
    let key = hmac::Key::new(hmac::HMAC_SHA256, ID_TOKEN_SECRET.as_bytes());
    format!("{text}.{}", base64url::encode(hmac::sign(&key, text.as_bytes())))
}

const ID_TOKEN_SECRET: &str = "the secret of a client";

/// What a browser brings back from a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    clippy::exhaustive_structs,
    reason = "the parameters of RFC 6749 section 4.1.2, for fuzz targets"
)]
pub struct Callback {
    pub state: String,
    pub iss: Option<String>,
    /// The code, where there is no error.
    pub code: Option<String>,
    pub denied: bool,
}

/// Reads a callback's query.
pub fn callback(query: &str) -> Option<Callback> {
    let response = AuthorizationResponse::parse(query.as_bytes()).ok()?;
    let (code, denied) = match response.outcome {
        Outcome::Code(code) => (Some(code.expose().to_owned()), false),
        Outcome::Denied => (None, true),
        Outcome::InteractionRequired | Outcome::Failed => (None, false),
    };
    Some(Callback { state: response.state.expose().to_owned(), iss: response.iss, code, denied })
}
