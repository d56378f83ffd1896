//! The user is known: issue the session and a CSRF token that is bound to it, and send the browser on.

use super::expect_token::SignIn;
use crate::action::Action;
use crate::csrf::{self, Bound};
use crate::error::ProviderError;
use crate::event::Event;
use crate::redirect::RedirectTo;
use crate::response::Redirect;
use crate::session::{Session, User};
use crate::time::UnixTime;
use http::StatusCode;
use serde_json::json;

/// Completes a sign-in.
pub(super) fn complete(mut flow: SignIn, user: User, now: UnixTime) -> Action {
    let auth = flow.exchange.auth.clone();
    let config = auth.config();
    let session = Session::begin(user, flow.provider.id.clone(), now, config.session_max_age);
    let entropy = &mut flow.exchange.entropy;
    let sealed = session.seal(config.keyring.newest(), entropy);
    let csrf_token = csrf::issue(&config.keyring, entropy, &Bound::to(Some(&session)), now);

    // Parsed again, because the configuration may have changed since the attempt was sealed.
    let target = RedirectTo::parse(&flow.attempt.redirect_to, &flow.exchange.origin, &config.trusted_origins);
    let (Ok(sealed), Ok(csrf_token), Some(location)) = (sealed, csrf_token, target.to_location()) else {
        return flow.fail(ProviderError::ProfileTooLarge);
    };
    let names = flow.exchange.cookies();
    let session_cookies = names.session.set_chunks(&sealed, &flow.exchange.sent);
    let csrf_cookie = names.csrf.set(csrf_token);
    let (Ok(session_cookies), true) = (session_cookies, csrf_cookie.fits()) else {
        return flow.fail(ProviderError::ProfileTooLarge);
    };
    let mut redirect = Redirect::new(StatusCode::FOUND, location, &json!({ "oauth": flow.provider.id }));
    redirect.cookies.extend(flow.exchange.clear_attempts());
    redirect.cookies.extend(session_cookies);
    redirect.cookies.push(csrf_cookie);
    redirect.events.push(Event::SignedIn { provider: flow.provider.id.clone(), sub: session.user.sub });
    Action::Redirect(redirect)
}
