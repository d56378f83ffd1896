//! Expects the token endpoint's answer; has its ID token verified, or asks userinfo with what it grants.

use super::attempt::{Attempt, Expected};
use super::expect_jwks::{Signed, Verified, verify};
use super::expect_userinfo::ExpectUserInfo;
use super::{Exchange, Waiting};
use crate::action::{Action, Fetch};
use crate::cookie::set::SetCookie;
use crate::error::{Error, FetchError, IdTokenError, ProviderError};
use crate::event::Event;
use crate::jose::jwk_set::JwkSet;
use crate::oauth::token::{self, TokenResponse};
use crate::oidc::id_token::{self, IdTokenClaims, Occasion, SignedBy};
use crate::provider::{KnownProvider, TokenRetention};
use crate::provider_tokens::ProviderTokens;
use crate::secret::AuthorizationCode;
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

/// The attempt has been matched, and its code is on its way to the token endpoint.
#[derive(Debug)]
pub(crate) struct ExpectToken {
    flow: SignIn,
    code: AuthorizationCode,
}

/// A sign-in whose callback has matched its attempt.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) exchange: Exchange,
    pub(super) provider: KnownProvider,
    pub(super) attempt: Attempt,
    /// What the browser says of the user's name.
    pub(super) user: Option<String>,
    /// The tokens to keep with the session, where the provider is to keep them.
    pub(super) tokens: Option<ProviderTokens>,
    /// What an ID token said, and the keys that verified it.
    pub(super) identity: Option<Identity>,
}

/// Who signed in, by a token that was verified.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) claims: Map<String, Value>,
    /// The keys, where they are published.
    pub(super) keys: Option<JwkSet>,
}

/// A sign-in whose ID token is to be verified.
#[derive(Debug)]
pub(super) struct Granted {
    flow: SignIn,
    response: TokenResponse,
}

impl SignIn {
    pub(super) fn new(
        exchange: Exchange,
        provider: KnownProvider,
        attempt: Attempt,
        user: Option<String>,
    ) -> Self {
        Self { exchange, provider, attempt, user, tokens: None, identity: None }
    }

    /// Ends the sign-in, dropping its attempt and no other.
    pub(super) fn fail(&self, error: impl Into<Error>) -> Action {
        self.exchange.fail(error, &self.provider, [self.clear_own_attempt()])
    }

    /// Drops the attempt that is used up.
    pub(super) fn clear_own_attempt(&self) -> SetCookie {
        self.exchange.cookies().attempt(&self.attempt.state).clear()
    }
}

impl ExpectToken {
    /// Asks for the exchange of the code.
    pub(super) fn begin(mut flow: SignIn, code: AuthorizationCode, now: UnixTime) -> Action {
        let credentials = match flow.exchange.credentials(&flow.provider, now) {
            Ok(credentials) => credentials,
            Err(error) => return flow.fail(error),
        };
        let Attempt { redirect_uri, code_verifier, .. } = &flow.attempt;
        let request = token::request(&flow.provider, &credentials, redirect_uri, code_verifier, &code);
        let Ok(mut request) = request else {
            // Cannot fail: the endpoint is a URL, and the body a form.
            return flow.fail(ProviderError::TokenMalformed);
        };
        let endpoint = flow.provider.endpoints.token.clone();
        let provider = flow.provider.clone();
        if let Err(error) = flow.exchange.prove(&provider, &mut request, &endpoint, None, now) {
            return flow.fail(error);
        }
        Action::FetchToken(Fetch::new(request, Waiting::Token(Box::new(Self { flow, code }))))
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let Self { mut flow, code } = self;
        let response = match outcome {
            Ok(response) => response,
            Err(error) => return flow.fail(ProviderError::TokenUnreachable(error)),
        };
        if flow.exchange.repeats(&flow.provider, &response) {
            return Self::begin(flow, code, now);
        }
        let response = match TokenResponse::parse(&response, flow.provider.token_type()) {
            Ok(response) => response,
            Err(error) => return flow.fail(error),
        };
        let provider = flow.provider.id.clone();
        flow.exchange.notices.push(Event::TokenGranted { provider });
        flow.tokens = match flow.provider.token_retention {
            TokenRetention::Dropped => None,
            TokenRetention::Kept | TokenRetention::Readable => {
                Some(ProviderTokens::granted(&response, None, now))
            }
        };
        let Some(openid) = flow.provider.openid() else {
            return ExpectUserInfo::begin(flow, &response.access_token, now);
        };
        let parties = openid.parties(&flow.provider.client_id);
        let token = response.id_token.as_ref().ok_or(IdTokenError::Missing);
        match token.and_then(|token| id_token::precheck(token.expose(), parties)) {
            Ok(()) => verify(Signed::SignIn(Box::new(Granted { flow, response })), now),
            Err(error) => flow.fail(ProviderError::IdToken(error)),
        }
    }
}

impl Granted {
    pub(super) fn provider(&self) -> &KnownProvider {
        &self.flow.provider
    }

    pub(super) fn verify(mut self: Box<Self>, signed_by: SignedBy<'_>, now: UnixTime) -> Verified {
        match self.check(signed_by, now) {
            Ok(claims) => {
                let IdTokenClaims { issuer, subject, claims } = claims;
                let keys = signed_by.keys().cloned();
                self.flow.identity = Some(Identity { issuer, subject, claims, keys });
                Verified::Yes(Box::new(ExpectUserInfo::begin(self.flow, &self.response.access_token, now)))
            }
            Err(error) => Verified::no(Signed::SignIn(self), error),
        }
    }

    pub(super) fn fail(&self, error: Error) -> Action {
        self.flow.fail(error)
    }

    fn check(&self, signed_by: SignedBy<'_>, now: UnixTime) -> Result<IdTokenClaims, IdTokenError> {
        let (provider, response) = (&self.flow.provider, &self.response);
        let token = response.id_token.as_ref().ok_or(IdTokenError::Missing)?;
        let openid = provider.openid().ok_or(IdTokenError::Missing)?;
        // An attempt that was begun without a nonce is one of another configuration.
        let Expected::OpenId { nonce, max_age } = &self.flow.attempt.expected else {
            return Err(IdTokenError::Nonce);
        };
        let access_token = &response.access_token;
        let occasion = Occasion::SignIn { nonce, max_age: *max_age, access_token };
        id_token::validate(token.expose(), openid.parties(&provider.client_id), signed_by, occasion, now)
    }
}
