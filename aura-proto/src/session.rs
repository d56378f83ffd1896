//! Who is signed in? What a session token says, and how it is sealed and opened.

use crate::entropy::{Draw, Entropy};
use crate::jose::claims::StrictObject;
use crate::jose::keys::{Keyring, Keys};
use crate::jose::{Refused, base64url};
use crate::time::UnixTime;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// How long a session lives where nothing else is configured: fifteen days.
pub(crate) const DEFAULT_MAX_AGE: Duration = Duration::from_secs(15 * 24 * 60 * 60);

/// The person who signed in, as the provider described them.
///
/// ```
/// # fn greet(session: &aura_proto::Session) {
/// println!("Hello, {}", session.user.name.as_deref().unwrap_or("stranger"));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct User {
    /// The id at the provider; unique only together with the provider.
    pub sub: String,
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The URL of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The e-mail address, verified or not: never an identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A live session.
///
/// ```
/// # use aura_proto::{Auth, UnixTime};
/// # fn guard(auth: &Auth, headers: &http::HeaderMap, now: UnixTime) {
/// match auth.session(headers, now) {
///     Ok(session) => println!("{} from {:?}", session.user.sub, session.provider),
///     Err(error) => println!("nobody: {error}"),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// Who signed in.
    pub user: User,
    /// The id of the provider; absent in sessions that another implementation of the contract began.
    pub provider: Option<String>,
    /// When the session began.
    pub issued_at: UnixTime,
    /// When the session ends.
    pub expires_at: UnixTime,
}

/// Why a request has no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// The request carries no session cookie.
    Missing,
    /// The cookie does not hold a session token of this site.
    Invalid,
    /// The session has ended.
    Expired,
    /// Two cookies of the same name hold different live sessions: one of them was planted.
    Ambiguous,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "no session cookie",
            Self::Invalid => "the session cookie does not hold a session of this site",
            Self::Expired => "the session has ended",
            Self::Ambiguous => "two session cookies hold different sessions",
        })
    }
}

impl std::error::Error for SessionError {}

impl From<Refused> for SessionError {
    fn from(_: Refused) -> Self {
        Self::Invalid
    }
}

impl Session {
    /// Returns the key of the user's identity: provider and subject. Neither the subject alone nor the e-mail is one.
    ///
    /// ```
    /// # fn account(session: &aura_proto::Session) {
    /// let (provider, sub) = session.identity();
    /// # }
    /// ```
    pub fn identity(&self) -> (Option<&str>, &str) {
        (self.provider.as_deref(), &self.user.sub)
    }

    /// Begins a session.
    pub(crate) fn begin(user: User, provider: String, now: UnixTime, max_age: Duration) -> Self {
        Self { user, provider: Some(provider), issued_at: now, expires_at: now.saturating_add(max_age) }
    }

    /// The body of `GET /session`, for both generations of clients.
    pub(crate) fn to_json(&self) -> Value {
        let expires = self.expires_at.to_iso8601();
        json!({
            "user": self.user,
            "expires": expires,
            "success": true,
            "session": { "user": self.user, "expires": expires },
        })
    }

    /// Seals the session: a JWE of a JWS, with the claims in the contract's order.
    pub(crate) fn seal(&self, keys: &Keys, entropy: &mut Entropy) -> Result<String, Refused> {
        #[derive(Serialize)]
        struct Claims<'a> {
            #[serde(flatten)]
            user: &'a User,
            #[serde(skip_serializing_if = "Option::is_none")]
            provider: Option<&'a str>,
            iat: UnixTime,
            nbf: UnixTime,
            exp: UnixTime,
            jti: String,
        }
        let claims = Claims {
            user: &self.user,
            provider: self.provider.as_deref(),
            iat: self.issued_at,
            nbf: self.issued_at,
            exp: self.expires_at,
            jti: base64url::encode(entropy.draw::<32>(Draw::Jti)),
        };
        let payload = serde_json::to_vec(&claims).map_err(|_| Refused)?;
        keys.write_session(&payload, entropy)
    }

    /// Opens a session token with any key of the ring.
    pub(crate) fn open(keyring: &Keyring, token: &str, now: UnixTime) -> Result<Self, SessionError> {
        let payload = keyring.open(|keys| keys.read_session(token))?;
        let mut claims = StrictObject::parse(&payload)?;
        let seconds = |claims: &mut StrictObject, name| claims.take_seconds(name)?.ok_or(Refused);
        let (expires_at, not_before) = (seconds(&mut claims, "exp")?, seconds(&mut claims, "nbf")?);
        let issued_at = seconds(&mut claims, "iat")?;
        let latest = claims.take_seconds("mexp")?;
        claims.take_text("jti")?.ok_or(Refused)?;
        if now.as_secs() >= expires_at || latest.is_some_and(|latest| now.as_secs() > latest) {
            return Err(SessionError::Expired);
        }
        // What `to_iso8601` cannot write is not an expiry.
        UnixTime::from_secs(expires_at).to_iso8601().ok_or(Refused)?;
        if not_before > now.as_secs() {
            return Err(SessionError::Invalid);
        }
        Ok(Self {
            user: User {
                sub: claims.take_text("sub")?.filter(|sub| !sub.is_empty()).ok_or(Refused)?,
                name: claims.take_text("name")?,
                image: claims.take_text("image")?,
                email: claims.take_text("email")?,
            },
            provider: claims.take_text("provider")?,
            issued_at: UnixTime::from_secs(issued_at),
            expires_at: UnixTime::from_secs(expires_at),
        })
    }
}

impl User {
    pub(crate) fn new(sub: String) -> Self {
        Self { sub, name: None, image: None, email: None }
    }
}
