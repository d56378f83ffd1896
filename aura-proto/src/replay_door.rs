//! Internals for transcripts: what `aura-replay` opens, seals and names of a configuration.
//!
//! Hidden, and no part of the API: items change without notice, so `aura-replay` depends on one exact version of this crate.

use crate::action;
use crate::auth::Auth;
use crate::cookie::chunks;
use crate::cookie::parse::Cookies;
use crate::cookie::{self, CookieTable};
use crate::entropy::{Draw, Entropy};
use crate::error::FetchError;
use crate::flow::attempt;
use crate::keyring::sealed;
use crate::oidc::{discovery, id_token};
use crate::origin::Scheme;
use crate::provider_tokens;
use crate::stored::questions::OwnerKey;
use crate::stored::ticket::Ticket;
use aura_jose::SigningAlgorithm;
pub use aura_session::internal::replayed::{Recorded, RowContents};
use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, Response, Uri};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeSet;
use url::Url;
use zeroize::Zeroizing;

/// How many characters of a state the name of its attempt's cookie repeats.
pub const STATE_CHARACTERS: usize = cookie::STATE_CHARACTERS;

/// The algorithms by which a provider may sign with a published key.
pub const SIGNATURES: [SigningAlgorithm; 9] = discovery::SIGNATURES;

/// Returns why an answer of a provider is not read.
pub fn unread(response: &Response<Bytes>) -> Option<FetchError> {
    action::unread(response)
}

/// The kind of a protected value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "a transcript names every kind")]
pub enum Kind {
    /// A sign-in attempt.
    Attempt,
    /// The claims of a session.
    Session,
    /// The tokens of a provider.
    ProviderTokens,
    /// The ticket of a stored session, whose content is the name of its cookie.
    Ticket,
    /// The claims of a CSRF token.
    Csrf,
}

/// A name of a cookie of the site, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a result that is only read")]
pub struct CookieName<'a> {
    /// The kind of the cookie's value.
    pub kind: Kind,
    /// The name without its end.
    pub stem: &'a str,
    /// The rest of the name after the stem: `.` and the beginning of a state, or `.` and the index of a chunk; otherwise empty.
    pub end: &'a str,
}

/// Opens a value of one kind, with any key of the configuration. Expiry is not checked, and the claims of a session may be
/// incomplete.
///
/// The result is secret.
pub fn open(auth: &Auth, kind: Kind, text: &str) -> Option<Value> {
    let keyring = &auth.config().keyring;
    let json = |bytes: Vec<u8>| serde_json::from_slice(&Zeroizing::new(bytes)).ok();
    match kind {
        Kind::Attempt => Some(sealed::open(keyring, attempt::PURPOSE, text).ok()?.0),
        Kind::ProviderTokens => Some(sealed::open(keyring, provider_tokens::PURPOSE, text).ok()?.0),
        Kind::Csrf => json(keyring.open_token(text, |keys| keys.csrf.verify_jwt(text)).ok()?.0),
        Kind::Session => json(keyring.read_session(text.as_bytes()).ok()?.0),
        Kind::Ticket => Some(json!({ "cookie": stored(auth).ticket(text)?.1 })),
    }
}

/// Protects a value with the newest keys of the configuration. The value is not checked: a caller can make a
/// session of anyone, so it is for configurations of tests.
///
/// The entropy gives the IVs. The same entropy must not seal different values under one configuration of a running site.
pub fn seal(auth: &Auth, kind: Kind, value: &Value, entropy: &mut Entropy) -> Option<String> {
    let keys = auth.config().keyring.newest();
    match kind {
        Kind::Attempt => sealed::seal(keys, attempt::PURPOSE, entropy.draw(Draw::Iv), value).ok(),
        Kind::ProviderTokens => {
            sealed::seal(keys, provider_tokens::PURPOSE, entropy.draw(Draw::Iv), value).ok()
        }
        Kind::Csrf => Some(keys.csrf.sign_jwt(value.to_string().as_bytes())),
        Kind::Session => keys.write_session(value.to_string().as_bytes(), entropy).ok(),
        Kind::Ticket => {
            let owner = OwnerKey::from_bytes(entropy.draw(Draw::Ticket));
            Some(Ticket::draw(entropy, owner).write(keys, value.get("cookie")?.as_str()?))
        }
    }
}

/// Returns what opens and seals tickets and rows of stored sessions. Its results are secret.
pub fn stored(auth: &Auth) -> Recorded<'_> {
    let names = tables(auth).map(|table| table.session.name.as_str());
    Recorded { keyring: &auth.config().keyring, names }
}

/// Takes the name of a cookie apart, if it is one of the site's, over `http` or `https`.
pub fn cookie_name<'a>(auth: &Auth, name: &'a str) -> Option<CookieName<'a>> {
    tables(auth).into_iter().find_map(|table| {
        let after = |stem: &str| name.strip_prefix(stem).filter(|end| end.is_empty() || end.starts_with('.'));
        let of = |kind: Kind, stem: usize| {
            let (stem, end) = name.split_at_checked(stem)?;
            Some(CookieName { kind, stem, end })
        };
        let chunk = |kind: Kind, end: &str| {
            let index =
                end.rsplit_once('.').and_then(|(_, index)| chunks::index(index).and(Some(index.len())));
            of(kind, name.len().saturating_sub(index.map_or(0, |index| index.saturating_add(1))))
        };
        if after(&table.attempts.name).is_some() {
            return of(Kind::Attempt, table.attempts.name.len());
        }
        if after(&table.csrf.name).is_some_and(str::is_empty) {
            return of(Kind::Csrf, name.len());
        }
        if let Some(end) = after(&table.session.name) {
            let kind = if auth.needs_store() { Kind::Ticket } else { Kind::Session };
            return chunk(kind, end);
        }
        let provider = after(&table.access_tokens.name)?.strip_prefix('.')?;
        chunk(Kind::ProviderTokens, provider)
    })
}

/// Joins the cookies whose values are in chunks. Returns the name of the first chunk and the joined value, for each way of
/// joining two chunks or more.
pub fn joined_cookies(auth: &Auth, headers: &HeaderMap) -> Vec<(String, String)> {
    let cookies = Cookies::new(headers);
    let second: BTreeSet<_> = cookies.pairs().filter_map(|(name, _)| name.strip_suffix(".1")).collect();
    let mut all = Vec::new();
    for table in tables(auth) {
        let of_providers = auth.config().providers.keys().map(|id| table.access_token(id));
        let chunked = std::iter::once(table.session.clone()).chain(of_providers);
        for cookie in chunked.filter(|cookie| second.contains(cookie.name.as_str())) {
            let values = cookie.read(cookies).unwrap_or_default().into_iter();
            let longer = values.filter(|value| matches!(value, Cow::Owned(_)));
            all.extend(longer.map(|value| (cookie.name.clone(), value.into_owned())));
        }
    }
    all
}

/// Computes the `at_hash` of an access token (OpenID Connect Core section 3.1.3.6).
pub fn access_token_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    id_token::access_token_hash(algorithm, access_token)
}

fn tables(auth: &Auth) -> [&CookieTable; 2] {
    [Scheme::Http, Scheme::Https].map(|scheme| auth.config().cookies(scheme))
}

/// Lists the texts of a configuration whose words are public: origins, routes, names of cookies, endpoints, and the names that
/// decide what is read of an answer or may be changed. None holds a secret: of a URL, host and path are listed.
pub fn public_texts(auth: &Auth) -> Vec<String> {
    let config = auth.config();
    let mut known = vec![config.base_path.clone(), config.public_path.clone()];
    known.extend(config.base_url.as_ref().map(ToString::to_string));
    known.extend(config.trusted_origins.0.iter().map(ToString::to_string));
    known.extend(config.error_page.clone());
    known.extend(config.session.changeable().iter().cloned());
    for table in tables(auth) {
        let cookies = [&table.session, &table.snapshot, &table.csrf, &table.attempts, &table.access_tokens];
        known.extend(cookies.map(|cookie| cookie.name.clone()));
    }
    for provider in config.providers.values() {
        known.extend([provider.id.clone(), provider.client_id.clone()]);
        known.extend(provider.request_parameters.iter().cloned());
        known.extend(provider.profile.pointers().map(str::to_owned));
        if let Some(endpoints) = provider.configured() {
            known.push(place(&endpoints.authorization));
            known.push(place_of(&endpoints.token));
            let described = [&endpoints.userinfo, &endpoints.emails].into_iter().flatten();
            known.extend(described.map(|userinfo| place_of(userinfo.uri())));
            known.extend(endpoints.revocation.as_ref().map(place_of));
            known.extend(endpoints.issuer.text().map(str::to_owned));
        }
        if let Some(openid) = provider.openid() {
            known.push(place_of(&openid.discovery_url));
            known.extend(openid.issuer.words().map(str::to_owned));
        }
    }
    known
}

/// Returns authority and path of a URL, without its credentials.
fn place(url: &Url) -> String {
    format!("{} {}", url.authority().rsplit('@').next().unwrap_or_default(), url.path())
}

/// Returns authority and path of the target of a request, which has no credentials.
fn place_of(uri: &Uri) -> String {
    format!("{} {}", uri.authority().map_or("", Authority::as_str), uri.path())
}
