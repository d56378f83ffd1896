//! The guard of pages that need a session.

use aura_proto::{Auth, Visit};
use bytes::Bytes;
use http::{Request, Response, Uri};
use std::future::ready;

/// Lets requests through that have a session. Cheap to clone.
///
/// It reads the session as `GET /session` does: its refusal is that route's answer, and it renews by the same policy.
///
/// ```
/// # async fn page(guard: &aura_http::Guard, request: &http::Request<()>) -> http::Response<bytes::Bytes> {
/// match guard.check(request).await {
///     Ok(visit) => {
///         let page = format!("Hello, {}", visit.session().user().sub());
///         visit.finish(http::Response::new(page.into()))
///     }
///     Err(refusal) => refusal,
/// }
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Guard(aura_host::Guard);

impl Guard {
    pub(crate) fn new(guard: aura_host::Guard) -> Self {
        Self(guard)
    }

    /// Sends people who are not signed in to this page of the site, with `redirectTo` as a parameter: only where a browser
    /// asks for a page. The page must pass the parameter on to the sign-in, which checks it, and follow it nowhere itself.
    ///
    /// ```
    /// # fn guard(guard: aura_http::Guard) -> aura_http::Guard {
    /// guard.sign_in_page("/sign-in")
    /// # }
    /// ```
    #[must_use]
    pub fn sign_in_page(self, path: &str) -> Self {
        Self(self.0.sign_in_page(path))
    }

    /// Sends them to a provider at once.
    ///
    /// ```
    /// # fn guard(guard: aura_http::Guard) -> aura_http::Guard {
    /// guard.sign_in_with("github")
    /// # }
    /// ```
    #[must_use]
    pub fn sign_in_with(self, provider: &str) -> Self {
        Self(self.0.sign_in_with(provider))
    }

    /// Returns the configuration whose sessions the guard lets through.
    ///
    /// ```
    /// # fn show(guard: &aura_http::Guard) {
    /// println!("sign in under {}", guard.auth().base_path());
    /// # }
    /// ```
    pub fn auth(&self) -> &Auth {
        self.0.auth()
    }

    /// Lets a request pass, or says how to answer it.
    ///
    /// # Errors
    /// The answer: 401 with the body of `GET /session`, 302 to sign in, 400 where the request's host is not the site's, or
    /// 500 where the system gives no random bytes.
    ///
    /// ```
    /// # async fn is_signed_in(guard: &aura_http::Guard, request: &http::Request<()>) -> bool {
    /// guard.check(request).await.is_ok()
    /// # }
    /// ```
    pub fn check<B>(
        &self,
        request: &Request<B>,
    ) -> impl Future<Output = Result<Visit, Response<Bytes>>> + Send + use<B> {
        ready(self.0.check(request))
    }

    /// Does the same for a request whose URL was rewritten on its way here.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// ```
    /// # async fn check(guard: &aura_http::Guard, request: &http::Request<()>, original: &http::Uri) -> bool {
    /// guard.check_at(request, original).await.is_ok()
    /// # }
    /// ```
    pub fn check_at<B>(
        &self,
        request: &Request<B>,
        original: &Uri,
    ) -> impl Future<Output = Result<Visit, Response<Bytes>>> + Send + use<B> {
        ready(self.0.check_at(request, original))
    }
}
