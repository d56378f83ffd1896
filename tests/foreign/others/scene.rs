//! A scene of a scenario: a provider, a site that is its client, and a visitor's browser.

use super::provider::{self, Provider};
use super::rows::{ROWS, Row};
use crate::log;
use crate::network::{RUNTIME, Server};
use aura_http::{Driver, HttpClient};
use aura_proto::provider::{Provider as Configured, SignOutScope, TokenRetention};
use aura_proto::{Auth, Salt, Secret};
use aura_test_idp::browser::{Browser, Form, Page, Web};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;
use std::net::{Ipv4Addr, TcpListener};
use url::Url;

/// Where each sign-in wants to lead.
const WELCOME: &str = "/welcome";

/// A provider, a site that is its client, and a browser.
pub(crate) struct Scene {
    pub(crate) row: Row,
    pub(crate) browser: Browser,
    /// The provider's id at the site, which no other scene has.
    pub(crate) id: String,
    pub(crate) provider: Provider,
    site: String,
    port: u16,
}

/// Plays a scenario with every provider that is installed, each with a site of its own.
pub(crate) fn with_every_provider(scenario: impl Fn(&mut Scene)) {
    ROWS.into_iter().for_each(|row| with(row, &scenario));
}

/// Plays a scenario with one provider, if it is installed.
pub(crate) fn with(row: Row, scenario: impl Fn(&mut Scene)) {
    log::listen();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (id, site) = (format!("foreign-{port}"), format!("http://localhost:{port}"));
    let Some(provider) = provider::start(row.name, &site, &id) else { return };
    eprintln!("with {}", row.name);
    serve(listener, &site, &provider.data);
    let browser = Browser::new(aura_http::now().as_secs());
    scenario(&mut Scene { row, browser, id, provider, site, port });
}

/// Serves the site with the default client until the process ends; returns at once.
fn serve(listener: TcpListener, site: &str, data: &Value) {
    let configured: Configured = serde_json::from_value(data.clone()).unwrap();
    let configured = configured.tokens(TokenRetention::Readable).sign_out(SignOutScope::Provider);
    let secrets = (Secret::new(aura_tests::SECRET).unwrap(), Salt::new(aura_tests::SALT).unwrap());
    let auth = Auth::builder(secrets.0, secrets.1).base_url(site).provider(configured).build().unwrap();
    listener.set_nonblocking(true).unwrap();
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        aura_example_axum::serve(listener, Driver::new(auth, HttpClient::new()).unwrap(), None).await
    });
}

impl Scene {
    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.site)).unwrap()
    }

    /// Lets the browser do something on a web of the site and the provider.
    pub(crate) fn browse<T>(&mut self, act: impl FnOnce(&mut Browser, &mut Web<'_>) -> T) -> T {
        let (mut site, mut provider) = (Server(self.port), Server(self.provider.port));
        let mut web = Web::default().with(&self.site, &mut site).with(&self.provider.issuer, &mut provider);
        act(&mut self.browser, &mut web)
    }

    /// Begins a sign-in; returns the page at which the way there ends.
    pub(crate) fn begin(&mut self) -> Page {
        let url = self.url(&format!("/auth/signIn/{}?redirectTo={WELCOME}", self.id));
        self.browse(|browser, web| browser.open(web, &url))
    }

    /// Sends a form of the current page.
    pub(crate) fn submit(&mut self, form: &Form) -> Page {
        self.browse(|browser, web| browser.submit(web, form))
    }

    /// Signs the user in, and checks that they are. Returns the subject identifier.
    pub(crate) fn sign_in(&mut self) -> String {
        let page = self.begin();
        let page = (self.row.consent)(self, page);
        assert_eq!(page.url, self.url(WELCOME), "{} {}", page.status, page.text());
        let (status, session) = self.get("/auth/session");
        let user = &session["user"];
        let said = (status, user["name"].as_str(), user["email"].as_str());
        assert_eq!(said, (200, Some("Ada Lovelace"), Some("ada@example.test")), "{session}");
        let sub = user["sub"].as_str().unwrap();
        assert!((self.row.is_sub)(sub), "{session}");
        sub.to_owned()
    }

    /// Reads a route of the site by a script of its page.
    pub(crate) fn get(&mut self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, HeaderMap::new())
    }

    /// Posts to a route of the site by a script of its page, with a CSRF token.
    pub(crate) fn post(&mut self, path: &str) -> (u16, Value) {
        let (_, token) = self.get("/auth/csrfToken");
        let token = HeaderValue::from_str(token["csrfToken"].as_str().unwrap()).unwrap();
        self.call(Method::POST, path, HeaderMap::from_iter([("x-csrf-token".parse().unwrap(), token)]))
    }

    /// Calls the provider's API by a script of its page.
    pub(crate) fn call_api(&mut self, method: Method, page: &Page, path: &str, body: &Value) {
        let url = page.url.join(path).unwrap();
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = Bytes::from(body.to_string());
        let answer = self.browse(|browser, web| browser.fetch(web, method, &url, headers, body)).unwrap();
        assert_eq!(answer.status(), 200, "{url}: {}", String::from_utf8_lossy(answer.body()));
    }

    fn call(&mut self, method: Method, path: &str, headers: HeaderMap) -> (u16, Value) {
        let url = self.url(path);
        self.browser.stand_at(&self.url(WELCOME));
        let answer = self.browse(|browser, web| browser.fetch(web, method, &url, headers, Bytes::new()));
        let answer = answer.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }
}
