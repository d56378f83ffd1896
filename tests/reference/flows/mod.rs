//! A sign-in with recorded answers: the requests to the provider and the session equal the recorded ones.

mod openid;

use aura_proto::provider::Provider;
use aura_proto::{Action, Auth, ClientSecret, Entropy, Fetch, Salt, Secret, UnixTime};
use aura_tests::json_answer;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

struct Recorded {
    flow: Value,
    auth: Auth,
    now: UnixTime,
}

impl Recorded {
    fn read(json: &str) -> Self {
        Self::with(json, mock)
    }

    /// Reads a flow whose provider is described as a test wants it.
    fn with(json: &str, provider: impl FnOnce(&Value) -> Provider) -> Self {
        let flow: Value = serde_json::from_str(json).unwrap();
        let config = &flow["config"];
        let provider = provider(config);
        let secret = Secret::new(text(&config["secret"])).unwrap();
        let mut builder = Auth::builder(secret, Salt::new(text(&config["salt"])).unwrap()).provider(provider);
        if config["trusted_proxy_headers"] == true {
            builder = builder.trusted_proxy_headers();
        }
        let trusted = config["trusted_origins"].as_array().into_iter().flatten();
        let auth = builder.trusted_origins(trusted.map(text)).build().unwrap();
        let now = flow["exchanges"][0]["minted_at_ms"][0].as_u64().unwrap() / 1000;
        Self { flow, auth, now: UnixTime::from_secs(now) }
    }

    fn exchange(&self, label: &str) -> &Value {
        let exchanges = self.flow["exchanges"].as_array().unwrap();
        exchanges.iter().find(|exchange| exchange["label"] == label).unwrap()
    }

    /// The recorded request, with our own cookies and another query.
    fn request(&self, recorded: &Value, target: &str, cookies: &str) -> Request<Bytes> {
        let mut request = Request::builder().method(text(&recorded["request"]["method"])).uri(target);
        for pair in recorded["request"]["headers"].as_array().unwrap() {
            if text(&pair[0]) != "Cookie" {
                request = request.header(text(&pair[0]), text(&pair[1]));
            }
        }
        request.header(header::COOKIE, cookies).body(Bytes::new()).unwrap()
    }
}

fn mock(config: &Value) -> Provider {
    let idp = text(&config["idp_origin"]);
    Provider::oauth("mock", text(&config["client_id"]))
        .with_name("Mock")
        .authorization_endpoint(format!("{idp}/authorize"))
        .token_endpoint(format!("{idp}/token"))
        .userinfo_endpoint(format!("{idp}/userinfo"))
        .scope("profile email")
        .client_secret(ClientSecret::new(text(&config["client_secret"])))
}

fn recorded_header<'a>(exchange: &'a Value, name: &str) -> &'a str {
    let headers = exchange["response"]["headers"].as_array().unwrap();
    text(&headers.iter().find(|pair| text(&pair[0]).eq_ignore_ascii_case(name)).unwrap()[1])
}

fn pairs(query: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Replaces the values that are random in each attempt.
fn without_draws(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    let drawn = ["state", "code_challenge", "code_verifier", "nonce"];
    pairs
        .into_iter()
        .map(
            |(name, value)| {
                if drawn.contains(&name.as_str()) { (name, "drawn".into()) } else { (name, value) }
            },
        )
        .collect()
}

fn cookies(response: &Response<Bytes>) -> String {
    let set = response.headers().get_all(header::SET_COOKIE).iter();
    let pairs = set.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// Compares a fetch with the recorded call, and answers it with the recorded answer. Headers that a client adds by itself
/// are not ours to compare.
fn answer(fetch: Fetch, call: &Value, now: UnixTime) -> Action {
    let (request, recorded) = (&fetch.request, &call["request"]);
    assert_eq!(request.method().as_str(), text(&recorded["method"]));
    assert_eq!(request.uri().path(), text(&recorded["target"]));
    let sent = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let mut compared = Vec::new();
    for pair in recorded["raw_headers"].as_array().unwrap() {
        let name = text(&pair[0]).to_ascii_lowercase();
        if ["accept", "content-type", "authorization"].contains(&name.as_str()) {
            assert_eq!(sent(&name).as_deref(), Some(text(&pair[1])), "{name}");
            compared.push(name);
        }
    }
    assert_eq!(compared.len(), 2);
    let body = str::from_utf8(request.body()).unwrap();
    assert_eq!(without_draws(pairs(body)), without_draws(pairs(text(&recorded["body"]))));
    let status = u16::try_from(call["response"]["status"].as_u64().unwrap()).unwrap();
    fetch.pending.resume(Ok(json_answer(status, text(&call["response"]["body"]).to_owned())), now)
}

fn replay(json: &str) -> (Recorded, String) {
    let recorded = Recorded::read(json);
    let sign_in = recorded.exchange("signIn mock");
    let request = recorded.request(sign_in, text(&sign_in["request"]["target"]), "a=b");
    let Action::Redirect(redirect) =
        recorded.auth.handle(request, recorded.now, Entropy::from_os_bytes([1; 32]))
    else {
        panic!("not sent to the provider")
    };
    let ours = Url::parse(redirect.location.as_str()).unwrap();
    let theirs = Url::parse(recorded_header(sign_in, "location")).unwrap();
    assert_eq!(ours[..url::Position::AfterPath], theirs[..url::Position::AfterPath]);
    assert_eq!(without_draws(pairs(ours.query().unwrap())), without_draws(pairs(theirs.query().unwrap())));
    let state: BTreeMap<_, _> = ours.query_pairs().into_owned().collect();
    let attempt = cookies(&redirect.into_response());

    let callback = recorded.exchange("callback mock");
    let target = format!("/auth/callback/mock?code=code-0001&state={}", state["state"]);
    let request = recorded.request(callback, &target, &attempt);
    let calls = callback["idp_calls"].as_array().unwrap();
    let now = recorded.now;
    let Action::FetchToken(fetch) = recorded.auth.handle(request, now, Entropy::from_os_bytes([2; 32]))
    else {
        panic!("no exchange")
    };
    let Action::FetchUserInfo(fetch) = answer(*fetch, &calls[0], now) else { panic!("no userinfo") };
    let Action::AdmitUser(question) = answer(*fetch, &calls[1], now) else { panic!("no user") };
    let Action::Redirect(redirect) = question.admit(now) else { panic!("no session") };
    assert_eq!(redirect.location.as_str(), recorded_header(callback, "location"));
    let response = redirect.into_response();
    assert_eq!(text(&callback["response"]["body"]).as_bytes(), &response.body()[..]);
    let session = cookies(&response);
    (recorded, session)
}

#[test]
fn the_recorded_sign_ins_give_the_recorded_requests_and_session() {
    for json in [include_str!("../../golden/flow-plain.json"), include_str!("../../golden/flow-proxy.json")] {
        let (recorded, cookies) = replay(json);
        let session = recorded.exchange("session");
        let request = recorded.request(session, "/auth/session", &cookies);
        let Action::Respond(respond) =
            recorded.auth.handle(request, recorded.now, Entropy::from_os_bytes([3; 32]))
        else {
            panic!("no answer")
        };
        let ours: Value = serde_json::from_slice(respond.into_response().body()).unwrap();
        let theirs: Value = serde_json::from_str(text(&session["response"]["body"])).unwrap();
        assert_eq!(ours["session"]["user"], theirs["session"]["user"]);
        assert_eq!(ours["success"], theirs["success"]);
        // The recorded sign-in took a moment; ours takes none.
        let seconds = |value: &Value| text(&value["session"]["expires"])[..16].to_owned();
        assert_eq!(seconds(&ours), seconds(&theirs));
    }
}

#[test]
fn a_session_that_the_reference_set_is_read_here_and_its_attempts_are_not() {
    let (recorded, _) = replay(include_str!("../../golden/flow-plain.json"));
    let session = recorded.exchange("session");
    let headers = session["request"]["headers"].as_array().unwrap();
    let cookies = text(&headers.iter().find(|pair| text(&pair[0]) == "Cookie").unwrap()[1]);
    let headers =
        [(header::COOKIE, cookies.parse().unwrap()), (header::HOST, "127.0.0.1:4800".parse().unwrap())];
    let opened = recorded.auth.session(&HeaderMap::from_iter(headers), recorded.now).unwrap();
    assert_eq!((opened.user().sub(), opened.user().email()), ("user-1001", Some("ada@example.test")));

    let callback = recorded.exchange("callback mock");
    let headers = callback["request"]["headers"].as_array().unwrap();
    let cookies = text(&headers.iter().find(|pair| text(&pair[0]) == "Cookie").unwrap()[1]);
    let request = recorded.request(callback, text(&callback["request"]["target"]), cookies);
    let action = recorded.auth.handle(request, recorded.now, Entropy::from_os_bytes([4; 32]));
    let Action::Respond(respond) = action else { panic!("{action:?}") };
    assert_eq!(respond.status, 401);
}
