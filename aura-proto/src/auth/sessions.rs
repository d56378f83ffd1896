//! Readings of the session that a request carries, by hosts and guards.

use super::Auth;
use crate::action::Reading;
use crate::connection::{RequestHead, named_host, public_origin};
use crate::cookie::set::SetCookie;
use crate::entropy::Entropy;
use crate::error::{Error, HostError, RequestError, not_updated};
use crate::flow::io;
use crate::flow::visiting::{self, Begun, Recheck};
use crate::incoming::Incoming;
use crate::provider_tokens::{Owner, ProviderTokens, ProviderTokensError};
use crate::response::Respond;
use crate::route::{Route, SiteRoute};
use crate::session::{Session, SessionChecks, SessionError, StepUp, update};
use crate::stored::presented::Presented;
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
            // What asks no store may serve for a while, and is not to be relied upon.
            Reading::Done(Ok(_)) if self.needs_store() => Err(SessionError::NeedsStore),
            Reading::Done(found) => found.map_err(|none| none.error),
            Reading::Check(_) => Err(SessionError::NeedsCheck),
            Reading::Store(_) | Reading::Fetch(..) | Reading::Pause(..) | Reading::RunToEnd(_) => {
                Err(SessionError::NeedsStore)
            }
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
        if let Some(session) = incoming.snapshot(&presented, now) {
            return Reading::Done(Ok(session));
        }
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
        self.begin_visit_by(request.into(), (now, Recheck::WhenDue), entropy)
    }

    /// Does the same, and asks the store even if it was asked a short while ago; see
    /// [`SessionPolicy::recheck`](crate::SessionPolicy::recheck).
    pub fn begin_certain_visit<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        now: UnixTime,
        entropy: Entropy,
    ) -> Reading<Result<Visit, Respond>> {
        self.begin_visit_by(request.into(), (now, Recheck::Always), entropy)
    }

    fn begin_visit_by(
        &self,
        request: RequestHead<'_>,
        (now, recheck): (UnixTime, Recheck),
        entropy: Entropy,
    ) -> Reading<Result<Visit, Respond>> {
        let refuse = |error: RequestError| {
            let refusal = Route::Site(SiteRoute::Session).refusal(error);
            Reading::Done(Err(refusal.of_host(named_host(self.config(), request))))
        };
        let origin = match public_origin(self.config(), request) {
            Ok(origin) => origin,
            Err(reason) => return refuse(reason.into()),
        };
        let incoming = Incoming { config: self.config(), scheme: origin.scheme(), headers: request.headers };
        let public_path = self.public_path(request);
        match visiting::begin(&self.0, incoming, &origin, (now, recheck), entropy) {
            Begun::Done(visited) => Reading::Done(visiting::under(&public_path, visited)),
            Begun::Waiting(waiting) => io::start(now, |io| waiting.finish_under(io, public_path)).into(),
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
            Reading::Done(Ok(_)) if self.needs_store() => Err(Respond::refusal(SessionError::NeedsStore)),
            Reading::Done(visited) => visited,
            Reading::Check(_) => Err(Respond::refusal(SessionError::NeedsCheck)),
            Reading::Store(_) | Reading::Fetch(..) | Reading::Pause(..) | Reading::RunToEnd(_) => {
                Err(Respond::refusal(SessionError::NeedsStore))
            }
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
        entropy: Entropy,
    ) -> Result<(), Error> {
        match self.begin_update(visit, request, claims, now, entropy) {
            Reading::Done(update) => visit.apply(update?),
            Reading::Check(_)
            | Reading::Store(_)
            | Reading::Fetch(..)
            | Reading::Pause(..)
            | Reading::RunToEnd(_) => return Err(HostError::SessionNeedsStore.into()),
        }
        Ok(())
    }

    /// Returns the path of the sign-in that leads to a session as a page requires it: append `redirectTo`, and send the browser
    /// there. It ends on the error page if the provider does not do what is required, so that a page that sends browsers there
    /// does not send them twice.
    ///
    /// # Errors
    /// [`RequestError::StepUpUnsupported`], where the provider is not configured, or is no OpenID Provider: nothing states then
    /// when, or how, it authenticates a user. So it is where no `acr` is accepted.
    ///
    /// ```
    /// use aura_proto::provider::Provider;
    /// use aura_proto::{Auth, RequestError, StepUp};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let work = Provider::openid("work", "https://id.example.com", "id");
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(work).build()?;
    /// let step_up = StepUp::default().acr(["phr"]);
    /// assert_eq!(auth.step_up_path(Some("work"), &step_up), Ok("/auth/signIn/work?acrValues=phr".to_owned()));
    /// assert_eq!(auth.step_up_path(Some("github"), &step_up), Err(RequestError::StepUpUnsupported));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn step_up_path(&self, provider: Option<&str>, step_up: &StepUp) -> Result<String, RequestError> {
        let is_able = |id: &&str| step_up.can_be_met() && self.config().is_openid(id);
        let id = provider.filter(is_able).ok_or(RequestError::StepUpUnsupported)?;
        Ok(format!("{}/signIn/{id}?{}", self.base_path(), step_up.query()))
    }

    pub(super) fn sealed_update(
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
        let mut cookies = cookies.map_err(not_updated)?;
        cookies.extend(incoming.rotate_tokens(&sent, entropy, &session, now).into_iter().flatten());
        SetCookie::put_under(&self.public_path(request), &mut cookies);
        let name = self.config().cookies(incoming.scheme).session.name.clone();
        Ok(ClaimsUpdate { session, name, cookies, stored: None })
    }

    /// Reads the tokens that a provider granted for the signed-in user, where the provider is configured to keep them.
    ///
    /// They may have ended: [`begin_provider_tokens`](Self::begin_provider_tokens) refreshes them.
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
        Ok(self.incoming(request.into())?.granted_tokens(Owner { provider, session })?)
    }
}
