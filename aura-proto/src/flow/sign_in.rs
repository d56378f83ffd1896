//! A browser wants to sign in: seal an attempt, send it to the provider.

use super::after::{redirect_to, wants_redirect};
use super::{Exchange, refuse};
use crate::action::Action;
use crate::cookie::attempt::{Attempt, MAX_LIVE};
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::entropy::Draw;
use crate::error::{HostError, RequestError};
use crate::event::Event;
use crate::jose::base64url;
use crate::oauth::authorization::authorization_url;
use crate::oauth::parameters::Parameters;
use crate::oauth::pkce;
use crate::provider::ValidProvider;
use crate::redirect::{Location, RedirectTo};
use crate::response::{Redirect, Respond};
use crate::route::Route;
use crate::secret::State;
use crate::time::UnixTime;
use http::{HeaderMap, StatusCode, header, request};
use serde_json::json;
use url::form_urlencoded;

/// Answers `GET /signIn/:oauth`.
pub(super) fn begin(
    mut exchange: Exchange,
    provider: &ValidProvider,
    head: &request::Parts,
    now: UnixTime,
) -> Action {
    let parameters = Parameters::parse(head.uri.query().unwrap_or_default().as_bytes());
    let redirect_to = redirect_to(&parameters);
    match wants_redirect(&parameters, &Parameters::parse(b"")) {
        Err(invalid) => refuse(RequestError::InvalidParameters(vec![invalid]), &route(provider)),
        Ok(false) => Action::Respond(own_url(&exchange, provider, redirect_to)),
        Ok(true) if is_prefetch(&head.headers) => Action::Respond(Respond::empty(StatusCode::NO_CONTENT)),
        Ok(true) => {
            let trusted = &exchange.auth.config().trusted_origins;
            let parse = |target| RedirectTo::parse(target, &exchange.origin, trusted);
            let target = redirect_to.or_else(|| from_header(&head.headers)).and_then(parse);
            // A page of another site may link here; that it names itself is no attack.
            if target.is_none() && redirect_to.is_some() {
                exchange.notices.push(Event::RedirectRefused);
            }
            send_to_provider(exchange, provider, head, &target.unwrap_or_default(), now)
        }
    }
}

fn route(provider: &ValidProvider) -> Route {
    Route::SignIn { oauth: provider.id.clone() }
}

/// The page the browser comes from, for want of a better target.
fn from_header(headers: &HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    text(header::REFERER).or_else(|| text(header::ORIGIN))
}

/// A page that the browser fetches ahead of a click must not begin anything.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose"]
        .into_iter()
        .any(|name| headers.get_all(name).iter().any(|value| value.as_bytes().starts_with(b"prefetch")))
}

/// Tells a script where to navigate to: to this route, which then sends the browser on.
fn own_url(exchange: &Exchange, provider: &ValidProvider, redirect_to: Option<&str>) -> Respond {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(redirect_to.map(|target| ("redirectTo", target)));
    let (base, id) = (exchange.auth.base_path(), &provider.id);
    let url = format!("{}{base}/signIn/{id}?{}", exchange.origin, query.finish());
    Respond::new(StatusCode::OK, &json!({ "success": true, "redirect": false, "signInURL": url }))
}

fn send_to_provider(
    mut exchange: Exchange,
    provider: &ValidProvider,
    head: &request::Parts,
    target: &RedirectTo,
    now: UnixTime,
) -> Action {
    let attempt = Attempt {
        provider: provider.id.clone(),
        issuer: provider.issuer.clone(),
        state: State::new(base64url::encode(exchange.entropy.draw::<32>(Draw::State))),
        code_verifier: pkce::code_verifier(&mut exchange.entropy),
        redirect_uri: format!("{}{}/callback/{}", exchange.origin, exchange.auth.base_path(), provider.id),
        redirect_to: target.as_str().to_owned(),
        issued_at: now,
    };
    let url = authorization_url(provider, &attempt);
    let iv = exchange.entropy.draw(Draw::Iv);
    let sealed = attempt.seal(exchange.auth.config().keyring.newest(), iv);
    let cookie = sealed.map(|sealed| exchange.cookies().attempt(&attempt.state).set(sealed));
    let (Some(location), Some(cookie)) = (Location::of_url(&url), cookie.ok().filter(SetCookie::fits)) else {
        return refuse(HostError::AttemptTooLong, &route(provider));
    };
    let body = json!({ "success": true, "redirect": true, "signInURL": url.as_str() });
    let mut redirect = Redirect::new(StatusCode::FOUND, location, &body);
    redirect.cookies.push(cookie);
    redirect.cookies.extend(surplus_attempts(&exchange, &head.headers, now));
    redirect.events = exchange.notices;
    redirect.events.push(Event::SignInInitiated { provider: provider.id.clone() });
    Action::Redirect(redirect)
}

/// Clears what leaves room for one more attempt: first what cannot be used any more, then the oldest.
fn surplus_attempts(exchange: &Exchange, headers: &HeaderMap, now: UnixTime) -> Vec<SetCookie> {
    let config = exchange.auth.config();
    let cookies = Cookies::new(headers);
    let begun_at = |name: &String| {
        let value = cookies.values(name)?.into_iter().next()?;
        let attempt = Attempt::open(&config.keyring, value).ok()?;
        (!attempt.is_expired(now)).then_some(attempt.issued_at)
    };
    let mut dated: Vec<_> = exchange.attempts.iter().map(|name| (begun_at(name), name)).collect();
    dated.sort();
    let dead = dated.iter().filter(|(begun_at, _)| begun_at.is_none()).count();
    let surplus = dated.len().saturating_sub(MAX_LIVE.saturating_sub(1)).max(dead);
    dated.into_iter().take(surplus).map(|(_, name)| exchange.cookies().clear_attempt(name)).collect()
}
