//! The browser is back from the provider, where the user was signed out, too. (OpenID Connect RP-Initiated Logout 1.0
//! section 3)

use super::Exchange;
use crate::action::Action;
use crate::oauth::parameters::Parameters;
use crate::oidc::end_session::LogoutState;
use crate::redirect::RedirectTo;
use crate::response::Redirect;
use crate::time::UnixTime;
use http::{StatusCode, request};
use serde_json::Value;

/// Answers `GET /signedOut`: goes where the sign-out was to lead, or home where the state is not one of ours. The session
/// of this site ended before, so there is nothing to protect but the way.
pub(super) fn signed_out(exchange: &Exchange, head: &request::Parts, now: UnixTime) -> Action {
    let config = exchange.auth.config();
    let parameters = Parameters::parse(head.uri.query().unwrap_or_default().as_bytes());
    let state = parameters.once("state").ok().flatten();
    let state = state.and_then(|state| LogoutState::open(&config.keyring, state, now).ok());
    let parse = |state: LogoutState<'_>| {
        RedirectTo::parse(&state.redirect_to, &exchange.origin, &config.trusted_origins)
    };
    let location = state.and_then(parse).unwrap_or_default().to_location();
    Action::Redirect(Redirect::new(StatusCode::FOUND, location, &Value::Null))
}
