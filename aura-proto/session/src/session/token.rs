//! Session tokens: the user, the provider, and the claims of the contract, in its order.

use super::claims::SessionClaims;
use super::own_claims::OwnClaims;
use super::{Authentication, Content, Session, SessionError, SessionPolicy, User};
use crate::entropy::{Draw, Entropy};
use crate::json::Object;
use crate::keyring::{Age, Keyring, Keys};
use aura_jose::{Refused, base64url};
use aura_types::UnixTime;
use std::borrow::Cow;

/// The reserved names, which no claim of the application may have.
pub const RESERVED: [&str; 13] =
    ["sub", "provider", "iss", "aud", "iat", "nbf", "exp", "mexp", "began", "jti", "auth_time", "acr", "amr"];

impl Session {
    /// Writes the session as a token, protected as configured.
    #[doc(hidden)]
    pub fn seal(
        &self,
        keys: &Keys,
        policy: &SessionPolicy,
        entropy: &mut Entropy,
    ) -> Result<String, Refused> {
        let payload = self.write(policy, &base64url::encode(entropy.draw::<32>(Draw::Jti)));
        keys.write_session(&payload, entropy)
    }

    /// Writes the claims in the contract's order: 1,500 instructions, and 4,000 by a derived writer.
    pub(crate) fn write(&self, policy: &SessionPolicy, jti: &str) -> Vec<u8> {
        let Content { user, provider, began_at, issued_at, expires_at, latest, authentication, .. } =
            &*self.0;
        let (mut payload, own) = (Vec::with_capacity(512), self.claims());
        let claims = Object::begin(&mut payload)
            .optional_text("aud", policy.audience.as_deref())
            .optional_text("iss", policy.issuer.as_deref())
            .text("sub", user.sub())
            .optional_text("name", user.name())
            .optional_text("image", user.image())
            .optional_text("email", user.email());
        let claims = own.iter().fold(claims, |claims, (name, claim)| claims.any(name, claim));
        let claims = claims.optional_text("provider", provider.as_deref());
        let claims = latest.iter().fold(claims, |claims, latest| claims.value("mexp", latest));
        let claims = began_at.iter().fold(claims, |claims, began| claims.value("began", began));
        let Authentication { at, acr, amr } = authentication;
        let claims = at.iter().fold(claims, |claims, at| claims.value("auth_time", at));
        let claims = claims.optional_text("acr", acr.as_deref());
        let claims = if amr.is_empty() { claims } else { claims.value("amr", amr) };
        claims
            .value("iat", issued_at)
            .value("nbf", issued_at)
            .value("exp", expires_at)
            .text("jti", jti)
            .end();
        payload
    }
}

/// A session and how its token is protected.
#[derive(Debug)]
pub struct OpenedSession {
    /// The session.
    pub session: Session,
    /// The token's payload, if an earlier key protects it.
    pub earlier: Option<Vec<u8>>,
}

impl OpenedSession {
    /// Opens a session token with any key of the ring.
    pub fn open(
        keyring: &Keyring,
        policy: &SessionPolicy,
        token: impl AsRef<[u8]>,
        now: UnixTime,
    ) -> Result<Self, SessionError> {
        let (payload, age) = keyring.read_session(token.as_ref())?;
        let earlier = match age {
            Age::Newest => None,
            Age::Earlier => Some(payload.clone()),
        };
        Ok(Self { session: Session::read(payload, policy, now)?, earlier })
    }
}

impl Session {
    /// Reads and checks the claims of an authentic token.
    pub(crate) fn read(
        payload: Vec<u8>,
        policy: &SessionPolicy,
        now: UnixTime,
    ) -> Result<Self, SessionError> {
        let payload = String::from_utf8(payload).map_err(|_| Refused)?;
        let claims = SessionClaims::parse(&payload)?;
        check_audience(&claims, policy)?;
        let (expires_at, not_before) = (claims.exp.ok_or(Refused)?, claims.nbf.ok_or(Refused)?);
        let issued_at = UnixTime::from_secs(claims.iat.ok_or(Refused)?);
        let began_at = claims.began.map(UnixTime::from_secs);
        // The contract reads a zero as no limit.
        let latest = claims.mexp.filter(|&latest| latest != 0).map(UnixTime::from_secs);
        if !claims.has_jti {
            return Err(SessionError::Invalid);
        }
        if now.as_secs() >= expires_at || latest.is_some_and(|latest| now.whole_seconds() > latest) {
            return Err(SessionError::Expired);
        }
        let expires_at = UnixTime::from_secs(expires_at);
        if !expires_at.has_a_date() {
            return Err(SessionError::Invalid);
        }
        if UnixTime::from_secs(not_before).is_ahead_of(now) {
            return Err(SessionError::NotYet);
        }
        let sub = claims.sub.filter(|sub| !sub.is_empty()).ok_or(Refused)?;
        let [name, image, email] = [&claims.name, &claims.image, &claims.email].map(Option::as_deref);
        let user = User::from_claims(&sub, name, image, email);
        let provider = claims.provider.map(Cow::into_owned);
        let authentication = Authentication {
            at: claims.auth_time.map(UnixTime::from_secs),
            acr: claims.acr.map(Cow::into_owned),
            amr: claims.amr,
        };
        let claims = if claims.own.is_empty() { OwnClaims::default() } else { OwnClaims::unread(payload) };
        let content =
            Content { user, provider, began_at, issued_at, expires_at, latest, authentication, claims };
        Ok(Self::of(content))
    }
}

/// Refuses a token that is not of this issuer or for this audience, where the policy names them.
fn check_audience(claims: &SessionClaims<'_>, policy: &SessionPolicy) -> Result<(), Refused> {
    if policy.issuer.is_some() && claims.iss.as_deref() != policy.issuer.as_deref() {
        return Err(Refused);
    }
    if policy.audience.as_ref().is_some_and(|expected| !claims.aud.contains(expected)) {
        return Err(Refused);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::{Map, Value, json};

    #[derive(Serialize)]
    struct Claims<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        aud: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        iss: Option<&'a str>,
        #[serde(flatten)]
        user: &'a User,
        #[serde(flatten)]
        own: &'a Map<String, Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        provider: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mexp: Option<UnixTime>,
        #[serde(skip_serializing_if = "Option::is_none")]
        began: Option<UnixTime>,
        #[serde(skip_serializing_if = "Option::is_none")]
        auth_time: Option<UnixTime>,
        #[serde(skip_serializing_if = "Option::is_none")]
        acr: Option<&'a str>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        amr: &'a [String],
        iat: UnixTime,
        nbf: UnixTime,
        exp: UnixTime,
        jti: String,
    }

    #[test]
    fn claims_are_written_as_the_derived_writer_writes_them() {
        let now = UnixTime::from_secs(1_790_000_000);
        let whole =
            Session::builder(User::new("a\"b").with_name("Ada").with_email("a@b").with_image("\u{e9}\n"))
                .provider("github")
                .authenticated_at(now)
                .acr("a\"")
                .amr(["pwd", "\u{e9}"])
                .claim("role \"x\"", json!({ "b": [1.5, null], "a": "\\" }));
        let policy = SessionPolicy::default();
        for (session, policy) in [
            (
                whole.build(),
                policy.clone().max_duration(std::time::Duration::from_secs(7_000_000)).issuer("i"),
            ),
            (Session::begin(User::new("1"), "dev".to_owned(), now, &policy), policy.audience("a")),
        ] {
            let claims = Claims {
                aud: policy.audience.as_deref(),
                iss: policy.issuer.as_deref(),
                user: session.user(),
                own: &session.claims(),
                provider: session.provider(),
                mexp: session.latest(),
                began: session.began_at(),
                auth_time: session.authenticated_at(),
                acr: session.acr(),
                amr: session.amr(),
                iat: session.issued_at(),
                nbf: session.issued_at(),
                exp: session.expires_at(),
                jti: "j".to_owned(),
            };
            let written = String::from_utf8(session.write(&policy, "j")).unwrap();
            assert_eq!(written, serde_json::to_string(&claims).unwrap());
        }
    }

    #[test]
    fn a_session_is_live_to_its_last_moment_and_no_longer() {
        let claims =
            json!({"sub": "1", "iat": 10, "nbf": 10, "exp": 100, "mexp": 50, "jti": "j"}).to_string();
        let read = |now| {
            Session::read(claims.clone().into_bytes(), &SessionPolicy::default(), UnixTime::from_secs(now))
        };
        assert!(read(50).is_ok());
        assert_eq!(read(51), Err(SessionError::Expired));
    }

    #[test]
    fn times_may_have_a_fraction_which_is_cut_off() {
        let read = |exp: &str, nbf: &str| {
            let claims =
                format!(r#"{{"sub":"1","iat":10.25,"nbf":{nbf},"exp":{exp},"mexp":90.5,"jti":"j"}}"#);
            Session::read(claims.clone().into_bytes(), &SessionPolicy::default(), UnixTime::from_secs(50))
        };
        let session = read("60.9", "10.5").unwrap();
        assert_eq!(
            (session.issued_at(), session.expires_at()),
            (UnixTime::from_secs(10), UnixTime::from_secs(60))
        );
        assert_eq!(session.latest(), Some(UnixTime::from_secs(90)));
        assert_eq!(read("50.9", "10"), Err(SessionError::Expired));
        for (exp, nbf) in
            [("60", "56.0"), ("-60.5", "10"), ("1e300", "10"), ("60.5", "null"), ("\"60.5\"", "10")]
        {
            assert!(read(exp, nbf).is_err(), "{exp} {nbf}");
        }
    }
}
