//! A visit of a signed-in user: the session of a request, and the cookies of its answer.

use crate::cookie::chunks::{Sent, TooLong};
use crate::cookie::set::SetCookie;
use crate::entropy::{Draw, Entropy};
use crate::error::{Error, HostError, ProviderError};
use crate::event::Event;
use crate::incoming::Incoming;
use crate::keyring::Age;
use crate::provider_tokens::{self, Owner, ProviderTokens};
use crate::response::Respond;
use crate::session::{NoCookies, OpenedSession, Session, SessionError};
use crate::stored::row::StoredSession;
use aura_jose::Refused;
use aura_types::UnixTime;
use http::{HeaderMap, HeaderValue, Response, header};

/// The session of a request, with the cookies that renew it, for guards and extractors.
///
/// ```
/// # use aura_proto::Visit;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let request = http::Request::get("/account").body(())?;
/// let page = match auth.visit(&request, now, entropy) {
///     Ok(visit) => {
///         let page = format!("Hello, {}", visit.session().user().sub());
///         visit.finish(http::Response::new(page.into()))
///     }
///     Err(refusal) => refusal.into_response(),
/// };
/// assert_eq!(page.status(), 401);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "finish the answer with it, so that a renewed session reaches the browser"]
pub struct Visit {
    pub(crate) session: Session,
    /// The renewed session, if it was renewed. A box, because a visit is moved often and renewed seldom.
    pub(crate) renewed: Option<Box<Session>>,
    /// The name of the session's cookie, if there are cookies to set.
    pub(crate) name: String,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) events: Vec<Event>,
    /// The session as a store keeps it, where one does.
    pub(crate) stored: Option<Box<StoredSession>>,
}

/// Why a reading ended without a session, and what is to be reported of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct NoSession {
    /// Why there is none.
    pub error: SessionError,
    /// The events, for the host to report.
    pub events: Vec<Event>,
}

impl From<SessionError> for NoSession {
    fn from(error: SessionError) -> Self {
        Self { error, events: Vec::new() }
    }
}

/// A change of a visit's claims that has been made, and that the visit has to [take over](Visit::apply).
#[derive(Debug)]
#[must_use = "the visit does not show the change until it is applied"]
pub struct ClaimsUpdate {
    pub(crate) session: Session,
    pub(crate) name: String,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) stored: Option<Box<StoredSession>>,
}

impl Visit {
    /// Makes a visit that changes nothing in an answer, for the test of a handler that takes one.
    ///
    /// ```
    /// use aura_proto::{Session, User, Visit};
    /// let visit = Visit::of(Session::builder(User::new("583231")).build());
    /// assert_eq!(visit.session().user().sub(), "583231");
    /// let answer = visit.finish(http::Response::new("a page"));
    /// assert!(answer.headers().is_empty());
    /// ```
    pub fn of(session: Session) -> Self {
        let (name, cookies, events) = (String::new(), Vec::new(), Vec::new());
        Self { session, renewed: None, name, cookies, events, stored: None }
    }

    /// Returns the session as the browser sent it, or with the claims of an [update](crate::Auth::update_claims). A renewal changes
    /// its times alone, and takes effect with the next request.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Takes out the events, for the host to report: a session was renewed, whether or not the answer has its cookies.
    ///
    /// ```
    /// use aura_proto::{Session, User, Visit};
    /// let mut visit = Visit::of(Session::builder(User::new("583231")).build());
    /// for event in visit.take_events() {
    ///     println!("{}", event.name());
    /// }
    /// assert_eq!(visit.take_events(), []);
    /// ```
    pub fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Adds the cookies of a renewed session to the page's answer, and `no-store`. Nothing is added to an answer that sets or
    /// clears the session's cookie itself, such as that of a sign-out. A cookie that the answer sets is not overwritten.
    #[must_use]
    pub fn finish<B>(self, mut response: Response<B>) -> Response<B> {
        self.add_to(response.headers_mut());
        response
    }

    /// Adds the same to the headers of an answer, for frameworks that put answers together of parts.
    ///
    /// ```
    /// # fn page(visit: aura_proto::Visit, headers: &mut http::HeaderMap) {
    /// visit.add_to(headers);
    /// # }
    /// ```
    pub fn add_to(self, headers: &mut HeaderMap) {
        add_cookies(headers, &self.cookies, &self.name);
    }

    /// Puts a session with other claims, and its cookies, into the place of the visit's own.
    ///
    /// ```
    /// # fn apply(visit: &mut aura_proto::Visit, update: aura_proto::ClaimsUpdate) {
    /// visit.apply(update);
    /// # }
    /// ```
    pub fn apply(&mut self, update: ClaimsUpdate) {
        let ClaimsUpdate { session, name, cookies, stored } = update;
        self.events.push(Event::SessionUpdated { sub: session.user.sub().to_owned() });
        self.renewed = Some(Box::new(session.clone()));
        (self.session, self.name, self.cookies, self.stored) = (session, name, cookies, stored);
    }
}

/// Adds cookies to a page's answer, which no cache may store then, unless the answer itself sets the one of this name. Of
/// the others, those that the answer sets are left out.
pub(crate) fn add_cookies(headers: &mut HeaderMap, cookies: &[SetCookie], unless: &str) {
    // Most visits set none.
    if cookies.is_empty() {
        return;
    }
    let set: Vec<Vec<u8>> = set_names(headers).map(<[u8]>::to_vec).collect();
    let is_set = |name: &str| set.iter().any(|other| other == name.as_bytes());
    if is_set(unless) {
        return;
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies.iter().filter(|cookie| !is_set(cookie.name())) {
        headers.append(header::SET_COOKIE, cookie.to_header_value());
    }
}

/// Lists the names of the cookies that an answer sets, as browsers read them (RFC 6265 section 5.2).
fn set_names(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers.get_all(header::SET_COOKIE).iter().filter_map(|value| {
        let pair = value.as_bytes().split(|byte| *byte == b';').next()?;
        Some(pair.split(|byte| *byte == b'=').next()?.trim_ascii())
    })
}

impl Incoming<'_> {
    /// Reads the session as `GET /session` does: renewed if its policy does, else re-protected under the newest
    /// secret.
    ///
    /// # Errors
    /// The answer of that route, with the cookies that it clears.
    pub(crate) fn visit(self, entropy: &mut Entropy, now: UnixTime) -> Result<Visit, Respond> {
        let opened = self.open_session(now).map_err(|error| self.not_signed_in(error))?;
        let renewed = self.config.session.renewed(&opened.session, now);
        // Most visits set no cookie. To list those that were sent costs a thousand instructions.
        if renewed.is_none() && opened.earlier.is_none() && !self.config.keyring.has_earlier_keys() {
            return Ok(Visit::of(opened.session));
        }
        let sent = &self.sent();
        // A session that no longer fits into its cookie lives on as it is.
        if let Some(renewed) = renewed
            && let Ok(mut cookies) = self.session_cookies(sent, entropy, &renewed)
        {
            cookies.extend(self.rotate_tokens(sent, entropy, &renewed).into_iter().flatten());
            let events = vec![Event::SessionRenewed { sub: renewed.user.sub().to_owned() }];
            return Ok(self.visited(opened.session, Some(Box::new(renewed)), cookies, events));
        }
        let cookies = self.rotate(sent, entropy, &opened);
        Ok(self.visited(opened.session, None, cookies, Vec::new()))
    }

    fn visited(
        self,
        session: Session,
        renewed: Option<Box<Session>>,
        cookies: Vec<SetCookie>,
        events: Vec<Event>,
    ) -> Visit {
        // Most visits set no cookie, and have nothing to compare with the answer's.
        let name = match cookies.is_empty() {
            true => String::new(),
            false => self.config.cookies(self.scheme).session.name.clone(),
        };
        Visit { session, renewed, name, cookies, events, stored: None }
    }

    /// Makes the answer to a request without a session.
    pub(crate) fn not_signed_in(self, error: SessionError) -> Respond {
        self.refusal(error, &self.sent())
    }

    /// Makes the answer to a request without a session, whose cookies have these names.
    pub(crate) fn refusal(self, error: SessionError, sent: &Sent) -> Respond {
        let cookie = &self.config.cookies(self.scheme).session;
        // Of two sessions one was planted, for the domain. Clearing would clear the user's own and leave the other.
        let is_planted = error == SessionError::Ambiguous && cookie.is_host_only();
        let events = match error {
            SessionError::Missing => Vec::new(),
            SessionError::Invalid
            | SessionError::NotYet
            | SessionError::Expired
            | SessionError::Ambiguous
            | SessionError::UnknownHost
            | SessionError::Ended
            | SessionError::Unavailable
            | SessionError::NeedsCheck
            | SessionError::StoreUnavailable
            | SessionError::NeedsStore => vec![Event::SessionRejected { error: error.into() }],
        };
        // A lagging clock must not end a session that another instance has just begun, nor a store that fails one.
        let may_live = matches!(
            error,
            SessionError::NotYet
                | SessionError::Unavailable
                | SessionError::NeedsCheck
                | SessionError::StoreUnavailable
                | SessionError::NeedsStore
        );
        let mut cookies = if is_planted || may_live { Vec::new() } else { cookie.clear_chunks(sent) };
        let snapshot = &self.config.cookies(self.scheme).snapshot;
        if !cookies.is_empty() && sent.session.contains(&snapshot.name) {
            cookies.extend(snapshot.clear_chunks(sent));
        }
        Respond { cookies, events, ..Respond::refusal(error) }
    }

    /// Makes the cookies of a session.
    pub(crate) fn session_cookies(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        session: &Session,
    ) -> Result<Vec<SetCookie>, NoCookies> {
        let token = session.seal(self.config.keyring.newest(), &self.config.session, entropy);
        self.cookies_of_token(sent, token)
    }

    fn cookies_of_token(
        self,
        sent: &Sent,
        token: Result<String, Refused>,
    ) -> Result<Vec<SetCookie>, NoCookies> {
        let token = token.map_err(|Refused| NoCookies::Unsigned)?;
        if token.len() > self.config.session.max_size {
            return Err(NoCookies::TooLong);
        }
        let cookie = &self.config.cookies(self.scheme).session;
        cookie.set_chunks(&token, sent).map_err(|TooLong| NoCookies::TooLong)
    }

    /// Makes the cookies of a provider's tokens.
    ///
    /// # Errors
    /// [`ProviderError::TokensTooLarge`], where they do not fit.
    pub(crate) fn provider_tokens_cookies(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        tokens: &ProviderTokens,
        owner: Owner<'_>,
    ) -> Result<Vec<SetCookie>, Error> {
        let sealed = provider_tokens::seal(tokens, &self.config.keyring, entropy.draw(Draw::Iv), owner);
        let sealed = sealed.map_err(|Refused| HostError::Unreachable)?;
        let cookie = self.config.cookies(self.scheme).access_token(owner.provider);
        Ok(cookie.set_chunks(&sealed, sent).map_err(|TooLong| ProviderError::TokensTooLarge)?)
    }

    /// Re-protects a session that is not renewed, and its provider tokens, under the newest secret, if an earlier one protects
    /// them. No claim changes. A value that does not fit into cookies is left as it is: it still opens.
    fn rotate(self, sent: &Sent, entropy: &mut Entropy, opened: &OpenedSession) -> Vec<SetCookie> {
        let session = opened.earlier.as_ref().and_then(|claims| {
            let token = self.config.keyring.newest().write_session(claims, entropy);
            self.cookies_of_token(sent, token).ok()
        });
        let tokens = self.rotate_tokens(sent, entropy, &opened.session);
        session.into_iter().chain(tokens).flatten().collect()
    }

    /// Re-protects the session's own provider tokens where an earlier secret protects them. A renewal leaves them alone
    /// otherwise: another request may have refreshed them meanwhile, and older ones must not take their place.
    pub(crate) fn rotate_tokens(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        session: &Session,
    ) -> Option<Vec<SetCookie>> {
        let provider = session.provider.as_deref().filter(|_| self.config.keyring.has_earlier_keys())?;
        let owner = Owner { provider, session };
        match self.provider_tokens(owner).ok()? {
            (_, Age::Newest) => None,
            (tokens, Age::Earlier) => self.provider_tokens_cookies(sent, entropy, &tokens, owner).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::set::{Attributes, SameSite};
    use crate::origin::Scheme;
    use crate::session::{SessionPolicy, User};
    use std::time::Duration;

    fn visit() -> Visit {
        let attributes = Attributes::of_host(Duration::from_secs(60), SameSite::Lax, Scheme::Https).written();
        let set = |name: &str| SetCookie::set(name.to_owned(), "new".to_owned(), &attributes);
        let now = UnixTime::from_secs(1_790_000_000);
        Visit {
            session: Session::begin(User::new("1"), "dev".to_owned(), now, &SessionPolicy::default()),
            renewed: None,
            name: "__Secure-a.session_token".to_owned(),
            cookies: [
                "__Secure-a.session_token",
                "__Secure-a.session_token.1",
                "__Secure-a.access_token.dev",
            ]
            .map(set)
            .to_vec(),
            events: Vec::new(),
            stored: None,
        }
    }

    /// Returns the names that an answer with this cookie sets after a visit.
    fn finished(cookie: &'static str) -> Vec<String> {
        let response = Response::builder().header(header::SET_COOKIE, cookie).body(()).unwrap();
        let response = visit().finish(response);
        let text = |name: &[u8]| String::from_utf8(name.to_vec()).unwrap();
        set_names(response.headers()).map(text).collect()
    }

    #[test]
    fn an_answer_that_sets_the_sessions_cookie_is_left_as_it_is() {
        let name = "__Secure-a.session_token";
        for cookie in [
            "__Secure-a.session_token=; Max-Age=0",
            "__Secure-a.session_token =x",
            " __Secure-a.session_token",
            "__Secure-a.session_token;x",
        ] {
            assert_eq!(finished(cookie), [name], "{cookie}");
        }
    }

    #[test]
    fn of_other_cookies_the_answers_own_count() {
        let session = ["__Secure-a.session_token", "__Secure-a.session_token.1"];
        let tokens = "__Secure-a.access_token.dev";
        assert_eq!(finished("__Secure-a.access_token.dev=; Max-Age=0"), [&[tokens], &session[..]].concat());
        assert_eq!(finished("theme=dark"), [&["theme"], &session[..], &[tokens]].concat());
        assert_eq!(finished("__Secure-a.session_tokens=x").len(), 4, "a longer name is another");
    }
}
