//! A provider says that a user signed out there: is it so? (OpenID Connect Back-Channel Logout 1.0 section 2.5)

use super::expect_discovery::{Next, discover};
use super::expect_jwks::{Signed, Verified, verify};
use crate::action::Action;
use crate::error::{Error, IdTokenError, InvalidParameter, ParameterIssue, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::oidc::id_token::SignedBy;
use crate::oidc::logout_token::{self, Logout};
use crate::provider::{KnownProvider, ValidProvider};
use crate::response::Respond;
use crate::secret::IdToken;
use crate::time::UnixTime;
use bytes::Bytes;
use http::StatusCode;
use serde_json::Map;
use std::sync::Arc;

/// A logout token that came, and waits for the provider's configuration.
#[derive(Debug)]
pub(super) struct Notice {
    token: IdToken,
}

/// A logout token that waits for the provider's keys.
#[derive(Debug)]
pub(super) struct Heard {
    provider: KnownProvider,
    token: IdToken,
}

/// Answers `POST /backchannelLogout/:oauth`, or asks for the provider's configuration.
pub(super) fn begin(provider: Arc<ValidProvider>, body: &Bytes, now: UnixTime) -> Action {
    if provider.openid().is_none() {
        return refuse(&provider, RequestError::UnknownProvider.into());
    }
    let form = Parameters::parse(body);
    let issue = match form.once("logout_token") {
        Ok(Some(token)) => {
            let notice = Notice { token: IdToken::new(token) };
            return discover(provider, Next::Logout(Box::new(notice)), now);
        }
        Ok(None) => ParameterIssue::Missing,
        Err(_) => ParameterIssue::Repeated,
    };
    let invalid = InvalidParameter { name: "logout_token", issue };
    refuse(&provider, RequestError::InvalidParameters(vec![invalid]).into())
}

/// Section 2.8: whatever is wrong with the request is answered by 400, and an outage of ours by another status.
fn refuse(provider: &ValidProvider, error: Error) -> Action {
    let is_outage = matches!(error, Error::Provider(_)) && error.status().is_server_error();
    let members = Map::from_iter([("error".to_owned(), "invalid_request".into())]);
    let respond = Respond::refusal_with(error.clone(), members);
    let status = if is_outage { respond.status } else { StatusCode::BAD_REQUEST };
    let events = vec![Event::LogoutRefused { provider: provider.id.clone(), error }];
    Action::Respond(Respond { status, events, ..respond })
}

impl Notice {
    pub(super) fn go_on(self, provider: KnownProvider, now: UnixTime) -> Action {
        verify(Signed::Logout(Box::new(Heard { provider, token: self.token })), now)
    }

    pub(super) fn fail(&self, provider: &ValidProvider, error: Error) -> Action {
        refuse(provider, error)
    }
}

impl Heard {
    pub(super) fn provider(&self) -> &KnownProvider {
        &self.provider
    }

    pub(super) fn verify(self: Box<Self>, signed_by: SignedBy<'_>, now: UnixTime) -> Verified {
        let logout = self.provider.openid().ok_or(IdTokenError::Malformed).and_then(|openid| {
            let parties = openid.parties(&self.provider.client_id);
            logout_token::validate(self.token.expose(), parties, signed_by, now)
        });
        match logout {
            Ok(Logout { issuer, subject, session_id, token_id }) => {
                let provider = self.provider.id.clone();
                let mut respond = Respond::empty(StatusCode::OK);
                respond.events = vec![Event::LoggedOutByProvider {
                    provider,
                    issuer,
                    sub: subject,
                    sid: session_id,
                    jti: token_id,
                }];
                Verified::Yes(Box::new(Action::Respond(respond)))
            }
            Err(error) => Verified::no(Signed::Logout(self), error),
        }
    }

    pub(super) fn fail(&self, error: Error) -> Action {
        refuse(&self.provider, error)
    }
}
