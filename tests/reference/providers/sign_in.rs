//! A sign-in at one provider, step by step, with hand-written answers.

use super::signer::Signer;
use aura_proto::provider::Provider;
use aura_proto::{Action, Auth, Entropy, Fetch, FetchError, Purpose, UnixTime};
use aura_tests::{Outcome, World, drive, json_answer};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::{Url, form_urlencoded};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);
pub(crate) const CLIENT_SECRET: &str = "client-secret";

/// An OpenID Provider as a file records it.
pub(crate) struct Server {
    pub(crate) discovery: Value,
    pub(crate) signer: Signer,
}

/// A sign-in at one provider, with hand-made answers.
pub(crate) struct SignIn {
    auth: Auth,
    id: String,
    server: Option<Server>,
    /// Where the browser was sent.
    location: Url,
    /// The pushed authorization request (RFC 9126).
    pub(crate) pushed: Option<Value>,
    /// The parameters of the authorization request, wherever they went.
    parameters: Vec<(String, String)>,
    cookie: String,
    /// Parameters that the provider adds to every callback.
    pub(crate) more: String,
}

impl SignIn {
    /// Begins at a provider whose endpoints are known.
    pub(crate) fn begin(provider: Provider) -> Self {
        Self::begin_at(provider, None)
    }

    /// Begins at a provider that publishes its endpoints, if it does.
    pub(crate) fn begin_at(provider: Provider, server: Option<Server>) -> Self {
        let builder = aura_tests::bare_builder(aura_tests::SECRET);
        let id = provider.id().to_owned();
        let auth = builder.base_url("https://app.test").provider(provider).build().unwrap();
        let mut action =
            discovered(&server, send(&auth, Method::GET, &format!("/auth/signIn/{id}"), "", "", 1));
        let mut pushed = None;
        if let Action::FetchPushedRequest(fetch) = action {
            pushed = Some(seen(&fetch.request));
            action = resume(*fetch, &json!({ "request_uri": "urn:example:1", "expires_in": 60 }));
        }
        let response = response_of(action, |_| {});
        let location = Url::parse(response.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        let query = match &pushed {
            Some(pushed) => pushed["body"].as_str().unwrap(),
            None => location.query().unwrap(),
        };
        let parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let cookie = cookies(response.headers());
        Self { auth, id, server, location, pushed, parameters, cookie, more: String::new() }
    }

    /// Returns the URL that the browser was sent to, its random values replaced.
    pub(crate) fn authorization_url(&self) -> String {
        self.without_random(self.location.as_str())
    }

    /// Returns what was handed over ahead, its random values replaced.
    pub(crate) fn pushed_request(&self) -> Value {
        let mut pushed = self.pushed.clone().unwrap_or_default();
        if let Some(body) = pushed.get_mut("body") {
            *body = self.without_random(body.as_str().unwrap()).into();
        }
        pushed
    }

    fn without_random(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for name in ["state", "code_challenge", "nonce"] {
            if let Some(value) = self.find(name) {
                assert_eq!(value.len(), 43, "{name}");
                text = text.replace(value, &format!("{{{name}}}"));
            }
        }
        text
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter of the authorization request.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.find(name).unwrap()
    }

    pub(crate) fn callback(&self, more: &str) -> Action {
        let state = self.parameter("state");
        let path = format!("/auth/callback/{}?code=the-code&state={state}{}{more}", self.id, self.more);
        discovered(&self.server, send(&self.auth, Method::GET, &path, &self.cookie, "", 2))
    }

    /// Follows a path of the site, cookies included.
    pub(crate) fn visit(&self, path: &str) -> Action {
        discovered(&self.server, send(&self.auth, Method::GET, path, &self.cookie, "", 2))
    }

    /// Posts the provider's form, which comes from another site and so without cookies.
    pub(crate) fn post_callback(&self, form: &str) -> Response<Bytes> {
        let path = format!("/auth/callback/{}", self.id);
        response_of(send(&self.auth, Method::POST, &path, "", form, 2), |_| {})
    }

    pub(crate) fn fetch_token(&self, more: &str) -> Fetch {
        let action = self.callback(more);
        let Action::FetchToken(fetch) = action else { panic!("{}: {action:?}", self.id) };
        *fetch
    }

    /// Returns a token request as the files have it; the proof key, if one is sent, must belong to the challenge.
    pub(crate) fn token_request(&self, fetch: &Fetch) -> Value {
        let mut request = seen(&fetch.request);
        let verifier = form_urlencoded::parse(fetch.request.body()).find(|(name, _)| name == "code_verifier");
        assert_eq!(verifier.is_some(), self.find("code_challenge").is_some());
        if let Some((_, verifier)) = verifier {
            let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
            assert_eq!(URL_SAFE_NO_PAD.encode(digest), self.parameter("code_challenge"));
            let body = request["body"].as_str().unwrap().replace(&*verifier, "{code_verifier}");
            request["body"] = body.into();
        }
        request
    }

    /// Adds the ID token to a token answer, where there are claims for one.
    pub(crate) fn with_id_token(&self, token_answer: &Value, claims: &Value) -> Value {
        let mut answer = token_answer.clone();
        if let (Some(server), false) = (&self.server, claims.is_null()) {
            let access_token = answer["access_token"].as_str().unwrap().to_owned();
            let token = server.signer.id_token(claims, self.parameter("nonce"), &access_token, NOW);
            answer["id_token"] = token.into();
        }
        answer
    }

    /// Goes on from a token answer to the keys, if any are asked for.
    pub(crate) fn granted(&self, fetch: Fetch, answer: &Value) -> Action {
        let action = resume(fetch, answer);
        let Action::FetchJwks(fetch) = action else { return action };
        let server = self.server.as_ref().unwrap();
        assert_eq!(fetch.request.uri().to_string(), server.discovery["jwks_uri"], "{}", self.id);
        resume(*fetch, &server.signer.jwks().unwrap())
    }

    /// Signs in to the end, with the answers of a recorded case.
    pub(crate) fn finish(&self, token_answer: &Value, id_token: &Value, userinfo: &Value) -> Response<Bytes> {
        let answer = self.with_id_token(token_answer, id_token);
        let action = self.granted(self.fetch_token(""), &answer);
        let Action::FetchUserInfo(fetch) = action else { return response_of(action, |_| {}) };
        // A list of e-mail addresses may be asked for where userinfo has none. The recorded cases have no answer to that.
        response_of(resume(*fetch, userinfo).into_fetch().map_or_else(|end| end, unanswered), |_| {})
    }

    pub(crate) fn session(&self, response: &Response<Bytes>) -> Response<Bytes> {
        let cookies = cookies(response.headers());
        response_of(send(&self.auth, Method::GET, "/auth/session", &cookies, "", 3), |_| {})
    }

    /// Returns the signed-in user as scripts see it.
    pub(crate) fn user(&self, response: &Response<Bytes>) -> Value {
        let session = self.session(response);
        let mut body: Value = serde_json::from_slice(session.body()).unwrap();
        body["user"].take()
    }
}

/// Answers the question for the configuration, if it is asked.
fn discovered(server: &Option<Server>, action: Action) -> Action {
    let Action::FetchDiscovery(fetch) = action else { return action };
    resume(*fetch, &server.as_ref().expect("a recorded configuration").discovery)
}

fn send(auth: &Auth, method: Method, path: &str, cookie: &str, form: &str, entropy: u8) -> Action {
    let mut request = Request::builder().method(method).uri(path);
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    if !form.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    let body = Bytes::copy_from_slice(form.as_bytes());
    auth.handle(request.body(body).unwrap(), NOW, Entropy::from_os_bytes([entropy; 32]))
}

pub(crate) fn resume(fetch: Fetch, answer: &Value) -> Action {
    fetch.pending.resume(Ok(json_answer(200, answer.to_string())), NOW)
}

fn unanswered((_, fetch): (Purpose, Fetch)) -> Action {
    fetch.pending.resume(Err(FetchError::Unreachable), NOW)
}

/// Returns the answer to the browser, after a look at how the action shows itself.
pub(crate) fn response_of(action: Action, look: impl Fn(&str)) -> Response<Bytes> {
    drive(action, NOW, &mut Unasked(look))
}

/// A world whose provider is asked nothing.
struct Unasked<F>(F);

impl<F: Fn(&str)> World for Unasked<F> {
    fn fetch(&mut self, _: Purpose, fetch: &Fetch) -> Outcome {
        panic!("{fetch:?}")
    }

    fn see(&mut self, action: &Action) {
        (self.0)(&format!("{action:?}"));
    }
}

/// Returns the body of an error.
pub(crate) fn error_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// Returns the cookies that a response sets, as a browser sends them.
fn cookies(headers: &HeaderMap) -> String {
    let pairs = headers.get_all(header::SET_COOKIE).iter();
    let pairs = pairs.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// Writes a request as the files do.
pub(crate) fn seen(request: &Request<Bytes>) -> Value {
    let version = concat!("Aura/", env!("CARGO_PKG_VERSION"));
    let text = |value: &http::HeaderValue| value.to_str().unwrap().replace(version, "Aura/{version}");
    let mut headers: BTreeMap<_, _> =
        request.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    assert_eq!(headers.len(), request.headers().len(), "no header is repeated");
    // The recorded requests are another implementation's, which leaves the encoding to its client.
    assert_eq!(headers.remove("accept-encoding").as_deref(), Some("identity"));
    let mut seen = Map::new();
    seen.insert("method".to_owned(), request.method().as_str().into());
    seen.insert("url".to_owned(), request.uri().to_string().into());
    seen.insert("headers".to_owned(), json!(headers));
    seen.insert("body".to_owned(), String::from_utf8(request.body().to_vec()).unwrap().into());
    seen.into()
}
