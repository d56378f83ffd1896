//! CSRF tokens and forms of the application: issued and checked by the core, with a report of what is refused.

use crate::entropy::entropy;
use crate::host::Host;
use aura_proto::{Event, FormToken, RequestError, RequestHead, Respond};
use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

impl Host {
    /// Returns a CSRF token for the forms of a page, and reports it if it is new; see
    /// [`Auth::form_token`](aura_proto::Auth::form_token).
    ///
    /// # Errors
    /// The answer to a request for which there is none: 400 if its host is not the site's, 500 if the system gives no random
    /// bytes.
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn form_token<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<FormToken, Response<Bytes>> {
        let token = match entropy() {
            Ok(entropy) => self.auth().form_token(request, self.now(), entropy),
            Err(error) => Err(error.into()),
        };
        let mut token = token.map_err(|error| self.answer(Respond::refusal(error)))?;
        self.report(token.take_event().as_slice());
        Ok(token)
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
    /// # let host = aura_host::Host::new(auth);
    /// let request = http::Request::post("/account").body(())?;
    /// assert_eq!(host.check_csrf(&request), Err(aura_proto::RequestError::CsrfCookieMissing));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_csrf<'a>(&self, request: impl Into<RequestHead<'a>>) -> Result<(), RequestError> {
        self.checked(self.auth().check_csrf(request, self.now()))
    }

    /// Checks the same of a request that an HTML form sent, with the token of its field; see
    /// [`Auth::check_form`](aura_proto::Auth::check_form).
    ///
    /// # Errors
    /// As [`check_csrf`](Self::check_csrf).
    pub fn check_form<'a>(
        &self,
        request: impl Into<RequestHead<'a>>,
        token: Option<&str>,
    ) -> Result<(), RequestError> {
        self.checked(self.auth().check_form(request, token, self.now()))
    }

    /// Reads the form that a page of this site sent, and checks its token; see [`Auth::read_form`](aura_proto::Auth::read_form).
    ///
    /// # Errors
    /// As [`check_csrf`](Self::check_csrf), and if the fields do not have the type's shape.
    pub fn read_form<'a, T: DeserializeOwned>(
        &self,
        request: impl Into<RequestHead<'a>>,
        body: &[u8],
    ) -> Result<T, RequestError> {
        self.checked(self.auth().read_form(request, body, self.now()))
    }

    /// Reports a request that is refused.
    fn checked<T>(&self, found: Result<T, RequestError>) -> Result<T, RequestError> {
        found.inspect_err(|error| self.report(&[Event::RequestRefused { error: error.clone().into() }]))
    }
}
