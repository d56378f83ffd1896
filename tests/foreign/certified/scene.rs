//! A scene of a scenario: a site, its client at the provider, and a visitor's browser.

use super::hosts::HOSTS;
use super::provider::{Provider, provider};
use crate::log;
use crate::network::Server;
use aura_proto::provider::Provider as Row;
use aura_proto::{Auth, Salt, Secret};
use aura_test_idp::browser::{Browser, Form, Page, Web};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, TcpListener};
use url::Url;

/// Where each sign-in wants to lead.
pub(crate) const WELCOME: &str = "/welcome";

/// A site that is a client of the provider, and a browser.
pub(crate) struct Scene {
    pub(crate) provider: &'static Provider,
    /// The provider's id at the site, which no other scene has.
    pub(crate) id: String,
    /// The origin of the site.
    pub(crate) site: String,
    pub(crate) browser: Browser,
    port: u16,
}

/// Plays a scenario on every host, each with a site and a client of its own. `metadata` is what the client registers
/// beyond its URLs (RFC 7591 section 2), `configure` what the site decides about the provider.
pub(crate) fn on_every_host(metadata: &Value, configure: impl Fn(Row) -> Row, scenario: impl Fn(&mut Scene)) {
    let Some(provider) = provider() else { return };
    log::listen();
    for (name, serve) in HOSTS {
        eprintln!("on {name}");
        let listener = listen();
        let mut scene = Scene::new(provider, listener.local_addr().unwrap().port());
        let row: Row = serde_json::from_value(scene.register(metadata)).unwrap();
        let row = configure(row);
        let secrets = (Secret::new(aura_tests::SECRET).unwrap(), Salt::new(aura_tests::SALT).unwrap());
        let auth = Auth::builder(secrets.0, secrets.1).base_url(&scene.site).provider(row);
        serve(listener, auth.build().unwrap());
        scenario(&mut scene);
    }
}

/// Takes a free port of this machine.
pub(crate) fn listen() -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    listener
}

impl Scene {
    pub(crate) fn new(provider: &'static Provider, port: u16) -> Self {
        let (id, site) = (format!("op-{port}"), format!("http://localhost:{port}"));
        Self { provider, id, site, browser: Browser::new(aura_http::now().as_secs()), port }
    }

    /// Makes the site a client, and returns the provider as the site's configuration names it.
    pub(crate) fn register(&self, metadata: &Value) -> Value {
        let (site, id) = (&self.site, &self.id);
        let mut whole = json!({
            "redirect_uris": [format!("{site}/auth/callback/{id}")],
            "post_logout_redirect_uris": [format!("{site}/auth/signedOut")],
            "backchannel_logout_uri": format!("{site}/auth/backchannelLogout/{id}"),
            "grant_types": ["authorization_code", "refresh_token"],
        });
        whole.as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
        let client = self.provider.register(&whole);
        let mut data = json!({
            "kind": "oidc", "id": id, "name": "oidc-provider", "issuer": self.provider.issuer,
            "client_id": client["client_id"],
        });
        if let Some(secret) = client.get("client_secret") {
            data["client_secret"] = secret.clone();
        }
        data
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.site)).unwrap()
    }

    /// Lets the browser do something on a web of the site and the provider.
    pub(crate) fn browse<T>(&mut self, act: impl FnOnce(&mut Browser, &mut Web<'_>) -> T) -> T {
        let (mut site, mut provider) = (Server(self.port), Server(self.provider.port));
        let mut web = Web::default().with(&self.site, &mut site).with(&self.provider.issuer, &mut provider);
        act(&mut self.browser, &mut web)
    }

    /// Begins a sign-in, with further parameters; returns the page at which the way there ends.
    pub(crate) fn begin(&mut self, parameters: &str) -> Page {
        let url = self.url(&format!("/auth/signIn/{}?redirectTo={WELCOME}{parameters}", self.id));
        self.browse(|browser, web| browser.open(web, &url))
    }

    /// Sends a form of the current page.
    pub(crate) fn submit(&mut self, form: &Form) -> Page {
        self.browse(|browser, web| browser.submit(web, form))
    }

    /// Signs in and consents at the provider. Returns the page at which the redirects end.
    pub(crate) fn consent(&mut self, login: &Page) -> Page {
        let form = Form::of(login).expect("a form");
        assert_eq!(form.field("prompt"), Some("login"), "{}", login.text());
        let form = form.with("login", &self.provider.account).with("password", "any");
        let page = self.submit(&form);
        let form = Form::of(&page).expect("a form");
        assert_eq!(form.field("prompt"), Some("consent"), "{}", page.text());
        self.submit(&form)
    }

    /// Signs the user in, and checks that they are.
    pub(crate) fn sign_in(&mut self) {
        let login = self.begin("");
        let page = self.consent(&login);
        self.expect_signed_in(&page);
    }

    /// Checks that a page is where the sign-in was to lead, and that the session is the user's.
    pub(crate) fn expect_signed_in(&mut self, page: &Page) {
        assert_eq!(page.url, self.url(WELCOME), "{} {}", page.status, page.text());
        let (status, session) = self.get("/auth/session");
        let user = &session["user"];
        let said = (status, user["sub"].as_str(), user["name"].as_str(), user["email"].as_str());
        assert_eq!(said, (200, Some("ada"), Some("Ada Lovelace"), Some("ada@example.test")), "{session}");
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

    fn call(&mut self, method: Method, path: &str, headers: HeaderMap) -> (u16, Value) {
        let url = self.url(path);
        self.browser.stand_at(&self.url(WELCOME));
        let answer = self.browse(|browser, web| browser.fetch(web, method, &url, headers, Bytes::new()));
        let answer = answer.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    /// The names of what the site reported, first to last.
    pub(crate) fn events(&self) -> Vec<String> {
        log::about(&self.id).into_iter().map(|fields| fields["message"].clone()).collect()
    }
}
