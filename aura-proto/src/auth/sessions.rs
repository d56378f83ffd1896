//! Readings of the session that a request carries, by hosts and guards.

use super::Auth;
use crate::ask::Reading;
use crate::connection::{RequestHead, named_host, public_origin};
use crate::context::{Incoming, RequestContext};
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::{Error, HostError, RequestError};
use crate::flow::io;
use crate::flow::visiting::{self, Begun};
use crate::provider_tokens::{Owner, ProviderTokens, ProviderTokensError};
use crate::response::Respond;
use crate::route::{Route, SiteRoute};
use crate::session::{NoCookies, Presented, Session, SessionChecks, SessionError, update};
use crate::stored::questions::{EndSessions, ListSessions, Listed};
use crate::stored::row::DeviceSession;
use crate::stored::ticket;
use crate::visit::{ClaimsUpdate, NoSession, Visit};
use aura_types::UnixTime;
use serde::Serialize;

impl Auth {
    /// Reads the session that a request carries: pure and cheap. It renews nothing; [`visit`](Self::visit) does.
    ///
    /// The names of the cookies follow the public origin, which a base URL or a trusted proxy's headers give. Without
    /// either, the request's [`Connection`](crate::Connection) says whether it was secure; headers alone count as plain, so
    /// give the whole request where there is one.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none. Where the application [checks sessions](crate::Builder::check_sessions), it is
    /// [`SessionError::NeedsCheck`] for every session: read it by [`begin_session`](Self::begin_session).
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let now = aura_proto::UnixTime::from_secs(1_790_000_000);
    /// let request = http::Request::get("/account").body(())?;
    /// assert_eq!(auth.session(&request, now), Err(aura_proto::SessionError::Missing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn session<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Result<Session, SessionError> {
        match self.begin_session(request, now) {
            Reading::Done(found) => found.map_err(|none| none.error),
            Reading::Check(_) => Err(SessionError::NeedsCheck),
            Reading::Store(_) => Err(SessionError::NeedsStore),
        }
    }

    /// Reads the session that a request carries, and asks the store and the application where the configuration says so;
    /// [`session`](Self::session) serves where it does not. The reading ends in [`NoSession`] where there is none.
    pub fn begin_session<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Reading<Result<Session, NoSession>> {
        let request = request.into();
        let begun = self.incoming(request).and_then(|incoming| Ok((incoming.present(now)?, incoming)));
        let (presented, incoming) = match begun {
            Ok((Presented::Sealed(opened), _)) if self.config().session_checks == SessionChecks::None => {
                return Reading::Done(Ok(opened.session));
            }
            Ok(begun) => begun,
            Err(error) => return Reading::Done(Err(error.into())),
        };
        match self.context(incoming, request, Entropy::unused()) {
            Ok(cx) => io::start(now, |io| visiting::session(cx, io, presented)).into(),
            Err(error) => Reading::Done(Err(error.into())),
        }
    }

    /// Reads the session as `GET /session` does, and asks the store and the application where the configuration says so;
    /// [`visit`](Self::visit) serves where it does not. The reading ends in the answer to a request without a session: that of the
    /// route, with the cookies that it clears.
    pub fn begin_visit<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
        entropy: Entropy,
    ) -> Reading<Result<Visit, Respond>> {
        let request = request.into();
        let refuse = |error: RequestError| {
            let refusal = Route::Site(SiteRoute::Session).refusal(error);
            Reading::Done(Err(refusal.of_host(named_host(self.config(), request))))
        };
        let origin = match public_origin(self.config(), request) {
            Ok(origin) => origin,
            Err(error) => return refuse(error),
        };
        let incoming = Incoming { config: self.config(), scheme: origin.scheme(), headers: request.headers };
        let public_path = self.public_path(request);
        match visiting::begin(&self.0, incoming, &origin, now, entropy) {
            Begun::Done(visited) => Reading::Done(under(&public_path, visited)),
            Begun::Waiting(waiting) => {
                io::start(now, |io| async move { under(&public_path, waiting.finish(&io).await) }).into()
            }
        }
    }

    /// Reads the session as `GET /session` does: renewed by its policy, re-protected under the newest secret.
    ///
    /// # Errors
    /// The answer to a request without a session: that of the route, with the cookies that it clears. Where the application
    /// [checks sessions](crate::Builder::check_sessions), every session is refused (500), and nothing is cleared: read it by
    /// [`begin_visit`](Self::begin_visit).
    pub fn visit<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
        entropy: Entropy,
    ) -> Result<Visit, Respond> {
        match self.begin_visit(request, now, entropy) {
            Reading::Done(visited) => visited,
            Reading::Check(_) => Err(Respond::refusal(SessionError::NeedsCheck)),
            Reading::Store(_) => Err(Respond::refusal(SessionError::NeedsStore)),
        }
    }

    /// Changes the application's own claims of a visit's session: each member of a struct or map replaces the claim of its name,
    /// `null` takes one away, and the others stay. The answer that the visit [finishes](Visit::finish) carries the session, with
    /// the end that an update by a page would give it. The request is the one that the visit is of.
    ///
    /// Requests of the same browser that are under way bring the earlier claims, and a renewal by one of them may keep these. A user
    /// can keep the earlier cookie, too, and bring it again until it ends; and a refresh of the profile gives the claims that the
    /// admission decides on. So this grants a right, and does not take one away: what must count at once belongs in the
    /// application's [check](crate::Builder::check_sessions).
    ///
    /// # Errors
    /// [`HostError::ClaimsUnwritable`](crate::HostError::ClaimsUnwritable), where the claims are no JSON object or one has a name that session tokens need for
    /// themselves, [`RequestError::SessionInvalid`], where the session has ended since it was read, and
    /// [`RequestError::SessionTooLarge`], where it would not fit into its cookie. The visit is as it was.
    ///
    /// ```
    /// # use aura_proto::{Auth, Entropy, Error, UnixTime, Visit};
    /// #[derive(serde::Serialize)]
    /// struct Claims { role: &'static str }
    ///
    /// # fn promote(auth: &Auth, visit: &mut Visit, request: &http::Request<()>, now: UnixTime, entropy: Entropy) -> Result<(), Error> {
    /// auth.update_claims(visit, request, &Claims { role: "editor" }, now, entropy)?;
    /// assert!(visit.session().claim_is("role", "editor"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn update_claims<'a>(
        &self,
        visit: &mut Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &impl Serialize,
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Result<(), Error> {
        let request = request.into();
        if visit.stored.is_some() {
            return Err(HostError::SessionNeedsStore.into());
        }
        let update = self.sealed_update(&visit.session, request, claims, now, &mut entropy)?;
        visit.apply(update);
        Ok(())
    }

    /// Does the same, and asks the store where the policy keeps sessions in one. The visit [takes over](Visit::apply) what the
    /// reading ends in. Where other requests change the session at the same time, no change is lost.
    ///
    /// ```
    /// # use aura_proto::{Auth, Entropy, Reading, UnixTime, Visit};
    /// # fn promote(auth: &Auth, visit: &mut Visit, request: &http::Request<()>, now: UnixTime, entropy: Entropy) {
    /// let claims = std::collections::BTreeMap::from([("role", "editor")]);
    /// if let Reading::Done(Ok(update)) = auth.begin_update(visit, request, &claims, now, entropy) {
    ///     visit.apply(update);
    /// }
    /// # }
    /// ```
    pub fn begin_update<'a>(
        &self,
        visit: &Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &(impl Serialize + ?Sized),
        now: UnixTime,
        mut entropy: Entropy,
    ) -> Reading<Result<ClaimsUpdate, Error>> {
        let request = request.into();
        let Some(stored) = &visit.stored else {
            return Reading::Done(self.sealed_update(&visit.session, request, claims, now, &mut entropy));
        };
        let begun = update::members(claims).map_err(Error::from).and_then(|members| {
            let incoming = self.incoming(request)?;
            Ok((self.context(incoming, request, entropy)?, members))
        });
        match begun {
            Ok((cx, members)) => {
                let (stored, public_path) = (stored.clone(), self.public_path(request));
                let flow = |io| async move {
                    let mut update = visiting::update_claims(cx, io, stored, members).await?;
                    SetCookie::put_under(&public_path, &mut update.cookies);
                    Ok(update)
                };
                io::start(now, flow).into()
            }
            Err(error) => Reading::Done(Err(error)),
        }
    }

    fn sealed_update(
        &self,
        session: &Session,
        request: RequestHead<'_>,
        claims: &(impl Serialize + ?Sized),
        now: UnixTime,
        entropy: &mut Entropy,
    ) -> Result<ClaimsUpdate, Error> {
        let incoming = self.incoming(request)?;
        let session = update::with_claims(session, claims, &self.config().session, now)?;
        let sent = incoming.sent();
        let cookies = incoming.session_cookies(&sent, entropy, &session);
        let mut cookies = cookies.map_err(|reason| match reason {
            NoCookies::TooLong => RequestError::SessionTooLarge.into(),
            NoCookies::Unsigned => Error::from(reason),
        })?;
        cookies.extend(incoming.rotate_tokens(&sent, entropy, &session).into_iter().flatten());
        SetCookie::put_under(&self.public_path(request), &mut cookies);
        let name = self.config().cookies(incoming.scheme).session.name.clone();
        Ok(ClaimsUpdate { session, name, cookies, stored: None })
    }

    /// Makes the question to a store that ends every session of a user who signed in with a provider.
    ///
    /// ```
    /// # fn disable(auth: &aura_proto::Auth, now: aura_proto::UnixTime) {
    /// let question = auth.end_sessions("github", "583231", now);
    /// # let _ = question;
    /// # }
    /// ```
    pub fn end_sessions(&self, provider: &str, sub: &str, now: UnixTime) -> EndSessions {
        let owners = ticket::owners(&self.config().keyring, provider, sub);
        EndSessions::Owner { owners, generation: now.as_millis() }
    }

    /// Makes the question to a store that lists the sessions of a user who signed in with a provider;
    /// [`read_sessions`](Self::read_sessions) reads the answer.
    ///
    /// ```
    /// # fn list(auth: &aura_proto::Auth) {
    /// let question = auth.list_sessions("github", "583231");
    /// # let _ = question;
    /// # }
    /// ```
    pub fn list_sessions(&self, provider: &str, sub: &str) -> ListSessions {
        ListSessions { owners: ticket::owners(&self.config().keyring, provider, sub) }
    }

    /// Reads a store's list of sessions. Those that have ended, and rows of other secrets, are left out.
    ///
    /// ```
    /// # fn read(auth: &aura_proto::Auth, now: aura_proto::UnixTime) {
    /// assert_eq!(auth.read_sessions(&aura_proto::store::Listed::default(), now), []);
    /// # }
    /// ```
    pub fn read_sessions(&self, listed: &Listed, now: UnixTime) -> Vec<DeviceSession> {
        DeviceSession::of(&self.config().keyring, listed, None, now)
    }

    fn context(
        &self,
        incoming: Incoming<'_>,
        request: RequestHead<'_>,
        entropy: Entropy,
    ) -> Result<RequestContext, SessionError> {
        let origin = public_origin(self.config(), request).map_err(|_| SessionError::UnknownHost)?;
        Ok(visiting::context(&self.0, incoming, &origin, entropy))
    }

    /// Reads the tokens that a provider granted for the signed-in user, where the provider is configured to keep them.
    ///
    /// They may have ended: `POST /providers/:oauth/user/refresh` and `GET /providers/:oauth/tokens` renew them.
    ///
    /// # Errors
    /// [`ProviderTokensError`] says why there are none.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let now = aura_proto::UnixTime::from_secs(1_790_000_000);
    /// let request = http::Request::get("/repositories").body(())?;
    /// let tokens = auth.provider_tokens("github", &request, now);
    /// assert_eq!(tokens, Err(aura_proto::ProviderTokensError::SignedOut));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Result<ProviderTokens, ProviderTokensError> {
        let request = request.into();
        let session = self.session(request, now)?;
        self.provider_tokens_of(&session, provider, request)
    }

    /// Does the same, and asks the store and the application where the configuration says so. The reading ends in
    /// [`ProviderTokensError`] where there are none.
    ///
    /// ```
    /// # use aura_proto::{Auth, ProviderTokens, Reading, UnixTime};
    /// # fn call(auth: &Auth, request: &http::Request<()>, now: UnixTime) -> Option<ProviderTokens> {
    /// match auth.begin_provider_tokens("github", request, now) {
    ///     Reading::Done(tokens) => tokens.ok(),
    ///     // The host asks, and resumes.
    ///     Reading::Check(_) | Reading::Store(_) => None,
    /// }
    /// # }
    /// ```
    pub fn begin_provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
    ) -> Reading<Result<ProviderTokens, ProviderTokensError>> {
        let request = request.into();
        let begun = self.incoming(request).and_then(|incoming| Ok((incoming.present(now)?, incoming)));
        let begun = begun.and_then(|(presented, incoming)| {
            let tokens = match &presented {
                Presented::Sealed(opened) => {
                    incoming.granted_tokens(Owner { provider, session: &opened.session })
                }
                Presented::Ticket(..) => Err(ProviderTokensError::Missing),
            };
            Ok((presented, tokens, self.context(incoming, request, Entropy::unused())?))
        });
        match begun {
            Ok((Presented::Sealed(_), tokens, _)) if self.config().session_checks == SessionChecks::None => {
                Reading::Done(tokens)
            }
            Ok((presented, tokens, cx)) => {
                let provider = provider.to_owned();
                io::start(now, |io| visiting::tokens(cx, io, presented, provider, tokens)).into()
            }
            Err(error) => Reading::Done(Err(error.into())),
        }
    }

    /// Reads the tokens that a provider granted for the user of a session that was read before.
    ///
    /// # Errors
    /// [`ProviderTokensError`] says why there are none.
    ///
    /// ```
    /// # use aura_proto::{Auth, Session, UnixTime};
    /// # fn call(auth: &Auth, session: &Session, headers: &http::HeaderMap) -> Option<String> {
    /// let tokens = auth.provider_tokens_of(session, "github", headers).ok()?;
    /// Some(tokens.access_token.expose().to_owned())
    /// # }
    /// ```
    pub fn provider_tokens_of<'a>(
        &self,
        session: &Session,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
    ) -> Result<ProviderTokens, ProviderTokensError> {
        self.incoming(request.into())?.granted_tokens(Owner { provider, session })
    }
}

/// Puts the paths of a visit's cookies under what browsers see in front of this site's paths.
fn under(public_path: &str, mut visited: Result<Visit, Respond>) -> Result<Visit, Respond> {
    let cookies = match &mut visited {
        Ok(visit) => &mut visit.cookies,
        Err(refusal) => &mut refusal.cookies,
    };
    SetCookie::put_under(public_path, cookies);
    visited
}
