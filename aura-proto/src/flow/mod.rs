//! The flows: one function a route, in the order of its RFC.

pub(crate) mod attempt;
mod callback;
mod exchanges;
pub(crate) mod io;
mod landing;
mod pages;
mod session;
mod sign_in;
mod sign_out;
mod tokens;

use crate::config::Config;
use crate::context::RequestContext;
use crate::entropy::Entropy;
use crate::error::RequestError;
use crate::provider::CheckedProvider;
use crate::response::{Reply, Respond};
use crate::route::{ProviderRoute, Route, SiteRoute, TokensRoute};
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Method, Request};
use io::{Io, Step};
use std::sync::Arc;

/// Longest request body that is looked at, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Answers a request under the base path, or runs its flow to the first question.
pub(crate) fn begin(config: &Arc<Config>, request: Request<Bytes>, now: UnixTime, entropy: Entropy) -> Step {
    let is_head = *request.method() == Method::HEAD;
    dispatch(config, request, now, entropy).unwrap_or_else(|refusal| {
        let reply = Reply::Respond(refusal);
        Step::Reply(if is_head { reply.without_body() } else { reply })
    })
}

/// Finds the flow of a request, unless the request is refused before.
fn dispatch(
    config: &Arc<Config>,
    request: Request<Bytes>,
    now: UnixTime,
    mut entropy: Entropy,
) -> Result<Step, Respond> {
    let route = Route::of(&config.base_path, request.uri().path())
        .ok_or_else(|| Respond::refusal(RequestError::NotFound))?;
    let provider = match &route {
        Route::Site(_) => None,
        Route::Provider(_, id) => config.providers.get(id),
    };
    let allow = route.allow(provider.map(Arc::as_ref));
    if !allow.split(',').any(|allowed| allowed.trim_start() == request.method().as_str()) {
        return Err(Respond { allow: Some(allow), ..route.refusal(RequestError::MethodNotAllowed) });
    }
    if request.body().len() > MAX_BODY {
        return Err(route.refusal(RequestError::BodyTooLarge));
    }
    if route == Route::Site(SiteRoute::Session) && *request.method() != Method::PATCH {
        let reply = session::read(config, &request, now, &mut entropy);
        return reply.map_err(|error| route.refusal(error));
    }
    let mut cx = RequestContext::new(config, route, request, entropy)?;
    let is_delete = *cx.method() == Method::DELETE;
    let route = match &mut cx.route {
        Route::Site(route) => {
            let route = *route;
            return Ok(at_site(route, cx, now));
        }
        Route::Provider(route, _) => route,
    };
    let Some(provider) = provider.map(Arc::clone) else {
        return Ok(Step::Reply(cx.refuse(RequestError::UnknownProvider)));
    };
    if *route == ProviderRoute::Tokens(TokensRoute::Connection) && is_delete {
        *route = ProviderRoute::Tokens(TokensRoute::Disconnect);
    }
    let route = *route;
    Ok(io::start(now, move |io| run(route, cx, provider, io)))
}

/// Answers a request that names no provider. Only a sign-out may ask a provider, and only what reads a session the application;
/// the others answer at once.
fn at_site(route: SiteRoute, mut cx: RequestContext, now: UnixTime) -> Step {
    let result = match route {
        SiteRoute::Session => {
            return io::start(now, |io| async move {
                let result = session::update(&mut cx, &io).await;
                cx.conclude(result)
            });
        }
        SiteRoute::CsrfToken => session::csrf_token(&mut cx, now),
        SiteRoute::ErrorPage => Ok(pages::error(&cx)),
        SiteRoute::SignInPage => Ok(pages::sign_in(&cx)),
        SiteRoute::SignedOut => sign_out::signed_out(&mut cx, now),
        SiteRoute::SignOut => {
            return io::start(now, |io| async move {
                let result = sign_out::sign_out(&mut cx, &io).await;
                cx.conclude(result)
            });
        }
    };
    Step::Reply(cx.conclude(result))
}

/// Runs the flow of a route that names a provider.
async fn run(route: ProviderRoute, mut cx: RequestContext, provider: Arc<CheckedProvider>, io: Io) -> Reply {
    let result = match route {
        ProviderRoute::SignIn => sign_in::sign_in(&mut cx, provider, &io).await,
        ProviderRoute::Callback if *cx.method() == Method::POST => {
            callback::resubmit_as_get(&mut cx, &provider)
        }
        ProviderRoute::Callback => callback::callback(&mut cx, provider, &io).await,
        ProviderRoute::BackchannelLogout => sign_out::logout(&mut cx, provider, &io).await,
        ProviderRoute::Tokens(route) => tokens::tokens(&mut cx, route, provider, &io).await,
    };
    cx.conclude(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::test_rows::GITHUB;
    use crate::{Auth, ClientSecret, Pending, PendingAdmission, Salt, Secret};

    /// What a suspended flow may keep in memory, in bytes, beside what it points to.
    const MAX_FLOW: usize = 8 * 1024;

    #[test]
    fn no_flow_keeps_more_than_8_kib_while_it_waits() {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let github = GITHUB.with_client("id", ClientSecret::new("secret"));
        let config =
            Auth::builder(secret, salt).base_url("https://app.test").provider(github).check().unwrap();
        let config = Arc::new(config);
        let request = || Request::get("/auth/signIn/github").body(Bytes::new()).unwrap();
        let context = || {
            let route = Route::of("/auth", "/auth/signIn/github").unwrap();
            RequestContext::new(&config, route, request(), Entropy::from_os_bytes([7; 32])).unwrap()
        };
        let mut sizes = Vec::new();
        let provider = Arc::clone(&config.providers["github"]);
        io::start(UnixTime::from_secs(0), |io| {
            let flow = run(ProviderRoute::SignIn, context(), provider, io);
            sizes.push(size_of_val(&flow));
            flow
        });
        io::start(UnixTime::from_secs(0), |io| {
            let mut cx = context();
            let flow = async move {
                let result = sign_out::sign_out(&mut cx, &io).await;
                cx.conclude(result)
            };
            sizes.push(size_of_val(&flow));
            flow
        });
        assert!(sizes.iter().all(|size| *size <= MAX_FLOW), "{sizes:?}");
    }

    #[test]
    fn whatever_waits_can_be_sent_to_another_thread() {
        fn sendable<T: Send + Sync + 'static>() {}
        sendable::<Pending>();
        sendable::<PendingAdmission>();
    }
}
