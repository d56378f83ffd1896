//! Expects the reference to an authorization request that was handed over; sends the browser on with it.

use super::Waiting;
use super::sign_in::Pushing;
use crate::action::{Action, Fetch};
use crate::error::{FetchError, ProviderError};
use crate::oauth::pushed_request;
use bytes::Bytes;
use http::{Request, Response};

/// The authorization request is on its way to the provider.
#[derive(Debug)]
pub(crate) struct ExpectPushedRequest {
    waits: Pushing,
}

impl ExpectPushedRequest {
    /// Hands the request over.
    pub(super) fn begin(waits: Pushing, request: Request<Bytes>) -> Action {
        let waiting = Waiting::PushedRequest(Box::new(Self { waits }));
        Action::FetchPushedRequest(Fetch::new(request, waiting))
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>) -> Action {
        let reference = outcome
            .map_err(ProviderError::PushedRequestUnreachable)
            .and_then(|response| pushed_request::parse(&response));
        match reference {
            Ok(reference) => self.waits.go_on(&reference),
            Err(error) => self.waits.fail(error.into()),
        }
    }
}
