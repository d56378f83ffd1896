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
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// let request = http::Request::get("/account").body(())?;
    /// let refusal = driver.visit(&request).await.err();
    /// assert_eq!(refusal.map(|answer| answer.status().as_u16()), Some(401));
    /// # Ok(()) }
    /// ```
    pub fn visit<'a, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<Visit, Response<Bytes>>> + Send + use<'a, '_, R> {
        let head = request.into();
        async move {
            let visited = self.read(self.host().begin_visit(head)).await;
            self.host().end_visit(visited)
        }
    }

    /// Changes the claims of a visit's session, which the answer that the visit finishes carries; see
    /// [`Auth::update_claims`](aura_proto::Auth::update_claims).
    ///
    /// # Errors
    /// The answer to a request whose session cannot take the claims: 500 where they cannot be written, 400 where they are too
    /// long.
    ///
    /// ```
    /// # use aura_http::Driver;
    /// # use bytes::Bytes;
    /// # use http::{Request, Response};
    /// async fn promote(driver: &Driver, request: Request<()>) -> Result<Response<Bytes>, Response<Bytes>> {
    ///     let mut visit = driver.visit(&request).await?;
    ///     driver.update_claims(&mut visit, &request, &std::collections::BTreeMap::from([("role", "editor")])).await?;
    ///     Ok(visit.finish(Response::new("You are an editor.".into())))
    /// }
    /// ```
    pub fn update_claims<'s, 'a, R: Into<RequestHead<'a>>, C: Serialize + ?Sized>(
        &'s self,
        visit: &'s mut Visit,
        request: R,
        claims: &C,
    ) -> impl Future<Output = Result<(), Response<Bytes>>> + Send + use<'s, 'a, R, C> {
        let reading = self.host().begin_update(visit, request, claims);
        async move {
            let updated = self.read(reading).await;
            self.host().end_update(visit, updated)
        }
    }

    /// Reads the session of a request alone: nothing is renewed.
    ///
    /// # Errors
    /// [`SessionError`] says why there is none.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// let request = http::Request::get("/account").body(())?;
    /// assert_eq!(driver.session(&request).await, Err(aura_proto::SessionError::Missing));
    /// # Ok(()) }
    /// ```
    pub fn session<'a, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<Session, SessionError>> + Send + use<'a, '_, R> {
        let head = request.into();
        async move {
            let read = self.read(self.auth().begin_session(head, self.now())).await;
            self.host().end_session(read)
        }
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
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// use aura_proto::Respond;
    ///
    /// let request = http::Request::get("/repositories").body(())?;
    /// let page = match driver.provider_tokens("github", &request).await {
    ///     Ok(tokens) => {
    ///         let page = format!("Authorization: Bearer {}", tokens.access_token.expose());
    ///         tokens.finish(http::Response::new(page.into()))
    ///     }
    ///     Err(none) if none.needs_sign_in() => {
    ///         let sign_in = http::Response::builder().status(303).header("location", "/auth/signIn/github?redirectTo=/repositories");
    ///         none.finish(sign_in.body("".into())?)
    ///     }
    ///     Err(none) => Respond::refusal(none).into_response(),
    /// };
    /// assert_eq!(page.status(), 303);
    /// # Ok(()) }
    /// ```
    pub fn provider_tokens<'a, R: Into<RequestHead<'a>>>(
        &self,
        provider: &str,
        request: R,
    ) -> impl Future<Output = Result<ReadyTokens, NoTokens>> + Send + use<'a, '_, R> {
        let reading = self.host().begin_provider_tokens(provider, request);
        async move {
            let ready = self.read(reading).await;
            self.host().end_provider_tokens(ready)
        }
    }

    /// Checks that a state-changing request to the application comes from a page of this site; see
    /// [`Auth::check_csrf`](aura_proto::Auth::check_csrf).
    ///
    /// # Errors
    /// [`RequestError`] says what is missing or wrong.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// let request = http::Request::post("/account").body(())?;
    /// assert_eq!(driver.check_csrf(&request).await, Err(aura_proto::RequestError::CsrfCookieMissing));
    /// # Ok(()) }
    /// ```
    pub fn check_csrf<'a, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<(), RequestError>> + Send + use<'a, '_, R> {
        let head = request.into();
        async move { self.host().check_csrf(head) }
    }

    /// Checks the same of a request that an HTML form sent, with the token of its field; see
    /// [`Auth::check_form`](aura_proto::Auth::check_form).
    ///
    /// # Errors
    /// [`RequestError`] says what is missing or wrong.
    pub fn check_form<'a, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
        token: Option<&str>,
    ) -> impl Future<Output = Result<(), RequestError>> + Send + use<'a, '_, R> {
        let (head, token) = (request.into(), token.map(str::to_owned));
        async move { self.host().check_form(head, token.as_deref()) }
    }

    /// Reads the form that a page of this site sent, and checks its token; see [`Auth::read_form`](aura_proto::Auth::read_form).
    ///
    /// # Errors
    /// [`RequestError`] says what is missing or wrong.
    pub fn read_form<'a, T: DeserializeOwned, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
        body: &'a [u8],
    ) -> impl Future<Output = Result<T, RequestError>> + Send + use<'a, '_, T, R> {
        let head = request.into();
        async move { self.host().read_form(head, body) }
    }

    /// Returns a CSRF token for the forms of a page; see [`Auth::form_token`](aura_proto::Auth::form_token).
    ///
    /// # Errors
    /// The answer to a request for which there is none: 400 if its host is not the site's, 500 if the system gives no random
    /// bytes.
    pub fn form_token<'a, R: Into<RequestHead<'a>>>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<FormToken, Response<Bytes>>> + Send + use<'a, '_, R> {
        let head = request.into();
        async move { self.host().form_token(head) }
    }
}
