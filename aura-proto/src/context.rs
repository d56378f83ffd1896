//! What a request carries of ours: the session, provider tokens and CSRF token in its cookies.

use crate::config::Config;
use crate::cookie::parse::Cookies;
use crate::csrf;
use crate::error::RequestError;
use crate::jose::Refused;
use crate::jose::keys::Age;
use crate::origin::{Origin, Scheme};
use crate::provider_tokens::{Owner, ProviderTokens, ProviderTokensError};
use crate::session::{OpenedSession, Session, SessionError};
use crate::time::UnixTime;
use http::HeaderMap;

/// A request's headers, read under one configuration. The scheme of the public origin decides the names of the cookies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) config: &'a Config,
    pub(crate) scheme: Scheme,
    pub(crate) headers: &'a HeaderMap,
}

impl Incoming<'_> {
    /// Reads the session.
    pub(crate) fn session(self, now: UnixTime) -> Result<Session, SessionError> {
        self.open_session(now).map(|opened| opened.session)
    }

    /// Opens the one session among the values of its cookie. Two that open mean that one of them was planted.
    pub(crate) fn open_session(self, now: UnixTime) -> Result<OpenedSession, SessionError> {
        let cookie = &self.config.cookies(self.scheme).session;
        let tokens = cookie.read(Cookies::new(self.headers)).ok_or(SessionError::Ambiguous)?;
        let mut outcome = Err(SessionError::Missing);
        for token in tokens {
            let opened = OpenedSession::open(&self.config.keyring, &self.config.session, &token, now);
            outcome = match (opened, outcome) {
                (Ok(_), Ok(_)) => return Err(SessionError::Ambiguous),
                (Ok(session), Err(_)) | (Err(_), Ok(session)) => Ok(session),
                (Err(error), Err(_)) => Err(error),
            };
        }
        outcome
    }

    /// Opens the tokens of a provider that are the owner's.
    pub(crate) fn provider_tokens(
        self,
        owner: Owner<'_>,
    ) -> Result<(ProviderTokens, Age), ProviderTokensError> {
        let cookie = self.config.cookies(self.scheme).access_token(owner.provider);
        let values = cookie.read(Cookies::new(self.headers)).unwrap_or_default();
        let mut error = ProviderTokensError::Missing;
        for value in values {
            match ProviderTokens::open(&self.config.keyring, &value, owner) {
                Ok(tokens) => return Ok(tokens),
                Err(Refused) => error = ProviderTokensError::Invalid,
            }
        }
        Err(error)
    }

    /// Checks that a state-changing request comes from a page of this site, and returns its session, if any. The CSRF
    /// token is the header's, or else the form's.
    pub(crate) fn check_page(
        self,
        origin: &Origin,
        form: Option<&str>,
        now: UnixTime,
    ) -> Result<Option<Session>, RequestError> {
        csrf::check_site(self.headers, origin, &self.config.trusted_origins)?;
        let session = self.session(now).ok();
        let name = &self.config.cookies(self.scheme).csrf.name;
        let cookies = Cookies::new(self.headers).values(name).unwrap_or_default();
        let header = self.headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
        let presented = header.or(form).filter(|token| !token.is_empty());
        csrf::check(&self.config.keyring, &cookies, presented, session.as_ref(), now)?;
        Ok(session)
    }
}
