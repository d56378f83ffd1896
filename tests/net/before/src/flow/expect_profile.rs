//! Expects userinfo's answer about a user who is signed in; asks the application about what changed.

use super::expect_jwks::{Signed, Verified, verify};
use super::provider::TokenFlow;
use super::{ExpectAdmission, Waiting};
use crate::action::{Action, Fetch};
use crate::error::{Error, FetchError, IdTokenError, ProviderError};
use crate::event::Event;
use crate::oauth::userinfo::{self, UserInfo};
use crate::oidc;
use crate::oidc::id_token::SignedBy;
use crate::oidc::userinfo::Untrusted;
use crate::provider::KnownProvider;
use crate::secret::IdToken;
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use serde_json::{Map, Value};

/// The provider has been asked again who the user is.
#[derive(Debug)]
pub(crate) struct ExpectProfile {
    flow: TokenFlow,
}

/// A signed answer that is to be verified.
#[derive(Debug)]
pub(super) struct Described {
    flow: TokenFlow,
    token: IdToken,
}

impl ExpectProfile {
    /// Asks again.
    pub(super) fn begin(mut flow: TokenFlow, now: UnixTime) -> Action {
        let provider = flow.provider.clone();
        let Some(endpoint) = &provider.endpoints.userinfo else {
            // The ID token alone describes the user: the one that came with the tokens is the latest there is.
            return match flow.kept_claims() {
                Some(claims) => go_on(flow, Value::Object(claims.into_members())),
                None => flow.fail(ProviderError::IdToken(IdTokenError::Missing)),
            };
        };
        let token = flow.tokens.access_token.clone();
        let Ok(mut request) = userinfo::request(&provider, endpoint, &token, provider.token_type()) else {
            // Cannot fail: the endpoint is a URL, and the token visible ASCII.
            return flow.fail(ProviderError::TokenMalformed);
        };
        match flow.exchange.prove(&provider, &mut request, endpoint.url(), Some(&token), now) {
            Ok(()) => Action::FetchUserInfo(Fetch::new(request, Waiting::Profile(Box::new(Self { flow })))),
            Err(error) => flow.fail(error),
        }
    }

    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let mut flow = self.flow;
        if outcome.as_ref().is_ok_and(|response| flow.exchange.repeats(&flow.provider, response)) {
            return Self::begin(flow, now);
        }
        match userinfo::parse(&flow.provider, outcome) {
            Ok(UserInfo::Plain(said)) => join(flow, said),
            Ok(UserInfo::Signed(token)) => Described { flow, token }.begin(now),
            Err(error) => flow.fail(error),
        }
    }
}

impl Described {
    pub(super) fn provider(&self) -> &KnownProvider {
        &self.flow.provider
    }

    /// Verifies the answer by the keys that the flow has read, or else asks for them.
    fn begin(mut self, now: UnixTime) -> Action {
        let waits = |described| Signed::Profile(Box::new(described));
        let Some(keys) = self.flow.keys.take() else { return verify(waits(self), now) };
        match Box::new(self).verify(SignedBy::Published(&keys), now) {
            Verified::Yes(action) => *action,
            // They were read a moment ago.
            Verified::UnknownKey(waits, error) | Verified::No(waits, error) => waits.fail(error.into()),
        }
    }

    pub(super) fn verify(self: Box<Self>, signed_by: SignedBy<'_>, now: UnixTime) -> Verified {
        let said = self.flow.provider.openid().ok_or(Untrusted::Otherwise).and_then(|openid| {
            let parties = openid.parties(&self.flow.provider.client_id);
            oidc::userinfo::verify(self.token.expose(), parties, signed_by, now)
        });
        match said {
            Ok(said) => Verified::Yes(Box::new(join(self.flow, Value::Object(said)))),
            Err(error @ Untrusted::UnknownKey) => Verified::UnknownKey(Signed::Profile(self), error.into()),
            Err(error @ Untrusted::Otherwise) => Verified::No(Signed::Profile(self), error.into()),
        }
    }

    pub(super) fn fail(self, error: Error) -> Action {
        self.flow.fail(error)
    }
}

/// Joins an answer with the ID token that is kept: it is about the same user, or it counts for nothing.
fn join(flow: TokenFlow, said: Value) -> Action {
    let kept = flow.kept_claims();
    let subject = kept.as_ref().and_then(|claims| claims.get("sub")).and_then(Value::as_str);
    let joined = match subject {
        // What userinfo says is newer here than what the ID token said at the sign-in.
        Some(subject) => oidc::userinfo::join(subject, Map::new(), said),
        None => Ok(said),
    };
    match joined {
        Ok(said) => go_on(flow, said),
        Err(error) => flow.fail(error),
    }
}

fn go_on(mut flow: TokenFlow, said: Value) -> Action {
    match userinfo::user(&flow.provider, &said) {
        Ok(user) => {
            flow.events.push(Event::UserInfoReceived { provider: flow.provider.id.clone() });
            ExpectAdmission::again(flow, user, said)
        }
        Err(error) => flow.fail(error),
    }
}
