//! `GET /signIn/:provider`: seals an attempt and sends the browser to the provider (RFC 6749 section 4.1.1).

use super::attempt::{Attempt, Expected, surplus_attempts};
use super::discovery::discover;
use super::exchanges::{Server, fetch};
use super::io::Io;
use super::limits;
use crate::connection::{named_host, other_loopback, over_http};
use crate::context::RequestContext;
use crate::csrf;
use crate::entropy::Draw;
use crate::error::{Error, HostError, RequestError};
use crate::event::Event;
use crate::limits::LimitRule;
use crate::oauth::CLIENT_ID;
use crate::oauth::authorization::{self, AuthorizationRequest};
use crate::oauth::pushed_request;
use crate::oidc::id_token::MaxAge;
use crate::parameters::{InvalidParameter, ParameterIssue};
use crate::provider::CheckedProvider;
use crate::purpose::Purpose;
use crate::query::{Parameters, Repeated};
use crate::reader::Reader;
use crate::redirect::{self, Location, RedirectTo};
use crate::response::{Body, Redirect, Reply, Respond};
use crate::secret::{Nonce, State};
use crate::session::{ACR_VALUES, MAX_AGE};
use aura_jose::base64url;
use aura_types::UnixTime;
use http::{StatusCode, header};
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// Longest parameter of the authorization request that a link to this route may set, in bytes.
const MAX_PARAMETER: usize = 512;

/// Makes the body of the answer, with its members in the order of their names.
fn body(redirects: bool, url: &str) -> Body {
    Body::object(|body| body.value("redirect", &redirects).text("signInURL", url).value("success", &true))
}

pub(super) async fn sign_in(
    cx: &mut RequestContext,
    provider: Arc<CheckedProvider>,
    io: &Io,
) -> Result<Reply, Error> {
    let wanted = match Wanted::parse(&provider, cx) {
        Ok(wanted) => wanted,
        // No sign-in has begun, so no event reports a failed one.
        Err(invalid) => return Ok(cx.refuse(RequestError::InvalidParameters(vec![invalid]))),
    };
    if !wanted.redirect {
        let url = own_url(cx, &provider, &wanted);
        return Ok(Respond { body: body(false, &url), ..Respond::empty(StatusCode::OK) }.into());
    }
    if let Some(reply) = turn_away(cx, io).await? {
        return Ok(reply);
    }
    if cx.reader == Reader::Person {
        if let Some(reply) = redirect_to_base_host(cx, &provider)? {
            return Ok(reply);
        }
        report_http(cx);
    }
    begin(cx, provider, io, wanted).await
}

/// Answers a request that must not begin a sign-in: a prefetch, a subresource, or a frame or script of another site. It is not counted,
/// because it would use up the sign-ins of the visitor's address. Every other request is.
pub(super) async fn turn_away(cx: &mut RequestContext, io: &Io) -> Result<Option<Reply>, Error> {
    if csrf::is_prefetch(&cx.request.headers) {
        return Ok(Some(Respond::empty(StatusCode::NO_CONTENT).into()));
    }
    let in_frames = cx.table().attempts.is_for_frames();
    if csrf::check_visit(&cx.request.headers, &cx.origin, &cx.config.trusted_origins, in_frames).is_err() {
        return Ok(Some(cx.refuse(RequestError::CrossSite)));
    }
    limits::count(cx, io, LimitRule::SignIn, "").await.map(|()| None)
}

/// Reports a person who is at the site over http though its base URL is https: the attempt's cookie is for https alone. It does
/// not redirect: if a proxy terminates TLS and still reports http, that would loop.
fn report_http(cx: &mut RequestContext) {
    if let Some(sign) = over_http(&cx.config, cx.head())
        && let Some(host) = named_host(&cx.config, cx.head())
    {
        cx.events.push(Event::OverHttp { host, sign });
    }
}

/// Redirects a person from another loopback name to that of the base URL. Otherwise the callback would lack the attempt's cookie. The
/// port is the same, so that this site answers there, and begins the sign-in.
fn redirect_to_base_host(
    cx: &mut RequestContext,
    provider: &CheckedProvider,
) -> Result<Option<Reply>, HostError> {
    let Some(host) = other_loopback(&cx.config, cx.head()) else { return Ok(None) };
    let query = str::from_utf8(cx.query()).unwrap_or_default();
    let separator = if query.is_empty() { "" } else { "?" };
    let url = cx.url_of(&format!("/signIn/{}{separator}{query}", provider.id));
    let url = Url::parse(&url).map_err(|_| HostError::Unreachable)?;
    let body = body(true, url.as_str());
    let reply = Redirect::with_body(StatusCode::FOUND, Location::of_url(&url)?, body).into();
    cx.events.push(Event::HostDiffers { host });
    Ok(Some(reply))
}

/// Begins a sign-in.
pub(super) async fn begin(
    cx: &mut RequestContext,
    provider: Arc<CheckedProvider>,
    io: &Io,
    wanted: Wanted,
) -> Result<Reply, Error> {
    let target = target(cx, wanted.redirect_to.as_deref());
    cx.retry_target = Some(target.clone());
    let surplus = surplus_attempts(cx, io.now());
    cx.forget_request();

    let server = discover(cx, io, &provider).await?;
    let acr_values = wanted.acr_values.clone();
    let mut further = wanted.further(&provider);
    let attempt = begin_attempt(cx, &server, &target, (&further, acr_values), io.now());
    let client_id = complete(&mut further, &server, &attempt);
    let challenge = server.proof_key.is_sent().then(|| authorization::code_challenge(&attempt.code_verifier));
    let request = AuthorizationRequest {
        response_type: "code",
        client_id,
        redirect_uri: &attempt.redirect_uri,
        state: attempt.state.expose(),
        code_challenge: challenge.as_deref(),
        code_challenge_method: challenge.as_ref().map(|_| "S256"),
        scope: &server.scope,
        further: &further,
    };
    let endpoint = &server.endpoints.authorization;
    let url = match push(cx, io, &server, request).await? {
        Some(reference) => pushed_request::authorization_url(endpoint, &server.client_id, &reference)?.into(),
        None => request.url(endpoint),
    };

    let body = body(true, &url);
    let location = Location::of_url_text(url)?;
    let iv = cx.entropy.draw(Draw::Iv);
    let cookie =
        cx.table().attempt(attempt.state.expose()).set(attempt.seal(cx.config.keyring.newest(), iv)?);
    if !cookie.fits() {
        return Ok(cx.refuse(HostError::AttemptTooLong));
    }
    cx.cookies.push(cookie);
    cx.cookies.extend(surplus);
    cx.events.push(Event::SignInInitiated { provider: provider.id.clone() });
    Ok(Redirect::with_body(StatusCode::FOUND, location, body).into())
}

/// Adds the nonce to the further parameters. Returns the client's id, unless the provider has another name for `client_id`: then
/// the id is a further parameter.
fn complete<'a>(
    further: &mut Vec<(String, String)>,
    server: &'a Server,
    attempt: &Attempt,
) -> Option<&'a str> {
    if let Expected::OpenId { nonce, .. } = &attempt.expected {
        further.push(("nonce".to_owned(), nonce.expose().to_owned()));
    }
    authorization::sort(further);
    if server.client_id_parameter == CLIENT_ID {
        return Some(&server.client_id);
    }
    further.push((server.client_id_parameter.clone(), server.client_id.clone()));
    None
}

/// The query of a sign-in.
#[derive(Default)]
pub(super) struct Wanted {
    redirect: bool,
    redirect_to: Option<String>,
    /// The parameters of the authorization request that this link sets, limited to the provider's `request_parameters`.
    asked: Vec<(String, String)>,
    /// The step-up that this link asks for: the age of the authentication in seconds, and its `acr`, separated by spaces.
    max_age: Option<u64>,
    acr_values: String,
}

impl Wanted {
    fn parse(provider: &CheckedProvider, cx: &RequestContext) -> Result<Self, InvalidParameter> {
        let (parameters, no_form) = (Parameters::parse(cx.query()), Parameters::parse(b""));
        let (redirect, redirect_to) = redirect::parameters(&parameters, &no_form)?;
        let mut asked = Vec::new();
        for name in &provider.request_parameters {
            let invalid = |issue| InvalidParameter::new(public_name(name), issue);
            let value = parameters.once(name).map_err(|Repeated| invalid(ParameterIssue::Repeated))?;
            let Some(value) = value else { continue };
            if value.len() > MAX_PARAMETER
                || value.contains(char::is_control)
                || !authorization::is_sound(name, value)
            {
                return Err(invalid(ParameterIssue::Invalid));
            }
            if !loosens(provider, name, value) {
                asked.push((name.clone(), value.to_owned()));
            }
        }
        let (max_age, acr_values) = step_up(provider, &parameters)?;
        let redirect_to = redirect_to.map(str::to_owned);
        Ok(Self { redirect, redirect_to, asked, max_age, acr_values })
    }

    /// Merges the configured parameters with those of this link. The link wins, and of two ages the lower.
    fn further(self, provider: &CheckedProvider) -> Vec<(String, String)> {
        let Self { mut asked, max_age, acr_values, .. } = self;
        let asked_age = asked.iter().find(|(name, _)| name == "max_age");
        let asked_age = asked_age.and_then(|(_, value)| value.parse::<u64>().ok());
        let mut set = |name: &str, value: String| {
            asked.retain(|(asked, _)| asked != name);
            asked.push((name.to_owned(), value));
        };
        let lowest = max_age.map(|max_age| asked_age.map_or(max_age, |asked| asked.min(max_age)));
        if let Some(lowest) =
            lowest.map(|age| age.to_string()).filter(|age| !loosens(provider, "max_age", age))
        {
            set("max_age", lowest);
        }
        if !acr_values.is_empty() {
            set("acr_values", acr_values);
        }
        let configured = provider
            .authorization_parameters
            .iter()
            .filter(|(name, _)| !asked.iter().any(|(asked, _)| asked == name));
        configured.cloned().chain(asked.iter().cloned()).collect()
    }
}

/// Reads the step-up that a link asks for (RFC 9470), which is checked at the callback. Other providers than OpenID Providers can
/// state none.
fn step_up(
    provider: &CheckedProvider,
    parameters: &Parameters<'_>,
) -> Result<(Option<u64>, String), InvalidParameter> {
    if provider.openid().is_none() {
        return Ok((None, String::new()));
    }
    let once = |name| {
        parameters.once(name).map_err(|Repeated| InvalidParameter::new(name, ParameterIssue::Repeated))
    };
    let invalid = |name| InvalidParameter::new(name, ParameterIssue::Invalid);
    let max_age = once(MAX_AGE)?.map(|value| value.parse().map_err(|_| invalid(MAX_AGE))).transpose()?;
    let Some(values) = once(ACR_VALUES)? else { return Ok((max_age, String::new())) };
    // Where the configuration asks for some, a link may choose among these alone: another might be a weaker one.
    let configured = provider.authorization_parameters.iter().find(|(name, _)| name == "acr_values");
    let may_ask = |value: &str| configured.is_none_or(|(_, all)| all.split(' ').any(|one| one == value));
    let is_sound = values.len() <= MAX_PARAMETER && !values.contains(char::is_control);
    if !is_sound || values.split(' ').any(|value| value.is_empty() || !may_ask(value)) {
        return Err(invalid(ACR_VALUES));
    }
    Ok((max_age, values.to_owned()))
}

/// Tells whether a link sets a longer `max_age` than the configuration.
fn loosens(provider: &CheckedProvider, name: &str, value: &str) -> bool {
    let seconds = |value: &str| value.parse::<u64>().ok();
    let mut configured = provider.authorization_parameters.iter().filter(|(other, _)| other == name);
    name == "max_age" && configured.any(|(_, configured)| seconds(configured) < seconds(value))
}

/// Returns the name if an error may show it, else `request_parameters`: no other name of a request is echoed.
fn public_name(name: &str) -> &'static str {
    const NAMES: [&str; 7] =
        ["prompt", "login_hint", "max_age", "acr_values", "ui_locales", "display", "domain_hint"];
    NAMES.into_iter().find(|known| *known == name).unwrap_or("request_parameters")
}

/// Returns the URL of this route, for a script to navigate to. That request begins the sign-in.
fn own_url(cx: &RequestContext, provider: &CheckedProvider, wanted: &Wanted) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .extend_pairs(wanted.redirect_to.as_ref().map(|target| ("redirectTo", target)))
        .extend_pairs(&wanted.asked)
        .extend_pairs(wanted.max_age.map(|max_age| (MAX_AGE, max_age.to_string())))
        .extend_pairs(Some((ACR_VALUES, &wanted.acr_values)).filter(|(_, values)| !values.is_empty()));
    cx.url_of(&format!("/signIn/{}?{}", provider.id, query.finish()))
}

/// Returns the target of the sign-in: `redirectTo`, else the `Referer`, else the `Origin`, else `/`.
fn target(cx: &mut RequestContext, redirect_to: Option<&str>) -> RedirectTo {
    let text = |name| cx.request.headers.get(name).and_then(|value| value.to_str().ok());
    let value = redirect_to.or_else(|| text(header::REFERER)).or_else(|| text(header::ORIGIN));
    let target = value.and_then(|value| cx.redirect_to(value));
    // Only a refused redirectTo is reported: a Referer of another site is usual.
    if target.is_none() && redirect_to.is_some() {
        cx.events.push(Event::RedirectRefused);
    }
    target.unwrap_or_else(|| cx.home())
}

fn begin_attempt(
    cx: &mut RequestContext,
    server: &Server,
    target: &RedirectTo,
    (further, acr_values): (&[(String, String)], String),
    now: UnixTime,
) -> Attempt {
    let max_age = further.iter().find(|(name, _)| name == "max_age");
    let max_age = max_age.and_then(|(_, value)| value.parse().ok());
    Attempt {
        provider: server.id.clone(),
        issuer: server.endpoints.issuer.clone(),
        state: State::new(base64url::encode(cx.entropy.draw::<32>(Draw::State))),
        code_verifier: authorization::code_verifier(&mut cx.entropy),
        expected: match server.openid() {
            None => Expected::OAuth,
            Some(_) => Expected::OpenId {
                nonce: Nonce::new(base64url::encode(cx.entropy.draw::<32>(Draw::Nonce))),
                max_age: max_age.map_or(MaxAge::Any, MaxAge::Seconds),
                acr_values,
            },
        },
        redirect_uri: cx.url_of(&["/callback/", &server.id].concat()),
        redirect_to: target.as_str().to_owned(),
        issued_at: now,
    }
}

/// Pushes the authorization request if the provider offers it, and returns the `request_uri` (RFC 9126 section 2). Returns `None`
/// if the browser has to send the request: it is not offered, or the provider refuses it and does not require pushed requests.
async fn push(
    cx: &mut RequestContext,
    io: &Io,
    server: &Server,
    authorization: AuthorizationRequest<'_>,
) -> Result<Option<String>, Error> {
    let Some(openid) = server.openid() else { return Ok(None) };
    let Some((endpoint, is_required)) = openid.push_endpoint()? else { return Ok(None) };
    let request = pushed_request::request(endpoint, &server.credentials(cx, io.now())?, authorization)?;
    let response = fetch(cx, io, server, Purpose::PushedRequest, request).await?;
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if refused && !is_required {
        return Ok(None);
    }
    Ok(Some(pushed_request::parse(&response)?))
}
