//! The context of a request: its origin, cookies and session, and the cookies and events of its answer.

use crate::config::Config;
use crate::connection::{HostRefused, RequestHead, named_host, public_origin, public_path};
use crate::cookie::CookieTable;
use crate::cookie::chunks::Sent;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::{Error, HostError, RequestError, tokens_not_kept};
use crate::event::Event;
use crate::forms::{CSRF_FIELD, is_form};
use crate::incoming::Incoming;
use crate::origin::Origin;
use crate::provider_tokens::{self, Owner, ProviderTokens};
use crate::query::Parameters;
use crate::reader::Reader;
use crate::redirect::{Location, RedirectTo};
use crate::response::{Redirect, Reply, Respond};
use crate::route::{ProviderRoute, Route, SiteRoute};
use crate::session::{NoCookies, Session, SessionError};
use crate::stored::presented::Presented;
use crate::stored::questions::SessionRow;
use crate::stored::row::StoredSession;
use aura_types::UnixTime;
use bytes::Bytes;
use http::header::COOKIE;
use http::{HeaderMap, Method, Request, StatusCode, request};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// A request, with the cookies and events that its route has produced so far.
pub(crate) struct RequestContext {
    pub(crate) config: Arc<Config>,
    /// The public origin, which decides the names of the cookies.
    pub(crate) origin: Origin,
    /// The path in front of the base path in public URLs.
    pub(crate) public_path: String,
    pub(crate) entropy: Entropy,
    pub(crate) route: Route,
    /// The head of the request, of which [`forget_request`](Self::forget_request) leaves the method.
    pub(crate) request: request::Parts,
    body: Bytes,
    /// The names of this site's cookies that the browser sent, once its request is dropped.
    sent: Option<Sent>,
    /// The events of the answer, whether the route succeeds or fails.
    pub(crate) events: Vec<Event>,
    /// The cookies of the answer, whether the route succeeds or fails.
    pub(crate) cookies: Vec<SetCookie>,
    /// The cookies that a failure clears.
    pub(crate) cleared_on_failure: Vec<SetCookie>,
    /// The target of the sign-in, which the error page gets as `redirectTo`.
    pub(crate) retry_target: Option<RedirectTo>,
    pub(crate) reader: Reader,
}

impl RequestContext {
    /// Makes the context of a guard, which needs nothing of the request but its cookies. They stay in it while a store answers.
    pub(crate) fn of_guard(
        config: Arc<Config>,
        origin: Origin,
        headers: &HeaderMap,
        entropy: Entropy,
    ) -> Self {
        let mut head = Request::new(()).into_parts().0;
        for cookies in headers.get_all(COOKIE) {
            head.headers.append(COOKIE, cookies.clone());
        }
        Self {
            config,
            origin,
            public_path: String::new(),
            entropy,
            route: Route::Site(SiteRoute::Session),
            reader: Reader::Program,
            request: head,
            body: Bytes::new(),
            sent: None,
            events: Vec::new(),
            cookies: Vec::new(),
            cleared_on_failure: Vec::new(),
            retry_target: None,
        }
    }

    /// Makes the context of a request. Refuses an unknown host, and a malformed path prefix.
    pub(crate) fn new(
        config: &Arc<Config>,
        route: Route,
        request: Request<Bytes>,
        entropy: Entropy,
    ) -> Result<Self, Respond> {
        let (head, body) = request.into_parts();
        let reader = Reader::of(&head.headers);
        let refuse = |reason: HostRefused| route.refusal_to(reader, RequestError::from(reason));
        let named_host = || named_host(config, (&head).into());
        let origin = public_origin(config, (&head).into());
        let origin = origin.map_err(|error| refuse(error).of_host(named_host()))?;
        let public_path = public_path(config, (&head).into()).map_err(refuse)?;
        Ok(Self {
            config: Arc::clone(config),
            origin: origin.into_owned(),
            public_path,
            entropy,
            route,
            reader,
            request: head,
            body,
            sent: None,
            events: Vec::new(),
            cookies: Vec::new(),
            cleared_on_failure: Vec::new(),
            retry_target: None,
        })
    }

    pub(crate) fn head(&self) -> RequestHead<'_> {
        (&self.request).into()
    }

    pub(crate) fn query(&self) -> &[u8] {
        self.request.uri.query().unwrap_or_default().as_bytes()
    }

    /// Returns what follows the last slash of the path.
    pub(crate) fn last_segment(&self) -> &str {
        self.request.uri.path().rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Tells whether a person sent an HTML form, whose answer a browser shows as a page.
    pub(crate) fn is_form_of_person(&self) -> bool {
        self.reader == Reader::Person && is_form(&self.request.headers)
    }

    /// Drops what the browser sent: cookies, code and form do not stay in memory while a provider answers.
    pub(crate) fn forget_request(&mut self) {
        self.sent = Some(self.sent().into_owned());
        let method = self.request.method.clone();
        (self.request, self.body) = (Request::new(()).into_parts().0, Bytes::new());
        self.request.method = method;
    }

    /// Reads the request's headers under the configuration.
    pub(crate) fn incoming(&self) -> Incoming<'_> {
        Incoming { config: &self.config, scheme: self.origin.scheme(), headers: &self.request.headers }
    }

    /// Returns the cookies of the origin's scheme.
    pub(crate) fn table(&self) -> &CookieTable {
        self.config.cookies(self.origin.scheme())
    }

    /// Returns the public URL of a route.
    pub(crate) fn url_of(&self, route: &str) -> String {
        [self.origin.as_str(), &self.public_path, &self.config.base_path, route].concat()
    }

    /// Returns the path of a route, as browsers see it.
    pub(crate) fn path_of(&self, route: &str) -> String {
        [&self.public_path, &self.config.base_path, route].concat()
    }

    /// Returns the site's front page.
    pub(crate) fn home(&self) -> RedirectTo {
        RedirectTo::home(&self.public_path)
    }

    /// Reads a target: a path of this site, or a URL of a trusted origin.
    pub(crate) fn redirect_to(&self, target: &str) -> Option<RedirectTo> {
        RedirectTo::parse(target, &self.origin, &self.config.trusted_origins)
    }

    /// Checks that a state-changing request comes from a page of this site, and returns what its session cookie holds, or why it
    /// holds nothing.
    pub(crate) fn check_page(
        &self,
        form: &Parameters<'_>,
        now: UnixTime,
    ) -> Result<Result<Presented, SessionError>, RequestError> {
        Ok(self.incoming().check_page(&self.origin, form.last(CSRF_FIELD), now)?)
    }

    /// Lists this site's cookies that the browser sent. That takes 2,000 instructions, and most visits set no cookie.
    pub(crate) fn sent(&self) -> Cow<'_, Sent> {
        let list = || Cow::Owned(self.incoming().sent());
        self.sent.as_ref().map_or_else(list, Cow::Borrowed)
    }

    /// Borrows the parts that cookies are made from: the request, and the entropy; and lists the cookies that were sent.
    fn parts(&mut self) -> (Incoming<'_>, Sent, &mut Entropy) {
        let sent = self.sent().into_owned();
        let Self { config, origin, request, entropy, .. } = self;
        (Incoming { config, scheme: origin.scheme(), headers: &request.headers }, sent, entropy)
    }

    /// Makes the cookies of a session.
    pub(crate) fn session_cookies(&mut self, session: &Session) -> Result<Vec<SetCookie>, NoCookies> {
        let (incoming, sent, entropy) = self.parts();
        incoming.session_cookies(&sent, entropy, session)
    }

    /// Makes the error of an admitted session that could not be kept. If it is too long, and would not be without the application's
    /// claims, these are named as the cause.
    pub(crate) fn not_admitted(&mut self, reason: NoCookies, session: &Session) -> Error {
        let bare = session.clone().with_own_claims(Map::new());
        if reason == NoCookies::TooLong && self.session_cookies(&bare).is_ok() {
            return HostError::ClaimsTooLarge.into();
        }
        reason.into()
    }

    /// Writes the row that replaces a stored session's.
    pub(crate) fn next_row(
        &mut self,
        stored: &StoredSession,
        now: UnixTime,
    ) -> Result<SessionRow, NoCookies> {
        Ok(stored.next(self.config.keyring.newest(), &self.config.session, &mut self.entropy, now)?)
    }

    /// Returns the id of the provider that the route names.
    pub(crate) fn provider_id(&self) -> String {
        match &self.route {
            Route::Provider(_, id) => id.clone(),
            Route::Site(_) => String::new(),
        }
    }

    /// Makes the cookies of a provider's tokens.
    ///
    /// # Errors
    /// [`ProviderError::TokensTooLarge`], where they do not fit.
    pub(crate) fn provider_tokens_cookies(
        &mut self,
        tokens: &mut ProviderTokens,
        owner: Owner<'_>,
    ) -> Result<Vec<SetCookie>, Error> {
        let (incoming, sent, entropy) = self.parts();
        let cookies = incoming.provider_tokens_cookies(&sent, entropy, tokens, owner);
        if cookies != Err(NoCookies::TooLong) || !provider_tokens::drop_id_token(tokens) {
            return cookies.map_err(tokens_not_kept);
        }
        self.events.push(Event::IdTokenDropped { provider: owner.provider.to_owned() });
        if !provider_tokens::has_access(tokens) {
            return Ok(Vec::new());
        }
        let (incoming, sent, entropy) = self.parts();
        incoming.provider_tokens_cookies(&sent, entropy, tokens, owner).map_err(tokens_not_kept)
    }

    /// Clears the session, its CSRF token and the tokens of every provider.
    pub(crate) fn clear_session(&self) -> Vec<SetCookie> {
        self.incoming().clear_session(&self.sent())
    }

    /// Clears the cookies of all attempts that the browser sent.
    pub(crate) fn clear_attempts(&self) -> impl Iterator<Item = SetCookie> {
        self.sent().into_owned().attempts.into_iter().map(|name| self.table().clear_attempt(&name))
    }

    /// Refuses the request, without an event of a failed sign-in.
    pub(crate) fn refuse(&self, error: impl Into<Error>) -> Reply {
        self.route.refusal_to(self.reader, error).into()
    }

    /// Ends a route: adds the cookies and events of its steps to the answer, or makes the answer of its failure. The answer
    /// to `HEAD` is the answer to `GET` without its body, and with its `Content-Length` (RFC 9110 section 9.3.2).
    pub(crate) fn conclude(mut self, result: Result<Reply, Error>) -> Reply {
        let mut reply = result.unwrap_or_else(|error| self.failure(error));
        reply.prepend(self.cookies, self.events);
        reply.put_under(&self.public_path);
        if self.request.method == Method::HEAD { reply.without_body() } else { reply }
    }

    fn failure(&mut self, error: Error) -> Reply {
        let Route::Provider(route, provider) = &self.route else { return self.refuse(error) };
        let (route, provider) = (*route, provider.clone());
        self.cookies.append(&mut self.cleared_on_failure);
        match route {
            ProviderRoute::SignIn | ProviderRoute::Callback => {
                let location = match self.reader {
                    Reader::Person => {
                        let target = self.retry_target.as_ref();
                        Location::of_error_page(&self.error_page(), &error, &provider, target)
                    }
                    Reader::Program => None,
                };
                self.sign_in_failed(Event::SignInFailed { provider, error: error.clone() }, error, location)
            }
            ProviderRoute::Tokens(_) => {
                let events = vec![Event::ProviderRequestFailed { provider, error: error.clone() }];
                Reply::Respond(Respond { events, ..self.route.refusal(error) })
            }
            ProviderRoute::BackchannelLogout => {
                logout_refused(Event::LogoutRefused { provider, error: error.clone() }, error)
            }
        }
    }

    /// Returns the path of the application's error page, or of the built-in one.
    fn error_page(&self) -> String {
        match &self.config.error_page {
            Some(page) => format!("{}{page}", self.public_path),
            None => self.path_of("/error"),
        }
    }

    /// Sends people to the error page.
    fn sign_in_failed(&self, event: Event, error: Error, location: Option<Location>) -> Reply {
        let (respond, events) = (self.route.refusal(error), vec![event]);
        match location {
            Some(location) => {
                let redirect = Redirect::new(StatusCode::FOUND, location, &Value::Null);
                Reply::Redirect(Redirect { body: respond.body, events, ..redirect })
            }
            None => Reply::Respond(Respond { events, ..respond }),
        }
    }
}

/// Answers a refused logout token with 400 (OpenID Connect Back-Channel Logout 1.0 section 2.8). An outage of the provider or
/// of this site keeps its 5xx status, and one of too many its 429, so that the provider sends the token again.
fn logout_refused(event: Event, error: Error) -> Reply {
    let is_later = error.status().is_server_error() || error.status() == StatusCode::TOO_MANY_REQUESTS;
    let members = Map::from_iter([("error".to_owned(), "invalid_request".into())]);
    let respond = Respond::refusal_with(error, members);
    let status = if is_later { respond.status } else { StatusCode::BAD_REQUEST };
    Reply::Respond(Respond { status, events: vec![event], ..respond })
}
