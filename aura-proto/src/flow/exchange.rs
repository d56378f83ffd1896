//! What does every state of a flow carry along, and what can each of them do with it?

use super::refusal;
use crate::action::Action;
use crate::auth::Auth;
use crate::connection::public_origin;
use crate::context::Incoming;
use crate::cookie::CookieTable;
use crate::cookie::chunks::Sent;
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::{Error, HostError, ProviderError, RequestError};
use crate::event::Event;
use crate::jose::Refused;
use crate::oauth::client_auth::Credentials;
use crate::oauth::dpop::{self, Proof};
use crate::oauth::parameters::Parameters;
use crate::oidc::issuer::TENANT;
use crate::origin::Origin;
use crate::provider::{Dpop, KnownProvider, ValidProvider};
use crate::redirect::Location;
use crate::response::{Redirect, Respond};
use crate::route::Route;
use crate::secret::AccessToken;
use crate::session::Session;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header, request};
use serde_json::Value;
use url::Url;

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
    /// What a provider gave for the next proof (RFC 9449 section 8).
    dpop_nonce: Option<String>,
    repetition: Repetition,
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

/// Whether a request may be repeated with a nonce of the provider. One a flow may be, so that every flow ends soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Repetition {
    Possible,
    Used,
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
        let origin = public_origin(auth.config(), head.into())?;
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
        Ok(Self {
            auth: auth.clone(),
            origin,
            entropy,
            attempts,
            sent,
            notices: Vec::new(),
            dpop_nonce: None,
            repetition: Repetition::Possible,
            reader,
        })
    }

    /// Reads a request's headers under this configuration.
    pub(super) fn incoming<'a>(&'a self, headers: &'a HeaderMap) -> Incoming<'a> {
        Incoming { config: self.auth.config(), scheme: self.origin.scheme(), headers }
    }

    /// Makes the cookies of a session.
    pub(super) fn session_cookies(&mut self, session: &Session) -> Result<Vec<SetCookie>, NoCookies> {
        let auth = self.auth.clone();
        let config = auth.config();
        let token = session.seal(config.keyring.newest(), &config.session, &mut self.entropy);
        self.cookies_of_token(token)
    }

    /// Makes the cookies of a session whose claims are written already.
    pub(super) fn cookies_of_claims(&mut self, claims: &[u8]) -> Result<Vec<SetCookie>, NoCookies> {
        let auth = self.auth.clone();
        let token = auth.config().keyring.newest().write_session(claims, &mut self.entropy);
        self.cookies_of_token(token)
    }

    fn cookies_of_token(&self, token: Result<String, Refused>) -> Result<Vec<SetCookie>, NoCookies> {
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
        self.incoming(headers).check_page(&self.origin, form.last("csrfToken"), now)
    }

    /// Returns the URL of a route of ours, as browsers see it.
    pub(super) fn url_of(&self, route: &str) -> String {
        format!("{}{}{route}", self.origin, self.auth.base_path())
    }

    /// Makes the client's proof for one request to a provider.
    pub(super) fn credentials(
        &mut self,
        provider: &KnownProvider,
        now: UnixTime,
    ) -> Result<Credentials, HostError> {
        let audience = match provider.openid() {
            Some(openid) if !openid.metadata.issuer.contains(TENANT) => openid.metadata.issuer.as_str(),
            Some(_) | None => provider.endpoints.token.as_str(),
        };
        let authentication = &provider.client_authentication;
        authentication.credentials(&provider.client_id, audience, &mut self.entropy, now)
    }

    /// Adds the proof that an access token is, or is to be, bound to a key of ours, where the provider binds them.
    pub(super) fn prove(
        &mut self,
        provider: &KnownProvider,
        request: &mut Request<Bytes>,
        url: &Url,
        access_token: Option<&AccessToken>,
        now: UnixTime,
    ) -> Result<(), HostError> {
        let auth = self.auth.clone();
        let key = match &provider.dpop {
            Dpop::Off => return Ok(()),
            Dpop::DerivedKey => &auth.config().keyring.newest().dpop,
            Dpop::Key(key) => key,
        };
        let nonce = self.dpop_nonce.as_deref();
        let proof = Proof { method: &request.method().clone(), url, nonce, access_token };
        let proof = proof.sign(key, &mut self.entropy, now).ok_or(HostError::NoSignature)?;
        request.headers_mut().insert(dpop::PROOF, proof);
        Ok(())
    }

    /// Keeps what a provider gives for the next proof, and tells whether the request is to be repeated with it.
    pub(super) fn repeats(&mut self, provider: &KnownProvider, response: &Response<Bytes>) -> bool {
        self.dpop_nonce = dpop::nonce(response.headers()).or_else(|| self.dpop_nonce.take());
        let repeats =
            self.repetition == Repetition::Possible && provider.is_bound() && dpop::wants_nonce(response);
        if repeats {
            self.repetition = Repetition::Used;
        }
        repeats
    }

    /// Ends a sign-in at the callback, dropping the cookies given.
    pub(super) fn fail(
        &self,
        error: impl Into<Error>,
        provider: &ValidProvider,
        cookies: impl IntoIterator<Item = SetCookie>,
    ) -> Action {
        let route = Route::Callback { oauth: provider.id.clone() };
        self.fail_at(&route, error, provider, cookies)
    }

    /// Ends a sign-in, dropping the cookies given. People are sent to the error page, where there is one.
    pub(super) fn fail_at(
        &self,
        route: &Route,
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
        let respond = refusal(Some(route), error);
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
