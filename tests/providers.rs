//! What does each built-in provider of OAuth 2.0 get to see, and which user does its answer give? A file a provider, in
//! `golden/providers`: the requests to the last byte, a token answer and userinfo answers in the shape that the provider
//! documents.
#![cfg(test)]

use aura_proto::provider::{
    CustomProvider, DISCORD, GITHUB, GITLAB, HUBSPOT, ProfileError, Provider, ROWS, Row, RowProtocol,
};
use aura_proto::{Action, Auth, ClientSecret, Entropy, Fetch, Salt, Secret, UnixTime, User};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::Url;

const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);

/// The rows with endpoints of their own; those with an issuer are `openid/rows.rs`'s.
fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(|row| matches!(row.protocol, RowProtocol::OAuth))
}

#[test]
fn every_row_has_its_file_and_every_file_its_row() {
    let files = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let mut ids: Vec<_> = rows().map(|row| row.id.to_owned()).collect();
    files.sort();
    ids.sort();
    assert_eq!(files, ids);
    for row in rows() {
        assert_eq!(golden(row.id)["name"], row.name);
    }
}

#[test]
fn every_provider_is_sent_exactly_the_recorded_requests() {
    for row in rows() {
        let golden = golden(row.id);
        let sign_in = SignIn::begin(row.with_client("client-id", ClientSecret::new("client-secret")));
        assert_eq!(sign_in.authorization_url(), golden["authorization_url"], "{}", row.id);

        let fetch = sign_in.fetch_token("");
        let mut request = seen(&fetch.request);
        let verifier = sign_in.code_verifier(&fetch);
        let body = request["body"].as_str().unwrap().replace(&verifier, "{code_verifier}");
        request["body"] = body.into();
        assert_eq!(request, golden["token_request"], "{}", row.id);

        let Action::FetchUserInfo(fetch) = resume(fetch, &golden["token_answer"]) else {
            panic!("{}: no userinfo request", row.id)
        };
        let mut request = seen(&fetch.request);
        let body = request.as_object_mut().unwrap().remove("body");
        assert_eq!(body, Some(json!("")), "{}", row.id);
        assert_eq!(request, golden["userinfo_request"], "{}", row.id);
    }
}

#[test]
fn every_recorded_answer_gives_its_user() {
    for row in rows() {
        let golden = golden(row.id);
        let cases = golden["users"].as_array().unwrap();
        assert!(cases.len() >= 2, "{}: with and without its optional members", row.id);
        for case in cases {
            let sign_in = SignIn::begin(row.with_client("client-id", ClientSecret::new("client-secret")));
            let response = sign_in.finish(&golden["token_answer"], &case["userinfo"]);
            assert_eq!(response.status(), 302, "{}", row.id);
            assert_eq!(sign_in.user(&response), case["user"], "{}", row.id);
        }
    }
}

#[test]
fn an_answer_without_a_user_signs_nobody_in() {
    for row in rows() {
        let golden = golden(row.id);
        let answers = golden["nobody"].as_array().unwrap();
        assert!(!answers.is_empty());
        for answer in answers {
            let sign_in = SignIn::begin(row.with_client("client-id", ClientSecret::new("client-secret")));
            let response = sign_in.finish(&golden["token_answer"], answer);
            let body: Value = serde_json::from_slice(response.body()).unwrap();
            assert_eq!((response.status().as_u16(), &body["code"]), (502, &json!("INVALID_USER_INFO")));
            assert_eq!(sign_in.session(&response).status(), 401, "{}", row.id);
        }
    }
}

#[test]
fn se_07_a_token_in_a_path_is_shown_nowhere() {
    let token = "a-token-that-stands-in-the-path";
    let sign_in = SignIn::begin(HUBSPOT.with_client("client-id", ClientSecret::new("client-secret")));
    let action = resume(sign_in.fetch_token(""), &json!({ "access_token": token }));
    let shown = format!("{action:?} {action:#?}");
    let Action::FetchUserInfo(fetch) = action else { panic!("{action:?}") };
    assert!(fetch.request.uri().path().ends_with(token));
    let action = resume(fetch, &json!({ "user_id": 1, "token": token }));
    let response = response_of(action, |shown| assert!(!shown.contains(token), "{shown}"));
    assert!(!shown.contains(token), "{shown}");
    assert!(!format!("{response:?}").contains(token), "{response:?}");
}

#[test]
fn overrides_reach_the_requests() {
    let own = GITLAB
        .with_client("client-id", ClientSecret::new("client-secret"))
        .with_id("git")
        .with_name("Our Git")
        .scope("")
        .authorization_endpoint("https://git.test/authorize?tenant=a")
        .token_endpoint("https://git.test/token")
        .userinfo_endpoint("https://git.test/user")
        .authorization_parameter("login_hint", "ada@example.com")
        .authorization_parameter("prompt", "login")
        .authorization_parameter("zone", "1")
        .userinfo_header("X-Client", "{client_id}")
        .client_secret_basic();
    assert_eq!((own.id(), own.name()), ("git", "Our Git"));
    let sign_in = SignIn::begin(own);
    assert_eq!(
        sign_in.authorization_url(),
        "https://git.test/authorize?tenant=a&response_type=code&client_id=client-id\
         &redirect_uri=https%3A%2F%2Fapp.test%2Fauth%2Fcallback%2Fgit&state={state}\
         &code_challenge={code_challenge}&code_challenge_method=S256\
         &prompt=login&login_hint=ada%40example.com&zone=1"
    );
    let fetch = sign_in.fetch_token("");
    let request = seen(&fetch.request);
    assert_eq!(request["url"], "https://git.test/token");
    assert_eq!(request["headers"]["authorization"], "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ=");
    assert!(request["body"].as_str().unwrap().starts_with("code=the-code&"));
    let Action::FetchUserInfo(fetch) = resume(fetch, &json!({ "access_token": "t" })) else { panic!() };
    let request = seen(&fetch.request);
    assert_eq!(
        (&request["url"], &request["headers"]["x-client"]),
        (&json!("https://git.test/user"), &json!("client-id"))
    );
}

#[test]
fn a_function_of_the_application_gives_the_user() {
    let discord =
        DISCORD.with_client("client-id", ClientSecret::new("client-secret")).profile_by(|userinfo| {
            let id = userinfo["id"].as_str().ok_or(ProfileError::WithoutId)?;
            let mut user = User::new(format!("discord|{id}"));
            user.email = userinfo["email"].as_str().map(str::to_owned);
            user.name = Some(String::new());
            Ok(user)
        });
    let sign_in = SignIn::begin(discord);
    let response = sign_in.finish(&json!({ "access_token": "t" }), &json!({ "id": "1", "email": "a@b.c" }));
    assert_eq!(sign_in.user(&response), json!({ "sub": "discord|1", "email": "a@b.c" }));
}

#[test]
fn a_public_client_has_no_secret_anywhere() {
    let public = CustomProvider {
        id: "mock".to_owned(),
        name: "Mock".to_owned(),
        authorize_url: "https://mock.test/authorize".to_owned(),
        token_url: "https://mock.test/token".to_owned(),
        userinfo_url: "https://mock.test/userinfo".to_owned(),
        client_id: "client-id".to_owned(),
        ..CustomProvider::default()
    };
    let request = seen(&SignIn::begin(public.into()).fetch_token("").request);
    assert!(request["body"].as_str().unwrap().starts_with("client_id=client-id&code=the-code&redirect_uri="));
    assert_eq!(request["headers"]["authorization"], Value::Null);
}

#[test]
fn github_names_itself_and_nobody_else_speaks_for_it() {
    let github = SignIn::begin(GITHUB.with_client("client-id", ClientSecret::new("client-secret")));
    for (more, exchanged) in [
        ("&iss=https%3A%2F%2Fgithub.com%2Flogin%2Foauth", true),
        ("", true),
        ("&iss=https%3A%2F%2Fgithub.com", false),
    ] {
        assert_eq!(matches!(github.callback(more), Action::FetchToken(_)), exchanged, "{more}");
    }
}

/// A sign-in at one provider, with hand-made answers.
struct SignIn {
    auth: Auth,
    id: String,
    /// Where the browser was sent.
    location: Url,
    cookie: String,
}

impl SignIn {
    fn begin(provider: Provider) -> Self {
        let secret = Secret::new(aura_tests::SECRET).unwrap();
        let builder = Auth::builder(secret, Salt::new(aura_tests::SALT).unwrap());
        let id = provider.id().to_owned();
        let auth = builder.base_url("https://app.test").provider(provider).build().unwrap();
        let response = response_of(send(&auth, &format!("/auth/signIn/{id}"), "", 1), |_| {});
        let location = Url::parse(response.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        Self { auth, id, location, cookie: cookies(response.headers()) }
    }

    /// Returns the URL that the browser was sent to, its random values replaced.
    fn authorization_url(&self) -> String {
        let mut url = self.location.to_string();
        for name in ["state", "code_challenge"] {
            url = url.replace(&self.parameter(name), &format!("{{{name}}}"));
        }
        url
    }

    fn parameter(&self, name: &str) -> String {
        let mut pairs = self.location.query_pairs();
        let value = pairs.find(|(other, _)| other == name).unwrap().1.into_owned();
        assert_eq!(value.len(), 43, "{name}");
        value
    }

    fn callback(&self, more: &str) -> Action {
        let path =
            format!("/auth/callback/{}?code=the-code&state={}{more}", self.id, self.parameter("state"));
        send(&self.auth, &path, &self.cookie, 2)
    }

    fn fetch_token(&self, more: &str) -> Fetch {
        let action = self.callback(more);
        let Action::FetchToken(fetch) = action else { panic!("{}: {action:?}", self.id) };
        fetch
    }

    /// Returns the proof key of a token request, which must belong to the challenge.
    fn code_verifier(&self, fetch: &Fetch) -> String {
        let fields = url::form_urlencoded::parse(fetch.request.body());
        let verifier = fields.into_iter().find(|(name, _)| name == "code_verifier").unwrap().1.into_owned();
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(digest), self.parameter("code_challenge"));
        verifier
    }

    fn finish(&self, token_answer: &Value, userinfo: &Value) -> Response<Bytes> {
        let action = resume(self.fetch_token(""), token_answer);
        let Action::FetchUserInfo(fetch) = action else { panic!("{}: {action:?}", self.id) };
        response_of(resume(fetch, userinfo), |_| {})
    }

    fn session(&self, response: &Response<Bytes>) -> Response<Bytes> {
        response_of(send(&self.auth, "/auth/session", &cookies(response.headers()), 3), |_| {})
    }

    /// Returns the signed-in user as scripts see it.
    fn user(&self, response: &Response<Bytes>) -> Value {
        let session = self.session(response);
        let mut body: Value = serde_json::from_slice(session.body()).unwrap();
        body["user"].take()
    }
}

fn send(auth: &Auth, path: &str, cookie: &str, entropy: u8) -> Action {
    let mut request = Request::get(path);
    if !cookie.is_empty() {
        request = request.header(header::COOKIE, cookie);
    }
    auth.handle(request.body(Bytes::new()).unwrap(), NOW, Entropy::from_os_bytes([entropy; 32]))
}

fn resume(fetch: Fetch, answer: &Value) -> Action {
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    fetch.pending.resume(Ok(response.body(answer.to_string().into()).unwrap()), NOW)
}

/// Returns the answer to the browser, after a look at how the action shows itself.
fn response_of(action: Action, look: impl Fn(&str)) -> Response<Bytes> {
    look(&format!("{action:?}"));
    match action {
        Action::Redirect(redirect) => redirect.into_response(),
        Action::Respond(respond) => respond.into_response(),
        Action::AdmitUser(question) => response_of(question.admit(NOW), look),
        Action::FetchDiscovery(fetch)
        | Action::FetchJwks(fetch)
        | Action::FetchPushedRequest(fetch)
        | Action::FetchToken(fetch)
        | Action::FetchUserInfo(fetch)
        | Action::FetchRevocation(fetch) => {
            panic!("{fetch:?}")
        }
    }
}

/// Returns the cookies that a response sets, as a browser sends them.
fn cookies(headers: &HeaderMap) -> String {
    let pairs = headers.get_all(header::SET_COOKIE).iter();
    let pairs = pairs.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

/// Writes a request as the files do.
fn seen(request: &Request<Bytes>) -> Value {
    let version = concat!("Aura/", env!("CARGO_PKG_VERSION"));
    let text = |value: &http::HeaderValue| value.to_str().unwrap().replace(version, "Aura/{version}");
    let headers: BTreeMap<_, _> =
        request.headers().iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    assert_eq!(headers.len(), request.headers().len(), "no header is repeated");
    let mut seen = Map::new();
    seen.insert("method".to_owned(), request.method().as_str().into());
    seen.insert("url".to_owned(), request.uri().to_string().into());
    seen.insert("headers".to_owned(), json!(headers));
    seen.insert("body".to_owned(), String::from_utf8(request.body().to_vec()).unwrap().into());
    seen.into()
}

fn directory() -> std::path::PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", "providers"].iter().collect()
}

fn golden(id: &str) -> Value {
    let text = std::fs::read_to_string(directory().join(format!("{id}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}
