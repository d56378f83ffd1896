//! Both ends of a conversation with the provider, and a clock that the test sets.

use aura_test_idp::{Account, Client, ClientSecret, Idp, State};
use bytes::Bytes;
use http::{Request, Response};
use url::Url;

pub(crate) const BASE: &str = "http://localhost:3000/dev";
pub(crate) const CALLBACK: &str = "http://localhost:3000/callback";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The usual authorization request, to be changed by a test.
pub(crate) const REQUEST: [(&str, &str); 7] = [
    ("response_type", "code"),
    ("client_id", "app"),
    ("redirect_uri", CALLBACK),
    ("scope", "profile email"),
    ("state", "af0ifjsldkj"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

/// The usual token request, but for the code.
pub(crate) const REDEMPTION: [(&str, &str); 5] = [
    ("grant_type", "authorization_code"),
    ("client_id", "app"),
    ("client_secret", "app-secret"),
    ("redirect_uri", CALLBACK),
    ("code_verifier", VERIFIER),
];

pub(crate) struct Conversation {
    pub(crate) idp: Idp,
    pub(crate) state: State,
    pub(crate) now: u64,
    entropy: u8,
}

impl Conversation {
    pub(crate) fn new() -> Self {
        let app = Client::new("app", ClientSecret::new("app-secret")).with_name("The <b>App</b>");
        let other = Client::new("other", ClientSecret::new("other-secret"));
        let idp = Idp::new(BASE)
            .unwrap()
            .client(app.with_redirect_uri(CALLBACK).unwrap())
            .client(other.with_redirect_uri(CALLBACK).unwrap())
            .accounts(Account::made_up());
        Self { idp, state: State::default(), now: 1_700_000_000, entropy: 0 }
    }

    pub(crate) fn send(&mut self, request: Request<Bytes>) -> Response<Bytes> {
        let entropy = self.fresh_entropy();
        self.idp.handle(&mut self.state, request, self.now, entropy)
    }

    pub(crate) fn get(&mut self, url: &str) -> Response<Bytes> {
        self.send(Request::get(url).body(Bytes::new()).unwrap())
    }

    pub(crate) fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        let request = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(encode(form).into()).unwrap())
    }

    pub(crate) fn approve(&mut self) -> String {
        let entropy = self.fresh_entropy();
        let url = authorize_url(&REQUEST);
        self.idp.approve(&mut self.state, &url, "ada", self.now, entropy).unwrap()
    }

    /// Has a code issued to the usual request.
    pub(crate) fn code(&mut self) -> String {
        parameter(&self.approve(), "code").unwrap()
    }

    /// Redeems a code with the usual request.
    pub(crate) fn redeem(&mut self, code: &str) -> Response<Bytes> {
        self.redeem_with(code, &REDEMPTION)
    }

    pub(crate) fn redeem_with(&mut self, code: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        let url = self.idp.token_endpoint();
        self.post(&url, &[form, &[("code", code)]].concat())
    }

    pub(crate) fn userinfo(&mut self, token: &str) -> Response<Bytes> {
        let request = Request::get(self.idp.userinfo_endpoint());
        self.send(request.header("authorization", format!("Bearer {token}")).body(Bytes::new()).unwrap())
    }

    pub(crate) fn fresh_entropy(&mut self) -> [u8; 32] {
        self.entropy = self.entropy.wrapping_add(1);
        [self.entropy; 32]
    }
}

/// The same parameters with one of them changed.
pub(crate) fn with<'a, const N: usize>(
    parameters: &[(&'a str, &'a str); N],
    name: &str,
    value: &'a str,
) -> [(&'a str, &'a str); N] {
    parameters.map(|(key, old)| (key, if key == name { value } else { old }))
}

pub(crate) fn authorize_url(parameters: &[(&str, &str)]) -> String {
    format!("{BASE}/authorize?{}", encode(parameters))
}

pub(crate) fn encode(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

pub(crate) fn parameter(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub(crate) fn location(response: &Response<Bytes>) -> &str {
    response.headers()["location"].to_str().unwrap()
}

pub(crate) fn text(response: &Response<Bytes>) -> &str {
    std::str::from_utf8(response.body()).unwrap()
}

pub(crate) fn json(response: &Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(response.body()).unwrap()
}
