//! A visit of a signed-in user: the session of a request, and what the answer must carry for it.

use crate::context::{Incoming, NoCookies};
use crate::cookie::chunks::{Sent, TooLong};
use crate::cookie::set::SetCookie;
use crate::entropy::{Draw, Entropy};
use crate::error::{Error, HostError, ProviderError};
use crate::event::Event;
use crate::jose::Refused;
use crate::jose::keys::Age;
use crate::provider_tokens::{Owner, ProviderTokens};
use crate::response::Respond;
use crate::session::{OpenedSession, Session, SessionError};
use crate::time::UnixTime;
use http::{HeaderValue, Response, header};

/// The session of a request, with the cookies that renew it: what guards and extractors stand on.
///
/// ```
/// # use aura_proto::{Auth, Entropy, UnixTime};
/// # fn page(auth: &Auth, request: &http::Request<()>, now: UnixTime, entropy: Entropy) -> http::Response<String> {
/// match auth.visit(request, now, entropy) {
///     Ok(visit) => {
///         let page = format!("Hello, {}", visit.session().user.sub);
///         visit.seal(http::Response::new(page))
///     }
///     Err(refusal) => refusal.into_response().map(|_| "Please sign in.".to_owned()),
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "seal the answer with it, so that a renewed session reaches the browser"]
pub struct Visit {
    session: Session,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) events: Vec<Event>,
}

impl Visit {
    /// Returns the session.
    ///
    /// ```
    /// # fn name(visit: &aura_proto::Visit) -> &str {
    /// &visit.session().user.sub
    /// # }
    /// ```
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns what happened: a session that was renewed. For the host to report.
    ///
    /// ```
    /// # fn report(visit: &aura_proto::Visit) {
    /// for event in visit.events() {
    ///     println!("{}", event.name());
    /// }
    /// # }
    /// ```
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Adds the cookies of a renewed session to the page's answer, which no cache may keep then. An answer that sets or
    /// clears one of these cookies itself, such as that of a sign-out, is left as it is.
    ///
    /// ```
    /// # fn page(visit: aura_proto::Visit) -> http::Response<&'static str> {
    /// visit.seal(http::Response::new("a page"))
    /// # }
    /// ```
    #[must_use]
    pub fn seal<B>(self, mut response: Response<B>) -> Response<B> {
        let is_set =
            |cookie: &SetCookie| {
                let name = cookie.name().as_bytes();
                response.headers().get_all(header::SET_COOKIE).iter().any(|value| {
                    value.as_bytes().strip_prefix(name).is_some_and(|rest| rest.starts_with(b"="))
                })
            };
        if self.cookies.is_empty() || self.cookies.iter().any(is_set) {
            return response;
        }
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for cookie in self.cookies {
            headers.append(header::SET_COOKIE, cookie.to_header_value());
        }
        response
    }
}

impl Incoming<'_> {
    /// Reads the session as `GET /session` does: renewed where its policy says so, else re-protected under the newest
    /// secret.
    ///
    /// # Errors
    /// The answer of that route, with the cookies that it clears.
    pub(crate) fn visit(self, sent: &Sent, entropy: &mut Entropy, now: UnixTime) -> Result<Visit, Respond> {
        let opened = self.open_session(now).map_err(|error| self.not_signed_in(sent, error))?;
        // A session that no longer fits into its cookie lives on as it is.
        if let Some(renewed) = self.config.session.renewed(&opened.session, now)
            && let Ok(mut cookies) = self.session_cookies(sent, entropy, &renewed)
        {
            cookies.extend(self.tokens_cookies(sent, entropy, &renewed));
            let events = vec![Event::SessionRenewed { sub: renewed.user.sub.clone() }];
            return Ok(Visit { session: renewed, cookies, events });
        }
        let cookies = self.rotate(sent, entropy, &opened);
        Ok(Visit { session: opened.session, cookies, events: Vec::new() })
    }

    fn not_signed_in(self, sent: &Sent, error: SessionError) -> Respond {
        let cookie = &self.config.cookies(self.scheme).session;
        // Of two sessions one was planted, for the domain. Clearing would clear the user's own and leave the other.
        let is_planted = error == SessionError::Ambiguous && cookie.is_host_only();
        let events = match error {
            SessionError::Missing => Vec::new(),
            SessionError::Invalid
            | SessionError::Expired
            | SessionError::Ambiguous
            | SessionError::UnknownHost => vec![Event::SessionRejected { error: error.into() }],
        };
        let cookies = if is_planted { Vec::new() } else { cookie.clear_chunks(sent) };
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
        let sealed = tokens.seal(&self.config.keyring, entropy.draw(Draw::Iv), owner);
        let sealed = sealed.map_err(|Refused| HostError::Unreachable)?;
        let cookie = self.config.cookies(self.scheme).access_token(owner.provider);
        Ok(cookie.set_chunks(&sealed, sent).map_err(|TooLong| ProviderError::TokensTooLarge)?)
    }

    /// Makes the cookies of the session's own tokens again, so that they live as long as the session.
    pub(crate) fn tokens_cookies(
        self,
        sent: &Sent,
        entropy: &mut Entropy,
        session: &Session,
    ) -> Vec<SetCookie> {
        let Some(provider) = session.provider.as_deref() else { return Vec::new() };
        let owner = Owner { provider, session };
        let Ok((tokens, _)) = self.provider_tokens(owner) else { return Vec::new() };
        self.provider_tokens_cookies(sent, entropy, &tokens, owner).unwrap_or_default()
    }

    /// Re-protects a session that goes on as it is, and its provider tokens, under the newest secret, where they are not.
    /// No claim changes, and so neither does the end. What does not fit is left alone: it still opens.
    fn rotate(self, sent: &Sent, entropy: &mut Entropy, opened: &OpenedSession) -> Vec<SetCookie> {
        let session = opened.earlier.as_ref().and_then(|claims| {
            let token = self.config.keyring.newest().write_session(claims, entropy);
            self.cookies_of_token(sent, token).ok()
        });
        let tokens = self.rotate_tokens(sent, entropy, &opened.session);
        session.into_iter().chain(tokens).flatten().collect()
    }

    fn rotate_tokens(self, sent: &Sent, entropy: &mut Entropy, session: &Session) -> Option<Vec<SetCookie>> {
        let provider = session.provider.as_deref().filter(|_| self.config.keyring.has_earlier_keys())?;
        let owner = Owner { provider, session };
        match self.provider_tokens(owner).ok()? {
            (_, Age::Newest) => None,
            (tokens, Age::Earlier) => self.provider_tokens_cookies(sent, entropy, &tokens, owner).ok(),
        }
    }
}
