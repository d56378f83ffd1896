//! A browser wants to sign in: seal an attempt, send it to the provider.

use super::after::{redirect_to, wants_redirect};
use super::attempt::{Attempt, Expected};
use super::expect_discovery::{Next, discover};
use super::expect_pushed_request::ExpectPushedRequest;
use super::{Exchange, refuse};
use crate::action::Action;
use crate::cookie::MAX_ATTEMPTS;
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::entropy::Draw;
use crate::error::{Error, HostError, InvalidParameter, ParameterIssue, ProviderError, RequestError};
use crate::event::Event;
use crate::jose::base64url;
use crate::oauth::authorization::{self, authorization_url};
use crate::oauth::parameters::{Parameters, Repeated};
use crate::oauth::{pkce, pushed_request};
use crate::oidc::id_token::MaxAge;
use crate::provider::{KnownProvider, PushedRequests, ValidProvider, is_sound};
use crate::redirect::{Location, RedirectTo};
use crate::response::{Redirect, Respond};
use crate::route::Route;
use crate::secret::{Nonce, State};
use crate::time::UnixTime;
use http::{HeaderMap, StatusCode, header, request};
use serde_json::json;
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// Longest parameter that a sign-in may say, in bytes.
const MAX_PARAMETER: usize = 512;

/// A sign-in that a request began: what the attempt and the way to the provider will be made of.
#[derive(Debug)]
pub(super) struct Begun {
    exchange: Exchange,
    target: RedirectTo,
    /// The parameters of the authorization request beyond the protocol's own.
    further: Vec<(String, String)>,
    /// The cookies of earlier attempts that make room.
    surplus: Vec<SetCookie>,
}

/// A sign-in whose authorization request is handed over first (RFC 9126).
#[derive(Debug)]
pub(super) struct Pushing {
    begun: Begun,
    provider: KnownProvider,
    attempt: Attempt,
}

/// Answers `GET /signIn/:oauth`, or asks for the provider's configuration.
pub(super) fn begin(
    mut exchange: Exchange,
    provider: Arc<ValidProvider>,
    head: &request::Parts,
    now: UnixTime,
) -> Action {
    let parameters = Parameters::parse(head.uri.query().unwrap_or_default().as_bytes());
    let redirect_to = redirect_to(&parameters);
    let wants = wants_redirect(&parameters, &Parameters::parse(b""));
    let (redirect, asked) = match (wants, asked(&provider, &parameters)) {
        (Ok(redirect), Ok(asked)) => (redirect, asked),
        (Err(invalid), _) | (Ok(_), Err(invalid)) => {
            return refuse(RequestError::InvalidParameters(vec![invalid]), &route(&provider));
        }
    };
    if !redirect {
        return Action::Respond(own_url(&exchange, &provider, redirect_to, &asked));
    }
    if is_prefetch(&head.headers) {
        return Action::Respond(Respond::empty(StatusCode::NO_CONTENT));
    }
    let trusted = &exchange.auth.config().trusted_origins;
    let parse = |target| RedirectTo::parse(target, &exchange.origin, trusted);
    let target = redirect_to.or_else(|| from_header(&head.headers)).and_then(parse);
    // A page of another site may link here; that it names itself is no attack.
    if target.is_none() && redirect_to.is_some() {
        exchange.notices.push(Event::RedirectRefused);
    }
    let surplus = surplus_attempts(&exchange, &head.headers, now);
    let is_asked = |name: &str| asked.iter().any(|(other, _)| other == name);
    let configured = provider.authorization_parameters.iter().filter(|(name, _)| !is_asked(name));
    let further = configured.cloned().chain(asked.iter().cloned()).collect();
    let begun = Begun { exchange, target: target.unwrap_or_default(), further, surplus };
    discover(provider, Next::SignIn(Box::new(begun)), now)
}

/// Reads the parameters of the authorization request that this sign-in says, of those that the provider's configuration
/// lets it say.
fn asked(
    provider: &ValidProvider,
    parameters: &Parameters<'_>,
) -> Result<Vec<(String, String)>, InvalidParameter> {
    let mut asked = Vec::new();
    for name in &provider.request_parameters {
        let invalid = |issue| InvalidParameter { name: public_name(name), issue };
        let value = parameters.once(name).map_err(|Repeated| invalid(ParameterIssue::Repeated))?;
        let Some(value) = value else { continue };
        if value.len() > MAX_PARAMETER || value.contains(char::is_control) || !is_sound(name, value) {
            return Err(invalid(ParameterIssue::Invalid));
        }
        if !loosens(provider, name, value) {
            asked.push((name.clone(), value.to_owned()));
        }
    }
    Ok(asked)
}

/// Tells whether a link would let an authentication be older than the configuration does.
fn loosens(provider: &ValidProvider, name: &str, value: &str) -> bool {
    let seconds = |value: &str| value.parse::<u64>().ok();
    let mut configured = provider.authorization_parameters.iter().filter(|(other, _)| other == name);
    name == "max_age" && configured.any(|(_, configured)| seconds(configured) < seconds(value))
}

/// The names that an answer repeats, so that it says none that came from outside.
fn public_name(name: &str) -> &'static str {
    const NAMES: [&str; 7] =
        ["prompt", "login_hint", "max_age", "acr_values", "ui_locales", "display", "domain_hint"];
    NAMES.into_iter().find(|known| *known == name).unwrap_or("request_parameters")
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
fn own_url(
    exchange: &Exchange,
    provider: &ValidProvider,
    redirect_to: Option<&str>,
    asked: &[(String, String)],
) -> Respond {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(redirect_to.map(|target| ("redirectTo", target))).extend_pairs(asked);
    let (base, id) = (exchange.auth.base_path(), &provider.id);
    let url = format!("{}{base}/signIn/{id}?{}", exchange.origin, query.finish());
    Respond::new(StatusCode::OK, &json!({ "success": true, "redirect": false, "signInURL": url }))
}

impl Begun {
    /// Seals the attempt, and sends the browser to the provider, or the request ahead of it.
    pub(super) fn go_on(mut self, provider: KnownProvider, now: UnixTime) -> Action {
        let attempt = self.attempt(&provider, now);
        let parameters = authorization::parameters(&provider, &attempt.authorization_request(&self.further));
        let offered =
            provider.openid().filter(|openid| openid.config.pushed_requests == PushedRequests::Offered);
        let endpoint =
            offered.and_then(|openid| openid.metadata.pushed_authorization_request_endpoint.as_ref());
        let Some(endpoint) = endpoint else {
            return self.send(&provider, &attempt, &authorization_url(&provider, &parameters));
        };
        let request = self
            .exchange
            .credentials(&provider, now)
            .map(|credentials| pushed_request::request(endpoint, &credentials, &parameters));
        match request {
            Ok(Ok(request)) => {
                ExpectPushedRequest::begin(Pushing { begun: self, provider, attempt }, request)
            }
            // Cannot fail: the endpoint is a URL, and the body a form.
            Ok(Err(_)) => self.fail(&provider, ProviderError::PushedRequestMalformed.into()),
            Err(error) => self.fail(&provider, error.into()),
        }
    }

    /// Ends the sign-in before it has begun.
    pub(super) fn fail(&self, provider: &ValidProvider, error: Error) -> Action {
        self.exchange.fail_at(&route(provider), error, provider, [])
    }

    fn attempt(&mut self, provider: &KnownProvider, now: UnixTime) -> Attempt {
        let entropy = &mut self.exchange.entropy;
        let max_age = self.further.iter().find(|(name, _)| name == "max_age");
        let max_age = max_age.and_then(|(_, value)| value.parse().ok());
        Attempt {
            provider: provider.id.clone(),
            issuer: provider.endpoints.issuer.clone(),
            state: State::new(base64url::encode(entropy.draw::<32>(Draw::State))),
            code_verifier: pkce::code_verifier(entropy),
            expected: match provider.openid() {
                None => Expected::OAuth,
                Some(_) => Expected::OpenId {
                    nonce: Nonce::new(base64url::encode(entropy.draw::<32>(Draw::Nonce))),
                    max_age: max_age.map_or(MaxAge::Any, MaxAge::Seconds),
                },
            },
            redirect_uri: self.exchange.url_of(&format!("/callback/{}", provider.id)),
            redirect_to: self.target.as_str().to_owned(),
            issued_at: now,
        }
    }

    fn send(mut self, provider: &ValidProvider, attempt: &Attempt, url: &Url) -> Action {
        let iv = self.exchange.entropy.draw(Draw::Iv);
        let sealed = attempt.seal(self.exchange.auth.config().keyring.newest(), iv);
        let cookie = sealed.map(|sealed| self.exchange.cookies().attempt(&attempt.state).set(sealed));
        let (Some(location), Some(cookie)) = (Location::of_url(url), cookie.ok().filter(SetCookie::fits))
        else {
            return refuse(HostError::AttemptTooLong, &route(provider));
        };
        let body = json!({ "success": true, "redirect": true, "signInURL": url.as_str() });
        let mut redirect = Redirect::new(StatusCode::FOUND, location, &body);
        redirect.cookies.push(cookie);
        redirect.cookies.append(&mut self.surplus);
        redirect.events = self.exchange.notices;
        redirect.events.push(Event::SignInInitiated { provider: provider.id.clone() });
        Action::Redirect(redirect)
    }
}

impl Pushing {
    /// Sends the browser on with the reference to what was handed over.
    pub(super) fn go_on(self, reference: &str) -> Action {
        let url = pushed_request::authorization_url(&self.provider, reference);
        self.begun.send(&self.provider, &self.attempt, &url)
    }

    /// Ends the sign-in before it has begun.
    pub(super) fn fail(&self, error: Error) -> Action {
        self.begun.fail(&self.provider, error)
    }
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
    let surplus = dated.len().saturating_sub(MAX_ATTEMPTS.saturating_sub(1)).max(dead);
    dated.into_iter().take(surplus).map(|(_, name)| exchange.cookies().clear_attempt(name)).collect()
}
