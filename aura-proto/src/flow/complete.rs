//! The user is known: issue the session and a CSRF token that is bound to it, and send the browser on.

use super::expect_token::SignIn;
use crate::action::Action;
use crate::admission::Admitted;
use crate::cookie::set::SetCookie;
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
    let session_cookies = flow.exchange.session_cookies(&session);
    let tokens_cookies = flow.tokens.take().map(|tokens| {
        let id = flow.provider.id.clone();
        flow.exchange.provider_tokens_cookies(&id, &tokens, &session)
    });
    let csrf_token =
        csrf::issue(&config.keyring, &mut flow.exchange.entropy, &Bound::to(Some(&session)), now);

    // Parsed again, because the configuration may have changed since the attempt was sealed.
    let target = RedirectTo::parse(&flow.attempt.redirect_to, &flow.exchange.origin, &config.trusted_origins);
    if target.is_none() {
        flow.exchange.notices.push(Event::SealedRedirectRefused { provider: flow.provider.id.clone() });
    }
    let session_cookies = match session_cookies {
        Ok(cookies) => cookies,
        Err(reason) => return flow.fail(reason),
    };
    let Ok(tokens_cookies) = tokens_cookies.transpose() else {
        return flow.fail(ProviderError::TokensTooLarge);
    };
    let Ok(csrf_token) = csrf_token else {
        return flow.fail(ProviderError::ProfileTooLarge);
    };
    let location = target.unwrap_or_default().to_location();
    let csrf_cookie = flow.exchange.cookies().csrf.set(csrf_token);
    if !csrf_cookie.fits() {
        return flow.fail(ProviderError::ProfileTooLarge);
    }
    let mut set = session_cookies;
    set.push(csrf_cookie);
    set.extend(tokens_cookies.into_iter().flatten());
    // The attempts and tokens of an earlier session are not this user's.
    let exchange = &flow.exchange;
    let cleared = exchange.clear_attempts().chain(exchange.cookies().clear_access_tokens(&exchange.sent));
    let own_attempt = flow.clear_own_attempt();
    let is_kept =
        |cookie: &SetCookie| set.iter().chain([&own_attempt]).any(|other| other.name() == cookie.name());
    let mut cookies: Vec<_> = cleared.filter(|cookie| !is_kept(cookie)).collect();
    cookies.push(own_attempt);
    cookies.append(&mut set);
    let mut redirect = Redirect::new(StatusCode::FOUND, location, &json!({ "oauth": flow.provider.id }));
    redirect.cookies = cookies;
    redirect.events = flow.exchange.notices;
    redirect.events.push(Event::SignedIn { provider: flow.provider.id.clone(), sub: session.user.sub });
    Action::Redirect(redirect)
}
