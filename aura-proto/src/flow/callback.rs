//! `GET /callback/:provider`: one sign-in from the authorization response to the session (RFC 6749 sections 4.1.2 to 4.1.4,
//! OpenID Connect Core 1.0 section 3.1.3).

use super::attempt::{Attempt, Expected, IssCheck, find_attempt, has_just_begun};
use super::discovery::discover;
use super::emails;
use super::exchanges::{self, Server, exchange_code};
use super::io::{Io, boxed};
use super::limits;
use super::sign_in::{self, Wanted};
use super::stored;
use crate::admission::{Admitted, Candidate};
use crate::context::RequestContext;
use crate::cookie::set::SetCookie;
use crate::counting;
use crate::csrf::{self, Bound};
use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::event::Event;
use crate::limits::{Cost, CountRequest, LimitRule};
use crate::oauth::authorization::{AuthorizationResponse, Outcome};
use crate::oauth::token::TokenResponse;
use crate::oidc;
use crate::oidc::id_token::{self, IdTokenClaims, Occasion, SignedBy};
use crate::provider::{CheckedProvider, ResponseMode, UnsolicitedCallbacks};
use crate::provider_tokens::{self, Owner, ProviderTokens};
use crate::query::Parameters;
use crate::redirect::Location;
use crate::refused::IdTokenRefused;
use crate::response::{Body, Redirect, Reply};
use crate::secret::AccessToken;
use crate::session::{Authentication, Session, SessionError, Storage};
use crate::stored::device;
use crate::stored::questions::{BeginSession, Begun, SessionKey};
use crate::stored::row::StoredSession;
use crate::stored::ticket::ProviderSession;
use aura_jose::JwkSet;
use aura_types::UnixTime;
use http::StatusCode;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Answers a callback, unless too many of its client's failed. It is counted if it fails, too.
pub(super) async fn limited(
    cx: &mut RequestContext,
    provider: Arc<CheckedProvider>,
    io: &Io,
) -> Result<Reply, Error> {
    let question = check_failures(cx, io).await?;
    let result = callback(cx, provider, io).await;
    if let (Err(error), Some(question)) = (&result, question) {
        count_failure(cx, io, question, error).await;
    }
    result
}

/// Refuses a callback whose client had too many that failed, and returns the question that counts this one.
async fn check_failures(cx: &mut RequestContext, io: &Io) -> Result<Option<CountRequest>, Error> {
    let rule = LimitRule::Callback;
    let Some(question) = counting::of_client(&cx.config, rule, "", cx.head()) else { return Ok(None) };
    let mut look = question;
    look.cost = Cost::Zero;
    boxed(limits::ask(cx, io, rule, look)).await?;
    Ok(Some(question))
}

/// Counts a callback that failed by whoever's fault but this site's own. The answer is that of the failure in any case.
async fn count_failure(cx: &mut RequestContext, io: &Io, question: CountRequest, error: &Error) {
    if !matches!(error, Error::Host(_) | Error::Request(RequestError::TooManyRequests(_))) {
        // It may be one too many, which refuses the next one.
        let _ = boxed(limits::ask(cx, io, LimitRule::Callback, question)).await;
    }
}

async fn callback(cx: &mut RequestContext, provider: Arc<CheckedProvider>, io: &Io) -> Result<Reply, Error> {
    if is_unsolicited(&provider, cx.query()) {
        if provider.unsolicited_callbacks == UnsolicitedCallbacks::SignIn
            && has_just_begun(cx, &provider, io.now())
        {
            return Err(RequestError::StateDropped.into());
        }
        if let Some(reply) = sign_in::turn_away(cx, io).await? {
            return Ok(reply);
        }
        return sign_in::begin(cx, provider, io, Wanted::default()).await;
    }
    let response = AuthorizationResponse::parse(cx.query())?;
    // An unknown state clears no attempt: 256 bits cannot be guessed, and a stale tab must not end a sign-in.
    let attempt = match find_attempt(cx, &response.state) {
        Ok(attempt) => attempt,
        Err(error) => return already_signed_in(cx, &provider, io, error).await,
    };
    // From here on this attempt is cleared, even if the sign-in fails. Other attempts are kept.
    cx.cleared_on_failure = vec![cx.table().attempt(attempt.state.expose()).clear()];
    cx.retry_target = cx.redirect_to(&attempt.redirect_to);
    let lifetime = cx.config.attempt_lifetime;
    if attempt.check(&provider, response.iss.as_deref(), io.now(), lifetime)? == IssCheck::NotComparable {
        cx.events.push(Event::IssuerIgnored { provider: provider.id.clone() });
    }
    let code = match response.outcome {
        Outcome::Code(code) => code,
        Outcome::Denied => return Err(RequestError::AccessDenied.into()),
        Outcome::InteractionRequired => return Err(RequestError::InteractionRequired.into()),
        Outcome::Failed => return Err(ProviderError::AuthorizationFailed.into()),
    };
    let mut details = RowDetails::of(cx, io.now());
    cx.forget_request();

    // The checks use the values sealed in the attempt, so discovery metadata published since cannot weaken them.
    let mut server = discover(cx, io, &provider).await?;
    let granted = exchange_code(cx, io, &mut server, &attempt, code).await?;
    cx.events.push(Event::TokenGranted { provider: provider.id.clone() });
    let dpop_kid = server.bound_to(cx);
    let (tokens, retained) = provider_tokens::at_sign_in(&provider, &granted, dpop_kid, io.now());
    let (access_token, identity) = identify(cx, io, &server, granted, &attempt).await?;
    let authentication =
        identity.as_ref().map(|identity| identity.authentication(io.now())).unwrap_or_default();
    if let Some(identity) = identity.as_ref().filter(|_| cx.config.session.is_stored()) {
        details.logout_name = Some(identity.logout_name());
    }
    let candidate = describe(cx, io, &mut server, access_token, identity, response.user).await?;

    let tokens = Some(tokens).filter(provider_tokens::has_access);
    let admission = io.ask(Candidate { tokens, ..candidate }).await?;
    let (session, location) = begin_session(cx, &attempt, admission.decided()?, authentication, io.now())?;
    let cookies = match cx.config.session.storage() {
        Storage::Cookie => seal(cx, &session, retained)?,
        // What is rare has a box of its own, so that the flow of every sign-in is small.
        Storage::Store { at_most, .. } => boxed(store(cx, io, &session, retained, details, at_most)).await?,
    };
    complete(cx, &attempt, &session, location, cookies, io.now())
}

/// Tells whether a callback without `state` is one that the provider initiated, and that begins a new sign-in. Its code is never
/// exchanged.
pub(super) fn is_unsolicited(provider: &CheckedProvider, encoded: &[u8]) -> bool {
    // Most providers never do, and need not have the query read twice.
    if !provider.signs_in_unsolicited(|_| true) {
        return false;
    }
    let parameters = Parameters::parse(encoded);
    let has = |name: &str| parameters.once(name) != Ok(None);
    !has("state") && !has("error") && provider.signs_in_unsolicited(has)
}

/// Answers a callback without an attempt. In a signed-in browser it is repeated, by a reload for example: it is not an error.
async fn already_signed_in(
    cx: &mut RequestContext,
    provider: &CheckedProvider,
    io: &Io,
    error: RequestError,
) -> Result<Reply, Error> {
    let presented = cx.incoming().present(io.now());
    match stored::open(cx, io, presented).await {
        Ok(_) => {}
        // Whether anybody is signed in is not known, and the request can be repeated.
        Err(SessionError::StoreUnavailable) => return Err(HostError::SessionStoreUnavailable.into()),
        Err(_) => return Err(error.into()),
    }
    let home = cx.home().into();
    cx.events.push(Event::CallbackRepeated { provider: provider.id.clone() });
    Ok(Redirect::with_body(StatusCode::FOUND, home, Body::object(|body| body.text("oauth", &provider.id)))
        .into())
}

/// The claims of a validated ID token, and the published keys that verified it.
struct Identity {
    token: IdTokenClaims,
    keys: Option<JwkSet>,
}

impl Identity {
    /// Returns the name that a logout token has for the session.
    fn logout_name(&self) -> LogoutName {
        let IdTokenClaims { issuer, subject, claims, .. } = &self.token;
        let sid = claims.get("sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
        match sid {
            Some(sid) => LogoutName::Sid(ProviderSession::new(issuer, sid)),
            None => LogoutName::Sub(ProviderSession::of_user(issuer, subject), subject.clone()),
        }
    }

    /// Returns how the provider authenticated the user, and when the session there ends. An `auth_time` in the
    /// future becomes now. An `acr` or `amr` of another type is ignored.
    fn authentication(&self, now: UnixTime) -> (Authentication, Option<UnixTime>) {
        let IdTokenClaims { auth_time, session_expiry, claims, .. } = &self.token;
        let at = auth_time.map(|at| UnixTime::from_secs(at).min(now.whole_seconds()));
        let acr = claims.get("acr").and_then(Value::as_str).map(str::to_owned);
        let amr = claims.get("amr").and_then(Value::as_array).into_iter().flatten();
        let amr = amr.filter_map(Value::as_str).map(str::to_owned).collect();
        (Authentication { at, acr, amr }, session_expiry.map(UnixTime::from_secs))
    }
}

/// The name that a logout token has for a session: the `sid` of the ID token, or else its `sub` (OpenID Connect Back-Channel Logout 1.0
/// section 2.4).
enum LogoutName {
    Sid(ProviderSession),
    Sub(ProviderSession, String),
}

impl LogoutName {
    /// Returns the name under which a logout finds the row of a session. `None` if the session has the provider's `sub`: the row is
    /// found by it.
    fn of_row(self, session: &Session) -> Option<ProviderSession> {
        match self {
            Self::Sid(name) => Some(name),
            Self::Sub(name, subject) => (subject != session.user().sub()).then_some(name),
        }
    }
}

/// What the row of a stored session keeps of the sign-in, beside the session and its tokens.
#[derive(Default)]
struct RowDetails {
    /// The session that the browser had before.
    replaces: Option<SessionKey>,
    device: String,
    logout_name: Option<LogoutName>,
}

impl RowDetails {
    fn of(cx: &RequestContext, now: UnixTime) -> Self {
        if !cx.config.session.is_stored() {
            return Self::default();
        }
        let replaces = cx.incoming().present(now).ok().and_then(|presented| presented.key());
        Self { replaces, device: device::name(&cx.request.headers), logout_name: None }
    }
}

/// Verifies the ID token of an OpenID Provider (OpenID Connect Core 1.0 section 3.1.3.7). Other providers issue none. Of
/// the token response only the access token is returned: no later step needs the rest.
async fn identify(
    cx: &mut RequestContext,
    io: &Io,
    server: &Server,
    granted: TokenResponse,
    attempt: &Attempt,
) -> Result<(Option<AccessToken>, Option<Identity>), Error> {
    let TokenResponse { access_token, id_token, .. } = granted;
    let Some(openid) = server.openid() else { return Ok((access_token, None)) };
    let parties = openid.parties();
    let id_token = id_token.ok_or(IdTokenRefused::Missing)?;
    id_token::precheck(id_token.expose(), parties)?;
    let check = |signed_by: SignedBy<'_>, now: UnixTime| {
        // An attempt that was begun without a nonce is one of another configuration.
        let Expected::OpenId { nonce, max_age, acr_values } = &attempt.expected else {
            return Err(IdTokenRefused::Nonce);
        };
        let (max_age, access_token) = (*max_age, access_token.as_ref());
        let occasion = Occasion::SignIn { nonce, max_age, acr_values, access_token };
        id_token::validate(id_token.expose(), parties, signed_by, occasion, now)
    };
    let (token, keys) = exchanges::verify(cx, io, openid, None, ProviderError::from, check).await?;
    Ok((access_token, Some(Identity { token, keys })))
}

/// Requests userinfo, unless the ID token is the only source of claims, and merges the claims of both.
async fn describe(
    cx: &mut RequestContext,
    io: &Io,
    server: &mut Server,
    access_token: Option<AccessToken>,
    identity: Option<Identity>,
    name: Option<String>,
) -> Result<Candidate, Error> {
    let (token, keys) = identity.map_or((None, None), |Identity { token, keys }| (Some(token), keys));
    let answer = exchanges::userinfo(cx, io, server, access_token.as_ref(), keys).await?;
    let is_asked = answer.is_some();
    let issuer = token.as_ref().map(|token| token.issuer.clone());
    let mut userinfo = match (token, answer) {
        (Some(token), Some(answer)) => oidc::userinfo::join(&token.subject, token.claims, answer)?,
        (Some(token), None) => Value::Object(token.claims),
        (None, answer) => answer.unwrap_or_else(|| Value::Object(Map::new())),
    };
    if server.response_mode() == ResponseMode::FormPost {
        add_name(name.as_deref(), &mut userinfo);
    }
    let user = emails::user(cx, io, server, access_token.as_ref(), &userinfo).await?;
    if is_asked {
        cx.events.push(Event::UserInfoReceived { provider: server.id.clone() });
    }
    Ok(Candidate { provider: server.id.clone(), issuer, user, userinfo, tokens: None })
}

/// Adds the parameter `user` of a `form_post` response, which is the only place of the user's name (Sign in with Apple). It is
/// unsigned, so it is for display only.
fn add_name(name: Option<&str>, userinfo: &mut Value) {
    let name = name.and_then(|name| serde_json::from_str::<Map<String, Value>>(name).ok());
    let (Some(name), Some(userinfo)) = (name, userinfo.as_object_mut()) else { return };
    userinfo.entry("user").or_insert(Value::Object(name));
}

/// Begins the session of a user whom the application admits, and finds where the browser goes.
fn begin_session(
    cx: &mut RequestContext,
    attempt: &Attempt,
    admitted: Admitted,
    (authentication, ends): (Authentication, Option<UnixTime>),
    now: UnixTime,
) -> Result<(Session, Location), Error> {
    let provider = attempt.provider.clone();
    // Parsed again, because the configuration may have changed since the attempt was sealed.
    let target = cx.redirect_to(&attempt.redirect_to);
    if target.is_none() {
        cx.events.push(Event::SealedRedirectRefused { provider: provider.clone() });
    }
    let location = target.unwrap_or_else(|| cx.home()).into();
    let session = Session::begin(admitted.user, provider, now, &cx.config.session);
    let claims = admitted.claims.map_err(|_| HostError::ClaimsUnwritable)?;
    let session = cx.config.session.capped(session, ends).with_authentication(authentication);
    Ok((session.with_own_claims(claims), location))
}

/// The cookies of a new session.
struct SessionCookies {
    /// Those of the session itself, or of its ticket.
    session: Vec<SetCookie>,
    /// Those of its provider tokens.
    tokens: Vec<SetCookie>,
    /// What the CSRF token is bound to, whose cookie is still to be made.
    csrf_bound: Bound,
}

/// Completes a sign-in.
fn complete(
    cx: &mut RequestContext,
    attempt: &Attempt,
    session: &Session,
    location: Location,
    SessionCookies { session: mut set, tokens, csrf_bound }: SessionCookies,
    now: UnixTime,
) -> Result<Reply, Error> {
    let provider = attempt.provider.as_str();
    let csrf_token = csrf::issue(&cx.config.keyring, &mut cx.entropy, &csrf_bound, now);
    let csrf_cookie = cx.table().csrf.set(csrf_token);
    if !csrf_cookie.fits() {
        return Err(ProviderError::ProfileTooLarge.into());
    }
    set.push(csrf_cookie);
    set.extend(tokens);

    // The tokens of an earlier session may be another user's. Other attempts are kept, so that other tabs can finish.
    let others = cx.table().clear_access_tokens(&cx.sent()).into_iter();
    let own_attempt = cx.table().attempt(attempt.state.expose()).clear();
    let mut cookies: Vec<SetCookie> =
        others.filter(|cookie| !set.iter().any(|other| other.name() == cookie.name())).collect();
    cookies.push(own_attempt);
    cookies.append(&mut set);
    cx.cookies = cookies;
    cx.events.push(Event::SignedIn { provider: provider.to_owned(), sub: session.user().sub().to_owned() });
    Ok(Redirect::with_body(StatusCode::FOUND, location, Body::object(|body| body.text("oauth", provider)))
        .into())
}

/// Seals a session and its provider tokens into cookies, and binds the CSRF token to its user.
fn seal(
    cx: &mut RequestContext,
    session: &Session,
    tokens: Option<ProviderTokens>,
) -> Result<SessionCookies, Error> {
    let cookies = cx.session_cookies(session);
    let cookies = cookies.map_err(|reason| cx.not_admitted(reason, session))?;
    let tokens = match tokens {
        Some(mut tokens) => cx.provider_tokens_cookies(&mut tokens, Owner::of(session))?,
        None => Vec::new(),
    };
    Ok(SessionCookies { session: cookies, tokens, csrf_bound: Bound::to(Some(session)) })
}

/// Stores a session with its provider tokens, and binds the CSRF token to its ticket.
async fn store(
    cx: &mut RequestContext,
    io: &Io,
    session: &Session,
    tokens: Option<ProviderTokens>,
    RowDetails { replaces, device, logout_name }: RowDetails,
    at_most: Option<u32>,
) -> Result<SessionCookies, Error> {
    let config = Arc::clone(&cx.config);
    let keys = config.keyring.newest();
    let name = logout_name.and_then(|name| name.of_row(session));
    let stored = StoredSession::begin(keys, &mut cx.entropy, session.clone(), tokens, &device, name);
    let row = stored.and_then(|stored| Ok((stored.first(keys, &config.session, &mut cx.entropy)?, stored)));
    let (row, stored) = row.map_err(|reason| cx.not_admitted(reason.into(), session))?;
    let mut question = BeginSession::new(row);
    (question.replaces, question.at_most) = (replaces, at_most);
    match io.ask(question).await?.map_err(SessionError::from)? {
        Begun::Begun => {}
        // Two tickets of 256 random bits are never equal.
        Begun::Taken => return Err(HostError::Unreachable.into()),
    }
    let csrf_bound = Bound::to_ticket(&stored.ticket);
    Ok(SessionCookies { session: stored::ticket_cookies(cx, &stored), tokens: Vec::new(), csrf_bound })
}
