//! The `tracing` records of `aura-http`: one for each event, without secrets and without line breaks from outside.

use aura_http::{Client as _, Driver, HttpClient};
use aura_proto::provider::Provider;
use aura_proto::{Auth, ClientSecret, FetchError};
use aura_test_idp::{Account, Client, Idp};
use aura_tests::{CookieMap, location};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::Full;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

const SITE: &str = "http://localhost:3000";
const CLIENT_SECRET: &str = "the-site's-client-secret";

/// A record, as a subscriber sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    target: String,
    level: String,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    /// Unescaped text. A record with it would rely on every subscriber to escape it.
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Everything that anything records, whatever its target and level.
#[derive(Clone, Default)]
pub(super) struct Log {
    seen: Arc<Mutex<Vec<Seen>>>,
    lines: Arc<Mutex<Vec<u8>>>,
}

impl<S: tracing::Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut seen =
            Seen { target: metadata.target().into(), level: metadata.level().to_string(), ..Seen::default() };
        event.record(&mut seen);
        self.seen.lock().unwrap().push(seen);
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut seen = Seen { target: "span".into(), ..Seen::default() };
        attributes.record(&mut seen);
        self.seen.lock().unwrap().push(seen);
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut seen = Seen { target: "span".into(), ..Seen::default() };
        values.record(&mut seen);
        self.seen.lock().unwrap().push(seen);
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.lines.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens to this thread at the most talkative level.
    pub(super) fn listen(&self) -> DefaultGuard {
        let writer = self.clone();
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
        tracing::subscriber::set_default(tracing_subscriber::registry().with(self.clone()).with(lines))
    }

    /// Our own records: level and name.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        let seen = self.seen.lock().unwrap();
        let ours = seen.iter().filter(|seen| seen.target == "aura");
        ours.map(|seen| (seen.level.clone(), seen.fields["message"].clone())).collect()
    }

    /// The fields of the one record of this name.
    pub(super) fn fields(&self, name: &str) -> BTreeMap<&'static str, String> {
        let seen = self.seen.lock().unwrap();
        let mut found = seen.iter().filter(|seen| seen.fields.get("message").is_some_and(|own| own == name));
        let fields = found.next().unwrap_or_else(|| panic!("no {name} in {seen:?}")).fields.clone();
        assert!(found.next().is_none(), "{name} is there twice");
        fields
    }

    pub(super) fn text(&self) -> String {
        let lines = String::from_utf8(self.lines.lock().unwrap().clone()).unwrap();
        format!("{:?}\n{lines}", self.seen.lock().unwrap())
    }
}

fn auth(provider: &str) -> Auth {
    let row = Provider::oauth("mock", "site")
        .with_name("Mock")
        .authorization_endpoint(format!("{provider}/authorize"))
        .token_endpoint(format!("{provider}/token"))
        .userinfo_endpoint(format!("{provider}/userinfo"))
        .scope("profile")
        .client_secret(ClientSecret::new(CLIENT_SECRET));
    let builder = aura_tests::bare_builder(aura_tests::SECRET);
    builder.base_url(SITE).provider(row).build().unwrap()
}

/// A visitor, by hand: the cookies, and every value that must never be recorded.
#[derive(Clone, Default)]
struct Visitor {
    cookies: CookieMap,
    secrets: Arc<Mutex<Vec<String>>>,
}

impl Visitor {
    async fn send(&mut self, driver: &Driver, request: http::request::Builder) -> Response<Bytes> {
        let request = request.header(header::COOKIE, self.cookies.header());
        let response = driver.answer(request.body(Full::new(Bytes::new())).unwrap()).await;
        for (_, value) in self.cookies.keep(response.headers()) {
            self.keep(&value);
        }
        response
    }

    fn keep(&self, secret: &str) {
        self.secrets.lock().unwrap().push(secret.to_owned());
    }

    /// Collects the secret values of a query or form.
    fn keep_parameters(&self, query: &str) -> Vec<String> {
        let secret = ["state", "code", "code_verifier", "client_secret"];
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let (names, values): (Vec<_>, Vec<_>) = pairs
            .filter(|(name, _)| secret.contains(&name.as_ref()))
            .map(|(n, v)| (n.into_owned(), v))
            .unzip();
        values.iter().for_each(|value| self.keep(value));
        names
    }
}

fn records(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(level, name)| ((*level).to_owned(), (*name).to_owned())).collect()
}

/// Serves the provider on loopback, and returns its origin.
async fn serve_provider() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new("site", aura_test_idp::ClientSecret::new(CLIENT_SECRET))
        .with_redirect_uri(&format!("{SITE}/auth/callback/mock"))
        .unwrap();
    let idp = Idp::new(&origin).unwrap().client(client).accounts(Account::made_up());
    tokio::spawn(aura_test_idp::serve(listener, idp));
    origin
}

#[tokio::test]
async fn se_06_a_visit_over_sockets_leaves_one_record_an_event_and_no_secret() {
    let log = Log::default();
    let _listening = log.listen();
    let provider = serve_provider().await;
    let mut visitor = Visitor::default();
    // The real client, with a look at what goes through it.
    let client = HttpClient::new();
    let driver = spied_driver(&provider, &visitor, &client);

    let begun = visitor.send(&driver, Request::get("/auth/signIn/mock?redirectTo=//evil.test")).await;
    let authorize = location(&begun);
    let query = authorize.split_once('?').unwrap().1;
    assert_eq!(visitor.keep_parameters(query), ["state"]);
    let decide = Request::post(format!("{provider}/authorize/decision"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(format!("{query}&account=ada")))
        .unwrap();
    let callback = location(&client.call(decide, 1024 * 1024).await.unwrap());
    assert_eq!(visitor.keep_parameters(callback.split_once('?').unwrap().1), ["code", "state"]);
    let callback = callback.strip_prefix(SITE).unwrap();
    let arrived = visitor.send(&driver, Request::get(callback)).await;
    assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/"));
    visitor.send(&driver, Request::get(callback)).await;
    assert_eq!(visitor.send(&driver, Request::get("/auth/session")).await.status(), 200);
    let answer = visitor.send(&driver, Request::get("/auth/csrfToken")).await;
    let token: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    let token = token["csrfToken"].as_str().unwrap();
    let sign_out = Request::post("/auth/signOut?token_type_hint=session_token").header("x-csrf-token", token);
    assert_eq!(visitor.send(&driver, sign_out).await.status(), 202);
    visitor.send(&driver, Request::get(callback)).await;

    let expected = [
        // The provider is at 127.0.0.1, and the site at localhost.
        ("WARN", "CONFIGURATION_FINDING"),
        ("WARN", "OPEN_REDIRECT_ATTACK"),
        ("INFO", "SIGN_IN_INITIATED"),
        ("INFO", "OAUTH_ACCESS_TOKEN_SUCCESS"),
        ("INFO", "OAUTH_USERINFO_SUCCESS"),
        ("INFO", "OAUTH_CALLBACK_SUCCESS"),
        ("INFO", "OAUTH_CALLBACK_REPEATED"),
        ("INFO", "SIGN_OUT_SUCCESS"),
        ("WARN", "OAUTH_PROTOCOL_ERROR"),
    ];
    assert_eq!(log.names(), records(&expected));
    let text = log.text();
    let mut secrets = visitor.secrets.lock().unwrap().clone();
    secrets.extend([CLIENT_SECRET, aura_tests::SECRET, aura_tests::SALT, token].map(str::to_owned));
    assert!(secrets.len() > 12, "cookies, state, code, verifier, credentials, token");
    for secret in secrets.iter().filter(|secret| secret.len() > 8) {
        assert!(!text.contains(secret.as_str()), "{secret} is in\n{text}");
    }
}

/// Makes a driver whose client keeps the secrets of each request among the visitor's.
fn spied_driver(provider: &str, visitor: &Visitor, client: &HttpClient) -> Driver {
    let (spy, inner) = (visitor.clone(), client.clone());
    Driver::new(auth(provider), move |request: Request<Bytes>| {
        let (spy, inner) = (spy.clone(), inner.clone());
        async move {
            spy.keep_parameters(str::from_utf8(request.body()).unwrap());
            if let Some(credentials) = request.headers().get(header::AUTHORIZATION) {
                spy.keep(credentials.to_str().unwrap().split_once(' ').unwrap().1);
            }
            inner.call(request, 1024 * 1024).await
        }
    })
    .unwrap()
}

/// A provider that describes a user in its own way, and nothing else.
async fn sign_in_as(log: &Log, userinfo: &'static str, callback: &str) -> Vec<Seen> {
    let _listening = log.listen();
    let driver = Driver::new(auth("https://idp.test"), move |request: Request<Bytes>| async move {
        let is_token = request.uri().path() == "/token";
        let body = if is_token { r#"{"access_token":"t","token_type":"Bearer"}"# } else { userinfo };
        let json = Response::builder().header(header::CONTENT_TYPE, "application/json");
        Ok::<_, FetchError>(json.body(Bytes::from_static(body.as_bytes())).unwrap())
    })
    .unwrap();
    let mut visitor = Visitor::default();
    let begun = visitor.send(&driver, Request::get("/auth/signIn/mock")).await;
    let url = url::Url::parse(&location(&begun)).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    visitor.send(&driver, Request::get(format!("/auth/callback/mock?state={state}&{callback}"))).await;
    log.seen.lock().unwrap().clone()
}

#[tokio::test]
async fn hi_06_hi_07_a_users_id_stays_in_one_line_and_a_name_in_none() {
    let log = Log::default();
    let userinfo =
        r#"{"sub":"ada\r\n2026 ERROR aura: forged\u001b[31m\u202e\u2028\u0000","name":"A\nd\u001b[0ma"}"#;
    let seen = sign_in_as(&log, userinfo, "code=c").await;
    let fields = BTreeMap::from([
        ("message", "OAUTH_CALLBACK_SUCCESS".to_owned()),
        ("severity", "Info".to_owned()),
        ("provider", "mock".to_owned()),
        ("sub", r#""ada\r\n2026 ERROR aura: forged\u{1b}[31m\u{202e}\u{2028}\0""#.to_owned()),
    ]);
    assert_eq!(seen.last(), Some(&Seen { target: "aura".into(), level: "INFO".into(), fields }));
    assert_every_record_is_one_line(&log, 4);
}

#[tokio::test]
async fn hi_07_what_a_callback_says_is_not_recorded() {
    let log = Log::default();
    let query = "error=access_denied%0aforged&error_description=%1b%5b31mforged&code=";
    let seen = sign_in_as(&log, "{}", query).await;
    assert_eq!(seen.last().unwrap().fields["code"], "AUTH_PROVIDER_REJECTED");
    assert_eq!(seen.last().unwrap().fields["message"], "OAUTH_AUTHORIZATION_ERROR");
    assert!(!log.text().contains("forged"));
    assert_every_record_is_one_line(&log, 2);
}

fn assert_every_record_is_one_line(log: &Log, records: usize) {
    let lines = String::from_utf8(log.lines.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = lines.lines().collect();
    assert_eq!((ours.len(), log.names().len()), (records, records), "{lines}");
    let is_odd = |c: char| c != '\n' && (c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c));
    assert!(!lines.contains(is_odd), "{lines:?}");
}
