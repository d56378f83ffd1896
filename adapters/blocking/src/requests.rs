//! What an application reads of a request: its session, the tokens of its user's providers, its CSRF token and its form.

use crate::driver::Driver;
use aura_proto::{FormToken, NoTokens, ReadyTokens, RequestError, RequestHead, Session, SessionError, Visit};
use bytes::Bytes;
use http::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

impl Driver {
    /// Reads the session of a request as `GET /session` does.
    ///
    /// # Errors
    /// The answer to a request without a session: 401 with the body of `GET /session`, 400 where the request's host is not
    /// the site's, 500 where the system gives no random bytes.
    ///
    /// ```
    /// # use bytes::Bytes;
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let driver = aura_blocking::Driver::new(auth, |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable))?;
    /// let request = http::Request::get("/account").body(())?;
    /// let refusal = driver.visit(&request).err();
    /// assert_eq!(refusal.map(|answer| answer.status().as_u16()), Some(401));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn visit<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<Visit, Response<Bytes>> {
        self.host().visit(request)
    }

    /// Changes the claims of a visit's session, which the answer that the visit finishes carries; see
    /// [`Auth::update_claims`](aura_proto::Auth::update_claims).
    ///
    /// # Errors
    /// The answer to a request whose session cannot take the claims: 500 where they cannot be written, 400 where they are too
    /// long.
    ///
    /// ```
    /// # use aura_blocking::Driver;
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// fn promote(driver: &Driver, request: &Request<()>) -> Result<Response<Bytes>, Response<Bytes>> {
    ///     let mut visit = driver.visit(request)?;
    ///     let claims = std::collections::BTreeMap::from([("role", "editor")]);
    ///     driver.update_claims(&mut visit, request, &claims)?;
    ///     Ok(visit.finish(Response::new("You are an editor.".into())))
    /// }
    /// ```
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn update_claims<'a>(
        &self,
        visit: &mut Visit,
        request: impl Into<RequestHead<'a>>,
        claims: &impl Serialize,
    ) -> Result<(), Response<Bytes>> {
        self.host().update_claims(visit, request, claims)
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
    /// # let driver = aura_blocking::Driver::new(auth, |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable))?;
    /// let request = http::Request::get("/account").body(())?;
    /// assert_eq!(driver.session(&request), Err(aura_proto::SessionError::Missing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn session<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<Session, SessionError> {
        self.host().session(request)
    }

    /// Makes tokens ready that a provider granted for the signed-in user, to call its API as this user. Where their access token has
    /// ended or is about to, they are refreshed: where a [store](Self::with_session_store) keeps them, one request spends a refresh
    /// token, on any number of instances, and the others go on with the earlier token while it serves. Finish the answer with them:
    /// without a store, cookies keep refreshed tokens.
    ///
    /// # Errors
    /// [`NoTokens`] says why there are none, and whether the user has to sign in again
    /// ([`needs_sign_in`](NoTokens::needs_sign_in)), or the same request may succeed later. Answer by a refusal of it, or finish another
    /// answer with it: where the refresh token is spent, cookies make the browser forget it.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let driver = aura_blocking::Driver::new(auth, |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable))?;
    /// let request = http::Request::get("/repositories").body(())?;
    /// let none = driver.provider_tokens("github", &request).err();
    /// assert!(none.is_some_and(|none| none.needs_sign_in()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn provider_tokens<'a>(
        &self,
        provider: &str,
        request: impl Into<RequestHead<'a>>,
    ) -> Result<ReadyTokens, NoTokens> {
        let reading = self.host().begin_provider_tokens(provider, request);
        self.host().end_provider_tokens(self.host().read_with(reading, |fetch| self.fetch_reading(fetch)))
    }

    /// Checks that a state-changing request to the application comes from a page of this site; see
    /// [`Auth::check_csrf`](aura_proto::Auth::check_csrf).
    ///
    /// # Errors
    /// [`RequestError`] says what is missing or wrong.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let driver = aura_blocking::Driver::new(auth, |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable))?;
    /// let request = http::Request::post("/account").body(())?;
    /// assert_eq!(driver.check_csrf(&request), Err(aura_proto::RequestError::CsrfCookieMissing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_csrf<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<(), RequestError> {
        self.host().check_csrf(request)
    }

    /// Checks the same of a request that an HTML form sent, with the token of its field; see
    /// [`Auth::check_form`](aura_proto::Auth::check_form).
    ///
    /// # Errors
    /// [`RequestError`] says what is missing or wrong.
    pub fn check_form<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        token: Option<&str>,
    ) -> Result<(), RequestError> {
        self.host().check_form(request, token)
    }

    /// Reads the form that a page of this site sent, and checks its token; see [`Auth::read_form`](aura_proto::Auth::read_form).
    ///
    /// # Errors
    /// [`RequestError`] says what is missing or wrong.
    pub fn read_form<'a, T: DeserializeOwned>(
        &self,
        request: impl Into<RequestHead<'a>>,
        body: &[u8],
    ) -> Result<T, RequestError> {
        self.host().read_form(request, body)
    }

    /// Returns a CSRF token for the forms of a page; see [`Auth::form_token`](aura_proto::Auth::form_token).
    ///
    /// # Errors
    /// The answer to a request for which there is none: 400 if its host is not the site's, 500 if the system gives no random
    /// bytes.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn form_token<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<FormToken, Response<Bytes>> {
        self.host().form_token(request)
    }
}
