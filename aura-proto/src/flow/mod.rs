//! The flows: one function for each route, in the order of its RFC.

pub(crate) mod attempt;
mod callback;
mod discovery;
mod emails;
mod exchanges;
mod form_post;
pub(crate) mod io;
mod landing;
mod leasing;
mod limits;
mod pages;
pub(crate) mod refresh;
mod session;
mod sessions;
mod sign_in;
mod sign_out;
mod stored;
mod tokens;
pub(crate) mod visiting;

use crate::config::Config;
use crate::connection::named_host;
use crate::context::RequestContext;
use crate::entropy::Entropy;
use crate::error::{Error, RequestError};
use crate::event::Event;
use crate::provider::CheckedProvider;
use crate::quoted::Quoted;
use crate::reader::Reader;
use crate::response::{Reply, Respond};
use crate::route::{ProviderRoute, Route, SiteRoute, TokensRoute};
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Method, Request};
use io::{Io, Step, boxed};
use std::mem::take;
use std::sync::Arc;

/// Longest accepted request body, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

/// Answers a request, or runs its flow to its first question to the host.
pub(crate) fn begin(
    config: &Arc<Config>,
    mut request: Request<Bytes>,
    now: UnixTime,
    entropy: Entropy,
) -> Step {
    let is_head = *request.method() == Method::HEAD;
    dispatch(config, &mut request, now, entropy).unwrap_or_else(|refusal| {
        let reply = Reply::Respond(refusal);
        Step::Done(if is_head { reply.without_body() } else { reply })
    })
}

/// Starts the flow of a request, unless the request is refused before. A route with a context takes the request out and leaves an
/// empty one. The others borrow it, which spares moving its 256 bytes.
fn dispatch(
    config: &Arc<Config>,
    request: &mut Request<Bytes>,
    now: UnixTime,
    entropy: Entropy,
) -> Result<Step, Respond> {
    // Read only where a request is refused: most are not.
    let reader = || Reader::of(request.headers());
    let route = Route::of_request(&config.base_path, request.uri().path(), &config.session);
    let route = route.ok_or_else(|| Respond::refusal_to(reader(), RequestError::NotFound))?;
    let provider = match &route {
        Route::Site(_) => None,
        Route::Provider(_, id) => config.providers.get(id),
    };
    let allow = route.allow(provider.map(Arc::as_ref));
    if !allow.split(',').any(|allowed| allowed.trim_start() == request.method().as_str()) {
        let refusal = route.refusal_to(reader(), RequestError::MethodNotAllowed);
        return Err(Respond { allow: Some(allow), ..refusal });
    }
    if request.body().len() > MAX_BODY {
        return Err(route.refusal_to(reader(), RequestError::BodyTooLarge));
    }
    let (id, mut provider_route) = match route {
        Route::Site(route) => return at_site(config, route, request, now, entropy),
        Route::Provider(route, id) => (id, route),
    };
    if provider_route == ProviderRoute::Tokens(TokensRoute::Connection) && *request.method() == Method::DELETE
    {
        provider_route = ProviderRoute::Tokens(TokensRoute::Disconnect);
    }
    let cx = RequestContext::new(config, Route::Provider(provider_route, id), take(request), entropy)?;
    let Some(provider) = provider.map(Arc::clone) else { return Ok(Step::Done(unknown_provider(&cx))) };
    // A flow that holds no more of it than a pointer has half the length to be moved.
    let cx = Box::new(cx);
    Ok(io::start(now, |io| run(provider_route, cx, provider, io)))
}

/// Answers a request that names a provider which is not configured.
fn unknown_provider(cx: &RequestContext) -> Reply {
    let mut reply = cx.refuse(RequestError::UnknownProvider);
    if let Route::Provider(_, id) = &cx.route {
        reply.prepend(Vec::new(), vec![Event::ProviderUnknown { id: Quoted::new(id) }]);
    }
    reply
}

/// Answers a route without a provider in its path. Only a sign-out may need a fetch, and only routes that use the session
/// ask the application or a store. The others answer at once.
/// Routes that need the head of the request alone are spared a context.
fn at_site(
    config: &Arc<Config>,
    site: SiteRoute,
    request: &mut Request<Bytes>,
    now: UnixTime,
    mut entropy: Entropy,
) -> Result<Step, Respond> {
    let route = Route::Site(site);
    let refuse = |error| Route::Site(site).refusal(error).of_host(named_host(config, (&*request).into()));
    let answer: fn(&mut RequestContext, UnixTime) -> Result<Reply, Error> = match site {
        SiteRoute::Session if *request.method() != Method::PATCH => {
            return session::read(config, request, now, entropy).map_err(refuse);
        }
        SiteRoute::CsrfToken => {
            return session::csrf_token(config, request, now, &mut entropy).map(Step::Done).map_err(refuse);
        }
        SiteRoute::Session => {
            let cx = Box::new(RequestContext::new(config, route, take(request), entropy)?);
            return Ok(io::start(now, |io| run_at_site(session::update, cx, io)));
        }
        SiteRoute::Sessions => {
            let cx = Box::new(RequestContext::new(config, route, take(request), entropy)?);
            return Ok(io::start(now, |io| run_at_site(sessions::all, cx, io)));
        }
        SiteRoute::OneSession => {
            let cx = Box::new(RequestContext::new(config, route, take(request), entropy)?);
            return Ok(io::start(now, |io| run_at_site(sessions::one, cx, io)));
        }
        SiteRoute::ErrorPage => |cx, _| Ok(pages::error(cx)),
        SiteRoute::SignInPage => |cx, _| Ok(pages::sign_in(cx)),
        SiteRoute::SignedOut => sign_out::signed_out,
        SiteRoute::SignOut => {
            let cx = Box::new(RequestContext::new(config, route, take(request), entropy)?);
            return Ok(io::start(now, |io| run_at_site(sign_out::sign_out, cx, io)));
        }
    };
    let mut cx = RequestContext::new(config, route, take(request), entropy)?;
    let result = answer(&mut cx, now);
    Ok(Step::Done(cx.conclude(result)))
}

/// Runs the flow of a route without a provider in its path.
async fn run_at_site(
    flow: impl AsyncFnOnce(&mut RequestContext, &Io) -> Result<Reply, Error>,
    mut cx: Box<RequestContext>,
    io: Io,
) -> Reply {
    let result = flow(&mut cx, &io).await;
    cx.conclude(result)
}

/// Runs the flow of a route that names a provider.
async fn run(
    route: ProviderRoute,
    mut cx: Box<RequestContext>,
    provider: Arc<CheckedProvider>,
    io: Io,
) -> Reply {
    let result = match route {
        ProviderRoute::SignIn => sign_in::sign_in(&mut cx, provider, &io).await,
        ProviderRoute::Callback if cx.request.method == Method::POST => {
            form_post::resubmit_as_get(&mut cx, &provider)
        }
        ProviderRoute::Callback => callback::limited(&mut cx, provider, &io).await,
        ProviderRoute::BackchannelLogout => sign_out::limited_logout(&mut cx, provider, &io).await,
        // Of the flows this is the longest, and the rarest.
        ProviderRoute::Tokens(route) => boxed(tokens::tokens(&mut cx, route, provider, &io)).await,
    };
    cx.conclude(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Auth, ClientSecret, Pending, PendingAdmission, Salt, Secret};
    use aura_providers::GITHUB;

    /// Largest size of a suspended flow, in bytes, without its heap allocations.
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
            let cx = RequestContext::new(&config, route, request(), Entropy::from_os_bytes([7; 32]));
            Box::new(cx.unwrap())
        };
        let mut sizes = Vec::new();
        let provider = Arc::clone(&config.providers["github"]);
        io::start(UnixTime::from_secs(0), |io| {
            let flow = run(ProviderRoute::SignIn, context(), provider, io);
            sizes.push(size_of_val(&flow));
            flow
        });
        io::start(UnixTime::from_secs(0), |io| {
            let flow = run_at_site(sign_out::sign_out, context(), io);
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
