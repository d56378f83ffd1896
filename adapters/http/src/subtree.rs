//! The guard over a subtree of routes, for the layers of frameworks.

use crate::driver::Driver;
use crate::guard::Guard;
use aura_proto::Visit;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::ready;
use http::{Request, Response, StatusCode, Uri};

/// A guard of whatever stands below a layer, be it pages or by mistake the driver's own routes. Cheap to clone.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let client = async |_: http::Request<bytes::Bytes>| Err(aura_proto::FetchError::Unreachable);
/// # let driver = aura_http::Driver::new(auth, client)?;
/// use aura_http::SubtreeGuard;
///
/// let request = http::Request::get("/account").body(())?;
/// let refused = SubtreeGuard::requiring(driver.guard()).check_at(&request, request.uri()).await;
/// assert_eq!(refused.err().map(|answer| answer.status().as_u16()), Some(401));
/// let passes = SubtreeGuard::renewing(&driver).check_at(&request, request.uri()).await;
/// assert!(matches!(passes, Ok(None)));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SubtreeGuard {
    guard: Guard,
    others: Others,
}

/// What becomes of requests without a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    Refused,
    LetThrough,
}

impl SubtreeGuard {
    /// Makes a guard that refuses requests without a session, or whose session a rule does not allow. The driver's own routes pass
    /// without a session, and an error is logged: if they were refused, no user could sign in.
    pub fn requiring(guard: Guard) -> Self {
        Self { guard, others: Others::Refused }
    }

    /// Makes a guard that lets every request through, and renews the sessions that there are by their policy. On the driver's own
    /// routes, which renew by themselves, and on the sign-in page and the error page, which are for who is not signed in, it reads none.
    pub fn renewing(driver: &Driver) -> Self {
        Self { guard: driver.guard(), others: Others::LetThrough }
    }

    /// Returns the guard.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Returns the visit of a request with a session, and `None` of one that passes without; `original` is the URL before routers
    /// rewrote it.
    ///
    /// # Errors
    /// The answer to a request that does not pass, as [`Guard::check`].
    #[expect(clippy::result_large_err, reason = "the refusal is the answer, and is sent at once")]
    pub fn check_at<B>(
        &self,
        request: &Request<B>,
        original: &Uri,
    ) -> impl Future<Output = Result<Option<Visit>, Response<Bytes>>> + Send + use<B> {
        let (others, auth, path) = (self.others, self.guard.auth(), original.path());
        let is_ours = auth.is_route(path);
        let is_unread = others == Others::LetThrough && (is_ours || auth.is_entrance(path));
        if is_ours && others == Others::Refused {
            tracing::error!(target: "aura", path, "a layer that requires a session stands over the router's own routes: put those beside it");
        }
        if is_unread {
            return ready(Ok(None)).left_future();
        }
        // An async block would keep further copies of the future, which layers box.
        let check = self.guard.check_at(request, original).map(move |checked| match checked {
            Ok(visit) => Ok(Some(visit)),
            Err(_) if others == Others::LetThrough => Ok(None),
            Err(refusal) if is_ours && refusal.status() == StatusCode::UNAUTHORIZED => Ok(None),
            Err(refusal) => Err(refusal),
        });
        check.right_future()
    }
}
