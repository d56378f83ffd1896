//! Invariant: every row of the provider table reads a user only from a JSON answer without an error.
//!
//! The user's id is, character for character, a string or an integer of the answer.
#![no_main]

use aura_fuzz::{NOW, builder, entropy, story};
use aura_proto::{Action, Auth, ClientSecret, User};
use aura_providers::{Protocol, Provider, ROWS};
use bytes::Bytes;
use http::{Request, Response, header};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use std::sync::LazyLock;

/// A sign-in at each provider, begun; none where the provider publishes its endpoints.
static SIGN_INS: LazyLock<Vec<Option<SignIn>>> = LazyLock::new(|| {
    let rows = ROWS.iter().map(|row| {
        (row.protocol == Protocol::OAuth).then(|| row.with_client("id", ClientSecret::new("secret")))
    });
    rows.chain([Some(custom())]).map(|provider| provider.map(SignIn::begin)).collect()
});

/// A sign-in whose browser is at the provider.
struct SignIn {
    auth: Auth,
    /// Where the browser comes back to.
    callback: String,
    cookie: String,
}

impl SignIn {
    fn begin(provider: Provider) -> Self {
        let auth = builder().provider(provider.with_id("fuzzed")).build().expect("sound");
        let request = story::get("/auth/signIn/fuzzed");
        let Action::Redirect(redirect) = auth.handle(request, NOW, entropy(1)) else {
            unreachable!("the provider is known")
        };
        let begun = redirect.into_response();
        let state = story::parameter(&begun, "state");
        let callback = format!("/auth/callback/fuzzed?code=c&state={state}");
        Self { auth, callback, cookie: story::cookie(&begun, "") }
    }

    /// Says who signs in where this is the userinfo answer.
    fn user(&self, userinfo: Response<Bytes>) -> Option<User> {
        let request = Request::get(&self.callback).header(header::COOKIE, &self.cookie);
        let request = request.body(Bytes::new()).expect("a request");
        let Action::FetchToken(asked) = self.auth.handle(request, NOW, entropy(2)) else {
            unreachable!("the callback is the attempt's")
        };
        let granted = json(br#"{"access_token":"t","token_type":"Bearer"}"#);
        let Action::FetchUserInfo(asked) = asked.pending.resume(Ok(granted), NOW) else {
            unreachable!("a token is granted")
        };
        match asked.pending.resume(Ok(userinfo), NOW) {
            Action::AdmitUser(question) => Some(question.candidate.user),
            _ => None,
        }
    }
}

// The input is a byte that chooses the row, and the body.
fuzz_target!(|input: &[u8]| {
    let Some((&choice, body)) = input.split_first() else { return };
    let Some(sign_in) = &SIGN_INS[usize::from(choice) % SIGN_INS.len()] else { return };
    let Some(user) = sign_in.user(json(body)) else { return };

    assert!(!user.sub().is_empty());
    let json: Value = serde_json::from_slice(body).expect("userinfo is JSON");
    assert!(!json.get("error").is_some_and(Value::is_string));
    assert!(holds(&json, user.sub()), "{} is not in {json}", user.sub());
});

fn custom() -> Provider {
    Provider::oauth("custom", "id")
        .with_name("Custom")
        .authorization_endpoint("https://idp.test/authorize")
        .token_endpoint("https://idp.test/token")
        .userinfo_endpoint("https://idp.test/userinfo")
        .client_secret(ClientSecret::new("secret"))
}

fn json(body: &[u8]) -> Response<Bytes> {
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    response.body(Bytes::copy_from_slice(body)).expect("a response")
}

fn holds(json: &Value, id: &str) -> bool {
    match json {
        Value::String(text) => text == id,
        Value::Number(number) => (number.is_u64() || number.is_i64()) && number.to_string() == id,
        Value::Array(values) => values.iter().any(|value| holds(value, id)),
        Value::Object(members) => members.values().any(|value| holds(value, id)),
        Value::Null | Value::Bool(_) => false,
    }
}
