//! The user is known: issue the session and a CSRF token that is bound to it, and send the browser on.

use super::expect_token::SignIn;
use crate::action::Action;
use crate::admission::Admitted;
use crate::cookie::set::{SameSite, SetCookie};
use crate::csrf::{self, Bound};
use crate::error::ProviderError;
use crate::event::Event;
use crate::redirect::RedirectTo;
use crate::response::Redirect;
use crate::session::Session;
use crate::time::UnixTime;
use http::StatusCode;
use serde_json::json;

/// Completes a sign-in.
pub(super) fn complete(mut flow: SignIn, admitted: Admitted, now: UnixTime) -> Action {
    let auth = flow.exchange.auth.clone();
    let config = auth.config();
    let mut session = Session::begin(admitted.user, flow.provider.id.clone(), now, &config.session);
    session.claims = admitted.claims;
    let session_cookie = flow.exchange.session_cookie(&session, now);
    let tokens_cookie = flow
        .tokens
        .take()
        .map(|tokens| flow.exchange.provider_tokens_cookie(&flow.provider.id, &tokens, &session, now));
    let csrf_token =
        csrf::issue(&config.keyring, &mut flow.exchange.entropy, &Bound::to(Some(&session)), now);

    // Parsed again, because the configuration may have changed since the attempt was sealed.
    let target = RedirectTo::parse(&flow.attempt.redirect_to, &flow.exchange.origin, &config.trusted_origins);
    let (Ok(session_cookie), Ok(tokens_cookie), Ok(csrf_token), Some(location)) =
        (session_cookie, tokens_cookie.transpose(), csrf_token, target.to_location())
    else {
        return flow.fail(ProviderError::ProfileTooLarge);
    };
    let scheme = flow.exchange.origin.scheme();
    let names = config.cookies(scheme);
    let own_attempt = names.attempt(&flow.attempt.state);
    let mut redirect = Redirect::new(StatusCode::FOUND, location, &json!({ "oauth": flow.provider.id }));
    redirect.cookies.push(flow.clear_own_attempt());
    redirect.cookies.extend(flow.exchange.clear_attempts().filter(|cookie| cookie.name() != own_attempt));
    // The tokens of an earlier session are not this user's.
    redirect.cookies.extend(flow.exchange.clear_tokens());
    redirect.cookies.push(session_cookie);
    redirect.cookies.push(SetCookie::set(
        names.csrf.clone(),
        csrf_token,
        csrf::MAX_AGE,
        SameSite::Strict,
        scheme,
    ));
    redirect.cookies.extend(tokens_cookie);
    redirect.events.push(Event::SignedIn { provider: flow.provider.id.clone(), sub: session.user.sub });
    Action::Redirect(redirect)
}
