//! Expects userinfo's answer about a user who is signed in; asks the application about what changed.

use super::provider::TokenFlow;
use super::{ExpectAdmission, Waiting};
use crate::action::{Action, Fetch};
use crate::error::{FetchError, ProviderError};
use crate::event::Event;
use crate::oauth::userinfo;
use bytes::Bytes;
use http::Response;

/// The provider has been asked again who the user is.
#[derive(Debug)]
pub(crate) struct ExpectProfile {
    flow: TokenFlow,
}

impl ExpectProfile {
    /// Asks again.
    pub(super) fn begin(flow: TokenFlow) -> Action {
        match userinfo::request(&flow.provider, &flow.tokens.access_token) {
            Ok(request) => {
                Action::FetchUserInfo(Fetch::new(request, Waiting::Profile(Box::new(Self { flow }))))
            }
            // Cannot fail: the endpoint is a URL, and the token visible ASCII.
            Err(_) => flow.fail(ProviderError::TokenMalformed),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>) -> Action {
        match userinfo::parse(&self.flow.provider, outcome) {
            Ok((user, userinfo)) => {
                let mut flow = self.flow;
                flow.events.push(Event::UserInfoReceived { provider: flow.provider.id.clone() });
                ExpectAdmission::again(flow, user, userinfo)
            }
            Err(error) => self.flow.fail(error),
        }
    }
}
