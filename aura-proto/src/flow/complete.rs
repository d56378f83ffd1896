//! The user is known: issue the session and a CSRF token that is bound to it, and send the browser on.

use super::expect_token::SignIn;
use crate::action::Action;
use crate::cookie::set::{SameSite, SetCookie};
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
    let scheme = flow.exchange.origin.scheme();
    let names = config.cookies(scheme);
    let session_cookie =
        SetCookie::set(names.session.clone(), sealed, config.session_max_age, SameSite::Lax, scheme);
    if !session_cookie.fits() {
        return flow.fail(ProviderError::ProfileTooLarge);
    }
    let mut redirect = Redirect::new(StatusCode::FOUND, location, &json!({ "oauth": flow.provider.id }));
    redirect.cookies.extend(flow.exchange.clear_attempts());
    redirect.cookies.push(session_cookie);
    redirect.cookies.push(SetCookie::set(
        names.csrf.clone(),
        csrf_token,
        csrf::MAX_AGE,
        SameSite::Strict,
        scheme,
    ));
    redirect.events.push(Event::SignedIn { provider: flow.provider.id.clone(), sub: session.user.sub });
    flow.exchange.report(Action::Redirect(redirect))
}
