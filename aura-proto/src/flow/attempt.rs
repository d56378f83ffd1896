//! The attempt: the state of one authorization request, sealed in a cookie until the callback.

#![allow(unreachable_pub, reason = "fuzz targets reach this module through `internals`")]

use crate::context::RequestContext;
use crate::cookie::MAX_ATTEMPTS;
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::error::{HostError, RequestError};
use crate::json::{Object, PlainMembers};
use crate::keyring::sealed::{self, Purpose};
use crate::keyring::{Keyring, Keys};
use crate::oauth::authorization::ExpectedIssuer;
use crate::oidc::id_token::MaxAge;
use crate::provider::CheckedProvider;
use crate::secret::{CodeVerifier, Nonce, State};
use aura_jose::Refused;
use aura_types::UnixTime;
use ring::aead::NONCE_LEN;
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;

/// The key and the label that seal attempts.
pub const PURPOSE: Purpose = Purpose { key: |keys| &keys.attempt, label: "aura:attempt:2" };

/// The state of one begun sign-in, which its callback is checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub provider: String,
    /// The issuer that the callback's `iss` must equal (RFC 9207 section 2.4).
    pub issuer: ExpectedIssuer,
    pub expected: Expected,
    pub state: State,
    pub code_verifier: CodeVerifier,
    /// Sent in the authorization request and in the token request (RFC 6749 section 4.1.3).
    pub redirect_uri: String,
    /// Where the browser is redirected after the sign-in.
    pub redirect_to: String,
    pub issued_at: UnixTime,
}

/// What the ID token is checked against (OpenID Connect Core 1.0 section 3.1.3.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The provider issues no ID token.
    OAuth,
    /// An ID token with this nonce, an `auth_time` within this `max_age`, and one of these `acr`, separated by spaces. None is
    /// required where the text is empty.
    OpenId { nonce: Nonce, max_age: MaxAge, acr_values: String },
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    provider: Cow<'a, str>,
    issuer: Cow<'a, ExpectedIssuer>,
    openid: Option<(Cow<'a, str>, MaxAge)>,
    state: Cow<'a, str>,
    code_verifier: Cow<'a, str>,
    redirect_uri: Cow<'a, str>,
    redirect_to: Cow<'a, str>,
    issued_at: UnixTime,
    /// What attempts without a step-up do not have.
    #[serde(default)]
    acr_values: Option<Cow<'a, str>>,
}

impl<'a> Wire<'a> {
    fn read(json: &'a [u8]) -> Result<Self, Refused> {
        let text = str::from_utf8(json).map_err(|_| Refused)?;
        Self::plain(text).map_or_else(|| serde_json::from_str(text).map_err(|_| Refused), Ok)
    }

    /// Reads what [`Attempt::write`] writes, unless a text has escapes: by 3,000 instructions instead of 6,000.
    fn plain(text: &'a str) -> Option<Self> {
        let mut members = PlainMembers::begin(text)?;
        let wire = Self {
            provider: members.text("provider")??.into(),
            issuer: members.value("issuer")??,
            openid: members.value("openid")??,
            state: members.text("state")??.into(),
            code_verifier: members.text("code_verifier")??.into(),
            redirect_uri: members.text("redirect_uri")??.into(),
            redirect_to: members.text("redirect_to")??.into(),
            issued_at: UnixTime::from_secs(members.seconds("issued_at")??),
            acr_values: members.text("acr_values")?.map(Cow::Borrowed),
        };
        members.end().then_some(wire)
    }
}

impl From<Wire<'_>> for Attempt {
    fn from(wire: Wire<'_>) -> Self {
        Self {
            provider: wire.provider.into_owned(),
            issuer: wire.issuer.into_owned(),
            expected: match wire.openid {
                None => Expected::OAuth,
                Some((nonce, max_age)) => Expected::OpenId {
                    nonce: Nonce::new(nonce),
                    max_age,
                    acr_values: wire.acr_values.unwrap_or_default().into_owned(),
                },
            },
            state: State::new(wire.state),
            code_verifier: CodeVerifier::new(wire.code_verifier),
            redirect_uri: wire.redirect_uri.into_owned(),
            redirect_to: wire.redirect_to.into_owned(),
            issued_at: wire.issued_at,
        }
    }
}

impl Attempt {
    /// Seals the attempt.
    pub fn seal(&self, keys: &Keys, iv: [u8; NONCE_LEN]) -> Result<String, HostError> {
        sealed::seal_written(keys, PURPOSE, iv, |json| self.write(json))
            .map_err(|Refused| HostError::Unreachable)
    }

    /// Writes the members of [`Wire`].
    fn write(&self, json: &mut Vec<u8>) {
        let (openid, acr_values) = match &self.expected {
            Expected::OAuth => (None, ""),
            Expected::OpenId { nonce, max_age, acr_values } => {
                (Some((nonce.expose(), *max_age)), acr_values.as_str())
            }
        };
        Object::begin(json)
            .text("provider", &self.provider)
            .value("issuer", &self.issuer)
            .value("openid", &openid)
            .text("state", self.state.expose())
            .text("code_verifier", self.code_verifier.expose())
            .text("redirect_uri", &self.redirect_uri)
            .text("redirect_to", &self.redirect_to)
            .value("issued_at", &self.issued_at)
            .optional_text("acr_values", Some(acr_values).filter(|values| !values.is_empty()))
            .end();
    }

    /// Opens a sealed attempt.
    pub fn open(keyring: &Keyring, text: &str) -> Result<Self, Refused> {
        sealed::open_written(keyring, PURPOSE, text, |json| Wire::read(json).map(Self::from))
            .map(|(attempt, _)| attempt)
    }

    /// Tells whether the attempt is older than `lifetime`, or was issued more than `lifetime` in the future.
    pub(crate) fn is_expired(&self, now: UnixTime, lifetime: Duration) -> bool {
        // The cookie holds whole seconds, and the last one counts in full.
        let now = now.whole_seconds();
        now > self.issued_at.saturating_add(lifetime) || self.issued_at > now.saturating_add(lifetime)
    }

    /// Checks that the callback belongs to this attempt, before its `code` or `error` is used.
    pub(super) fn check(
        &self,
        provider: &CheckedProvider,
        iss: Option<&str>,
        now: UnixTime,
        lifetime: Duration,
    ) -> Result<IssCheck, RequestError> {
        // RFC 9700 4.4.2.1: the provider at whose redirect URI the answer arrives is the one that the request went to.
        if self.provider != provider.id {
            return Err(RequestError::OtherProvider);
        }
        if self.is_expired(now, lifetime) {
            return Err(RequestError::AttemptExpired);
        }
        // RFC 9207 2.4: clients MUST compare iss with the issuer identifier of the authorization server that the request
        // was sent to, by simple string comparison, and MUST reject the response if they differ, or if it is missing
        // though that server always sends it.
        match (&self.issuer, iss) {
            (ExpectedIssuer::Unknown, None) | (ExpectedIssuer::IfSent(_), None) => Ok(IssCheck::Passed),
            (ExpectedIssuer::Unknown, Some(_)) => Ok(IssCheck::NotComparable),
            (ExpectedIssuer::Always(_), None) => Err(RequestError::IssuerMissing),
            (ExpectedIssuer::IfSent(expected) | ExpectedIssuer::Always(expected), Some(iss)) => {
                if iss == expected { Ok(IssCheck::Passed) } else { Err(RequestError::IssuerMismatch) }
            }
        }
    }
}

/// The result of the check of the callback's `iss`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IssCheck {
    /// It is the expected issuer, or it is absent and may be.
    Passed,
    /// There is no issuer to compare it with.
    NotComparable,
}

/// Finds this browser's attempt that has the callback's state; the full state is compared, in constant time.
pub(super) fn find_attempt(cx: &RequestContext, state: &State) -> Result<Attempt, RequestError> {
    let cookies = Cookies::new(&cx.request.headers);
    if cookies.is_empty() {
        return Err(RequestError::NoCookie);
    }
    if cx.sent().attempts.is_empty() {
        return Err(RequestError::NoAttempt);
    }
    let name = cx.table().attempt(state.expose()).name;
    let values = cookies.values(&name).unwrap_or_default();
    if values.is_empty() {
        return Err(RequestError::StateUnknown);
    }
    let keyring = &cx.config.keyring;
    let mut opened = values.iter().filter_map(|value| Attempt::open(keyring, value).ok()).peekable();
    if opened.peek().is_none() {
        return Err(RequestError::AttemptUnreadable);
    }
    opened.find(|attempt| attempt.state == *state).ok_or(RequestError::StateUnknown)
}

/// How old an attempt may be that a callback without `state` may belong to.
const MAX_AGE_WITHOUT_STATE: Duration = Duration::from_secs(10);

/// Tells whether this browser began a sign-in at the provider moments ago.
pub(super) fn has_just_begun(cx: &RequestContext, provider: &CheckedProvider, now: UnixTime) -> bool {
    let cookies = Cookies::new(&cx.request.headers);
    let sent = cx.sent();
    let mut values = sent.attempts.iter().filter_map(|name| cookies.values(name)).flatten();
    values.any(|value| {
        Attempt::open(&cx.config.keyring, value).is_ok_and(|attempt| {
            attempt.provider == provider.id && !attempt.is_expired(now, MAX_AGE_WITHOUT_STATE)
        })
    })
}

/// Longest total of the live attempts' cookies beside a new one, in bytes. Many servers accept 8 KiB of cookies in all.
const MAX_ATTEMPTS_SIZE: usize = 4 * 1024;

/// Clears attempts until there is room for one more, in number and in bytes: first those that cannot be used any more, then the
/// oldest.
pub(super) fn surplus_attempts(cx: &RequestContext, now: UnixTime) -> Vec<SetCookie> {
    let cookies = Cookies::new(&cx.request.headers);
    let begun_at = |name: &String| {
        let value = cookies.values(name)?.into_iter().next()?;
        let attempt = Attempt::open(&cx.config.keyring, value).ok()?;
        (!attempt.is_expired(now, cx.config.attempt_lifetime)).then_some(attempt.issued_at)
    };
    let sent = cx.sent();
    let mut dated: Vec<_> = sent.attempts.iter().map(|name| (begun_at(name), name)).collect();
    dated.sort();
    let dead = dated.iter().filter(|(begun_at, _)| begun_at.is_none()).count();
    let mut room = MAX_ATTEMPTS_SIZE;
    let fits = |(_, name): &&(Option<UnixTime>, &String)| {
        let length = cookies.values(name).into_iter().flatten().map(str::len).max().unwrap_or_default();
        let left = room.checked_sub(length);
        room = left.unwrap_or_default();
        left.is_some()
    };
    let fitting = dated.iter().rev().take_while(fits).count().min(MAX_ATTEMPTS.saturating_sub(1));
    let surplus = dated.len().saturating_sub(fitting).max(dead);
    dated.into_iter().take(surplus).map(|(_, name)| cx.table().clear_attempt(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::protection::TokenConfig;
    use crate::{Salt, Secret};
    use proptest::prelude::*;

    fn keyring(seed: u8) -> Keyring {
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let secret = Secret::from_bytes(&[[seed; 31].as_slice(), &[0]].concat()).unwrap();
        Keyring::new(Keys::derive_for(&TokenConfig::default(), &secret, &salt).unwrap(), Vec::new())
    }

    fn attempt() -> Attempt {
        Attempt {
            provider: "github".into(),
            issuer: ExpectedIssuer::IfSent("https://github.com/login/oauth".into()),
            expected: Expected::OpenId {
                nonce: Nonce::new("n".repeat(43)),
                max_age: MaxAge::Seconds(60),
                acr_values: "gold silver".to_owned(),
            },
            state: State::new("s".repeat(43)),
            code_verifier: CodeVerifier::new("v".repeat(43)),
            redirect_uri: "https://app.test/auth/callback/github".into(),
            redirect_to: "/".into(),
            issued_at: UnixTime::from_secs(1000),
        }
    }

    #[test]
    fn what_is_sealed_opens_and_shows_nothing() {
        let sealed = attempt().seal(keyring(1).newest(), [4; 12]).unwrap();
        assert_eq!(Attempt::open(&keyring(1), &sealed), Ok(attempt()));
        let bytes = aura_jose::base64url::decode(sealed.split('.').nth(1).unwrap()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"github" || window == b"vvvvvv"));
    }

    proptest! {
        /// The derived reader is the oracle, on what is written and on such with another character in it.
        #[test]
        fn an_attempt_is_read_as_the_derived_reader_reads_it(
            issuer in "\\PC{0,3}",
            redirect_to in "(\\PC|[a-z/]{9}){0,3}",
            openid: bool,
            issued_at: u32,
            at: proptest::sample::Index,
            other in "[\"\\\\{}:,0-9a \\x01]?",
        ) {
            let expected = if openid { attempt().expected } else { Expected::OAuth };
            let issuer = ExpectedIssuer::Always(issuer);
            let issued_at = UnixTime::from_secs(issued_at.into());
            let mut json = Vec::new();
            Attempt { issuer, redirect_to, expected, issued_at, ..attempt() }.write(&mut json);
            let mut json = String::from_utf8(json).unwrap();
            prop_assert!(Wire::read(json.as_bytes()).is_ok());
            let at = at.index(json.len());
            if json.is_char_boundary(at) {
                json.insert_str(at, &other);
            }
            prop_assert_eq!(Wire::read(json.as_bytes()).ok(), serde_json::from_str(&json).ok());
        }
    }

    #[test]
    fn ck_16_pk_03_other_keys_and_altered_cookies_open_nothing() {
        let sealed = attempt().seal(keyring(1).newest(), [4; 12]).unwrap();
        assert_eq!(Attempt::open(&keyring(2), &sealed), Err(Refused));
        let keys = keyring(1).newest().clone();
        let other_purpose = Keys { attempt: keys.provider_tokens.clone(), ..keys };
        let same_bytes_other_purpose = attempt().seal(&other_purpose, [4; 12]).unwrap();
        assert_eq!(Attempt::open(&keyring(1), &same_bytes_other_purpose), Err(Refused));
        for at in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                Attempt::open(&keyring(1), &String::from_utf8(altered).unwrap()),
                Err(Refused),
                "{at}"
            );
        }
    }

    #[test]
    fn st_11_an_attempt_lives_ten_minutes() {
        let expired = |now| attempt().is_expired(UnixTime::from_secs(now), crate::cookie::ATTEMPT_LIFETIME);
        assert!(!expired(1000));
        assert!(!expired(1600));
        assert!(expired(1601));
        let of_millis =
            |millis| attempt().is_expired(UnixTime::from_millis(millis), crate::cookie::ATTEMPT_LIFETIME);
        assert!(!of_millis(1_600_999) && of_millis(1_601_000), "the last second counts in full");
        assert!(!expired(400));
        assert!(expired(399), "an attempt from the future is not to be trusted");
    }
}
