//! ID token validation: the checks of OpenID Connect Core 1.0 section 3.1.3.7, in order.

use super::issuer::{Issuer, OtherIssuer};
use crate::refused::IdTokenRefused;
use crate::secret::{AccessToken, ClientSecret, Nonce};
use aura_jose::StrictObject;
use aura_jose::{JwkSet, Refused, SigningAlgorithm, base64url};
use aura_jose::{JwsError, UnverifiedJws};
use aura_types::UnixTime;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

/// How far the provider's clock may be off, in seconds.
pub const SKEW: u64 = 60;
/// Longest subject, in characters (section 2).
const MAX_SUBJECT: usize = 255;

/// The expected issuer, audience and signature of tokens.
#[derive(Clone, Copy, Debug)]
pub struct Parties<'a> {
    /// The issuer that is configured.
    pub issuer: &'a Issuer,
    /// The issuer as it is published.
    pub published: &'a str,
    /// The client's id.
    pub client_id: &'a str,
    /// Further audiences that a token may have.
    pub trusted_audiences: &'a [String],
    /// The algorithms by which it may be signed.
    pub permitted: &'a [SigningAlgorithm],
}

/// By what the signature is verified.
#[derive(Clone, Copy, Debug)]
pub enum SignedBy<'a> {
    /// One of the provider's keys.
    Published(&'a JwkSet),
    /// The client's secret, where the provider is configured so.
    Secret(&'a ClientSecret),
}

impl SignedBy<'_> {
    /// Verifies a token, and returns its claims.
    pub(super) fn verify(self, token: &UnverifiedJws<'_>, issuer: &Issuer) -> Result<StrictObject, JwsError> {
        match (self, issuer) {
            (Self::Published(keys), Issuer::Exactly(_)) => token.verify(keys),
            (Self::Published(keys), Issuer::PerTenant { .. }) => {
                let claims = token.claims()?;
                token.verify_where(keys, |key| issuer.takes_key_of(key, &claims))
            }
            (Self::Secret(secret), _) => token.verify_with_secret(secret.expose().as_bytes()),
        }
    }
}

/// The sign-in or session that the token must belong to.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'a> {
    /// A sign-in.
    SignIn {
        /// The nonce of the attempt.
        nonce: &'a Nonce,
        /// How old the user's authentication may be.
        max_age: MaxAge,
        /// Of these the `acr` must be one, separated by spaces. Empty where none was required.
        acr_values: &'a str,
        /// The access token that came with it.
        access_token: Option<&'a AccessToken>,
    },
    /// A refresh (section 12.2), which has no nonce of its own.
    Refresh {
        /// The user of the earlier token.
        subject: &'a str,
        /// The access token that came with it.
        access_token: Option<&'a AccessToken>,
    },
}

/// How old the user's authentication may be (section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxAge {
    /// As old as the provider likes.
    Any,
    /// This many seconds.
    Seconds(u64),
}

/// The claims of a valid token.
#[derive(Clone, Debug, PartialEq)]
pub struct IdTokenClaims {
    /// The issuer.
    pub issuer: String,
    /// The user.
    pub subject: String,
    /// When the user was authenticated. A moment of the future is none, however it was asked for: it would be recent for ever.
    pub auth_time: Option<u64>,
    /// When the session at the provider ends.
    pub session_expiry: Option<u64>,
    /// All claims, `sub` included.
    pub claims: Map<String, Value>,
}

impl From<JwsError> for IdTokenRefused {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::Malformed => Self::Malformed,
            JwsError::Encrypted => Self::Encrypted,
            JwsError::Algorithm => Self::Algorithm,
            JwsError::UnknownKey => Self::UnknownKey,
            JwsError::Signature => Self::Signature,
        }
    }
}

impl From<OtherIssuer> for IdTokenRefused {
    fn from(other: OtherIssuer) -> Self {
        match other {
            OtherIssuer::Issuer => Self::Issuer,
            OtherIssuer::Tenant => Self::Tenant,
        }
    }
}

/// Checks what can be checked without a key, so that a hopeless token costs no exchange.
pub fn precheck(token: &str, parties: Parties<'_>) -> Result<(), IdTokenRefused> {
    UnverifiedJws::parse(token, &["jwt"], parties.permitted)?;
    Ok(())
}

/// Validates an ID token.
pub fn validate(
    token: &str,
    parties: Parties<'_>,
    signed_by: SignedBy<'_>,
    occasion: Occasion<'_>,
    now: UnixTime,
) -> Result<IdTokenClaims, IdTokenRefused> {
    // 1. If the ID Token is encrypted, decrypt it: none is asked for, so an encrypted one is refused.
    let token = UnverifiedJws::parse(token, &["jwt"], parties.permitted)?;
    // 6. and 8. The signature is checked first: no claim of an unverified token is read.
    // 7. The alg value SHOULD be the default of RS256 or the algorithm sent by the Client: one of those announced.
    let mut claims = signed_by.verify(&token, parties.issuer)?;
    let mut said = claims.clone().into_members();
    said.retain(|name, _| !matches!(name.as_str(), "nonce" | "at_hash" | "c_hash"));
    let issuer = check_parties(&mut claims, parties)?;
    check_times(&mut claims, now)?.expires_at.ok_or(IdTokenRefused::Expired)?;
    // 11. If a nonce value was sent, a nonce Claim MUST be present and its value checked to be the same.
    let nonce = text(&mut claims, "nonce")?;
    let auth_time = claims.take_numeric_date("auth_time").map_err(claim_type)?;
    let session_expiry = claims.take_numeric_date("session_expiry").map_err(claim_type)?;
    match occasion {
        Occasion::SignIn { nonce: expected, max_age, acr_values, .. } => {
            if nonce.map(Nonce::new).as_ref() != Some(expected) {
                return Err(IdTokenRefused::Nonce);
            }
            // 12. If the acr Claim was requested, the Client SHOULD check that the asserted Claim Value is appropriate. A
            // step-up requires one; what a configured acr_values asks for is voluntary, and the application judges it.
            if !has_acr(claims.get("acr").and_then(Value::as_str), acr_values) {
                return Err(IdTokenRefused::Acr);
            }
            // 13. If max_age was requested, the auth_time Claim value must not be too old.
            check_authentication(auth_time, max_age, now)?;
            // OpenID IPSIE SL1: the session here ends with that at the provider, which must not have ended.
            if session_expiry.is_some_and(|end| now.as_secs() >= end) {
                return Err(IdTokenRefused::SessionExpiry);
            }
        }
        Occasion::Refresh { .. } => {}
    }
    let access_token = occasion.access_token();
    check_hash(text(&mut claims, "at_hash")?.as_deref(), token.algorithm(), access_token)?;
    // Section 2: sub is REQUIRED and MUST NOT exceed 255 ASCII characters in length.
    let subject = text(&mut claims, "sub")?.filter(|sub| !sub.is_empty() && sub.len() <= MAX_SUBJECT);
    let subject = subject.ok_or(IdTokenRefused::Subject)?;
    if let Occasion::Refresh { subject: before, .. } = occasion
        && before != subject
    {
        return Err(IdTokenRefused::OtherSubject);
    }
    let auth_time = auth_time.filter(|at| !is_ahead(*at, now));
    Ok(IdTokenClaims { issuer, subject, auth_time, session_expiry, claims: said })
}

impl<'a> Occasion<'a> {
    fn access_token(self) -> Option<&'a AccessToken> {
        match self {
            Self::SignIn { access_token, .. } | Self::Refresh { access_token, .. } => access_token,
        }
    }
}

/// Checks who a token is from and whom it is for, and returns the issuer.
pub(super) fn check_parties(
    claims: &mut StrictObject,
    parties: Parties<'_>,
) -> Result<String, IdTokenRefused> {
    let issuer = check_issuer(claims, parties)?;
    check_audience(claims, parties)?;
    Ok(issuer)
}

/// Checks who a token is from.
pub(super) fn check_issuer(
    claims: &mut StrictObject,
    parties: Parties<'_>,
) -> Result<String, IdTokenRefused> {
    // 2. The Issuer Identifier MUST exactly match the value of the iss Claim.
    let issuer = text(claims, "iss")?.ok_or(IdTokenRefused::Issuer)?;
    let tenant = text(claims, "tid")?;
    parties.issuer.check(parties.published, &issuer, tenant.as_deref())?;
    Ok(issuer)
}

/// Checks whom a token is for.
pub(super) fn check_audience(claims: &mut StrictObject, parties: Parties<'_>) -> Result<(), IdTokenRefused> {
    // 3. The Client MUST validate that the aud Claim contains its client_id value.
    let audience = claims.take_texts("aud").map_err(claim_type)?;
    if !audience.iter().any(|one| one == parties.client_id) {
        return Err(IdTokenRefused::Audience);
    }
    // 3. It MUST be rejected if it contains additional audiences not trusted by the Client. An unknown one is trusted
    // only so far as we are the party that the token was made for.
    // 4. If an azp Claim is present, it must be this client's id.
    let is_trusted = |one: &String| one == parties.client_id || parties.trusted_audiences.contains(one);
    match text(claims, "azp")? {
        Some(party) if party != parties.client_id => Err(IdTokenRefused::AuthorizedParty),
        None if !audience.iter().all(is_trusted) => Err(IdTokenRefused::UntrustedAudience),
        Some(_) | None => Ok(()),
    }
}

/// Tells whether a moment has not come, however the clocks differ.
pub(super) fn is_ahead(moment: u64, now: UnixTime) -> bool {
    moment > now.as_secs().saturating_add(SKEW)
}

/// The times of a token.
pub(super) struct Times {
    pub(super) expires_at: Option<u64>,
    pub(super) issued_at: u64,
}

/// Checks that a token has not ended and is not from the future.
pub(super) fn check_times(claims: &mut StrictObject, now: UnixTime) -> Result<Times, IdTokenRefused> {
    let mut date = |name| claims.take_numeric_date(name).map_err(claim_type);
    let (expires_at, issued_at, not_before) = (date("exp")?, date("iat")?, date("nbf")?);
    // 9. The current time MUST be before the time represented by the exp Claim.
    if expires_at.is_some_and(|end| now.as_secs() >= end.saturating_add(SKEW)) {
        return Err(IdTokenRefused::Expired);
    }
    // 10. The iat Claim can be used to reject tokens that were issued too far away from the current time.
    let issued_at =
        issued_at.filter(|issued_at| !is_ahead(*issued_at, now)).ok_or(IdTokenRefused::IssuedAt)?;
    // RFC 7519 section 4.1.5.
    if not_before.is_some_and(|not_before| is_ahead(not_before, now)) {
        return Err(IdTokenRefused::NotYetValid);
    }
    Ok(Times { expires_at, issued_at })
}

fn check_authentication(
    auth_time: Option<u64>,
    max_age: MaxAge,
    now: UnixTime,
) -> Result<(), IdTokenRefused> {
    let MaxAge::Seconds(max_age) = max_age else { return Ok(()) };
    let is_recent =
        |at: u64| !is_ahead(at, now) && now.as_secs() <= at.saturating_add(max_age).saturating_add(SKEW);
    if auth_time.is_some_and(is_recent) { Ok(()) } else { Err(IdTokenRefused::AuthenticationTime) }
}

/// Tells whether an `acr` is one of those that are required, if any is.
fn has_acr(acr: Option<&str>, acr_values: &str) -> bool {
    acr_values.is_empty() || acr_values.split(' ').any(|one| Some(one) == acr)
}

/// Section 3.1.3.8: if there is an at_hash, it is the left half of the hash of the access token.
fn check_hash(
    hash: Option<&str>,
    algorithm: SigningAlgorithm,
    access_token: Option<&AccessToken>,
) -> Result<(), IdTokenRefused> {
    let Some(hash) = hash else { return Ok(()) };
    let access_token = access_token.ok_or(IdTokenRefused::AccessTokenHash)?;
    let expected = access_token_hash(algorithm, access_token.expose());
    if bool::from(expected.as_bytes().ct_eq(hash.as_bytes())) {
        Ok(())
    } else {
        Err(IdTokenRefused::AccessTokenHash)
    }
}

/// The left half of the hash of an access token.
pub fn access_token_hash(algorithm: SigningAlgorithm, access_token: &str) -> String {
    let hash = algorithm.hash(access_token.as_bytes());
    base64url::encode(hash.get(..hash.len().div_euclid(2)).unwrap_or_default())
}

/// Takes a claim of text out.
pub(super) fn text(claims: &mut StrictObject, name: &str) -> Result<Option<String>, IdTokenRefused> {
    claims.take_text(name).map_err(claim_type)
}

fn claim_type(_: Refused) -> IdTokenRefused {
    IdTokenRefused::ClaimType
}
