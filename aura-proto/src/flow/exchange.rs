//! What does every state of a flow carry along, and what can each of them do with it?

use crate::action::Action;
use crate::auth::Auth;
use crate::cookie::CookieTable;
use crate::cookie::chunks::Sent;
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth::parameters::Parameters;
use crate::origin::Origin;
use crate::provider::ValidProvider;
use crate::redirect::Location;
use crate::response::{Redirect, Respond};
use crate::session::Session;
use crate::time::UnixTime;
use http::{HeaderMap, HeaderValue, StatusCode, header, request};
use serde_json::Value;

/// How many attempt cookies of one request are looked at. This site leaves five; more were planted, and run out.
const MAX_ATTEMPT_COOKIES: usize = 50;

/// What every state of a flow carries along.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) auth: Auth,
    /// The public origin, which decides the names of the cookies.
    pub(super) origin: Origin,
    pub(super) entropy: Entropy,
    /// The names of the attempt cookies that the browser sent.
    pub(super) attempts: Vec<String>,
    /// The names of the other cookies of ours that an answer may have to clear.
    pub(super) sent: Sent,
    /// What to report beside the end of the flow.
    pub(super) notices: Vec<Event>,
    /// What a failed sign-in is answered with.
    reader: Reader,
}

/// Why a session got no cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoCookies {
    /// Its token could not be signed.
    Unsigned,
    /// It does not fit.
    TooLong,
}

impl From<NoCookies> for Error {
    fn from(reason: NoCookies) -> Self {
        match reason {
            NoCookies::Unsigned => HostError::NoSignature.into(),
            NoCookies::TooLong => ProviderError::ProfileTooLarge.into(),
        }
    }
}

/// Who reads the answer: a person in front of a browser, or a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Person,
    Program,
}

impl Reader {
    fn of(headers: &HeaderMap) -> Self {
        let takes_html = |value: &HeaderValue| value.to_str().is_ok_and(|value| value.contains("text/html"));
        if headers.get_all(header::ACCEPT).iter().any(takes_html) { Self::Person } else { Self::Program }
    }
}

impl Exchange {
    pub(super) fn new(auth: &Auth, head: &request::Parts, entropy: Entropy) -> Result<Self, RequestError> {
        let origin = auth.public_origin(head)?;
        let names = auth.config().cookies(origin.scheme());
        let mut attempts = Vec::new();
        for (name, _) in Cookies::new(&head.headers).pairs() {
            if attempts.len() < MAX_ATTEMPT_COOKIES
                && names.is_attempt(name)
                && !attempts.iter().any(|one| one == name)
            {
                attempts.push(name.to_owned());
            }
        }
        let is_provider = |id: &str| auth.config().providers.contains_key(id);
        let sent = Sent::new(Cookies::new(&head.headers), names, is_provider);
        let reader = Reader::of(&head.headers);
        Ok(Self { auth: auth.clone(), origin, entropy, attempts, sent, notices: Vec::new(), reader })
    }

    /// Makes the cookies of a session.
    pub(super) fn session_cookies(&mut self, session: &Session) -> Result<Vec<SetCookie>, NoCookies> {
        let auth = self.auth.clone();
        let config = auth.config();
        let token = session.seal(config.keyring.newest(), &config.session, &mut self.entropy);
        let token = token.map_err(|_| NoCookies::Unsigned)?;
        self.cookies().session.set_chunks(&token, &self.sent).map_err(|_| NoCookies::TooLong)
    }

    /// Checks that a state-changing request comes from a page of this site, and returns who is signed in there. The CSRF
    /// token is the header's, or else the form's.
    pub(super) fn check_page(
        &self,
        headers: &HeaderMap,
        form: &Parameters<'_>,
        now: UnixTime,
    ) -> Result<Option<Session>, RequestError> {
        self.auth.check_page(&self.origin, headers, form.last("csrfToken"), now)
    }

    /// Ends a sign-in, dropping the cookies given. People are sent to the error page, where there is one.
    pub(super) fn fail(
        &self,
        error: impl Into<Error>,
        provider: &ValidProvider,
        cookies: impl IntoIterator<Item = SetCookie>,
    ) -> Action {
        let error = error.into();
        let cookies = cookies.into_iter().collect();
        let mut events = self.notices.clone();
        events.push(Event::SignInFailed { provider: provider.id.clone(), error: error.clone() });
        let page = self.auth.config().error_page.as_ref().filter(|_| self.reader == Reader::Person);
        let location = page.and_then(|page| Location::of_error_page(page, error.code()));
        let respond = Respond::refusal(error);
        match location {
            Some(location) => {
                let redirect = Redirect::new(StatusCode::FOUND, location, &Value::Null);
                Action::Redirect(Redirect { body: respond.body, cookies, events, ..redirect })
            }
            None => Action::Respond(Respond { cookies, events, ..respond }),
        }
    }

    pub(super) fn cookies(&self) -> &CookieTable {
        self.auth.config().cookies(self.origin.scheme())
    }

    pub(super) fn clear_attempts(&self) -> impl Iterator<Item = SetCookie> {
        self.attempts.iter().map(|name| self.cookies().clear_attempt(name))
    }
}
