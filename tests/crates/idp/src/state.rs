//! State between requests: codes, tokens, and values that must not be used twice.

use crate::algorithm::SigningAlgorithm;
use crate::digest::Fingerprint;
use crate::entropy::Credential;
use crate::form::Parameters;
use crate::keys::{Role, SigningKey};
use crate::request::{CodeChallenge, Scope};
use crate::shelf::Shelf;

/// Seconds until an unused code expires; RFC 6749 section 4.1.2 allows up to 600.
pub(crate) const CODE_LIFETIME: u64 = 60;
/// Seconds until an access token expires.
pub(crate) const TOKEN_LIFETIME: u64 = 3600;

/// Seconds until an unused refresh token expires.
const REFRESH_TOKEN_LIFETIME: u64 = 30 * 24 * 3600;
/// Seconds until a pushed request expires; RFC 9126 section 2.2 suggests 5 to 600.
pub(crate) const REQUEST_URI_LIFETIME: u64 = 60;
/// Seconds that a `jti` is remembered, so no JWT that has one may live longer.
pub(crate) const JTI_LIFETIME: u64 = 3600;
/// Seconds that a nonce for DPoP proofs is fresh (RFC 9449 section 8).
const DPOP_NONCE_LIFETIME: u64 = 300;

/// The codes and access tokens that a provider has issued (RFC 6749 sections 1.3.1 and 1.4).
///
/// Codes and pushed requests expire after a minute, access tokens after an hour and refresh tokens after a month;
/// of each it holds the 1024 newest. It keeps only fingerprints, so showing it discloses no credential. It also
/// counts the rotations of the signing key.
///
/// ```
/// use aura_test_idp::{Idp, State};
/// use bytes::Bytes;
///
/// let idp = Idp::new("http://localhost:3000/dev")?;
/// let mut state = State::default();
/// let request = http::Request::get("/dev/userinfo").body(Bytes::new())?;
/// let response = idp.handle(&mut state, request, 1_700_000_000, [7; 32]);
/// assert_eq!(response.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct State {
    codes: Shelf<Grant>,
    redeemed: Shelf<Fingerprint>,
    tokens: Shelf<BoundAccess>,
    refresh_tokens: Shelf<RefreshGrant>,
    spent_refresh_tokens: Shelf<Fingerprint>,
    pushed: Shelf<Pushed>,
    jtis: Shelf<()>,
    dpop_nonces: Shelf<()>,
    key_generation: u64,
}

/// Grant of a code: everything that the token request must match (RFC 6749 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: CodeChallenge,
    pub(crate) access: Access,
}

/// Access that an access token grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) client_id: String,
    pub(crate) account_id: String,
    pub(crate) scope: Option<Scope>,
    pub(crate) sign_in: SignIn,
}

/// How and when the person signed in, for ID tokens (OpenID Connect Core section 2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignIn {
    pub(crate) nonce: Option<String>,
    pub(crate) acr: Option<String>,
    pub(crate) max_age: Option<u64>,
    pub(crate) begun_at: u64,
    pub(crate) sid: String,
}

/// Binding of an access token to a DPoP key, or none (RFC 9449 section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Binding {
    Bearer,
    Dpop { thumbprint: String },
}

/// Access, and the binding of its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BoundAccess {
    pub(crate) access: Access,
    pub(crate) binding: Binding,
}

/// Grant of a refresh token: one of a family that began with a code (RFC 9700 section 4.14.2).
#[derive(Clone, Debug, PartialEq, Eq)]
struct RefreshGrant {
    access: Access,
    family: Fingerprint,
}

/// The parameters that a client pushed (RFC 9126 section 2).
#[derive(Clone, Debug)]
struct Pushed {
    client_id: String,
    parameters: Parameters,
}

impl Access {
    pub(crate) fn has_scope(&self, token: &str) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.contains(token))
    }
}

/// The code or refresh token is unknown, expired, used before, or another client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoGrant;

impl State {
    pub(crate) fn keep_code(&mut self, code: &Credential, grant: Grant, now: u64) {
        self.codes.put(Fingerprint::of(code.as_str()), grant, now, CODE_LIFETIME);
    }

    /// Takes the grant behind a code; whatever comes of it, the client has used the code.
    ///
    /// A code that was redeemed before takes its token with it (RFC 6749 section 4.1.2). A code that another
    /// client presents stays for the client it was issued to.
    pub(crate) fn take_grant(&mut self, code: &str, client_id: &str, now: u64) -> Result<Grant, NoGrant> {
        let key = Fingerprint::of(code);
        if let Some(token) = self.redeemed.take(&key, now) {
            self.tokens.take(&token, now);
            return Err(NoGrant);
        }
        if self.codes.get(&key, now).is_none_or(|grant| grant.client_id != client_id) {
            return Err(NoGrant);
        }
        self.codes.take(&key, now).ok_or(NoGrant)
    }

    /// Keeps a token, and that it came from this code.
    pub(crate) fn keep_token(&mut self, token: &Credential, code: &str, access: BoundAccess, now: u64) {
        let key = Fingerprint::of(token.as_str());
        self.redeemed.put(Fingerprint::of(code), key, now, TOKEN_LIFETIME);
        self.keep_refreshed_token(token, access, now);
    }

    /// Keeps a token that came from a refresh token.
    pub(crate) fn keep_refreshed_token(&mut self, token: &Credential, access: BoundAccess, now: u64) {
        self.tokens.put(Fingerprint::of(token.as_str()), access, now, TOKEN_LIFETIME);
    }

    pub(crate) fn access(&self, token: &str, now: u64) -> Option<&BoundAccess> {
        self.tokens.get(&Fingerprint::of(token), now)
    }

    /// Keeps the first refresh token of a row, or the next.
    pub(crate) fn keep_refresh_token(
        &mut self,
        token: &Credential,
        access: Access,
        family: Fingerprint,
        now: u64,
    ) {
        let key = Fingerprint::of(token.as_str());
        self.refresh_tokens.put(key, RefreshGrant { access, family }, now, REFRESH_TOKEN_LIFETIME);
    }

    /// Takes the grant of a refresh token, which is used up afterwards.
    ///
    /// One that was used before takes its whole row with it (RFC 9700 section 4.14.2).
    pub(crate) fn take_refresh_grant(
        &mut self,
        token: &str,
        client_id: &str,
        now: u64,
    ) -> Result<(Access, Fingerprint), NoGrant> {
        let key = Fingerprint::of(token);
        if let Some(family) = self.spent_refresh_tokens.get(&key, now) {
            self.refresh_tokens.remove_where(|grant| grant.family == *family);
            return Err(NoGrant);
        }
        if self.refresh_tokens.get(&key, now).is_none_or(|grant| grant.access.client_id != client_id) {
            return Err(NoGrant);
        }
        let RefreshGrant { access, family } = self.refresh_tokens.take(&key, now).ok_or(NoGrant)?;
        self.spent_refresh_tokens.put(key, family.clone(), now, REFRESH_TOKEN_LIFETIME);
        Ok((access, family))
    }

    pub(crate) fn keep_pushed(
        &mut self,
        request_uri: &str,
        client_id: String,
        parameters: Parameters,
        now: u64,
    ) {
        let pushed = Pushed { client_id, parameters };
        self.pushed.put(Fingerprint::of(request_uri), pushed, now, REQUEST_URI_LIFETIME);
    }

    pub(crate) fn pushed(&self, request_uri: &str, client_id: &str, now: u64) -> Option<&Parameters> {
        let pushed = self.pushed.get(&Fingerprint::of(request_uri), now)?;
        (pushed.client_id == client_id).then_some(&pushed.parameters)
    }

    pub(crate) fn forget_pushed(&mut self, request_uri: &str) {
        self.pushed.take(&Fingerprint::of(request_uri), 0);
    }

    /// Tells whether a `jti` of an issuer comes for the first time, and remembers it.
    pub(crate) fn is_new_jti(&mut self, issuer: &str, jti: &str, now: u64) -> bool {
        let key = Fingerprint::of(&format!("{issuer}\n{jti}"));
        let is_new = self.jtis.get(&key, now).is_none();
        self.jtis.put(key, (), now, JTI_LIFETIME);
        is_new
    }

    pub(crate) fn keep_dpop_nonce(&mut self, nonce: &Credential, now: u64) {
        self.dpop_nonces.put(Fingerprint::of(nonce.as_str()), (), now, DPOP_NONCE_LIFETIME);
    }

    pub(crate) fn is_dpop_nonce(&self, nonce: &str, now: u64) -> bool {
        self.dpop_nonces.get(&Fingerprint::of(nonce), now).is_some()
    }

    /// Replaces the signing key, as providers do from time to time (OpenID Connect Core section 10.1.1).
    ///
    /// The new key has a new `kid`, and the old one is published no more.
    ///
    /// ```
    /// use aura_test_idp::{Idp, State};
    /// use bytes::Bytes;
    ///
    /// let idp = Idp::new("http://localhost:3000/dev")?;
    /// let mut state = State::default();
    /// let mut keys = |state: &mut State| {
    ///     let request = http::Request::get(idp.jwks_uri()).body(Bytes::new()).expect("a request");
    ///     idp.handle(state, request, 1_700_000_000, [7; 32]).into_body()
    /// };
    /// let before = keys(&mut state);
    /// state.rotate_key();
    /// assert_ne!(before, keys(&mut state));
    /// # Ok::<(), aura_test_idp::BaseUrlError>(())
    /// ```
    pub const fn rotate_key(&mut self) {
        self.key_generation = self.key_generation.wrapping_add(1);
    }

    pub(crate) const fn key(&self, algorithm: SigningAlgorithm, role: Role) -> SigningKey {
        SigningKey::new(algorithm, role, self.key_generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::entropy::{Entropy, Label};
    use crate::request::CHALLENGE;

    const NOW: u64 = 1_700_000_000;

    #[test]
    fn a_code_gives_its_grant_once() {
        let (mut state, code, grant) = state_with_code();
        assert_eq!(state.take_grant(code.as_str(), "app", NOW), Ok(grant));
        assert_eq!(state.take_grant(code.as_str(), "app", NOW), Err(NoGrant));
    }

    #[test]
    fn a_code_expires_after_a_minute() {
        let (mut state, code, grant) = state_with_code();
        assert_eq!(state.clone().take_grant(code.as_str(), "app", NOW + 59), Ok(grant));
        assert_eq!(state.take_grant(code.as_str(), "app", NOW + 60), Err(NoGrant));
    }

    #[test]
    fn another_clients_attempt_leaves_the_code_to_its_owner() {
        let (mut state, code, grant) = state_with_code();
        assert_eq!(state.take_grant(code.as_str(), "other", NOW), Err(NoGrant));
        assert_eq!(state.take_grant(code.as_str(), "app", NOW), Ok(grant));
    }

    #[test]
    fn using_a_code_again_revokes_its_token_even_after_the_code_expired() {
        let (mut state, code, _) = state_with_code();
        let grant = state.take_grant(code.as_str(), "app", NOW).unwrap();
        let token = Entropy::new([9; 32]).derive(Label::AccessToken);
        let bearer = BoundAccess { access: grant.access, binding: Binding::Bearer };
        state.keep_token(&token, code.as_str(), bearer.clone(), NOW);
        assert_eq!(state.access(token.as_str(), NOW + 3599), Some(&bearer));

        assert_eq!(state.take_grant(code.as_str(), "app", NOW + 3000), Err(NoGrant));

        assert_eq!(state.access(token.as_str(), NOW + 3000), None);
    }

    #[test]
    fn a_token_expires_after_an_hour() {
        let (mut state, code, grant) = state_with_code();
        let token = Entropy::new([9; 32]).derive(Label::AccessToken);
        let bearer = BoundAccess { access: grant.access, binding: Binding::Bearer };
        state.keep_token(&token, code.as_str(), bearer, NOW);
        assert_eq!(state.access(token.as_str(), NOW + 3600), None);
    }

    fn state_with_code() -> (State, Credential, Grant) {
        let mut state = State::default();
        let code = Entropy::new([7; 32]).derive(Label::AuthorizationCode);
        let grant = Grant {
            client_id: "app".to_owned(),
            redirect_uri: "https://app.example/cb".to_owned(),
            code_challenge: CodeChallenge::parse(CHALLENGE).unwrap(),
            access: Access {
                client_id: "app".to_owned(),
                account_id: "ada".to_owned(),
                scope: None,
                sign_in: SignIn::default(),
            },
        };
        state.keep_code(&code, grant.clone(), NOW);
        (state, code, grant)
    }
}
