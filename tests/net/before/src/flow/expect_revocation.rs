//! Expects the answer to a revocation; drops the tokens once the provider has.
//!
//! The access token goes back first, as the wire contract has it, and its answer is the page's. The refresh token follows
//! where there is one: many providers keep it alive (RFC 7009 section 2.1 leaves it to them), and it is the one that
//! lives long. A sign-out gives nothing back: it ends the session here, and the grant is the user's to keep.

use super::Waiting;
use super::provider::TokenFlow;
use crate::action::{Action, Fetch};
use crate::error::{FetchError, HostError, ProviderError};
use crate::event::Event;
use crate::oauth::revocation::{self, Token};
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use url::Url;

/// A token is on its way back to the provider.
#[derive(Debug)]
pub(crate) struct ExpectRevocation {
    flow: TokenFlow,
    endpoint: Url,
    sent: Sent,
}

/// Which token it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Access,
    Refresh,
}

impl ExpectRevocation {
    /// Gives the access token back.
    pub(super) fn begin(flow: TokenFlow, now: UnixTime) -> Action {
        match flow.provider.endpoints.revocation.clone() {
            Some(endpoint) => Self { flow, endpoint, sent: Sent::Access }.fetch(now),
            None => flow.fail(HostError::NoRevocationEndpoint),
        }
    }

    fn fetch(mut self, now: UnixTime) -> Action {
        let credentials = match self.flow.exchange.credentials(&self.flow.provider, now) {
            Ok(credentials) => credentials,
            Err(error) => return self.flow.fail(error),
        };
        let tokens = &self.flow.tokens;
        let token = match (self.sent, &tokens.refresh_token) {
            (Sent::Access, _) => Token::Access(&tokens.access_token),
            (Sent::Refresh, Some(token)) => Token::Refresh(token),
            (Sent::Refresh, None) => return self.given_up(),
        };
        match revocation::request(&credentials, &self.endpoint, token) {
            Ok(request) => Action::FetchRevocation(Fetch::new(request, Waiting::Revocation(Box::new(self)))),
            // Cannot fail: the endpoint is a URL, and the body a form.
            Err(_) => self.flow.fail(ProviderError::RevocationStatus),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let status = match outcome {
            Err(error) => return self.flow.fail(ProviderError::RevocationUnreachable(error)),
            Ok(response) => response.status(),
        };
        match self.sent {
            Sent::Access if status.is_success() => Self { sent: Sent::Refresh, ..self }.fetch(now),
            // The provider ended it together with the access token, or gives none of its kind up: asking again changes
            // nothing.
            Sent::Refresh if status.is_success() || status.is_client_error() => self.given_up(),
            Sent::Access | Sent::Refresh => self.flow.fail(ProviderError::RevocationStatus),
        }
    }

    fn given_up(self) -> Action {
        let revoked = Event::TokensRevoked { provider: self.flow.provider.id.clone() };
        self.flow.given_up(revoked)
    }
}
