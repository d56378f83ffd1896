//! Logouts that involve a provider: `POST /backchannelLogout/:oauth` and `GET /signedOut`.

use super::exchanges::{self, discover};
use super::io::Io;
use crate::context::RequestContext;
use crate::error::{Error, HostError, InvalidParameter, ParameterIssue, ProviderError, RequestError};
use crate::event::Event;
use crate::oidc::end_session::LogoutState;
use crate::oidc::id_token::SignedBy;
use crate::oidc::logout_token::{self, Logout};
use crate::provider::CheckedProvider;
use crate::query::Parameters;
use crate::response::{Redirect, Reply, Respond};
use crate::secret::IdToken;
use aura_types::UnixTime;
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

/// Answers `POST /backchannelLogout/:oauth`: reports whose sessions end (OpenID Connect Back-Channel Logout 1.0 section
/// 2.5).
pub(super) async fn logout(
    cx: &mut RequestContext,
    provider: Arc<CheckedProvider>,
    io: &Io,
) -> Result<Reply, Error> {
    if provider.openid().is_none() {
        return Err(RequestError::UnknownProvider.into());
    }
    let token = logout_token(cx.body())?;
    cx.forget_request();
    let server = discover(cx, io, &provider).await?;
    let openid = server.openid().ok_or(HostError::Unreachable)?;
    let check = |signed_by: SignedBy<'_>, now: UnixTime| {
        logout_token::validate(token.expose(), openid.parties(), signed_by, now)
    };
    let (logout, _) = exchanges::verify(io, openid, None, ProviderError::IdToken, check).await?;
    let Logout { issuer, subject: sub, session_id: sid, token_id: jti } = logout;
    cx.events.push(Event::LoggedOutByProvider { provider: provider.id.clone(), issuer, sub, sid, jti });
    Ok(Respond::empty(StatusCode::OK).into())
}

fn logout_token(body: &[u8]) -> Result<IdToken, RequestError> {
    let form = Parameters::parse(body);
    let issue = match form.once("logout_token") {
        Ok(Some(token)) => return Ok(IdToken::new(token)),
        Ok(None) => ParameterIssue::Missing,
        Err(_) => ParameterIssue::Repeated,
    };
    Err(RequestError::InvalidParameters(vec![InvalidParameter { name: "logout_token", issue }]))
}

/// Answers `GET /signedOut`: the browser is back from the provider, where the user was signed out, too (OpenID Connect
/// RP-Initiated Logout 1.0 section 3). It goes where the sign-out was to lead, or home where the state is not one of ours.
/// The session of this site ended before, so there is nothing to protect but the way.
pub(super) fn signed_out(cx: &mut RequestContext, now: UnixTime) -> Result<Reply, Error> {
    let parameters = Parameters::parse(cx.query());
    let state = parameters.once("state").ok().flatten();
    let state = state.and_then(|state| LogoutState::open(&cx.config.keyring, state, now).ok());
    let target = state.and_then(|state| cx.redirect_to(&state.redirect_to));
    let location = target.unwrap_or_else(|| cx.home()).to_location();
    Ok(Redirect::new(StatusCode::FOUND, location, &Value::Null).into())
}
