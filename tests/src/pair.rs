//! A browser and a site, with the steps of a sign-in as methods.

use crate::app::{App, Provider};
use aura_proto::provider::Provider as Row;
use aura_proto::{Auth, Builder, ClientSecret, Salt, Secret};
use aura_test_idp::browser::{Browser, Page, Web};
use aura_test_idp::{Account, Client, Idp, State};
use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, header};
use serde_json::Value;
use url::Url;

/// The secret of every pair; a test value.
pub const SECRET: &str = "k7Qp2VxZr9TfLm4WbYc8HdNs6GjUa3Ee5RtKi1OoPqX";
/// The salt of every pair; a test value.
pub const SALT: &str = "Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE";

/// When every pair begins.
const BEGIN: u64 = 1_795_500_000;
/// Ids and issuers of the providers of every pair.
pub(crate) const PROVIDERS: [(&str, &str); 2] =
    [("dev", "https://idp.test"), ("other", "https://other.test")];

/// A browser, a site at an origin of its own, and the providers `dev` and `other`.
#[derive(Debug)]
pub struct Pair {
    /// The browser.
    pub browser: Browser,
    /// The site.
    pub app: App,
    origin: Url,
}

/// Answer to a request by a script of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, `null` where it is no JSON.
    pub json: Value,
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Self { status: head.status, headers: head.headers, json }
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

impl Pair {
    /// Makes a pair whose site is `https://app.test`.
    pub fn new() -> Self {
        Self::at("https://app.test", |builder| builder)
    }

    /// Makes a pair whose site has another origin, and a configuration that a test completes.
    pub fn at(origin: &str, configure: impl FnOnce(Builder) -> Builder) -> Self {
        Self::with(origin, |provider| provider, configure)
    }

    /// Makes a pair whose providers, too, are as a test wants them.
    pub fn with(
        origin: &str,
        shape: impl Fn(Row) -> Row,
        configure: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let shaped = |id: &str, issuer: &str| shape(row(id, issuer));
        Self::of(origin, shaped, configure, provider)
    }

    /// Makes a pair of what each of its providers is to the site, and of what it is by itself: the latter by its id, its
    /// issuer, and the site's URL of the routes.
    pub(crate) fn of(
        origin: &str,
        row: impl Fn(&str, &str) -> Row,
        configure: impl FnOnce(Builder) -> Builder,
        provider: impl Fn(&str, &str, &str) -> Provider,
    ) -> Self {
        let auth = configure(builder_of(SECRET, origin, row)).build().expect("a sound configuration");
        let routes = format!("{origin}{}", auth.base_path());
        let providers = PROVIDERS.iter().map(|(id, issuer)| provider(id, issuer, &routes)).collect();
        Self {
            browser: Browser::new(BEGIN),
            app: App::new(auth, providers),
            origin: Url::parse(origin).expect("an origin"),
        }
    }

    /// Resolves a path of the site.
    pub fn url(&self, path: &str) -> Url {
        self.origin.join(path).expect("a path")
    }

    /// Follows a link to a page of the site, or types its address where there is no page yet.
    pub fn visit(&mut self, path: &str) -> Page {
        let url = self.url(path);
        let mut web = Web::default().with(self.origin.as_str().trim_end_matches('/'), &mut self.app);
        if self.browser.page().is_none() {
            return self.browser.open(&mut web, &url);
        }
        self.browser.navigate(&mut web, &url)
    }

    /// Sends a request as a script of the site's own page.
    pub fn fetch(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Answer {
        let url = self.url(path);
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), value.parse().expect("a header value"))
        });
        let headers = headers.collect();
        self.browser.stand_at(&self.origin);
        let mut web = Web::default().with(self.origin.as_str().trim_end_matches('/'), &mut self.app);
        let body = Bytes::copy_from_slice(body.as_bytes());
        self.browser.fetch(&mut web, method, &url, headers, body).expect("an answer of the own site").into()
    }

    /// Returns every `Set-Cookie` that the site has sent, in order.
    pub fn set_cookies(&self) -> Vec<String> {
        let history = self.browser.history.iter();
        let fields = history.flat_map(|exchange| exchange.response_headers.get_all(header::SET_COOKIE));
        fields.map(|field| field.to_str().expect("ASCII").to_owned()).collect()
    }

    /// Submits an HTML form of the page that the browser is on.
    pub fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let url = self.url(path);
        let mut web = Web::default().with(self.origin.as_str().trim_end_matches('/'), &mut self.app);
        self.browser.submit_form(&mut web, &url, fields)
    }

    /// Begins a sign-in and returns the URL at the provider.
    pub fn begin(&mut self, provider: &str, redirect_to: &str) -> Url {
        let path = format!("/auth/signIn/{provider}?redirectTo={redirect_to}");
        self.visit(&path).left_for.expect("the browser is sent to the provider")
    }

    /// Approves the sign-in at the provider, and returns the path of the callback.
    pub fn approve(&mut self, provider: &str, authorize: &Url, account: &str) -> String {
        let (now, entropy) = (self.browser.now, self.app.entropy());
        let provider = self.app.provider(provider);
        let location = provider.idp.approve(&mut provider.state, authorize.as_str(), account, now, entropy);
        location.expect("the provider approves").split_off(self.origin.as_str().len() - 1)
    }

    /// Denies the sign-in at the provider, and returns the path of the callback.
    pub fn deny(&mut self, provider: &str, authorize: &Url) -> String {
        let location = self.app.provider(provider).idp.deny(authorize.as_str());
        location.expect("the provider denies").split_off(self.origin.as_str().len() - 1)
    }

    /// Signs in from beginning to end, and returns the page where the browser arrives.
    pub fn sign_in(&mut self, provider: &str, account: &str) -> Page {
        let authorize = self.begin(provider, "/");
        let callback = self.approve(provider, &authorize, account);
        self.visit(&callback)
    }

    /// Returns name and value of every cookie that the browser holds.
    pub fn cookies(&self) -> Vec<(String, String)> {
        let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
        let cookies = self.browser.jar.cookies(self.browser.now);
        cookies.map(|cookie| (text(&cookie.name), text(&cookie.value))).collect()
    }

    /// Returns the value of the session cookie.
    pub fn session_token(&self) -> String {
        let is_session = |name: &str| name.ends_with("aura-auth.session_token");
        self.cookies().into_iter().find(|(name, _)| is_session(name)).expect("a session cookie").1
    }

    /// Returns what the browser would send as `Cookie`, were it not for `SameSite`.
    pub fn cookie_header(&self) -> String {
        self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Puts a cookie into the browser as the site itself would.
    pub fn plant(&mut self, name: &str, value: &str) {
        let cookie = format!("{name}={value}; Secure; HttpOnly; Path=/");
        let planted = self.browser.jar.plant(&self.url("/"), cookie.as_bytes(), self.browser.now);
        planted.expect("a cookie that the browser takes");
    }

    /// Sends a request past the browser, headers as they are.
    pub fn send(&mut self, request: http::request::Builder) -> Answer {
        let (now, entropy) = (self.browser.now, self.app.entropy());
        let request = request.body(Bytes::new()).expect("a request");
        self.app.answer_with(request, now, entropy).into()
    }

    /// Requests `GET /session`.
    pub fn session(&mut self) -> Answer {
        self.fetch(Method::GET, "/auth/session", &[], "")
    }

    /// Gets a CSRF token.
    pub fn csrf_token(&mut self) -> String {
        let answer = self.fetch(Method::GET, "/auth/csrfToken", &[], "");
        answer.json["csrfToken"].as_str().expect("a token").to_owned()
    }

    /// Signs out as a script does.
    pub fn sign_out(&mut self, csrf_token: &str) -> Answer {
        let path = "/auth/signOut?token_type_hint=session_token&redirect=false";
        self.fetch(Method::POST, path, &[("x-csrf-token", csrf_token)], "")
    }
}

/// Begins a configuration under a secret of its own, without a URL and without providers.
pub fn bare_builder(secret: &str) -> Builder {
    let secret = Secret::new(secret).expect("a strong secret");
    Auth::builder(secret, Salt::new(SALT).expect("a strong salt"))
}

/// Begins the configuration of a site under a secret of its own, with the providers of every pair.
pub fn builder(secret: &str, origin: &str, shape: impl Fn(Row) -> Row) -> Builder {
    builder_of(secret, origin, |id, issuer| shape(row(id, issuer)))
}

fn builder_of(secret: &str, origin: &str, row: impl Fn(&str, &str) -> Row) -> Builder {
    let builder = bare_builder(secret).base_url(origin);
    PROVIDERS.iter().fold(builder, |builder, (id, issuer)| builder.provider(row(id, issuer)))
}

fn row(id: &str, issuer: &str) -> Row {
    Row::oauth(id, format!("{id}-client"))
        .authorization_endpoint(format!("{issuer}/authorize"))
        .token_endpoint(format!("{issuer}/token"))
        .userinfo_endpoint(format!("{issuer}/userinfo"))
        .scope("profile email")
        .client_secret(ClientSecret::new(format!("{id}-client-secret")))
}

fn provider(id: &str, issuer: &str, routes: &str) -> Provider {
    let client = Client::new(
        &format!("{id}-client"),
        aura_test_idp::ClientSecret::new(&format!("{id}-client-secret")),
    )
    .with_redirect_uri(&format!("{routes}/callback/{id}"))
    .expect("a redirect URI");
    let idp = Idp::new(issuer).expect("an issuer").client(client).accounts(Account::made_up());
    Provider { id: id.to_owned(), idp, state: State::default() }
}
