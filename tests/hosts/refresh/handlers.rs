//! Tokens that a handler uses: refreshed where that is due, with the cookies that keep them where no store does.

use super::{LIFE, Mood, Site, auth, get, runtime, sign_in, token};
use aura_http::store::MemoryStore;
use aura_proto::{Event, ProviderTokensError, SessionPolicy};
use aura_tests::{CookieMap, read_json, text};
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get as at;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use warp::Filter;

#[test]
fn sealed_tokens_are_refreshed_and_reach_the_browser_with_the_answer() {
    runtime().block_on(async {
        let site = Site::new();
        let driver = site.driver(SessionPolicy::default());
        let mut cookies = sign_in(&driver).await;
        for number in 1..4 {
            let tokens = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap();
            assert_eq!(tokens.access_token.expose(), format!("at-{number}"));
            let answer = tokens.finish(Response::new(()));
            let set = cookies.keep(answer.headers());
            let name = "__Host-aura-auth.access_token.dev";
            let (expected, caching) =
                if number == 1 { (vec![], None) } else { (vec![name], Some("no-store")) };
            assert_eq!(set.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), expected);
            let field = answer.headers().get("cache-control").map(|field| field.to_str().unwrap());
            assert_eq!(field, caching);
            // Those of the cookie serve: nobody is asked.
            if number > 1 {
                let again = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap();
                assert_eq!(again.access_token.expose(), format!("at-{number}"));
                assert!(again.finish(Response::new(())).headers().is_empty());
            }
            assert_eq!(site.provider.refreshes(), (number - 1, 0));
            site.advance(LIFE / 2);
        }
    });
}

#[test]
fn stored_tokens_set_no_cookie() {
    runtime().block_on(async {
        let site = Site::new();
        let driver = site.stored_driver(SessionPolicy::default().stored(), MemoryStore::default());
        let cookies = sign_in(&driver).await;
        site.advance(LIFE);
        let tokens = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap();
        assert_eq!(tokens.access_token.expose(), "at-2");
        assert!(tokens.finish(Response::new(())).headers().is_empty());
    });
}

#[test]
fn an_answer_that_clears_the_cookie_of_the_tokens_is_left_as_it_is() {
    runtime().block_on(async {
        let site = Site::new();
        let driver = site.driver(SessionPolicy::default());
        let cookies = sign_in(&driver).await;
        site.advance(LIFE);
        let tokens = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap();
        let clear = "__Host-aura-auth.access_token.dev=; Max-Age=0; Path=/";
        let answer = tokens.finish(Response::builder().header("set-cookie", clear).body(()).unwrap());
        let fields: Vec<_> = answer.headers().get_all("set-cookie").iter().collect();
        assert_eq!(fields, [clear]);
    });
}

#[test]
fn an_error_tells_who_has_to_sign_in_from_what_is_to_be_tried_later() {
    runtime().block_on(async {
        let site = Site::new();
        let store = MemoryStore::default();
        for driver in [
            site.driver(SessionPolicy::default()),
            site.stored_driver(SessionPolicy::default().stored(), store),
        ] {
            let nobody =
                driver.provider_tokens("dev", &get("/", &CookieMap::default())).await.unwrap_err().error;
            assert_eq!((nobody, nobody.needs_sign_in()), (ProviderTokensError::SignedOut, true));
            let cookies = sign_in(&driver).await;
            let other = driver.provider_tokens("other", &get("/", &cookies)).await.unwrap_err().error;
            assert_eq!((other, other.needs_sign_in()), (ProviderTokensError::Missing, true));
            site.advance(LIFE);
            site.provider.becomes(Mood::Fails);
            let later = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap_err().error;
            assert!(matches!(later, ProviderTokensError::Provider(_)) && !later.needs_sign_in());
            site.provider.becomes(Mood::Answers);
            site.provider.spend_elsewhere();
            let over = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap_err().error;
            assert_eq!((over, over.needs_sign_in()), (ProviderTokensError::Refused, true));
            site.provider.begin_again();
        }
    });
}

#[test]
fn a_handler_gets_no_token_that_has_ended_and_has_the_user_sign_in_again() {
    runtime().block_on(async {
        let site = Site::new();
        site.provider.becomes(Mood::GrantsOnce);
        for driver in [
            site.driver(SessionPolicy::default()),
            site.stored_driver(SessionPolicy::default().stored(), MemoryStore::default()),
        ] {
            let cookies = sign_in(&driver).await;
            site.advance(LIFE - 1);
            assert_eq!(token(&driver, &cookies, false).await, Ok("at-1".to_owned()));
            site.advance(1);
            assert_eq!(token(&driver, &cookies, false).await, Err(ProviderTokensError::Refused));
        }
    });
}

#[test]
fn a_guard_of_a_driver_that_is_certain_refuses_at_once_a_session_that_was_ended() {
    runtime().block_on(async {
        let site = Site::new();
        let policy = SessionPolicy::default().recheck(std::time::Duration::from_secs(60));
        let driver = site.stored_driver(policy, MemoryStore::default());
        let cookies = sign_in(&driver).await;
        let (usual, certain) = (driver.guard(), driver.guard().certain());
        let request = get("/", &cookies);
        assert!(usual.check(&request).await.is_ok() && certain.check(&request).await.is_ok());
        assert_eq!(driver.end_sessions("dev", "ada").await, Ok(1));
        assert!(usual.check(&request).await.is_ok());
        assert_eq!(certain.check(&request).await.unwrap_err().status(), 401);
    });
}

#[test]
fn a_refresh_by_a_handler_is_reported_and_so_is_one_that_fails() {
    runtime().block_on(async {
        let site = Site::new();
        let events = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&events);
        let driver = site.stored_driver(SessionPolicy::default().stored(), MemoryStore::default());
        let driver = driver.on_event(move |event: &Event| hear.lock().unwrap().push(event.name()));
        let cookies = sign_in(&driver).await;
        let taken = || std::mem::take(&mut *events.lock().unwrap());
        taken();
        site.advance(LIFE);
        let _ = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap();
        let refreshed = Event::TokensRefreshed { provider: "dev".to_owned() };
        assert_eq!(taken(), [refreshed.name()]);
        site.advance(LIFE - 1);
        site.provider.becomes(Mood::Fails);
        let _ = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap();
        assert_eq!(taken(), ["OAUTH_REFRESH_FAILED"]);
        site.advance(1);
        let _ = driver.provider_tokens("dev", &get("/", &cookies)).await.unwrap_err();
        assert_eq!(taken(), ["STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR"]);
        let _ = driver.provider_tokens("dev", &get("/", &CookieMap::default())).await.unwrap_err();
        assert_eq!(taken(), [""; 0]);
    });
}

#[test]
fn a_blocking_handler_gets_refreshed_tokens_and_their_cookies() {
    let site = Site::new();
    let mut cookies = runtime().block_on(sign_in(&site.driver(SessionPolicy::default())));
    let driver =
        aura_blocking::Driver::new(auth(SessionPolicy::default()), site.provider.blocking_client()).unwrap();
    let driver = driver.clock(site.clock());
    site.advance(LIFE);
    let request = |cookies: &CookieMap| cookies.attach(Request::get("/")).body(()).unwrap();
    let tokens = driver.provider_tokens("dev", &request(&cookies)).unwrap();
    assert_eq!(tokens.access_token.expose(), "at-2");
    let _ = cookies.keep(tokens.finish(Response::new(())).headers());
    let tokens = driver.provider_tokens("dev", &request(&cookies)).unwrap();
    assert_eq!((tokens.access_token.expose(), site.provider.refreshes()), ("at-2", (1, 0)));
}

#[test]
fn handlers_of_axum_and_filters_of_warp_take_tokens_and_keep_them() {
    async fn page(tokens: aura_axum::TokensOf) -> Result<impl IntoResponse, aura_axum::Rejection> {
        let tokens = tokens.provider("dev").await?;
        let page = tokens.access_token.expose().to_owned();
        Ok((tokens, page))
    }
    runtime().block_on(async {
        let site = Site::new();
        let driver = site.driver(SessionPolicy::default());
        let mut cookies = sign_in(&driver).await;
        site.advance(LIFE);
        let (listener, axum) = bind().await;
        let app: Router = Router::new().route("/", at(page)).with_state(driver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let answer = ask(&axum, &cookies).await;
        assert_eq!((text(&answer), cookies.keep(answer.headers()).len()), ("at-2", 1));
        assert_eq!(text(&ask(&axum, &cookies).await), "at-2");
        let refused = ask(&axum, &CookieMap::default()).await;
        assert_eq!(
            (refused.status().as_u16(), &read_json(&refused)["reason"]),
            (401, &"session_missing".into())
        );

        site.advance(LIFE);
        let filter = aura_warp::provider_tokens(&driver, "dev").map(|tokens: aura_warp::ReadyTokens| {
            let page = tokens.access_token.expose().to_owned();
            tokens.finish(warp::reply::Response::new(page.into()))
        });
        let (listener, warp) = bind().await;
        tokio::spawn(warp::serve(filter.recover(aura_warp::recover)).incoming(listener).run());
        let answer = ask(&warp, &cookies).await;
        assert_eq!((text(&answer), cookies.keep(answer.headers()).len()), ("at-3", 1));
        assert_eq!(ask(&warp, &CookieMap::default()).await.status(), 401);
        assert_eq!(site.provider.refreshes(), (2, 0));
    });
}

pub(super) async fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    (listener, origin)
}

pub(super) async fn ask(origin: &str, cookies: &CookieMap) -> Response<Bytes> {
    let http = Http::builder(TokioExecutor::new()).build_http();
    let request = cookies.attach(Request::get(format!("{origin}/"))).body(Full::<Bytes>::default()).unwrap();
    let (head, body) = http.request(request).await.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}
