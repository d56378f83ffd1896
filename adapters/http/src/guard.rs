//! The guard of pages that need a session.

use crate::driver::Driver;
use aura_proto::{Auth, Reading, Session, Visit};
use bytes::Bytes;
use http::{Extensions, Request, Response, Uri};
use std::pin::Pin;
use std::time::Duration;

/// Lets requests through that have a session. Cheap to clone.
///
/// It reads the session as `GET /session` does: its refusal is that route's answer, and it renews by the same policy.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
/// # let driver = aura_http::Driver::new(auth, client)?;
/// let guard = driver.guard();
/// let request = http::Request::get("/account").body(())?;
/// let page = match guard.check(&request).await {
///     Ok(visit) => {
///         let page = format!("Hello, {}", visit.session().user().sub());
///         visit.finish(http::Response::new(page.into()))
///     }
///     Err(refusal) => refusal,
/// };
/// assert_eq!(page.status(), 401);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    guard: aura_host::Guard,
    driver: Driver,
}

/// How far a check has come.
enum Turn {
    Done(Result<Visit, Response<Bytes>>),
    /// The application or the store has to be asked first.
    Ask(Pin<Box<dyn Future<Output = Result<Visit, Response<Bytes>>> + Send>>),
}

impl Guard {
    pub(crate) fn new(guard: aura_host::Guard, driver: Driver) -> Self {
        Self { guard, driver }
    }

    /// Redirects navigations without a session to this page of the site, with `redirectTo` as a parameter. The page must pass
    /// the parameter on to the sign-in, which checks it, and follow it nowhere itself.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// let guard = driver.guard().sign_in_page("/sign-in");
    /// let request = http::Request::get("/account").header("accept", "text/html").body(())?;
    /// let refusal = guard.check(&request).await.err().ok_or("a redirect")?;
    /// assert_eq!(refusal.status(), 302);
    /// assert_eq!(refusal.headers()["location"], "/sign-in?redirectTo=%2Faccount");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn sign_in_page(self, path: &str) -> Self {
        Self { guard: self.guard.sign_in_page(path), ..self }
    }

    /// Redirects them to the sign-in with a provider.
    #[must_use]
    pub fn sign_in_with(self, provider: &str) -> Self {
        Self { guard: self.guard.sign_in_with(provider), ..self }
    }

    /// Lets those through alone whom the provider authenticated at most this long ago, and sends others to sign in again; see
    /// [`aura_host::Guard::fresh`].
    ///
    /// ```
    /// # use std::time::Duration;
    /// # fn guard(guard: aura_http::Guard) -> aura_http::Guard {
    /// guard.fresh(Duration::from_secs(300))
    /// # }
    /// ```
    #[must_use]
    pub fn fresh(self, max_age: Duration) -> Self {
        Self { guard: self.guard.fresh(max_age), ..self }
    }

    /// Lets those through alone whose authentication met one of these context classes, and sends others to sign in again; see
    /// [`aura_host::Guard::acr`].
    ///
    /// ```
    /// # fn guard(guard: aura_http::Guard) -> aura_http::Guard {
    /// guard.acr(["phr", "phrh"])
    /// # }
    /// ```
    #[must_use]
    pub fn acr<A: AsRef<str>>(self, values: impl IntoIterator<Item = A>) -> Self {
        Self { guard: self.guard.acr(values), ..self }
    }

    /// Asks the store about the session of each request, even where the policy asks once in a while; see
    /// [`aura_host::Guard::certain`].
    ///
    /// ```
    /// # fn guard(guard: aura_http::Guard) -> aura_http::Guard {
    /// guard.certain()
    /// # }
    /// ```
    #[must_use]
    pub fn certain(self) -> Self {
        Self { guard: self.guard.certain(), ..self }
    }

    /// Lets those through alone whose session a rule allows: others who are signed in are refused (403), by a page where a
    /// browser asks for one. Where there are several rules, each has to allow the session.
    ///
    /// ```
    /// # fn guard(guard: aura_http::Guard) -> aura_http::Guard {
    /// guard.when(|session| session.claim_is("role", "admin"))
    /// # }
    /// ```
    #[must_use]
    pub fn when(self, allows: impl Fn(&Session) -> bool + Send + Sync + 'static) -> Self {
        Self { guard: self.guard.when(allows), ..self }
    }

    /// Takes note among a request's extensions that it has passed this guard, for guards behind it; see
    /// [`aura_host::Guard::note_passed`].
    ///
    /// ```
    /// # async fn enter(outer: &aura_http::Guard, inner: &aura_http::Guard, mut request: http::Request<()>) -> bool {
    /// if outer.check(&request).await.is_err() {
    ///     return false;
    /// }
    /// outer.note_passed(request.extensions_mut());
    /// inner.check(&request).await.is_ok()
    /// # }
    /// ```
    pub fn note_passed(&self, extensions: &mut Extensions) {
        self.guard.note_passed(extensions);
    }

    /// Returns the configuration whose sessions the guard lets through.
    pub fn auth(&self) -> &Auth {
        self.guard.auth()
    }

    /// Returns the visit of a request with a session, or the answer to one without.
    ///
    /// # Errors
    /// The answer: 401 with the body of `GET /session` or where the authentication is too old or too weak, 302 to sign in, 403 where
    /// a rule does not allow the session, or its provider cannot step up, 400 where
    /// the request's host is not the site's, 500 where the system gives no random bytes, or 503 where the application cannot
    /// check the session.
    pub fn check<B>(
        &self,
        request: &Request<B>,
    ) -> impl Future<Output = Result<Visit, Response<Bytes>>> + Send + use<B> {
        self.check_at(request, request.uri())
    }

    /// Does the same for a request whose URL was rewritten on its way here.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
    /// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
    /// # let driver = aura_http::Driver::new(auth, client)?;
    /// let original = http::Uri::from_static("/shop/account");
    /// let request = http::Request::get("/account").header("accept", "text/html").body(())?;
    /// let refusal = driver.guard().check_at(&request, &original).await.err().ok_or("a redirect")?;
    /// assert_eq!(refusal.headers()["location"], "/auth/signIn?redirectTo=%2Fshop%2Faccount");
    /// # Ok(()) }
    /// ```
    pub fn check_at<B>(
        &self,
        request: &Request<B>,
        original: &Uri,
    ) -> impl Future<Output = Result<Visit, Response<Bytes>>> + Send + use<B> {
        let (reading, entry) = self.guard.begin_at(request, original);
        let turn = match reading {
            // Most requests have nothing to await.
            Reading::Done(visited) => Turn::Done(self.guard.end(entry, visited)),
            reading @ (Reading::Check(_)
            | Reading::Store(_)
            | Reading::Fetch(..)
            | Reading::Pause(..)
            | Reading::RunToEnd(_)) => {
                let Self { guard, driver } = self.clone();
                Turn::Ask(Box::pin(async move { guard.end(entry, driver.read(reading).await) }))
            }
        };
        async move {
            match turn {
                Turn::Done(outcome) => outcome,
                Turn::Ask(asked) => asked.await,
            }
        }
    }
}
