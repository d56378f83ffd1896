//! The real axum server and the real client, on loopback.
#![cfg(test)]

use aura_axum::{HttpClient, Session, router};
use aura_proto::provider::CustomProvider;
use aura_proto::{Auth, ClientSecret, Salt, Secret};
use aura_test_idp::{Account, Client, Idp};
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::rt::TokioExecutor;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// A client with a cookie jar of its own; over plain http on one host that is a map.
struct Visitor {
    http: Http<hyper_util::client::legacy::connect::HttpConnector, Full<Bytes>>,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    fn new() -> Self {
        Self { http: Http::builder(TokioExecutor::new()).build_http(), cookies: BTreeMap::new() }
    }

    async fn send(
        &mut self,
        method: &str,
        url: &str,
        header: (&str, &str),
        body: impl Into<Bytes>,
    ) -> Response<Bytes> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::COOKIE, cookies.join("; "))
            .header(header.0, header.1)
            .body(Full::new(body.into()));
        let response = self.http.request(request.unwrap()).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
            if value.is_empty() {
                self.cookies.remove(name);
            }
        }
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    async fn get(&mut self, url: &str) -> Response<Bytes> {
        self.send("GET", url, ("accept", "*/*"), "").await
    }
}

/// Serves a provider and a site that signs in with it; returns their origins.
async fn serve() -> (String, String) {
    let bind = async || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let (site, provider) = (bind().await, bind().await);
    let origin =
        |listener: &TcpListener| format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let (site_url, provider_url) = (origin(&site), origin(&provider));

    let client = Client::new("site", aura_test_idp::ClientSecret::new("site-secret"))
        .with_redirect_uri(&format!("{site_url}/auth/callback/mock"))
        .unwrap();
    let idp = Idp::new(&provider_url).unwrap().client(client).accounts(Account::made_up());
    tokio::spawn(aura_test_idp::serve(provider, idp));

    let row = CustomProvider {
        id: "mock".into(),
        name: "Mock".into(),
        authorize_url: format!("{provider_url}/authorize"),
        token_url: format!("{provider_url}/token"),
        userinfo_url: format!("{provider_url}/userinfo"),
        scope: "profile".into(),
        client_id: "site".into(),
        client_secret: Some(ClientSecret::new("site-secret")),
        ..CustomProvider::default()
    };
    let secret = Secret::new(aura_tests::SECRET).unwrap();
    let builder = Auth::builder(secret, Salt::new(aura_tests::SALT).unwrap());
    let auth = builder.base_url(&site_url).provider(row.into()).build().unwrap();
    let app = Router::new()
        .route("/private", get(async |session: Session| session.user.sub.clone()))
        .route("/public", get(async |session: Option<Session>| session.is_some().to_string()))
        .merge(router(auth.clone(), HttpClient::new()))
        .with_state(auth);
    tokio::spawn(async move { axum::serve(site, app).await });
    (site_url, provider_url)
}

fn location(response: &Response<Bytes>) -> String {
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

fn text(response: &Response<Bytes>) -> &str {
    str::from_utf8(response.body()).unwrap()
}

#[tokio::test]
async fn a_user_signs_in_over_sockets_and_the_extractors_know_them() {
    let (site, provider) = serve().await;
    let mut visitor = Visitor::new();
    let refused = visitor.get(&format!("{site}/private")).await;
    assert_eq!(refused.status(), 401);
    assert!(text(&refused).contains("SESSION_NOT_FOUND"), "{}", text(&refused));
    assert_eq!(text(&visitor.get(&format!("{site}/public")).await), "false");

    let authorize = location(&visitor.get(&format!("{site}/auth/signIn/mock?redirectTo=/private")).await);
    let (_, query) = authorize.split_once('?').unwrap();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let decision = format!("{provider}/authorize/decision");
    let decided = visitor.send("POST", &decision, form, format!("{query}&account=ada")).await;
    let arrived = visitor.get(&location(&decided)).await;
    assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/private"));

    assert_eq!(text(&visitor.get(&format!("{site}/private")).await), "ada");
    assert_eq!(text(&visitor.get(&format!("{site}/public")).await), "true");

    let token: serde_json::Value =
        serde_json::from_slice(visitor.get(&format!("{site}/auth/csrfToken")).await.body()).unwrap();
    let url = format!("{site}/auth/signOut?token_type_hint=session_token");
    let answer = visitor.send("POST", &url, ("x-csrf-token", token["csrfToken"].as_str().unwrap()), "").await;
    assert_eq!(answer.status(), 202);
    assert_eq!(visitor.get(&format!("{site}/private")).await.status(), 401);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_with_a_code() {
    let (site, _) = serve().await;
    let url = format!("{site}/auth/signOut?token_type_hint=session_token");
    let answer = Visitor::new().send("POST", &url, ("accept", "*/*"), vec![b'x'; 64 * 1024 + 1]).await;
    assert_eq!(answer.status(), 413);
    assert!(text(&answer).contains("UNPROCESSABLE_BODY_ENTITY"));
}

#[tokio::test]
async fn everything_under_the_base_path_is_answered_by_the_core() {
    let (site, _) = serve().await;
    for (path, status) in
        [("/auth", 404), ("/auth/", 404), ("/auth/none", 404), ("/auth/signIn/%ff", 422), ("/authors", 404)]
    {
        let answer = Visitor::new().get(&format!("{site}{path}")).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers().contains_key("x-frame-options"), path != "/authors", "{path}");
    }
}
