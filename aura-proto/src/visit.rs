//! A visit of a signed-in user: the session of a request, and the cookies of its answer.

use crate::cookie::add::add_cookies;
use crate::cookie::chunks::Sent;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::event::Event;
use crate::incoming::Incoming;
use crate::outgoing::Visited;
use crate::response::Respond;
use crate::session::{Session, SessionError};
use crate::stored::row::StoredSession;
use aura_types::UnixTime;
use http::{HeaderMap, Response};

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
    /// The renewed session, if it was renewed.
    pub(crate) renewed: Option<Session>,
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
        self.events.push(Event::SessionUpdated { sub: session.user().sub().to_owned() });
        self.renewed = Some(session.clone());
        (self.session, self.name, self.cookies, self.stored) = (session, name, cookies, stored);
    }
}

/// Reads the session of a request as `GET /session` does: see [`Incoming::visit`].
///
/// # Errors
/// The answer of that route, with the cookies that it clears.
pub(crate) fn visit(incoming: Incoming<'_>, entropy: &mut Entropy, now: UnixTime) -> Result<Visit, Respond> {
    let visited = incoming.visit(entropy, now).map_err(|error| not_signed_in(incoming, error))?;
    let Visited { session, renewed, name, cookies } = visited;
    let of = |renewed: &Session| Event::SessionRenewed { sub: renewed.user().sub().to_owned() };
    let events = renewed.as_ref().map(of).into_iter().collect();
    Ok(Visit { session, renewed, name, cookies, events, stored: None })
}

/// Makes the answer to a request without a session.
pub(crate) fn not_signed_in(incoming: Incoming<'_>, error: SessionError) -> Respond {
    refusal(incoming, error, &incoming.sent())
}

/// Makes the answer to a request without a session, whose cookies have these names.
pub(crate) fn refusal(incoming: Incoming<'_>, error: SessionError, sent: &Sent) -> Respond {
    let is_absent = error == SessionError::Missing;
    let events = if is_absent { Vec::new() } else { vec![Event::SessionRejected { error: error.into() }] };
    Respond { cookies: incoming.clear_refused(error, sent), events, ..Respond::refusal(error) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cookie::add::set_names;
    use crate::cookie::set::{Attributes, SameSite};
    use crate::origin::Scheme;
    use crate::session::{SessionPolicy, User};
    use http::header;
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
