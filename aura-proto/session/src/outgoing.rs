//! The cookies of an answer: sessions that begin or are renewed, provider tokens, values under the newest secret, and cookies to clear.

use crate::cookie::chunks::{Sent, TooLong};
use crate::cookie::parse::Cookies;
use crate::cookie::set::SetCookie;
use crate::csrf::{self, Bound, CsrfToken};
use crate::entropy::{Draw, Entropy};
use crate::incoming::Incoming;
use crate::keyring::Age;
use crate::provider_tokens::{self, Owner};
use crate::session::{NoCookies, OpenedSession, Session, SessionError};
use aura_jose::Refused;
use aura_types::{ProviderTokens, UnixTime};
use std::time::Duration;

/// How late the answer to a request may reach the browser, after that to a later one.
const LATE: Duration = Duration::from_secs(60);

/// A session that was read, and the cookies that its page's answer sets.
#[derive(Debug)]
pub struct Visited {
    /// The session.
    pub session: Session,
    /// The renewed session, if it was renewed.
    pub renewed: Option<Session>,
    /// The name of the session's cookie, if there are cookies to set.
    pub name: String,
    /// The cookies.
    pub cookies: Vec<SetCookie>,
}

impl Incoming<'_> {
    /// Reads the session as `GET /session` does: renewed if its policy does, else re-protected under the newest
    /// secret.
    pub fn visit(self, entropy: &mut Entropy, now: UnixTime) -> Result<Visited, SessionError> {
        let opened = self.open_session(now)?;
        let renewed = self.config.session.renewed(&opened.session, now);
        // Most visits set no cookie. To list those that were sent costs 2,000 instructions.
        if renewed.is_none() && opened.earlier.is_none() && !self.config.keyring.has_earlier_keys() {
            let (name, cookies) = (String::new(), Vec::new());
            return Ok(Visited { session: opened.session, renewed: None, name, cookies });
        }
        let sent = &self.sent();
        // A session that no longer fits into its cookie lives on as it is.
        if let Some(renewed) = renewed
            && let Ok(mut cookies) = self.session_cookies(sent, entropy, &renewed)
        {
            cookies.extend(self.rotate_tokens(sent, entropy, &renewed, now).into_iter().flatten());
            return Ok(self.visited(opened.session, Some(renewed), cookies));
        }
        let cookies = self.rotate(sent, entropy, &opened, now);
        Ok(self.visited(opened.session, None, cookies))
    }

    fn visited(self, session: Session, renewed: Option<Session>, cookies: Vec<SetCookie>) -> Visited {
        // Most visits set no cookie, and have nothing to compare with the answer's.
        let name = match cookies.is_empty() {
            true => String::new(),
            false => self.config.cookies(self.scheme).session.name.clone(),
        };
        Visited { session, renewed, name, cookies }
    }

    /// Clears the cookies of a request without a session, where no session may live in them.
    pub fn clear_refused(self, error: SessionError, sent: &Sent) -> Vec<SetCookie> {
        let cookie = &self.config.cookies(self.scheme).session;
        // Of two sessions one was planted, for the domain. Clearing would clear the user's own and leave the other.
        let is_planted = error == SessionError::Ambiguous && cookie.is_host_only();
        // The session may be live: this clock may lag behind the instance that began it, or the store may fail.
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
        cookies
    }

    /// Makes the cookies of a session.
    pub fn session_cookies(
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
    /// [`NoCookies::TooLong`], where they do not fit.
    pub fn provider_tokens_cookies(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        tokens: &ProviderTokens,
        owner: Owner<'_>,
    ) -> Result<Vec<SetCookie>, NoCookies> {
        let sealed = provider_tokens::seal(tokens, &self.config.keyring, entropy.draw(Draw::Iv), owner);
        let sealed = sealed.map_err(|Refused| NoCookies::Unsigned)?;
        let cookie = self.config.cookies(self.scheme).access_token(owner.provider);
        cookie.set_chunks(&sealed, sent).map_err(|TooLong| NoCookies::TooLong)
    }

    /// Re-protects a session that is not renewed, and its provider tokens, under the newest secret, if an earlier one protects
    /// them. No claim changes. A value that does not fit into cookies is left as it is: it still opens.
    fn rotate(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        opened: &OpenedSession,
        now: UnixTime,
    ) -> Vec<SetCookie> {
        let session = opened.earlier.as_ref().and_then(|claims| {
            let token = self.config.keyring.newest().write_session(claims, entropy);
            self.cookies_of_token(sent, token).ok()
        });
        let tokens = self.rotate_tokens(sent, entropy, &opened.session, now);
        session.into_iter().chain(tokens).flatten().collect()
    }

    /// Re-protects the session's own provider tokens where an earlier secret protects them. A renewal leaves them alone
    /// otherwise: another request may have refreshed them meanwhile, and older ones must not take their place. For the same reason
    /// tokens whose refresh may be due by the time of a late answer are left to that refresh.
    pub fn rotate_tokens(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        session: &Session,
        now: UnixTime,
    ) -> Option<Vec<SetCookie>> {
        let provider = session.provider().filter(|_| self.config.keyring.has_earlier_keys())?;
        let owner = Owner { provider, session };
        match self.provider_tokens(owner).ok()? {
            (tokens, Age::Earlier) if provider_tokens::rest(&tokens, now.saturating_add(LATE)) => {
                self.provider_tokens_cookies(sent, entropy, &tokens, owner).ok()
            }
            (_, Age::Newest | Age::Earlier) => None,
        }
    }

    /// Returns a CSRF token of this browser's, and whether it was made for this answer.
    pub fn csrf_token(self, entropy: &mut Entropy, now: UnixTime) -> (String, bool) {
        let bound = Bound::to_presented(self.present(now).ok().as_ref());
        match self.usable_csrf_token(&bound, now) {
            Some(token) => (token, false),
            None => (csrf::issue(&self.config.keyring, entropy, &bound, now), true),
        }
    }

    fn usable_csrf_token(self, bound: &Bound, now: UnixTime) -> Option<String> {
        let keyring = &self.config.keyring;
        let sent = Cookies::new(self.headers).values(&self.config.cookies(self.scheme).csrf.name)?;
        sent.into_iter().find_map(|token| {
            let opened = CsrfToken::open(keyring, token, now).ok().filter(|token| token.is_bound(bound))?;
            Some(opened.signed_anew(keyring).unwrap_or_else(|| token.to_owned()))
        })
    }
}
