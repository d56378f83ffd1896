//! The headers of a request: its cookies, and what they hold.

use crate::config::Site;
use crate::connection::{RequestHead, public_origin};
use crate::cookie::chunks::Sent;
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::csrf::{self, CsrfRefused};
use crate::keyring::Age;
use crate::origin::{Origin, Scheme};
use crate::provider_tokens::{self, NoProviderTokens, Owner};
use crate::session::{OpenedSession, Session, SessionChecks, SessionError};
use crate::stored::presented::Presented;
use crate::stored::questions::SessionKey;
use crate::stored::snapshot;
use crate::stored::ticket::Ticket;
use aura_jose::Refused;
use aura_types::{ProviderTokens, UnixTime};
use http::HeaderMap;

/// How many tickets of one request a sign-out ends at most.
const TICKETS: usize = 8;

/// A request's headers, read under one configuration. The scheme of the public origin decides the names of the cookies.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
pub struct Incoming<'a> {
    /// The configuration.
    pub config: &'a Site,
    /// The scheme of the public origin.
    pub scheme: Scheme,
    /// The headers.
    pub headers: &'a HeaderMap,
}

impl<'a> Incoming<'a> {
    /// Reads the headers of a request, whose public origin has to be known.
    ///
    /// # Errors
    /// [`SessionError::UnknownHost`].
    pub fn of(config: &'a Site, request: RequestHead<'a>) -> Result<Self, SessionError> {
        // Where the origin is configured, it need not be found.
        let scheme = match &config.base_url {
            Some(base_url) => base_url.scheme(),
            None => public_origin(config, request).map_err(|_| SessionError::UnknownHost)?.scheme(),
        };
        Ok(Self { config, scheme, headers: request.headers })
    }
}

impl Incoming<'_> {
    /// Lists this site's cookies that the browser sent.
    pub fn sent(self) -> Sent {
        let table = self.config.cookies(self.scheme);
        Sent::new(Cookies::new(self.headers), table, |id| self.config.issuers.include(id))
    }

    /// Clears the session, its CSRF token and the tokens of every provider.
    pub fn clear_session(self, sent: &Sent) -> Vec<SetCookie> {
        let table = self.config.cookies(self.scheme);
        let mut cookies = vec![table.csrf.clear()];
        cookies.extend(table.session.clear_chunks(sent));
        // The policy may have had one before.
        if sent.session.contains(&table.snapshot.name) {
            cookies.extend(table.snapshot.clear_chunks(sent));
        }
        cookies.extend(table.clear_access_tokens(sent));
        cookies
    }

    /// Reads the session of a policy that keeps it in the cookie, without the application's check.
    pub fn open_session(self, now: UnixTime) -> Result<OpenedSession, SessionError> {
        match self.present(now)? {
            Presented::Sealed(opened) => Ok(opened),
            Presented::Ticket(..) => Err(SessionError::NeedsStore),
        }
    }

    /// Opens what the session cookie holds.
    pub fn present(self, now: UnixTime) -> Result<Presented, SessionError> {
        let (keyring, policy) = (&self.config.keyring, &self.config.session);
        if policy.is_stored() {
            let name = &self.config.cookies(self.scheme).session.name;
            return self.open_sole(|text| {
                let (ticket, age) = Ticket::open(keyring, name, text)?;
                Ok(Presented::Ticket(ticket, age))
            });
        }
        self.open_sole(|token| OpenedSession::open(keyring, policy, token, now)).map(Presented::Sealed)
    }

    /// Reads the snapshot of a stored session, if it is younger than the policy's interval.
    pub fn snapshot(self, presented: &Presented, now: UnixTime) -> Option<Session> {
        let (keyring, policy) = (&self.config.keyring, &self.config.session);
        // The application may have ended it since.
        let interval =
            policy.recheck_interval().filter(|_| self.config.session_checks == SessionChecks::None)?;
        let Presented::Ticket(ticket, _) = presented else { return None };
        let (cookie, cookies) = (&self.config.cookies(self.scheme).snapshot, Cookies::new(self.headers));
        let open = |text: &str| snapshot::open((keyring, policy), ticket, text, interval, now).ok();
        match cookie.read_sole(cookies) {
            Some(sole) => open(str::from_utf8(sole?).ok()?),
            None => cookie.read(cookies)?.iter().find_map(|text| open(text)),
        }
    }

    /// Returns the addresses of all stored sessions whose tickets the browser sent: where one was planted, it sends two.
    pub fn stored_sessions(self) -> Vec<SessionKey> {
        let (cookie, keyring) = (&self.config.cookies(self.scheme).session, &self.config.keyring);
        if !self.config.session.is_stored() {
            return Vec::new();
        }
        let values = cookie.read(Cookies::new(self.headers)).unwrap_or_default();
        let open = |text: &[u8]| Ticket::open(keyring, &cookie.name, text).ok();
        values.iter().filter_map(|text| Some(open(text.as_bytes())?.0.key())).take(TICKETS).collect()
    }

    /// Opens what is authentic among the values of the session cookie. If two different values open, one of them was planted.
    fn open_sole<T>(self, open: impl Fn(&[u8]) -> Result<T, SessionError>) -> Result<T, SessionError> {
        let (cookie, cookies) = (&self.config.cookies(self.scheme).session, Cookies::new(self.headers));
        if let Some(sole) = cookie.read_sole(cookies) {
            let token = sole.ok_or(SessionError::Missing)?;
            // A value that is not UTF-8 counts as no cookie. This is checked only if it does not open.
            let is_text = || token.is_ascii() || str::from_utf8(token).is_ok();
            return open(token).map_err(|error| if is_text() { error } else { SessionError::Missing });
        }
        let tokens = cookie.read(cookies).ok_or(SessionError::Ambiguous)?;
        let mut outcome = Err(SessionError::Missing);
        for token in tokens {
            outcome = match (open(token.as_bytes()), outcome) {
                (Ok(_), Ok(_)) => return Err(SessionError::Ambiguous),
                (Ok(session), Err(_)) | (Err(_), Ok(session)) => Ok(session),
                // NotYet takes precedence: a session that is not valid yet must not be cleared because of an invalid value.
                (Err(_), Err(SessionError::NotYet)) => Err(SessionError::NotYet),
                (Err(error), Err(_)) => Err(error),
            };
        }
        outcome
    }

    /// Opens the owner's tokens of a provider, if they include an access token.
    pub fn granted_tokens(self, owner: Owner<'_>) -> Result<ProviderTokens, NoProviderTokens> {
        provider_tokens::with_access(self.provider_tokens(owner)?.0)
    }

    /// Opens the owner's tokens of a provider.
    pub fn provider_tokens(self, owner: Owner<'_>) -> Result<(ProviderTokens, Age), NoProviderTokens> {
        let cookie = self.config.cookies(self.scheme).access_token(owner.provider);
        let values = cookie.read(Cookies::new(self.headers)).unwrap_or_default();
        let mut error = NoProviderTokens::Missing;
        for value in values {
            match provider_tokens::open(&self.config.keyring, &value, owner) {
                Ok(tokens) => return Ok(tokens),
                Err(Refused) => error = NoProviderTokens::Invalid,
            }
        }
        Err(error)
    }

    /// Checks that a state-changing request comes from a page of this site, and returns what its session cookie holds, or why it
    /// holds nothing. The CSRF token is the header's, or else the form's.
    pub fn check_page(
        self,
        origin: &Origin,
        form: Option<&str>,
        now: UnixTime,
    ) -> Result<Result<Presented, SessionError>, CsrfRefused> {
        csrf::check_site(self.headers, origin, &self.config.trusted_origins)?;
        let session = self.present(now);
        let name = &self.config.cookies(self.scheme).csrf.name;
        let cookies = Cookies::new(self.headers).values(name).unwrap_or_default();
        let header = self.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        let presented = header.or(form).filter(|token| !token.is_empty());
        csrf::check(&self.config.keyring, &cookies, presented, session.as_ref().ok(), now)?;
        Ok(session)
    }
}
