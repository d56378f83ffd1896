//! Logout at a provider: the checks of logout tokens, in the order of OpenID Connect Back-Channel Logout 1.0 section 2.6, and the
//! visit to the end-session endpoint (OpenID Connect RP-Initiated Logout 1.0 section 2).

use super::id_token::{Parties, SKEW, SignedBy, check_parties, check_times, text};
use crate::refused::IdTokenRefused;
use aura_jose::{Refused, UnverifiedJws};
use aura_session::internal::keyring::sealed::{self, Purpose};
use aura_session::internal::keyring::{Keyring, Keys};
use aura_types::UnixTime;
use ring::aead::NONCE_LEN;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// The types that a logout token may have (section 2.4 and 2.7).
pub const TYPES: [&str; 2] = ["logout+jwt", "jwt"];
/// The member of `events` that makes a token one for a logout (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Maximum age of a logout token in seconds, unless its `exp` is earlier: an old one cannot be replayed.
const LIFETIME: u64 = 120;

/// Whose sessions end: those of a user, or of one session at the provider. One of both is always there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// The issuer.
    pub issuer: String,
    /// The user, if it names one.
    pub subject: Option<String>,
    /// The session at the provider, if it names one.
    pub session_id: Option<String>,
    /// The id of the token, by which an application can tell a replayed one.
    pub token_id: String,
    /// When it was issued.
    pub issued_at: UnixTime,
}

/// Validates a logout token.
pub fn validate(
    token: &str,
    parties: Parties<'_>,
    signed_by: SignedBy<'_>,
    now: UnixTime,
) -> Result<Logout, IdTokenRefused> {
    // 1. and 2. An encrypted token is decrypted: none is requested. The signature is validated as an ID token's.
    // 3. The alg is one of those announced, and never none.
    let token = UnverifiedJws::parse(token, &TYPES, parties.permitted)?;
    let mut claims = signed_by.verify(&token, parties.issuer)?;
    // 4. iss, aud, iat and exp, in the same way they are validated in ID Tokens. Some providers leave exp out, as drafts did:
    // such a token is valid for two minutes, whatever the clock difference.
    let issuer = check_parties(&mut claims, parties)?;
    let times = check_times(&mut claims, now)?;
    let leeway = if times.expires_at.is_some() { SKEW } else { 0 };
    if now.as_secs() > times.issued_at.saturating_add(LIFETIME).saturating_add(leeway) {
        return Err(IdTokenRefused::IssuedAt);
    }
    // 5. It contains a sub Claim, a sid Claim, or both.
    let filled = |text: &String| !text.is_empty();
    let subject = text(&mut claims, "sub")?.filter(filled);
    let session_id = text(&mut claims, "sid")?.filter(filled);
    if subject.is_none() && session_id.is_none() {
        return Err(IdTokenRefused::Subject);
    }
    // 6. It contains an events Claim whose value is a JSON object containing the member name of a logout.
    let is_event = claims.get("events").and_then(Value::as_object);
    let is_event = is_event.and_then(|events| events.get(EVENT)).is_some_and(Value::is_object);
    // 7. It does not contain a nonce Claim.
    if !is_event || claims.contains("nonce") {
        return Err(IdTokenRefused::Event);
    }
    // 8. Optionally: another token with the same jti has not been received, which is the application's to remember.
    let token_id = text(&mut claims, "jti")?.filter(filled).ok_or(IdTokenRefused::Malformed)?;
    let issued_at = UnixTime::from_secs(times.issued_at);
    Ok(Logout { issuer, subject, session_id, token_id, issued_at })
}

/// How long the visit may take.
const VISIT: Duration = Duration::from_secs(600);

const PURPOSE: Purpose = Purpose { key: |keys| &keys.attempt, label: "aura:logout-state:1" };

/// The logout request.
#[derive(Serialize)]
#[expect(missing_debug_implementations, reason = "it has secrets as text")]
pub struct LogoutRequest<'a> {
    /// The latest ID token.
    pub id_token_hint: Option<&'a str>,
    /// The client's id.
    pub client_id: &'a str,
    /// Where the browser comes back.
    pub post_logout_redirect_uri: &'a str,
    /// The sealed target.
    pub state: &'a str,
}

/// The logout request of a provider that has one of its own.
#[derive(Debug, Serialize)]
pub struct LogoutUriRequest<'a> {
    /// The client's id.
    pub client_id: &'a str,
    /// Where the browser comes back.
    pub logout_uri: &'a str,
}

/// The target after the return: sealed into `state`, so that no other site can choose it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogoutState<'a> {
    /// Where the browser goes in the end.
    pub redirect_to: Cow<'a, str>,
    /// When the visit began.
    pub issued_at: UnixTime,
}

impl LogoutState<'_> {
    /// Seals the state.
    pub fn seal(&self, keys: &Keys, iv: [u8; NONCE_LEN]) -> Result<String, Refused> {
        sealed::seal(keys, PURPOSE, iv, self)
    }

    /// Opens a state that is not too old.
    pub fn open(keyring: &Keyring, text: &str, now: UnixTime) -> Result<LogoutState<'static>, Refused> {
        let (state, _) = sealed::open::<LogoutState<'static>>(keyring, PURPOSE, text)?;
        if now.whole_seconds() > state.issued_at.saturating_add(VISIT) { Err(Refused) } else { Ok(state) }
    }
}
