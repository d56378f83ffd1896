//! A refresh whose ID token is refused after the refresh token was spent: every host has the browser forget the spent one.

use super::handlers::{ask, bind};
use super::{get, runtime};
use actix_web::{HttpRequest, HttpResponse, web};
use aura_http::{Client, Driver};
use aura_proto::provider::{Provider as Row, TokenRetention};
use aura_proto::{Auth, ClientSecret, FetchError, ProviderError, ProviderTokensError, UnixTime};
use aura_test_idp::{Account, Behaviour, Client as Registered, Idp, Lie, State};
use aura_tests::{CookieMap, SECRET, bare_builder, location, read_json, set_cookies};
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get as at;
use bytes::Bytes;
use http::{Request, Response};
use std::sync::{Arc, Mutex};
use warp::Filter;

const COOKIE: &str = "__Host-aura-auth.access_token.dev";
/// How long an access token of the provider lives, in seconds.
const LIFE: u64 = 3600;

/// An OpenID Provider that refreshes with an ID token of another subject, the clock of all, and how often tokens were asked for.
#[derive(Clone)]
struct World(Arc<Mutex<Inner>>);

struct Inner {
    idp: Idp,
    state: State,
    now: u64,
    asked: u8,
}

impl World {
    fn new() -> Self {
        let client = Registered::new("site", aura_test_idp::ClientSecret::new("site-secret"));
        let client = client.with_redirect_uri("https://app.test/auth/callback/dev").unwrap();
        let mut idp = Idp::new("https://idp.test").unwrap().client(client).accounts(Account::made_up());
        idp.set_behaviour(Behaviour::default().lie(Lie::RefreshOtherSub));
        Self(Arc::new(Mutex::new(Inner { idp, state: State::default(), now: 1_795_500_000, asked: 0 })))
    }

    fn clock(&self) -> impl Fn() -> UnixTime + Send + Sync + use<> {
        let world = self.clone();
        move || UnixTime::from_secs(world.0.lock().unwrap().now)
    }

    fn advance(&self, seconds: u64) {
        self.0.lock().unwrap().now += seconds;
    }

    /// How often tokens were asked for.
    fn asked(&self) -> u8 {
        self.0.lock().unwrap().asked
    }

    fn answer(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let Inner { idp, state, now, asked } = &mut *self.0.lock().unwrap();
        *asked += u8::from(request.uri().path() == "/token");
        Ok(idp.handle(state, request, *now, [*asked; 32]))
    }

    fn client(&self) -> impl Client + use<> {
        let world = self.clone();
        move |request: Request<Bytes>| std::future::ready(world.answer(request))
    }

    fn driver(&self) -> Driver {
        Driver::new(auth(), self.client()).unwrap().clock(self.clock())
    }

    /// Signs in, and lets the access token end.
    async fn browser(&self, driver: &Driver) -> CookieMap {
        let mut cookies = CookieMap::default();
        let begun = driver.answer(get("/auth/signIn/dev", &cookies)).await;
        cookies.keep(begun.headers());
        let callback = {
            let Inner { idp, state, now, .. } = &mut *self.0.lock().unwrap();
            idp.approve(state, &location(&begun), "ada", *now, [99; 32]).unwrap()
        };
        let path = callback.strip_prefix("https://app.test").unwrap();
        let arrived = driver.answer(get(path, &cookies)).await;
        cookies.keep(arrived.headers());
        assert!(cookies.contains_key(COOKIE), "{:?}", arrived.headers());
        self.advance(LIFE);
        cookies
    }
}

fn auth() -> Auth {
    let row = Row::openid("dev", "https://idp.test", "site")
        .scope("openid offline_access")
        .client_secret(ClientSecret::new("site-secret"))
        .tokens(TokenRetention::Readable);
    bare_builder(SECRET).base_url("https://app.test").provider(row).build().unwrap()
}

/// Checks the answer to the first request: the browser keeps other tokens, without the spent refresh token.
fn forget(world: &World, cookies: &mut CookieMap, status: u16, fields: &http::HeaderMap) {
    assert_eq!((status, world.asked()), (401, 2));
    assert_eq!(set_cookies(fields).iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [COOKIE]);
    assert_eq!(fields["cache-control"], "no-store");
    cookies.keep(fields);
}

#[test]
fn rf_01_an_extractor_of_axum_has_the_browser_forget_a_spent_refresh_token() {
    async fn page(tokens: aura_axum::TokensOf) -> Result<impl IntoResponse, aura_axum::Rejection> {
        Ok((tokens.provider("dev").await?, "never"))
    }
    runtime().block_on(async {
        let world = World::new();
        let driver = world.driver();
        let mut cookies = world.browser(&driver).await;
        let (listener, origin) = bind().await;
        let app: Router = Router::new().route("/", at(page)).with_state(driver);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let refused = ask(&origin, &cookies).await;
        assert_eq!(read_json(&refused)["reason"], "id_token_other_subject");
        forget(&world, &mut cookies, refused.status().as_u16(), refused.headers());
        let refused = ask(&origin, &cookies).await;
        assert_eq!(read_json(&refused)["reason"], "refresh_refused");
        assert_eq!((refused.status().as_u16(), world.asked()), (401, 2));
    });
}

#[test]
fn a_filter_of_warp_has_the_browser_forget_a_spent_refresh_token() {
    runtime().block_on(async {
        let world = World::new();
        let driver = world.driver();
        let mut cookies = world.browser(&driver).await;
        let page = aura_warp::provider_tokens(&driver, "dev").map(|_: aura_warp::ReadyTokens| "never");
        let (listener, origin) = bind().await;
        tokio::spawn(warp::serve(page.recover(aura_warp::recover)).incoming(listener).run());
        let refused = ask(&origin, &cookies).await;
        forget(&world, &mut cookies, refused.status().as_u16(), refused.headers());
        assert_eq!((ask(&origin, &cookies).await.status().as_u16(), world.asked()), (401, 2));
    });
}

#[tokio::test]
async fn a_handler_of_actix_has_the_browser_forget_a_spent_refresh_token() {
    async fn page(
        request: HttpRequest,
        driver: web::Data<Driver>,
    ) -> Result<HttpResponse, aura_actix::Refused> {
        let head = aura_actix::head(&request);
        let tokens = driver.provider_tokens("dev", &head).await;
        tokens.map(|_| HttpResponse::Ok().finish()).map_err(|none| aura_actix::Refused::of(&head, none))
    }
    let world = World::new();
    let driver = world.driver();
    let mut cookies = world.browser(&driver).await;
    let app = actix_web::App::new().configure(aura_actix::routes(driver)).route("/", web::get().to(page));
    let app = actix_web::test::init_service(app).await;
    let request = |cookies: &CookieMap| {
        let request = actix_web::test::TestRequest::get().uri("/");
        request.insert_header(("host", "app.test")).insert_header(("cookie", cookies.header())).to_request()
    };
    let refused = actix_web::test::call_service(&app, request(&cookies)).await;
    let mut fields = http::HeaderMap::new();
    for (name, value) in refused.headers() {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes()).unwrap();
        fields.append(name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    forget(&world, &mut cookies, refused.status().as_u16(), &fields);
    let refused = actix_web::test::call_service(&app, request(&cookies)).await;
    assert_eq!((refused.status().as_u16(), world.asked()), (401, 2));
}

#[test]
fn a_blocking_handler_finishes_a_page_of_its_own_with_what_has_the_browser_forget_a_spent_refresh_token() {
    let world = World::new();
    let mut cookies = runtime().block_on(world.browser(&world.driver()));
    let client = world.clone();
    let client = move |request: Request<Bytes>| client.answer(request);
    let driver = aura_blocking::Driver::new(auth(), client).unwrap().clock(world.clock());
    let request = |cookies: &CookieMap| cookies.attach(Request::get("/")).body(()).unwrap();
    let none = driver.provider_tokens("dev", &request(&cookies)).unwrap_err();
    assert!(matches!(none.error, ProviderTokensError::Provider(ProviderError::IdToken(_))), "{none}");
    let page = none.finish(Response::builder().status(401).body("Try again").unwrap());
    forget(&world, &mut cookies, 401, page.headers());
    let none = driver.provider_tokens("dev", &request(&cookies)).unwrap_err();
    assert_eq!((none.error, world.asked()), (ProviderTokensError::Refused, 2));
}
