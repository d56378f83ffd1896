//! Expects the token endpoint's answer; asks userinfo with what it grants.

use super::expect_userinfo::ExpectUserInfo;
use super::{Exchange, Waiting, fail};
use crate::action::{Action, Fetch};
use crate::cookie::attempt::Attempt;
use crate::cookie::set::SameSite;
use crate::error::{FetchError, ProviderError};
use crate::oauth::token::{self, TokenResponse};
use crate::provider::ValidProvider;
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
}

impl SignIn {
    /// Ends the sign-in, dropping its attempt and no other.
    pub(super) fn fail(&self, error: ProviderError) -> Action {
        let names = self.exchange.auth.config().cookies(self.exchange.origin.scheme());
        let name = names.attempt(&self.attempt.state);
        self.exchange.report(fail(error, &self.provider, [self.exchange.clear(&name, SameSite::Lax)]))
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
        let flow = SignIn { exchange, provider, attempt };
        match token::request(&flow.provider, &flow.attempt, code) {
            Ok(request) => Action::FetchToken(Fetch::new(request, Waiting::Token(Box::new(Self { flow })))),
            // Cannot fail: the endpoint is a URL, and the body a form.
            Err(_) => flow.fail(ProviderError::TokenMalformed),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, _now: UnixTime) -> Action {
        let granted = outcome
            .map_err(ProviderError::TokenUnreachable)
            .and_then(|response| TokenResponse::parse(&response));
        match granted {
            Ok(granted) => ExpectUserInfo::begin(self.flow, &granted),
            Err(error) => self.flow.fail(error),
        }
    }
}
