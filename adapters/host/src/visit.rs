//! Readings of a session by a host: visits of signed-in users, and the application's check of each.

use crate::entropy::entropy;
use crate::host::Host;
use aura_proto::{
    Auth, RequestHead, Respond, Session, SessionDecision, SessionError, UncheckedSession, UncheckedVisit,
    Visit,
};
use bytes::Bytes;
use http::Response;
use serde::Serialize;
use std::sync::Arc;

/// The application's check of a session, where it needs no runtime.
pub(crate) type Check = dyn Fn(&Session) -> SessionDecision + Send + Sync;

/// Says that a host without a check cannot decide, and logs it.
pub(crate) fn undecided(_: &Session) -> SessionDecision {
    tracing::error!(target: "aura", "this configuration checks sessions, and no check is set: give the driver one by check_session");
    SessionDecision::Unavailable
}

impl Host {
    /// Has every session that a request carries checked by a function, on the thread that asks.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).check_session(|session| session.user().sub() != "583231");
    /// # let _ = host;
    /// # }
    /// ```
    #[must_use]
    pub fn check_session<D: Into<SessionDecision>>(
        self,
        check: impl Fn(&Session) -> D + Send + Sync + 'static,
    ) -> Self {
        let mut host = self.ask_about_sessions();
        host.inner().check = Arc::new(move |session| check(session).into());
        host
    }

    /// Has every session that a request carries checked, by whoever carries out [`Step::Check`](crate::Step::Check) and ends what
    /// [`begin_visit`](Self::begin_visit) begins.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).ask_about_sessions();
    /// # let _ = host;
    /// # }
    /// ```
    #[must_use]
    pub fn ask_about_sessions(mut self) -> Self {
        let inner = self.inner();
        inner.auth = Auth::with_session_checks(inner.auth.clone());
        self
    }

    /// Reads the session of a request as `GET /session` does, and reports what happened.
    ///
    /// # Errors
    /// The answer to a request without a session: 401 with the body of `GET /session`, 400 where the request's host is not
    /// the site's, 500 where the system gives no random bytes, 503 where the application cannot check the session.
    ///
    /// ```
    /// # fn is_signed_in(host: &aura_host::Host, request: &http::Request<()>) -> bool {
    /// host.visit(request).is_ok()
    /// # }
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn visit<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<Visit, Response<Bytes>> {
        let begun = self.begin_visit(request)?;
        let decision = self.decide(begun.question());
        self.end_visit(begun, &decision)
    }

    /// Reads the session of a request, before the application's check.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn begin_visit<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
    ) -> Result<UncheckedVisit, Response<Bytes>> {
        let begun = match entropy() {
            Ok(entropy) => self.auth().begin_visit(request, self.now(), entropy),
            Err(error) => Err(self.auth().refuse(&format!("{}/session", self.auth().base_path()), error)),
        };
        begun.map_err(|refusal| self.answer(refusal))
    }

    /// Ends a visit with the application's decision, and reports what happened.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn end_visit(
        &self,
        begun: UncheckedVisit,
        decision: &SessionDecision,
    ) -> Result<Visit, Response<Bytes>> {
        let mut visit = begun.resume(decision).map_err(|refusal| self.answer(refusal))?;
        self.report(&visit.take_events());
        Ok(visit)
    }

    /// Reads the session of a request alone: nothing is renewed.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    ///
    /// ```
    /// # fn is_signed_in(host: &aura_host::Host, request: &http::Request<()>) -> bool {
    /// host.session(request).is_ok()
    /// # }
    /// ```
    pub fn session<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<Session, SessionError> {
        let read = self.auth().begin_session(request, self.now())?;
        let decision = self.decide(read.question());
        self.end_session(read, &decision)
    }

    /// Ends the reading of a session with the application's decision, and reports a session that it ends.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    pub fn end_session(
        &self,
        read: UncheckedSession,
        decision: &SessionDecision,
    ) -> Result<Session, SessionError> {
        let event = read.question().and_then(|session| decision.event(session));
        self.report(event.as_slice());
        read.resume(decision)
    }

    /// Changes the claims of a visit's session, and reports it; see [`Auth::update_claims`].
    ///
    /// # Errors
    /// The answer to a request whose session cannot take the claims: 500 where they cannot be written, 400 where they are too
    /// long.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn update_claims<'a>(
        &self,
        visit: &mut Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &impl Serialize,
    ) -> Result<(), Response<Bytes>> {
        let updated = match entropy() {
            Ok(entropy) => self.auth().update_claims(visit, request, claims, self.now(), entropy),
            Err(error) => Err(error.into()),
        };
        updated.map_err(|error| self.answer(Respond::refusal(error)))?;
        self.report(&visit.take_events());
        Ok(())
    }
}
