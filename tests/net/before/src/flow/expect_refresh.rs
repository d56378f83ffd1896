//! Expects the answer to a refresh; goes on with the tokens that it grants.

use super::Waiting;
use super::expect_jwks::{Signed, Verified, verify};
use super::provider::TokenFlow;
use crate::action::{Action, Fetch};
use crate::error::{Error, FetchError, IdTokenError, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth::refresh;
use crate::oauth::token::{TokenResponse, TokenType};
use crate::oidc::id_token::{self, Occasion, SignedBy};
use crate::provider::KnownProvider;
use crate::provider_tokens::ProviderTokens;
use crate::secret::RefreshToken;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

/// The access token has ended or is about to, and a new one has been asked for.
#[derive(Debug)]
pub(crate) struct ExpectRefresh {
    flow: TokenFlow,
    token: RefreshToken,
}

/// Renewed tokens whose ID token is to be verified (OpenID Connect Core 1.0 section 12.2).
#[derive(Debug)]
pub(super) struct Renewed {
    flow: TokenFlow,
    response: TokenResponse,
}

impl ExpectRefresh {
    /// Asks for new tokens.
    pub(super) fn begin(mut flow: TokenFlow, token: RefreshToken, now: UnixTime) -> Action {
        let credentials = match flow.exchange.credentials(&flow.provider, now) {
            Ok(credentials) => credentials,
            Err(error) => return flow.fail(error),
        };
        let Ok(mut request) = refresh::request(&flow.provider, &credentials, &token) else {
            // Cannot fail: the endpoint is a URL, and the body a form.
            return flow.fail(ProviderError::TokenMalformed);
        };
        let provider = flow.provider.clone();
        let endpoint = &provider.endpoints.token;
        if let Err(error) = flow.exchange.prove(&provider, &mut request, endpoint, None, now) {
            return flow.fail(error);
        }
        Action::FetchToken(Fetch::new(request, Waiting::Refresh(Box::new(Self { flow, token }))))
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let Self { mut flow, token } = self;
        let response = match outcome {
            Ok(response) => response,
            Err(error) => return flow.fail(ProviderError::TokenUnreachable(error)),
        };
        if flow.exchange.repeats(&flow.provider, &response) {
            return Self::begin(flow, token, now);
        }
        match parse(&response, flow.provider.token_type()) {
            Ok(response) if response.id_token.is_some() && flow.provider.openid().is_some() => {
                verify(Signed::Refresh(Box::new(Renewed { flow, response })), now)
            }
            Ok(response) => keep(flow, &response, now),
            Err(error) => flow.fail(error),
        }
    }
}

/// Keeps what was granted, and goes on.
fn keep(mut flow: TokenFlow, granted: &TokenResponse, now: UnixTime) -> Action {
    flow.tokens = ProviderTokens::granted(granted, Some(&flow.tokens), now);
    let id = flow.provider.id.clone();
    match flow.exchange.provider_tokens_cookies(&id, &flow.tokens, &flow.session) {
        Ok(cookies) => flow.cookies.extend(cookies),
        Err(_) => return flow.fail(ProviderError::TokensTooLarge),
    }
    flow.events.push(Event::TokensRefreshed { provider: id });
    flow.go_on(now)
}

impl Renewed {
    pub(super) fn provider(&self) -> &KnownProvider {
        &self.flow.provider
    }

    pub(super) fn verify(self: Box<Self>, signed_by: SignedBy<'_>, now: UnixTime) -> Verified {
        match self.check(signed_by, now) {
            Ok(()) => {
                let keys = signed_by.keys().cloned();
                Verified::Yes(Box::new(keep(TokenFlow { keys, ..self.flow }, &self.response, now)))
            }
            Err(error) => Verified::no(Signed::Refresh(self), error),
        }
    }

    /// Refuses the renewed tokens; the earlier ones stay.
    pub(super) fn fail(self, error: Error) -> Action {
        self.flow.fail(error)
    }

    fn check(&self, signed_by: SignedBy<'_>, now: UnixTime) -> Result<(), IdTokenError> {
        let provider = &self.flow.provider;
        let token = self.response.id_token.as_ref().ok_or(IdTokenError::Missing)?;
        let openid = provider.openid().ok_or(IdTokenError::Missing)?;
        // The earlier ID token names the subject as the provider does; the session may name another id of the user's.
        let kept = self.flow.kept_claims();
        let subject = kept.as_ref().and_then(|claims| claims.get("sub")).and_then(Value::as_str);
        let subject = subject.unwrap_or(&self.flow.session.user.sub);
        let occasion = Occasion::Refresh { subject, access_token: &self.response.access_token };
        let parties = openid.parties(&provider.client_id);
        id_token::validate(token.expose(), parties, signed_by, occasion, now).map(drop)
    }
}

/// Reads the answer. A refresh token that has ended is the user's affair, every other failure the provider's.
fn parse(response: &Response<Bytes>, token_type: TokenType) -> Result<TokenResponse, Error> {
    let refused = matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
    match TokenResponse::parse(response, token_type) {
        Ok(granted) => Ok(granted),
        Err(ProviderError::TokenErrorAnswer) => Err(RequestError::RefreshRefused.into()),
        Err(_) if refused => Err(RequestError::RefreshRefused.into()),
        Err(error) => Err(error.into()),
    }
}
