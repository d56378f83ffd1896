//! Limits of the application's own routes, by the same idea of a client's address.

use super::Auth;
use crate::connection::RequestHead;
use crate::counting;
use crate::limits::{CountRequest, Limits, Quota};

impl Auth {
    /// Makes the question that counts a request to one of the application's own routes by its client's
    /// [address](Self::client_address). Rules of different names count apart. Clients of unknown addresses share one count, at ten
    /// times the quota.
    ///
    /// ```
    /// use aura_proto::{Auth, Connection, Quota, Salt, Scheme, Secret};
    /// use std::time::Duration;
    /// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// let quota = Quota::new(20, Duration::from_secs(60));
    ///
    /// let mut request = http::Request::get("/search").body(())?;
    /// assert_eq!(auth.count_request("search", quota, &request).quota.burst(), 200);
    /// request.extensions_mut().insert(Connection::new(Scheme::Https).with_peer("192.0.2.1".parse()?));
    /// let question = auth.count_request("search", quota, &request);
    /// assert_eq!(question.quota, quota);
    /// assert_ne!(question.key, auth.count_request("export", quota, &request).key);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn count_request<'a>(
        &self,
        rule: &str,
        quota: Quota,
        request: impl Into<RequestHead<'a>>,
    ) -> CountRequest {
        counting::of_application(self.config(), rule, quota, request.into())
    }

    /// Returns the limits of the routes.
    pub fn limits(&self) -> &Limits {
        &self.config().limits
    }
}
