//! What handlers ask the driver for: other claims of the session, and the tokens of the signed-in user's providers.

use crate::convert::head;
use crate::extract::{Extracting, Refused, Session, driver};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use aura_http::Driver;
use aura_proto::{ReadyTokens, Visit};
use serde::Serialize;
use std::fmt;
use std::future::{Ready, ready};

/// A request and its driver.
struct Asked {
    driver: web::Data<Driver>,
    head: http::Request<()>,
}

impl fmt::Debug for Asked {
    /// Leaves the request out: its headers hold the session.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked(..)")
    }
}

impl Asked {
    fn of(request: &HttpRequest) -> Result<Self, Refused> {
        Ok(Self { driver: driver(request)?, head: head(request) })
    }
}

/// Changes the application's own claims of the session, for a handler whose request requires one. Take [`Csrf`](crate::Csrf) or
/// [`CsrfForm`](crate::CsrfForm) beside it, as wherever something is changed.
///
/// ```
/// use actix_web::HttpResponse;
/// use aura_actix::{Csrf, Refused, UpdateClaims, finish};
/// #[derive(serde::Serialize)]
/// struct Claims { theme: &'static str }
///
/// async fn darken(_: Csrf, update: UpdateClaims) -> Result<HttpResponse, Refused> {
///     let visit = update.with(&Claims { theme: "dark" }).await?;
///     Ok(finish(HttpResponse::Ok().body("Dark it is."), |fields| visit.add_to(fields)))
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/dark", actix_web::web::post().to(darken));
/// ```
#[derive(Debug)]
#[must_use = "change the claims by with"]
pub struct UpdateClaims(Asked, aura_proto::Session);

impl UpdateClaims {
    /// Replaces the claims of the members' names, and takes away those that are `null`; see
    /// [`Auth::update_claims`](aura_proto::Auth::update_claims). [`finish`](crate::finish) the page with the visit, so that the
    /// session reaches the browser. A renewal by middleware around the handler does not undo it.
    ///
    /// # Errors
    /// The answer where the session cannot take the claims: 500 where they cannot be written, 400 where they are too long.
    pub async fn with(self, claims: &impl Serialize) -> Result<Visit, Refused> {
        let Self(Asked { driver, head }, session) = self;
        let mut visit = Visit::of(session);
        driver.update_claims(&mut visit, &head, claims).await?;
        Ok(visit)
    }
}

impl FromRequest for UpdateClaims {
    type Error = Refused;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (asked, session) = (Asked::of(request), Session::from_request(request, payload));
        Box::pin(async move { Ok(Self(asked?, session.await?.0)) })
    }
}

/// Makes tokens ready that a provider granted for the signed-in user: for a handler that calls the provider's API as this user; see
/// [`Driver::provider_tokens`].
///
/// ```
/// use actix_web::HttpResponse;
/// use aura_actix::{Refused, TokensOf, finish};
///
/// async fn repositories(tokens: TokensOf) -> Result<HttpResponse, Refused> {
///     let tokens = tokens.provider("github").await?;
///     let page = format!("curl -H 'Authorization: Bearer {}' ..", tokens.access_token.expose());
///     Ok(finish(HttpResponse::Ok().body(page), |fields| tokens.add_to(fields)))
/// }
/// # let _: actix_web::App<_> = actix_web::App::new().route("/repositories", actix_web::web::get().to(repositories));
/// ```
#[derive(Debug)]
pub struct TokensOf(Asked);

impl TokensOf {
    /// Returns the tokens of a provider, refreshed where that is due. [`finish`](crate::finish) the page with them, so that refreshed
    /// ones reach the browser where cookies keep them.
    ///
    /// # Errors
    /// The refusal: 401 where the user has to sign in with the provider, 502 to 504 where the same request may succeed later.
    pub async fn provider(&self, id: &str) -> Result<ReadyTokens, Refused> {
        let Asked { driver, head } = &self.0;
        driver.provider_tokens(id, head).await.map_err(|none| Refused::of(head, none))
    }
}

impl FromRequest for TokensOf {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Asked::of(request).map(Self))
    }
}
