//! What does the provider remember between requests? Codes and tokens, for a while.

use crate::digest::Fingerprint;
use crate::entropy::Credential;
use crate::request::{CodeChallenge, Scope};
use crate::shelf::Shelf;

/// Seconds until a code that nobody redeemed expires; RFC 6749 section 4.1.2 allows up to 600.
pub(crate) const CODE_LIFETIME: u64 = 60;
/// Seconds until an access token expires.
pub(crate) const TOKEN_LIFETIME: u64 = 3600;

/// The codes and access tokens that a provider has issued (RFC 6749 sections 1.3.1 and 1.4).
///
/// Codes expire after a minute and tokens after an hour; of each it holds the 1024 newest. It keeps only
/// fingerprints, so showing it discloses no credential.
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
    tokens: Shelf<Access>,
}

/// What a code stands for: all that the token request must match (RFC 6749 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: CodeChallenge,
    pub(crate) access: Access,
}

/// What an access token gives access to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) account_id: String,
    pub(crate) scope: Option<Scope>,
}

/// The code is unknown, expired, used before, or another client's.
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
    pub(crate) fn keep_token(&mut self, token: &Credential, code: &str, access: Access, now: u64) {
        let key = Fingerprint::of(token.as_str());
        self.redeemed.put(Fingerprint::of(code), key.clone(), now, TOKEN_LIFETIME);
        self.tokens.put(key, access, now, TOKEN_LIFETIME);
    }

    pub(crate) fn access(&self, token: &str, now: u64) -> Option<&Access> {
        self.tokens.get(&Fingerprint::of(token), now)
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
        state.keep_token(&token, code.as_str(), grant.access.clone(), NOW);
        assert_eq!(state.access(token.as_str(), NOW + 3599), Some(&grant.access));

        assert_eq!(state.take_grant(code.as_str(), "app", NOW + 3000), Err(NoGrant));

        assert_eq!(state.access(token.as_str(), NOW + 3000), None);
    }

    #[test]
    fn a_token_expires_after_an_hour() {
        let (mut state, code, grant) = state_with_code();
        let token = Entropy::new([9; 32]).derive(Label::AccessToken);
        state.keep_token(&token, code.as_str(), grant.access, NOW);
        assert_eq!(state.access(token.as_str(), NOW + 3600), None);
    }

    fn state_with_code() -> (State, Credential, Grant) {
        let mut state = State::default();
        let code = Entropy::new([7; 32]).derive(Label::AuthorizationCode);
        let grant = Grant {
            client_id: "app".to_owned(),
            redirect_uri: "https://app.example/cb".to_owned(),
            code_challenge: CodeChallenge::parse(CHALLENGE).unwrap(),
            access: Access { account_id: "ada".to_owned(), scope: None },
        };
        state.keep_code(&code, grant.clone(), NOW);
        (state, code, grant)
    }
}
