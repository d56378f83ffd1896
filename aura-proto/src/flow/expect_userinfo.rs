//! Expects userinfo's answer; asks the application about the user that it describes.

use super::Waiting;
use super::expect_admission::ExpectAdmission;
use super::expect_token::SignIn;
use crate::action::{Action, Fetch};
use crate::error::{FetchError, ProviderError};
use crate::event::Event;
use crate::oauth::token::TokenResponse;
use crate::oauth::userinfo;
use bytes::Bytes;
use http::Response;

/// The token has been granted, and userinfo asked with it.
#[derive(Debug)]
pub(crate) struct ExpectUserInfo {
    flow: SignIn,
}

impl ExpectUserInfo {
    /// Asks who signed in.
    pub(super) fn begin(flow: SignIn, granted: &TokenResponse) -> Action {
        match userinfo::request(&flow.provider, &granted.access_token) {
            Ok(request) => {
                Action::FetchUserInfo(Fetch::new(request, Waiting::UserInfo(Box::new(Self { flow }))))
            }
            // A token that is too long for the URL that it belongs into.
            Err(_) => flow.fail(ProviderError::TokenMalformed),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>) -> Action {
        match userinfo::parse(&self.flow.provider, outcome) {
            Ok((user, userinfo)) => {
                let mut flow = self.flow;
                let provider = flow.provider.id.clone();
                flow.exchange.notices.push(Event::UserInfoReceived { provider });
                ExpectAdmission::begin(flow, user, userinfo)
            }
            Err(error) => self.flow.fail(error),
        }
    }
}
