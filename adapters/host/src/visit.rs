//! Readings of a session by a host: visits of signed-in users, and the application's check of each.

use crate::entropy::entropy;
use crate::host::Host;
use crate::record::record_unused_store;
use crate::recording::Recording;
use crate::store::{BlockingSessionStore, answer_blocking, answer_blocking_recorded, logged};
use aura_proto::store::StoreFailed;
use aura_proto::{
    Auth, ClaimsUpdate, DeviceSession, Entropy, Error, Event, Fetch, FetchError, NoSession, NoTokens,
    PendingReading, ProviderTokensError, Reading, ReadyTokens, RequestHead, Respond, Session,
    SessionDecision, SessionError, StoreQuestion, Visit,
};
use bytes::Bytes;
use http::Response;
use serde::Serialize;
use std::sync::Arc;
use std::thread;

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

    /// Has every session that a request carries checked, by whoever carries out [`Step::Check`](crate::Step::Check) and the questions
    /// of [`begin_visit`](Self::begin_visit).
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
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let request = http::Request::get("/account").body(())?;
    /// let refusal = host.visit(&request).err();
    /// assert_eq!(refusal.map(|answer| answer.status().as_u16()), Some(401));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn visit<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<Visit, Response<Bytes>> {
        self.end_visit(self.read(self.begin_visit(request)))
    }

    /// Keeps sessions in a store, where the policy says so: for servers that block. Where it does not, a warning is logged.
    ///
    /// ```
    /// # fn host(auth: aura_proto::Auth) {
    /// let host = aura_host::Host::new(auth).session_store(aura_host::store::MemoryStore::default());
    /// # let _ = host;
    /// # }
    /// ```
    #[must_use]
    pub fn session_store(mut self, store: impl BlockingSessionStore) -> Self {
        self.inner().store = Some(Arc::new(store));
        self.beside_store()
    }

    /// Warns where the policy asks no store, for a driver that asks its own.
    #[doc(hidden)]
    #[must_use]
    pub fn beside_store(self) -> Self {
        if !self.auth().needs_store() {
            record_unused_store();
        }
        self
    }

    /// Reads the session of a request, to the first question.
    pub fn begin_visit<'a>(&self, request: impl Into<RequestHead<'a>>) -> Reading<Result<Visit, Respond>> {
        self.visit_by(|entropy| self.auth().begin_visit(request, self.now(), entropy))
    }

    /// Does the same, and asks the store even if it was asked a short while ago.
    pub(crate) fn begin_certain_visit<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
    ) -> Reading<Result<Visit, Respond>> {
        self.visit_by(|entropy| self.auth().begin_certain_visit(request, self.now(), entropy))
    }

    fn visit_by(
        &self,
        begin: impl FnOnce(Entropy) -> Reading<Result<Visit, Respond>>,
    ) -> Reading<Result<Visit, Respond>> {
        match entropy() {
            Ok(entropy) => begin(entropy),
            Err(error) => {
                let path = format!("{}/session", self.auth().base_path());
                Reading::Done(Err(self.auth().refuse(&path, error)))
            }
        }
    }

    /// Asks what a reading asks, on the calling thread: the function of [`check_session`](Self::check_session), and the store of
    /// [`session_store`](Self::session_store). No provider is asked: [`read_with`](Self::read_with) does.
    ///
    /// ```
    /// # fn is_signed_in(host: &aura_host::Host, request: &http::Request<()>) -> bool {
    /// host.read(host.begin_visit(request)).is_ok()
    /// # }
    /// ```
    pub fn read<T>(&self, reading: Reading<T>) -> T {
        self.read_with(reading, |fetch| fetch.pending.resume(Err(FetchError::Unreachable), self.now()))
    }

    /// Does the same, with a function that performs exchanges with providers and resumes.
    ///
    /// ```
    /// # use aura_proto::{FetchError, Reading};
    /// # fn read<T>(host: &aura_host::Host, reading: Reading<T>) -> T {
    /// host.read_with(reading, |fetch| fetch.pending.resume(Err(FetchError::TimedOut), host.now()))
    /// # }
    /// ```
    pub fn read_with<T>(
        &self,
        mut reading: Reading<T>,
        fetch: impl Fn(Fetch<PendingReading<T>>) -> Reading<T>,
    ) -> T {
        loop {
            reading = match reading {
                Reading::Done(found) => return found,
                Reading::Check(question) => {
                    let decision = self.decide(Some(&question.session));
                    question.pending.resume(decision, self.now())
                }
                Reading::Store(question) => self.ask_store(question),
                Reading::Fetch(_, exchange) => fetch(*exchange),
                Reading::Pause(length, rest) => {
                    thread::sleep(length);
                    rest.resume(self.now())
                }
                // A thread cannot be abandoned.
                Reading::RunToEnd(rest) => rest.resume(self.now()),
            };
        }
    }

    /// Asks the store of [`session_store`](Self::session_store), on the calling thread, and continues the flow.
    pub fn ask_store<A>(&self, question: StoreQuestion<A>) -> A {
        answer_blocking(self.store(), question, || self.now())
    }

    /// Does the same, and records the answer.
    pub fn ask_store_recorded<A>(&self, question: StoreQuestion<A>, recording: &mut Recording) -> A {
        answer_blocking_recorded(self.store(), question, recording, || self.now())
    }

    /// Lists the sessions of a user who signed in with a provider, for a page of the administration. Only where a store keeps them.
    ///
    /// # Errors
    /// [`StoreFailed`], where there is no store, or it cannot answer.
    ///
    /// ```
    /// # fn list(host: &aura_host::Host) -> Result<(), aura_proto::store::StoreFailed> {
    /// for device in host.sessions("github", "583231")? {
    ///     println!("{}", device.device);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn sessions(&self, provider: &str, sub: &str) -> Result<Vec<DeviceSession>, StoreFailed> {
        let store = self.store().ok_or(StoreFailed)?;
        let listed = logged(store.list(self.auth().list_sessions(provider, sub)))?;
        Ok(self.auth().read_sessions(&listed, self.now()))
    }

    /// Ends every session of a user who signed in with a provider: at once, and for good. Returns how many rows the store deleted.
    /// Sessions in sealed cookies go on, where the policy does not keep sessions in a store.
    ///
    /// # Errors
    /// [`StoreFailed`], where there is no store, or it cannot answer: the sessions may go on then.
    ///
    /// ```
    /// # fn disable(host: &aura_host::Host) -> Result<u64, aura_proto::store::StoreFailed> {
    /// host.end_sessions("github", "583231")
    /// # }
    /// ```
    pub fn end_sessions(&self, provider: &str, sub: &str) -> Result<u64, StoreFailed> {
        let store = self.store().ok_or(StoreFailed)?;
        let ended = logged(store.end(self.auth().end_sessions(provider, sub, self.now())))?;
        self.report(&[Event::SessionsEnded { sub: Some(sub.to_owned()), ended }]);
        Ok(ended)
    }

    /// Ends a visit, and reports what happened.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn end_visit(&self, visited: Result<Visit, Respond>) -> Result<Visit, Response<Bytes>> {
        let mut visit = visited.map_err(|refusal| self.answer(refusal))?;
        self.report(&visit.take_events());
        Ok(visit)
    }

    /// Reads the session of a request alone: nothing is renewed.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let host = aura_host::Host::new(auth);
    /// let request = http::Request::get("/account").body(())?;
    /// assert_eq!(host.session(&request), Err(aura_proto::SessionError::Missing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn session<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<Session, SessionError> {
        self.end_session(self.read(self.auth().begin_session(request, self.now())))
    }

    /// Ends the reading of a session, and reports one that was refused by the application.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    pub fn end_session(&self, read: Result<Session, NoSession>) -> Result<Session, SessionError> {
        read.map_err(|NoSession { error, events, .. }| {
            self.report(&events);
            error
        })
    }

    /// Makes tokens of a provider ready for a call, to the first question; see [`Auth::begin_provider_tokens`].
    pub fn begin_provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
    ) -> Reading<Result<ReadyTokens, NoTokens>> {
        match entropy() {
            Ok(entropy) => self.auth().begin_provider_tokens(provider, request, self.now(), entropy),
            Err(_) => Reading::Done(Err(ProviderTokensError::Unavailable.into())),
        }
    }

    /// Ends the preparation of tokens, and reports what happened.
    ///
    /// # Errors
    /// [`NoTokens`] says why there are none.
    pub fn end_provider_tokens(&self, ready: Result<ReadyTokens, NoTokens>) -> Result<ReadyTokens, NoTokens> {
        match ready {
            Ok(mut tokens) => {
                self.report(&tokens.take_events());
                Ok(tokens)
            }
            Err(mut none) => {
                self.report(&std::mem::take(&mut none.events));
                Err(none)
            }
        }
    }

    /// Changes the claims of a visit's session, which the answer that the visit finishes carries, and reports it; see
    /// [`Auth::update_claims`].
    ///
    /// # Errors
    /// The answer to a request whose session cannot take the claims: 500 where they cannot be written, 400 where they are too
    /// long.
    ///
    /// ```
    /// # use aura_host::Host;
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// fn promote(host: &Host, request: &Request<()>) -> Result<Response<Bytes>, Response<Bytes>> {
    ///     let mut visit = host.visit(request)?;
    ///     let claims = std::collections::BTreeMap::from([("role", "editor")]);
    ///     host.update_claims(&mut visit, request, &claims)?;
    ///     Ok(visit.finish(Response::new("You are an editor.".into())))
    /// }
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn update_claims<'a>(
        &self,
        visit: &mut Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &(impl Serialize + ?Sized),
    ) -> Result<(), Response<Bytes>> {
        let updated = self.read(self.begin_update(visit, request, claims));
        self.end_update(visit, updated)
    }

    /// Changes the claims of a visit's session, to the first question.
    pub fn begin_update<'a>(
        &self,
        visit: &Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &(impl Serialize + ?Sized),
    ) -> Reading<Result<ClaimsUpdate, Error>> {
        match entropy() {
            Ok(entropy) => self.auth().begin_update(visit, request, claims, self.now(), entropy),
            Err(error) => Reading::Done(Err(error.into())),
        }
    }

    /// Ends a change of claims, and reports it.
    ///
    /// # Errors
    /// As [`update_claims`](Self::update_claims).
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn end_update(
        &self,
        visit: &mut Visit,
        updated: Result<ClaimsUpdate, Error>,
    ) -> Result<(), Response<Bytes>> {
        visit.apply(updated.map_err(|error| self.answer(Respond::refusal(error)))?);
        self.report(&visit.take_events());
        Ok(())
    }
}
