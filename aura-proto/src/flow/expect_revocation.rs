//! Expects the answer to a revocation; drops the tokens once the provider has.

use super::Waiting;
use super::provider::TokenFlow;
use crate::action::{Action, Fetch};
use crate::error::{Error, FetchError, HostError, ProviderError};
use crate::event::Event;
use crate::oauth::revocation;
use bytes::Bytes;
use http::Response;

/// The access token is on its way back to the provider.
#[derive(Debug)]
pub(crate) struct ExpectRevocation {
    flow: TokenFlow,
}

impl ExpectRevocation {
    /// Gives the access token back.
    pub(super) fn begin(flow: TokenFlow) -> Result<Action, Error> {
        let endpoint = flow.provider.revocation_endpoint.as_ref().ok_or(HostError::NoRevocationEndpoint)?;
        Ok(match revocation::request(&flow.provider, endpoint, &flow.tokens.access_token) {
            Ok(request) => {
                Action::FetchRevocation(Fetch::new(request, Waiting::Revocation(Box::new(Self { flow }))))
            }
            // Cannot fail: the endpoint is a URL, and the body a form.
            Err(_) => flow.fail(ProviderError::RevocationStatus),
        })
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
