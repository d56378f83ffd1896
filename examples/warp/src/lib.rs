//! A small site with sign-in on warp: a public page, a private one, and an API.
#![forbid(unsafe_code)]

use aura_examples::{DevProvider, site};
use aura_proto::Session;
use aura_proto::Visit;
use aura_warp::{
    Driver, FormToken, csrf, form, form_token, guard, optional_session, recover, routes, session,
};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use std::convert::Infallible;
use tokio::net::TcpListener;
use warp::path::FullPath;
use warp::reject::PayloadTooLarge;
use warp::{Filter, Rejection, Reply};

/// Longest request body that the embedded provider reads, in bytes.
const MAX_BODY: u64 = 64 * 1024;

/// Serves the site, with the embedded provider where there is one, for ever.
///
/// ```no_run
/// # async fn start(listener: tokio::net::TcpListener, driver: aura_warp::Driver) {
/// aura_example_warp::serve(listener, driver, None).await;
/// # }
/// ```
pub async fn serve(listener: TcpListener, driver: Driver, dev: Option<DevProvider>) {
    warp::serve(app(driver, dev)).incoming(listener).run().await;
}

fn app(
    driver: Driver,
    dev: Option<DevProvider>,
) -> impl Filter<Extract = (impl Reply,), Error = Infallible> + Clone + Send + Sync + 'static {
    let auth = driver.auth().clone();
    let home = warp::path::end()
        .and(warp::get())
        .and(optional_session(&driver))
        .map(move |session: Option<Session>| site::home(&auth, session.as_ref()));
    let account = warp::path!("account")
        .and(warp::get())
        .and(guard(driver.guard().sign_in_with(site::PROVIDER)))
        .map(|visit: Visit| {
            let page = site::account(visit.session());
            visit.finish(page)
        });
    let api = warp::path!("api" / "greeting")
        .and(warp::post())
        .and(session(&driver))
        .and(csrf(&driver))
        .map(|session: Session| site::greeting(&session));
    let note_forms = warp::path!("note")
        .and(warp::get())
        .and(guard(driver.guard().sign_in_with(site::PROVIDER)))
        .and(form_token(&driver))
        .map(|visit: Visit, token: FormToken| {
            let forms = site::note_forms(token.as_str());
            visit.finish(token.finish(forms))
        });
    let note = warp::path!("note")
        .and(warp::post())
        .and(session(&driver))
        .and(form(&driver))
        .map(|session: Session, note: site::Note| site::noted(&session, &note));
    let file = warp::path::full().map(|path: FullPath| site::file(path.as_str()));
    routes(driver)
        .or(home)
        .or(account)
        .or(api)
        .or(note_forms)
        .or(note)
        .or(provider(dev))
        .recover(recover)
        .or(file)
}

/// Lets the embedded provider answer.
fn provider(
    dev: Option<DevProvider>,
) -> impl Filter<Extract = (Response<Bytes>,), Error = Rejection> + Clone + Send + Sync + 'static {
    let mounted = move |path: FullPath| {
        let dev = dev.clone().filter(|dev| dev.owns(path.as_str()));
        std::future::ready(dev.map(|dev| (dev, path)).ok_or_else(warp::reject::not_found))
    };
    let body = warp::body::content_length_limit(MAX_BODY).and(warp::body::bytes());
    let body = warp::get().map(Bytes::new).or(body).unify();
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    warp::path::full()
        .and_then(mounted)
        .and(warp::method())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(body)
        .map(
            |(dev, path): (DevProvider, FullPath),
             method: Method,
             query: String,
             headers: HeaderMap,
             body: Bytes| {
                let mut request = Request::new(body);
                *request.method_mut() = method;
                *request.uri_mut() = format!("{}?{query}", path.as_str()).parse().unwrap_or_default();
                *request.headers_mut() = headers;
                dev.answer(request)
            },
        )
        .recover(async |rejection: Rejection| match rejection.find::<PayloadTooLarge>() {
            Some(_) => Ok(site::too_long()),
            None => Err(rejection),
        })
        .unify()
}
