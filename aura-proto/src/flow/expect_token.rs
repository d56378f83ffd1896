//! Expects the token endpoint's answer; asks userinfo with what it grants.

use super::expect_userinfo::ExpectUserInfo;
use super::{Exchange, Waiting};
use crate::action::{Action, Fetch};
use crate::cookie::attempt::Attempt;
use crate::cookie::set::SetCookie;
use crate::error::{Error, FetchError, ProviderError};
use crate::event::Event;
use crate::oauth::token::{self, TokenResponse};
use crate::provider::{TokenRetention, ValidProvider};
use crate::provider_tokens::ProviderTokens;
use crate::secret::AuthorizationCode;
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use std::sync::Arc;

/// The attempt has been matched, and its code is on its way to the token endpoint.
#[derive(Debug)]
pub(crate) struct ExpectToken {
    flow: SignIn,
}

/// A sign-in whose callback has matched its attempt.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) exchange: Exchange,
    pub(super) provider: Arc<ValidProvider>,
    pub(super) attempt: Attempt,
    /// The tokens to keep with the session, where the provider is to keep them.
    pub(super) tokens: Option<ProviderTokens>,
}

impl SignIn {
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
    pub(super) fn begin(
        exchange: Exchange,
        provider: Arc<ValidProvider>,
        attempt: Attempt,
        code: &AuthorizationCode,
    ) -> Action {
        let flow = SignIn { exchange, provider, attempt, tokens: None };
        match token::request(&flow.provider, &flow.attempt, code) {
            Ok(request) => Action::FetchToken(Fetch::new(request, Waiting::Token(Box::new(Self { flow })))),
            // Cannot fail: the endpoint is a URL, and the body a form.
            Err(_) => flow.fail(ProviderError::TokenMalformed),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let granted = outcome
            .map_err(ProviderError::TokenUnreachable)
            .and_then(|response| TokenResponse::parse(&response));
        match granted {
            Ok(granted) => {
                let mut flow = self.flow;
                let provider = flow.provider.id.clone();
                flow.exchange.notices.push(Event::TokenGranted { provider });
                flow.tokens = match flow.provider.token_retention {
                    TokenRetention::Dropped => None,
                    TokenRetention::Kept | TokenRetention::Readable => {
                        Some(ProviderTokens::granted(&granted, None, now))
                    }
                };
                ExpectUserInfo::begin(flow, &granted)
            }
            Err(error) => self.flow.fail(error),
        }
    }
}
