//! Expects the answer to a refresh; goes on with the tokens that it grants.

use super::Waiting;
use super::provider::TokenFlow;
use crate::action::{Action, Fetch};
use crate::error::{Error, FetchError, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth::refresh;
use crate::oauth::token::TokenResponse;
use crate::provider_tokens::ProviderTokens;
use crate::secret::RefreshToken;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{Response, StatusCode};

/// The access token has ended or is about to, and a new one has been asked for.
#[derive(Debug)]
pub(crate) struct ExpectRefresh {
    flow: TokenFlow,
}

impl ExpectRefresh {
    /// Asks for new tokens.
    pub(super) fn begin(flow: TokenFlow, token: &RefreshToken) -> Action {
        match refresh::request(&flow.provider, token) {
            Ok(request) => Action::FetchToken(Fetch::new(request, Waiting::Refresh(Box::new(Self { flow })))),
            // Cannot fail: the endpoint is a URL, and the body a form.
            Err(_) => flow.fail(ProviderError::TokenMalformed),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let mut flow = self.flow;
        let granted = match outcome
            .map_err(|error| ProviderError::TokenUnreachable(error).into())
            .and_then(|response| parse(&response))
        {
            Ok(granted) => granted,
            Err(error) => return flow.fail(error),
        };
        flow.tokens = ProviderTokens::granted(&granted, Some(&flow.tokens), now);
        let id = flow.provider.id.clone();
        match flow.exchange.provider_tokens_cookies(&id, &flow.tokens, &flow.session) {
            Ok(cookies) => flow.cookies.extend(cookies),
            Err(_) => return flow.fail(ProviderError::TokensTooLarge),
        }
        flow.events.push(Event::TokensRefreshed { provider: id });
        flow.go_on()
    }
}

/// Reads the answer. A refresh token that has ended is the user's affair, every other failure the provider's.
fn parse(response: &Response<Bytes>) -> Result<TokenResponse, Error> {
    let refused = matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED);
    match TokenResponse::parse(response) {
        Ok(granted) => Ok(granted),
        Err(ProviderError::TokenErrorAnswer) => Err(RequestError::RefreshRefused.into()),
        Err(_) if refused => Err(RequestError::RefreshRefused.into()),
        Err(error) => Err(error.into()),
    }
}
