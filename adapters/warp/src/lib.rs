//! Sign-in for warp: filters for the [`routes`], for a [`session`], and for what is refused without one.
//!
//! ```no_run
//! use aura_warp::{Auth, Driver, DriverError, HttpClient, Visit, guard, recover, routes};
//! use warp::{Filter, Reply};
//!
//! async fn serve(auth: Auth) -> Result<(), DriverError> {
//!     let driver = Driver::new(auth, HttpClient::new())?;
//!     let private = warp::path!("private")
//!         .and(guard(driver.guard().sign_in_with("github")))
//!         .map(|visit: Visit| {
//!             let page = format!("Hello, {}", visit.session().user().sub());
//!             visit.finish(page.into_response())
//!         });
//!     let app = routes(driver).or(private).recover(recover);
//!     warp::serve(app).run(([127, 0, 0, 1], 3000)).await;
//!     Ok(())
//! }
//! ```
//!
//! The peer's address reaches the core by itself; a server that ends TLS itself puts an [`aura_proto::Connection`] among
//! the extensions of its requests.
#![forbid(unsafe_code)]

mod head;

// What an application needs of the core, so that one dependency is enough.
#[doc(no_inline)]
pub use aura_http::application::*;

#[cfg(feature = "client")]
pub use aura_http::HttpClient;
#[cfg(feature = "replay")]
pub use aura_http::replay;
pub use aura_http::{Client, Driver, DriverError, Guard, Limiter, env, now, provider, store};

use bytes::Bytes;
use head::{Incoming, head};
use http::header::CONTENT_LENGTH;
use http::{Request, Response};
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::future::ready;
use warp::reject::Reject;
use warp::{Filter, Rejection};

/// Longest form that is read, in bytes.
const MAX_FORM: u64 = 64 * 1024;

/// Answers everything under the base path.
pub fn routes(
    driver: Driver,
) -> impl Filter<Extract = (Response<Bytes>,), Error = Rejection> + Clone + Send + Sync + 'static {
    let auth = driver.auth().clone();
    let is_owned = move |path: warp::path::FullPath| {
        ready(if auth.owns(path.as_str()) { Ok(()) } else { Err(warp::reject::not_found()) })
    };
    let owned = warp::path::full().and_then(is_owned).untuple_one();
    owned.and(head()).and(warp::body::stream()).then(move |head: Request<()>, body| {
        let driver = driver.clone();
        async move { driver.answer(head.map(|()| Incoming::new(body))).await }
    })
}

/// Extracts the session, or refuses with [`Refused`].
///
/// ```
/// use aura_warp::{Driver, Session, session};
/// use warp::{Filter, Rejection, Reply};
///
/// fn name(driver: &Driver) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
///     warp::path!("name").and(session(driver)).map(|session: Session| session.user().sub().to_owned())
/// }
/// ```
pub fn session(
    driver: &Driver,
) -> impl Filter<Extract = (Session,), Error = Rejection> + Clone + Send + Sync + use<> {
    let driver = driver.clone();
    head().and_then(move |head: Request<()>| {
        let driver = driver.clone();
        async move {
            let session = driver.session(&head).await;
            session.map_err(|error| Refused::of(&head, error))
        }
    })
}

/// Extracts the session, if there is one.
pub fn optional_session(
    driver: &Driver,
) -> impl Filter<Extract = (Option<Session>,), Error = Infallible> + Clone + Send + Sync + use<> {
    let driver = driver.clone();
    head().then(move |head: Request<()>| {
        let driver = driver.clone();
        async move { driver.session(&head).await.ok() }
    })
}

/// Extracts tokens of a provider that are ready for a call of its API as the signed-in user, with which to finish the answer; see
/// [`Driver::provider_tokens`].
///
/// ```
/// use aura_warp::{Driver, ReadyTokens, provider_tokens};
/// use warp::{Filter, Rejection, Reply};
///
/// fn repositories(driver: &Driver) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
///     warp::path!("repositories").and(provider_tokens(driver, "github")).map(|tokens: ReadyTokens| {
///         let page = format!("curl -H 'Authorization: Bearer {}' ..", tokens.access_token.expose());
///         tokens.finish(warp::reply::Response::new(page.into()))
///     })
/// }
/// ```
pub fn provider_tokens(
    driver: &Driver,
    provider: &str,
) -> impl Filter<Extract = (ReadyTokens,), Error = Rejection> + Clone + Send + Sync + use<> {
    let (driver, provider) = (driver.clone(), provider.to_owned());
    head().and_then(move |head: Request<()>| {
        let (driver, provider) = (driver.clone(), provider.clone());
        async move {
            let tokens = driver.provider_tokens(&provider, &head).await;
            tokens.map_err(|error| Refused::of(&head, error))
        }
    })
}

/// Lets through what a page of this site sent, with the token of `GET /csrfToken` in the header `X-CSRF-Token`.
///
/// ```
/// use aura_warp::{Driver, Session, csrf, session};
/// use warp::{Filter, Rejection, Reply};
///
/// fn delete_account(driver: &Driver) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
///     let account = warp::path!("account").and(warp::delete());
///     account.and(csrf(driver)).and(session(driver)).map(|session: Session| format!("Farewell, {}", session.user().sub()))
/// }
/// ```
pub fn csrf(driver: &Driver) -> impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + use<> {
    let driver = driver.clone();
    let check = move |head: Request<()>| {
        let driver = driver.clone();
        async move {
            let checked = driver.check_csrf(&head).await;
            checked.map_err(|error| Refused::of(&head, error))
        }
    };
    head().and_then(check).untuple_one()
}

/// Extracts a CSRF token for the forms of a page, with which to finish the page.
///
/// ```
/// use aura_warp::{Driver, FormToken, form_token};
/// use warp::{Filter, Rejection, Reply};
///
/// fn page(driver: &Driver) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
///     warp::get().and(form_token(driver)).map(|token: FormToken| {
///         let field = format!(r#"<input type="hidden" name="csrfToken" value="{}">"#, token.as_str());
///         token.finish(warp::reply::html(format!(r#"<form method="post">{field}</form>"#)).into_response())
///     })
/// }
/// ```
pub fn form_token(
    driver: &Driver,
) -> impl Filter<Extract = (FormToken,), Error = Rejection> + Clone + Send + Sync + use<> {
    let driver = driver.clone();
    head().and_then(move |head: Request<()>| {
        let driver = driver.clone();
        async move {
            driver.form_token(&head).await.map_err(|refusal| warp::reject::custom(Refused(refusal)))
        }
    })
}

/// Extracts the fields of a form that a page of this site sent, `application/x-www-form-urlencoded` and of at most 64 KiB,
/// with the token of a [`form_token`] in the field `csrfToken`, which is no field of the type.
///
/// ```
/// use aura_warp::{Driver, form};
/// use warp::{Filter, Rejection, Reply};
///
/// #[derive(serde::Deserialize)]
/// struct Note { text: String }
///
/// fn add_note(driver: &Driver) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
///     warp::post().and(form(driver)).map(|note: Note| note.text)
/// }
/// ```
pub fn form<T: DeserializeOwned + Send + 'static>(
    driver: &Driver,
) -> impl Filter<Extract = (T,), Error = Rejection> + Clone + Send + Sync + use<T> {
    let driver = driver.clone();
    // warp's own limit comes second: what it refuses, `recover` does not answer.
    let fits = head().and_then(async |head: Request<()>| {
        let length = head.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let is_long = length.is_some_and(|length: u64| length > MAX_FORM);
        if is_long { Err(Refused::of(&head, RequestError::BodyTooLarge)) } else { Ok(head) }
    });
    let limit = warp::body::content_length_limit(MAX_FORM);
    fits.and(limit).and(warp::body::bytes()).and_then(move |head: Request<()>, body: Bytes| {
        let driver = driver.clone();
        async move {
            let fields = driver.read_form(&head, &body).await;
            fields.map_err(|error| Refused::of(&head, error))
        }
    })
}

/// Extracts a [`Visit`], with which to finish the answer, or refuses as the [`Guard`] does.
pub fn guard(
    guard: Guard,
) -> impl Filter<Extract = (Visit,), Error = Rejection> + Clone + Send + Sync + 'static {
    head().and_then(move |head: Request<()>| {
        let check = guard.check(&head);
        async move { check.await.map_err(|refusal| warp::reject::custom(Refused(refusal))) }
    })
}

/// Lets a client pass as often as a limiter's quota says; else it refuses with 429.
///
/// ```
/// use aura_warp::{Driver, Quota, limit};
/// use std::time::Duration;
/// use warp::{Filter, Rejection, Reply};
///
/// fn search(driver: &Driver) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
///     let limiter = driver.limiter("search", Quota::new(20, Duration::from_secs(60)));
///     warp::path!("search").and(limit(limiter)).map(|| "what was found")
/// }
/// ```
pub fn limit(
    limiter: Limiter,
) -> impl Filter<Extract = (), Error = Rejection> + Clone + Send + Sync + 'static {
    let check = move |head: Request<()>| {
        let limiter = limiter.clone();
        async move {
            let checked = limiter.check(&head).await;
            checked.map_err(|refusal| warp::reject::custom(Refused(refusal)))
        }
    };
    head().and_then(check).untuple_one()
}

/// Why a filter of this crate refuses a request: the answer, which [`recover`] gives.
#[derive(Clone, Debug)]
pub struct Refused(Response<Bytes>);

impl Refused {
    /// Makes the answer for its reader: a page for a person.
    fn of(head: &Request<()>, refusal: impl Into<Refusal>) -> Rejection {
        let refusal = Respond::refusal_to(Reader::of(head.headers()), refusal);
        warp::reject::custom(Self(refusal.into_response()))
    }
}

impl Reject for Refused {}

/// Answers what the filters of this crate refuse. Every other rejection is passed on.
///
/// # Errors
/// The rejection, if it is not [`Refused`].
pub async fn recover(rejection: Rejection) -> Result<Response<Bytes>, Rejection> {
    match rejection.find::<Refused>() {
        Some(Refused(answer)) => Ok(answer.clone()),
        None => Err(rejection),
    }
}
