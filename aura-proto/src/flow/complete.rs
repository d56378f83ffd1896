//! The end of a sign-in: issues the session and a CSRF token that is bound to it, and sends the browser on.

use super::attempt::Attempt;
use crate::admission::Admitted;
use crate::context::RequestContext;
use crate::cookie::set::SetCookie;
use crate::csrf::{self, Bound};
use crate::error::{Error, HostError, ProviderError};
use crate::event::Event;
use crate::provider_tokens::{Owner, ProviderTokens};
use crate::response::{Redirect, Reply};
use crate::session::Session;
use aura_types::UnixTime;
use http::StatusCode;
use serde_json::json;

/// Completes the sign-in of a user whom the application admits.
pub(super) fn complete(
    cx: &mut RequestContext,
    attempt: &Attempt,
    admitted: Admitted,
    tokens: Option<ProviderTokens>,
    now: UnixTime,
) -> Result<Reply, Error> {
    let provider = attempt.provider.as_str();
    // Parsed again, because the configuration may have changed since the attempt was sealed.
    let target = cx.redirect_to(&attempt.redirect_to);
    if target.is_none() {
        cx.events.push(Event::SealedRedirectRefused { provider: provider.to_owned() });
    }
    let location = target.unwrap_or_else(|| cx.home()).to_location();

    let mut session = Session::begin(admitted.user, provider.to_owned(), now, &cx.config.session);
    session.claims = admitted.claims.map_err(|_| HostError::ClaimsUnwritable)?.into();
    let mut set = cx.session_cookies(&session)?;
    let tokens = match tokens {
        Some(mut tokens) => cx.provider_tokens_cookies(&mut tokens, Owner { provider, session: &session })?,
        None => Vec::new(),
    };
    let csrf_token = csrf::issue(&cx.config.keyring, &mut cx.entropy, &Bound::to(Some(&session)), now)?;
    let csrf_cookie = cx.table().csrf.set(csrf_token);
    if !csrf_cookie.fits() {
        return Err(ProviderError::ProfileTooLarge.into());
    }
    set.push(csrf_cookie);
    set.extend(tokens);

    // The tokens of an earlier session are not this user's. Other attempts stay: their tabs end where they meant to.
    let others = cx.table().clear_access_tokens(&cx.sent).into_iter();
    let own_attempt = cx.table().attempt(&attempt.state).clear();
    let mut cookies: Vec<SetCookie> =
        others.filter(|cookie| !set.iter().any(|other| other.name() == cookie.name())).collect();
    cookies.push(own_attempt);
    cookies.append(&mut set);
    cx.cookies = cookies;
    cx.events.push(Event::SignedIn { provider: provider.to_owned(), sub: session.user.sub().to_owned() });
    Ok(Redirect::new(StatusCode::FOUND, location, &json!({ "oauth": provider })).into())
}
