//! Expects the answer to a revocation; drops the tokens once the provider has.

use super::Waiting;
use super::provider::TokenFlow;
use crate::action::{Action, Fetch};
use crate::error::{FetchError, HostError, ProviderError};
use crate::event::Event;
use crate::oauth::revocation;
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;

/// The access token is on its way back to the provider.
#[derive(Debug)]
pub(crate) struct ExpectRevocation {
    flow: TokenFlow,
}

impl ExpectRevocation {
    /// Gives the access token back.
    pub(super) fn begin(mut flow: TokenFlow, now: UnixTime) -> Action {
        let Some(endpoint) = flow.provider.endpoints.revocation.clone() else {
            return flow.fail(HostError::NoRevocationEndpoint);
        };
        let credentials = match flow.exchange.credentials(&flow.provider, now) {
            Ok(credentials) => credentials,
            Err(error) => return flow.fail(error),
        };
        match revocation::request(&credentials, &endpoint, &flow.tokens.access_token) {
            Ok(request) => {
                Action::FetchRevocation(Fetch::new(request, Waiting::Revocation(Box::new(Self { flow }))))
            }
            // Cannot fail: the endpoint is a URL, and the body a form.
            Err(_) => flow.fail(ProviderError::RevocationStatus),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>) -> Action {
        match outcome {
            Err(error) => self.flow.fail(ProviderError::RevocationUnreachable(error)),
            Ok(response) if !response.status().is_success() => {
                self.flow.fail(ProviderError::RevocationStatus)
            }
            Ok(_) => {
                let revoked = Event::TokensRevoked { provider: self.flow.provider.id.clone() };
                self.flow.given_up(revoked)
            }
        }
    }
}
