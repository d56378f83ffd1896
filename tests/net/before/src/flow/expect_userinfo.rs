//! Expects userinfo's answer; asks the application about the user that it describes.

use super::Waiting;
use super::expect_admission::ExpectAdmission;
use super::expect_token::SignIn;
use crate::action::{Action, Fetch};
use crate::error::{FetchError, ProviderError};
use crate::event::Event;
use crate::oauth::userinfo::{self, UserInfo};
use crate::oidc::id_token::SignedBy;
use crate::oidc::userinfo::{join, verify};
use crate::provider::{KnownProvider, ResponseMode};
use crate::secret::{AccessToken, IdToken};
use crate::session::User;
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

/// The token has been granted, and userinfo asked with it.
#[derive(Debug)]
pub(crate) struct ExpectUserInfo {
    flow: SignIn,
    token: AccessToken,
}

impl ExpectUserInfo {
    /// Asks who signed in, unless the ID token has said everything.
    pub(super) fn begin(mut flow: SignIn, token: &AccessToken, now: UnixTime) -> Action {
        let provider = flow.provider.clone();
        let Some(endpoint) = &provider.endpoints.userinfo else {
            let claims = flow.identity.as_mut().map(|identity| std::mem::take(&mut identity.claims));
            return match identify(&flow, Value::Object(claims.unwrap_or_default())) {
                Ok((user, said)) => ExpectAdmission::begin(flow, user, said),
                Err(error) => flow.fail(error),
            };
        };
        let Ok(mut request) = userinfo::request(&provider, endpoint, token, provider.token_type()) else {
            // A token that is too long for the URL that it belongs into.
            return flow.fail(ProviderError::TokenMalformed);
        };
        match flow.exchange.prove(&provider, &mut request, endpoint.url(), Some(token), now) {
            Ok(()) => {
                let waiting = Self { flow, token: token.clone() };
                Action::FetchUserInfo(Fetch::new(request, Waiting::UserInfo(Box::new(waiting))))
            }
            Err(error) => flow.fail(error),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let Self { mut flow, token } = self;
        if outcome.as_ref().is_ok_and(|response| flow.exchange.repeats(&flow.provider, response)) {
            return Self::begin(flow, &token, now);
        }
        match read(&mut flow, outcome, now).and_then(|said| identify(&flow, said)) {
            Ok((user, said)) => {
                let provider = flow.provider.id.clone();
                flow.exchange.notices.push(Event::UserInfoReceived { provider });
                ExpectAdmission::begin(flow, user, said)
            }
            Err(error) => flow.fail(error),
        }
    }
}

/// Reads what the provider says, and joins it with what the ID token said.
fn read(
    flow: &mut SignIn,
    outcome: Result<Response<Bytes>, FetchError>,
    now: UnixTime,
) -> Result<Value, ProviderError> {
    let said = match userinfo::parse(&flow.provider, outcome)? {
        UserInfo::Plain(said) => said,
        UserInfo::Signed(token) => Value::Object(read_signed(flow, &token, now)?),
    };
    match flow.identity.as_mut() {
        Some(identity) => join(&identity.subject, std::mem::take(&mut identity.claims), said),
        None => Ok(said),
    }
}

/// Verifies a signed answer by what verified the ID token.
fn read_signed(flow: &SignIn, token: &IdToken, now: UnixTime) -> Result<Map<String, Value>, ProviderError> {
    let untrusted = ProviderError::UserInfoUntrusted;
    let provider = &flow.provider;
    let openid = provider.openid().ok_or(untrusted)?;
    let identity = flow.identity.as_ref().ok_or(untrusted)?;
    let signed_by = match (&identity.keys, provider.client_authentication.secret()) {
        (Some(keys), _) => SignedBy::Published(keys),
        (None, Some(secret)) => SignedBy::Secret(secret),
        (None, None) => return Err(untrusted),
    };
    Ok(verify(token.expose(), openid.parties(&provider.client_id), signed_by, now)?)
}

/// Finds the user in what was said.
fn identify(flow: &SignIn, mut said: Value) -> Result<(User, Value), ProviderError> {
    add_user(&flow.provider, flow.user.as_deref(), &mut said);
    Ok((userinfo::user(&flow.provider, &said)?, said))
}

/// Adds what the browser said of the user's name, where the provider answers by a form and says it nowhere else. It is
/// unsigned: good for a greeting, and for nothing else.
fn add_user(provider: &KnownProvider, user: Option<&str>, said: &mut Value) {
    let user = user.and_then(|user| serde_json::from_str::<Map<String, Value>>(user).ok());
    let (Some(user), Some(said)) = (user, said.as_object_mut()) else { return };
    if provider.response_mode() == ResponseMode::FormPost {
        said.entry("user").or_insert(Value::Object(user));
    }
}
