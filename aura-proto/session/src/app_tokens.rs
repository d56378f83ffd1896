//! Tokens of the application's own, by [`Jose`], under keys with no other use (RFC 7519).

use crate::entropy::{Draw, Entropy};
use crate::keyring::{Keyring, Keys};
use crate::session::DEFAULT_MAX_AGE;
use crate::session::protection::Signature;
use crate::tables::setters;
use aura_jose::{MAX_TOKEN, Refused, StrictObject, VerificationKey, base64url};
use aura_types::UnixTime;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::map::Entry;
use serde_json::{Map, Value};

/// Signs, encrypts and seals the application's own tokens, such as invitations or links in e-mails (RFC 7519).
///
/// The keys are derived from the secret under labels of their own: no such token opens as a session, and no session as such a
/// token. Every token names its key; tokens of earlier secrets open while those are configured. Every token has `iat`, `nbf`,
/// `exp` (fifteen days) and `jti`; claims that the application gives take precedence.
///
/// ```
/// use aura_proto::{Auth, Entropy, Salt, Secret, TokenError, UnixTime};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Invitation { team: u32, exp: u64 }
///
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let auth = Auth::builder(secret, salt).build()?;
/// let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
///
/// let jose = auth.jose().audience("invitations");
/// let token = jose.sign(&Invitation { team: 7, exp: now.as_secs() + 3600 }, now, entropy)?;
/// let invitation: Invitation = jose.verify(&token, now)?;
/// assert_eq!(invitation.team, 7);
/// assert_eq!(auth.jose().verify::<Invitation>(&token, now).err(), Some(TokenError::Audience));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "sign or verify tokens with it"]
pub struct Jose<'a> {
    keyring: &'a Keyring,
    issuer: Party,
    audience: Party,
}

/// The issuer of a token, or its audience.
#[derive(Clone, Debug)]
enum Party {
    /// Not written and not expected.
    Anybody,
    /// Written into each token, and expected exactly so.
    Exactly(String),
}

/// Why an application's token is refused, or not written.
///
/// ```
/// # use aura_proto::TokenError;
/// # use std::time::Duration;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let claims = serde_json::json!({ "order": 4711, "exp": now.as_secs() + 60 });
/// let token = auth.jose().sign(&claims, now, entropy)?;
/// let later = now.saturating_add(Duration::from_secs(60));
/// assert_eq!(auth.jose().verify::<serde_json::Value>(&token, later), Err(TokenError::Expired));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not a token of this kind, or not of these keys, or it was altered.
    #[error("the token is not one of these keys")]
    Invalid,
    /// Its `exp` has come, or its `mexp` has passed (RFC 7519 section 4.1.4).
    #[error("the token has expired")]
    Expired,
    /// Its `nbf` has not come (RFC 7519 section 4.1.5).
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Its `iss` is not the expected one (RFC 7519 section 4.1.1).
    #[error("the token has another issuer")]
    Issuer,
    /// Its `aud` does not name the expected audience, or there is one where none is expected (RFC 7519 section 4.1.3).
    #[error("the token is for another audience")]
    Audience,
    /// The claims have another shape than asked for; or, where a token is made, they are no object, an empty one, or one whose
    /// times are not whole seconds.
    #[error("the claims are not of the expected shape")]
    Claims,
    /// The token would be longer than any reader accepts.
    #[error("the token would be too large")]
    TooLarge,
    /// The key signs the session tokens of this site, which are not those of another party.
    #[error("the key is the sessions' own; give the key of whoever signed the token")]
    SessionKey,
}

impl From<Refused> for TokenError {
    fn from(_: Refused) -> Self {
        Self::Invalid
    }
}

impl<'a> Jose<'a> {
    /// Signs and verifies with the keys of a keyring, for anybody and from anybody.
    #[doc(hidden)]
    pub fn new(keyring: &'a Keyring) -> Self {
        Self { keyring, issuer: Party::Anybody, audience: Party::Anybody }
    }
}

impl Jose<'_> {
    setters! {
        /// Writes `iss` into each token, and expects it (RFC 7519 section 4.1.1).
        ///
        /// ```
        /// # use aura_proto::TokenError;
        /// # use serde_json::Value;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
        /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
        /// let order = serde_json::json!({ "order": 4711 });
        /// let token = auth.jose().issuer("https://example.com").sign(&order, now, entropy)?;
        /// let partner = auth.jose().issuer("https://partner.example");
        /// assert_eq!(partner.verify::<Value>(&token, now), Err(TokenError::Issuer));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub fn issuer(issuer: impl Into<String>) { issuer = Party::Exactly(issuer.into()) }

        /// Writes `aud` into each token, and expects it (RFC 7519 section 4.1.3). Give each use of tokens one of its own.
        pub fn audience(audience: impl Into<String>) { audience = Party::Exactly(audience.into()) }
    }

    /// Signs claims: a compact JWS, whose claims every holder can read (RFC 7515).
    ///
    /// # Errors
    /// [`TokenError::Claims`] and [`TokenError::TooLarge`].
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let order = serde_json::json!({ "order": 4711 });
    /// let token = auth.jose().sign(&order, now, entropy)?;
    /// assert_eq!(token.split('.').count(), 3);
    /// assert_eq!(auth.jose().verify::<serde_json::Value>(&token, now)?["order"], 4711);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign<C: Serialize + ?Sized>(
        &self,
        claims: &C,
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Result<String, TokenError> {
        let claims = self.complete(claims, &[], now, &mut entropy)?;
        check_size(self.keyring.newest().app_signing.sign_jwt(&claims))
    }

    /// Verifies a token that [`sign`](Self::sign) made, and returns its claims.
    ///
    /// # Errors
    /// [`TokenError`]; a token that is too large is [`TokenError::Invalid`].
    pub fn verify<C: DeserializeOwned>(&self, token: &str, now: UnixTime) -> Result<C, TokenError> {
        let (claims, _) = self.keyring.open_token(token, |keys| keys.app_signing.verify_jwt(token))?;
        self.accept(claims, now)
    }

    /// Verifies a token that another party signed, with its public key (RFC 7515 section 5.2).
    ///
    /// The keys of [`SessionTokenFormat::signing_key`](crate::SessionTokenFormat::signing_key) and
    /// [`SessionTokenFormat::previous_key`](crate::SessionTokenFormat::previous_key) are refused: under them a user's own
    /// session token would pass for the partner's. `Auth::session` of `aura-proto` reads those.
    ///
    /// # Errors
    /// [`TokenError`], as for [`verify`](Self::verify), and [`TokenError::SessionKey`].
    pub fn verify_with<C: DeserializeOwned>(
        &self,
        key: &VerificationKey,
        token: &str,
        now: UnixTime,
    ) -> Result<C, TokenError> {
        if let Signature::KeyPairs(pairs) = &self.keyring.newest().signing
            && pairs.includes(key)
        {
            return Err(TokenError::SessionKey);
        }
        self.accept(key.verify_jwt(token)?, now)
    }

    /// Encrypts claims: a compact JWE (RFC 7516). Its `iat` and `jti` are always new.
    ///
    /// # Errors
    /// [`TokenError::Claims`] and [`TokenError::TooLarge`].
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let order = serde_json::json!({ "order": 4711 });
    /// let token = auth.jose().encrypt(&order, now, entropy)?;
    /// assert_eq!(token.split('.').count(), 5);
    /// assert_eq!(auth.jose().decrypt::<serde_json::Value>(&token, now)?["order"], 4711);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encrypt<C: Serialize + ?Sized>(
        &self,
        claims: &C,
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Result<String, TokenError> {
        let claims = self.complete(claims, &["iat", "jti"], now, &mut entropy)?;
        seal(self.keyring.newest(), &claims, &mut entropy)
    }

    /// Decrypts a token that [`encrypt`](Self::encrypt) made, and returns its claims.
    ///
    /// # Errors
    /// [`TokenError`], as for [`verify`](Self::verify).
    pub fn decrypt<C: DeserializeOwned>(&self, token: &str, now: UnixTime) -> Result<C, TokenError> {
        let (claims, _) = self.keyring.open_token(token, |keys| keys.app_encryption.decrypt(token))?;
        self.accept(claims, now)
    }

    /// Seals claims: signs them and encrypts the result (RFC 7519 section 11.2).
    ///
    /// # Errors
    /// [`TokenError::Claims`] and [`TokenError::TooLarge`].
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let order = serde_json::json!({ "order": 4711 });
    /// let token = auth.jose().encode(&order, now, entropy)?;
    /// assert_eq!(token.split('.').count(), 5);
    /// assert_eq!(auth.jose().decode::<serde_json::Value>(&token, now)?["order"], 4711);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode<C: Serialize + ?Sized>(
        &self,
        claims: &C,
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Result<String, TokenError> {
        let claims = self.complete(claims, &[], now, &mut entropy)?;
        let keys = self.keyring.newest();
        seal(keys, keys.app_signing.sign_jwt(&claims).as_bytes(), &mut entropy)
    }

    /// Opens a token that [`encode`](Self::encode) made, and returns its claims.
    ///
    /// # Errors
    /// [`TokenError`], as for [`verify`](Self::verify).
    pub fn decode<C: DeserializeOwned>(&self, token: &str, now: UnixTime) -> Result<C, TokenError> {
        let (claims, _) = self
            .keyring
            .open_token(token, |keys| keys.app_signing.verify_jwt(keys.app_encryption.decrypt(token)?))?;
        self.accept(claims, now)
    }

    /// Completes the claims of a token to be written. The application's take precedence, but for those that are always new.
    fn complete<C: Serialize + ?Sized>(
        &self,
        claims: &C,
        always_new: &[&str],
        now: UnixTime,
        entropy: &mut Entropy,
    ) -> Result<Vec<u8>, TokenError> {
        let Ok(Value::Object(mut claims)) = serde_json::to_value(claims) else {
            return Err(TokenError::Claims);
        };
        if claims.is_empty() {
            return Err(TokenError::Claims);
        }
        for name in always_new {
            claims.remove(*name);
        }
        for (name, party) in [("iss", &self.issuer), ("aud", &self.audience)] {
            if let Party::Exactly(party) = party {
                claims.entry(name).or_insert_with(|| party.as_str().into());
            }
        }
        let expires_at = now.saturating_add(DEFAULT_MAX_AGE);
        for (name, default) in [("iat", now), ("nbf", now), ("exp", expires_at)] {
            match claims.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(default.as_secs().into())),
                Entry::Occupied(entry) if entry.get().is_u64() => {}
                Entry::Occupied(_) => return Err(TokenError::Claims),
            }
        }
        let jti = || base64url::encode(entropy.draw::<32>(Draw::Jti)).into();
        claims.entry("jti").or_insert_with(jti);
        serde_json::to_vec(&claims).map_err(|_| TokenError::Claims)
    }

    /// Checks the claims of an authentic token (RFC 7519 section 4.1), with no tolerance for other clocks.
    #[expect(clippy::needless_pass_by_value, reason = "decrypted claims are of no use once they are read")]
    fn accept<C: DeserializeOwned>(&self, claims: Vec<u8>, now: UnixTime) -> Result<C, TokenError> {
        let claims = StrictObject::parse(&claims)?.into_members();
        let (expires_at, latest) = (seconds(&claims, "exp")?, seconds(&claims, "mexp")?);
        let not_before = seconds(&claims, "nbf")?;
        seconds(&claims, "iat")?;
        let expires_at = expires_at.ok_or(TokenError::Invalid)?;
        if now >= expires_at || latest.is_some_and(|latest| now.whole_seconds() > latest) {
            return Err(TokenError::Expired);
        }
        if not_before.is_some_and(|not_before| not_before > now) {
            return Err(TokenError::NotYetValid);
        }
        if let Party::Exactly(issuer) = &self.issuer
            && claims.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(TokenError::Issuer);
        }
        if !self.audience.is_named_by(claims.get("aud")) {
            return Err(TokenError::Audience);
        }
        serde_json::from_value(Value::Object(claims)).map_err(|_| TokenError::Claims)
    }
}

impl Party {
    /// Tells whether an audience, a text or a list of texts, names this one (RFC 7519 section 4.1.3).
    fn is_named_by(&self, audience: Option<&Value>) -> bool {
        match (self, audience) {
            (Self::Anybody, audience) => audience.is_none(),
            (Self::Exactly(expected), Some(Value::String(audience))) => audience == expected,
            (Self::Exactly(expected), Some(Value::Array(audiences))) => {
                audiences.iter().all(Value::is_string)
                    && audiences.iter().any(|audience| audience.as_str() == Some(expected))
            }
            (Self::Exactly(_), _) => false,
        }
    }
}

/// Reads an optional `NumericDate`: whole seconds, not negative.
fn seconds(claims: &Map<String, Value>, name: &str) -> Result<Option<UnixTime>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    value.as_u64().map(|secs| Some(UnixTime::from_secs(secs))).ok_or(TokenError::Invalid)
}

fn seal(keys: &Keys, plaintext: &[u8], entropy: &mut Entropy) -> Result<String, TokenError> {
    check_size(keys.app_encryption.encrypt(entropy.draw(Draw::Iv), plaintext)?)
}

fn check_size(token: String) -> Result<String, TokenError> {
    if token.len() > MAX_TOKEN { Err(TokenError::TooLarge) } else { Ok(token) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_be_as_long_as_five_cookies() {
        assert!(check_size("x".repeat(MAX_TOKEN)).is_ok());
        assert_eq!(check_size("x".repeat(MAX_TOKEN + 1)), Err(TokenError::TooLarge));
    }
}
