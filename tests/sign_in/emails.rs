//! The e-mail address of a user whose provider lists addresses apart from the profile, and the tokens of a candidate.

use aura_proto::provider::{Provider, ProviderProblem, Row};
use aura_proto::{
    Action, Admission, Auth, Candidate, ClientSecret, ConfigError, Entropy, Error, Event, Fetch, FetchError,
    ProviderError, Purpose, UnixTime,
};
use aura_providers::GITHUB;
use aura_tests::{Outcome, SECRET, World, bare_builder, drive, json_answer, location, parameter};
use bytes::Bytes;
use http::{Request, Response, header};
use serde_json::{Value, json};
use url::Url;

const NOW: UnixTime = UnixTime::from_secs(1_795_500_000);
const TOKENS: &str = r#"{"access_token":"gho_1","token_type":"bearer","scope":"read:user,user:email"}"#;
const WITHOUT: &str = r#"{"id":1,"login":"ada","email":null}"#;

/// GitHub, as far as it answers here.
struct GitHub {
    user: &'static str,
    emails: Outcome,
    asked: Vec<(String, String)>,
    admitted: Vec<Candidate>,
    events: Vec<Event>,
}

impl GitHub {
    fn new(user: &'static str, emails: Outcome) -> Self {
        Self { user, emails, asked: Vec::new(), admitted: Vec::new(), events: Vec::new() }
    }

    fn listing(emails: &Value) -> Self {
        Self::new(WITHOUT, Ok(json_answer(200, emails.to_string())))
    }

    /// Signs in, and returns the address that the application is shown.
    fn sign_in(&mut self, auth: &Auth) -> Option<String> {
        let response = self.arrive(auth);
        assert_eq!(response.status(), 302, "{response:?}");
        self.admitted.last().unwrap().user.email().map(str::to_owned)
    }

    fn arrive(&mut self, auth: &Auth) -> Response<Bytes> {
        let begun = self.send(auth, "/auth/signIn/github", "");
        let cookie = begun.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        let state = parameter(&Url::parse(&location(&begun)).unwrap(), "state").unwrap();
        self.send(auth, &format!("/auth/callback/github?code=c&state={state}"), cookie)
    }

    fn send(&mut self, auth: &Auth, path: &str, cookie: &str) -> Response<Bytes> {
        let request = Request::get(path).header(header::COOKIE, cookie).body(Bytes::new()).unwrap();
        drive(auth.handle(request, NOW, Entropy::from_os_bytes([7; 32])), NOW, self)
    }

    fn paths(&self) -> Vec<&str> {
        self.asked.iter().map(|(path, _)| path.as_str()).collect()
    }
}

impl World for GitHub {
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome {
        let path = fetch.request.uri().to_string();
        let header = |name| fetch.request.headers().get(name).map_or("", |value| value.to_str().unwrap());
        self.asked.push((path.clone(), format!("{} {}", header("authorization"), header("x-own"))));
        match path.as_str() {
            "https://api.github.com/user" => Ok(json_answer(200, self.user)),
            "https://api.github.com/user/emails" => {
                assert_eq!(purpose, Purpose::UserInfo);
                self.emails.clone()
            }
            _ => Ok(json_answer(200, TOKENS)),
        }
    }

    fn admit(&mut self, candidate: Candidate) -> Admission {
        self.admitted.push(candidate.clone());
        candidate.admit()
    }

    fn see(&mut self, _: &Action) {}

    fn log(&mut self, events: &[Event]) {
        self.events.extend_from_slice(events);
    }
}

fn auth(provider: impl FnOnce(Provider) -> Provider) -> Auth {
    let github = GITHUB.with_client("id", ClientSecret::new("secret"));
    bare_builder(SECRET).base_url("https://app.test").provider(provider(github)).build().unwrap()
}

fn entry(email: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": email, "primary": primary, "verified": verified, "visibility": null })
}

#[test]
fn the_primary_and_verified_address_is_read_where_the_profile_has_none() {
    let list = json!([
        entry("old@a.test", false, true),
        entry("ada@a.test", true, true),
        entry("new@a.test", false, false),
    ]);
    let mut github = GitHub::listing(&list);
    let auth = auth(|github| github.userinfo_header("x-own", "mine"));
    assert_eq!(github.sign_in(&auth).as_deref(), Some("ada@a.test"));
    let last = github.asked.last().unwrap();
    assert_eq!(
        (last.0.as_str(), last.1.as_str()),
        ("https://api.github.com/user/emails", "Bearer gho_1 mine")
    );
    assert!(!github.events.iter().any(|event| matches!(event, Event::EmailUnread { .. })));
}

#[test]
fn nothing_is_asked_where_the_profile_has_an_address_or_the_scope_does_not_ask_for_any() {
    let emails = || GitHub::listing(&json!([entry("ada@a.test", true, true)]));
    let mut public = GitHub { user: r#"{"id":1,"email":"public@a.test"}"#, ..emails() };
    assert_eq!(public.sign_in(&auth(|github| github)).as_deref(), Some("public@a.test"));
    let mut narrow = emails();
    assert_eq!(narrow.sign_in(&auth(|github| github.scope("read:user"))), None);
    for github in [&public, &narrow] {
        assert_eq!(github.paths().last(), Some(&"https://api.github.com/user"));
    }
    let wide = emails().sign_in(&auth(|github| github.scope("user")));
    assert_eq!(wide.as_deref(), Some("ada@a.test"), "the wider scope is one that permits to ask, too");
}

#[test]
fn an_address_that_is_not_verified_or_not_primary_is_none() {
    for list in [json!([]), json!([entry("a@a.test", true, false), entry("b@a.test", false, true)])] {
        let mut github = GitHub::listing(&list);
        assert_eq!(github.sign_in(&auth(|github| github)), None, "{list}");
        assert!(!github.events.iter().any(|event| matches!(event, Event::EmailUnread { .. })));
    }
}

#[test]
fn whatever_goes_wrong_with_the_list_ends_no_sign_in_and_is_an_event() {
    use ProviderError as P;
    let json = |body: &str| Ok(json_answer(200, body.to_owned()));
    let primary = |email: &str| format!(r#"{{"email":"{email}","primary":true,"verified":true}}"#);
    for (emails, error) in [
        (Err(FetchError::TimedOut), P::UserInfoUnreachable(FetchError::TimedOut)),
        (Ok(json_answer(404, "{}")), P::UserInfoStatus),
        (Ok(aura_tests::answer(200, "text/html", "<p>")), P::UserInfoContentType),
        (json("["), P::UserInfoNotJson),
        (json("{}"), P::UserInfoMalformed),
        (json("[{}]"), P::UserInfoMalformed),
        (json(&format!("[{0},{0}]", primary("a@a.test"))), P::UserInfoMalformed),
        (json(&format!("[{}]", primary("no address"))), P::UserInfoMalformed),
        (json(&format!("[{}]", primary(&format!("a@{}", "b".repeat(319))))), P::UserInfoMalformed),
        (json(&format!("[{}]", vec!["0"; 20_000].join(","))), P::UserInfoMalformed),
    ] {
        let mut github = GitHub::new(WITHOUT, emails);
        assert_eq!(github.sign_in(&auth(|github| github)), None, "{error}");
        let expected = Event::EmailUnread { provider: "github".to_owned(), error: Error::from(error) };
        assert!(github.events.contains(&expected), "{error}: {:?}", github.events);
    }
}

#[test]
fn an_access_token_goes_to_no_other_origin_than_that_of_the_profile() {
    let moved = auth(|github| github.userinfo_endpoint("https://git.example.com/api/user"));
    let mut github = GitHub::new(WITHOUT, Err(FetchError::Unreachable));
    github.arrive(&moved);
    assert!(!github.paths().iter().any(|path| path.contains("emails")));

    let row: Row = GITHUB.emails("https://api.github.com:8443/user/emails", "");
    let elsewhere = row.with_client("id", ClientSecret::new("secret"));
    let error = bare_builder(SECRET).base_url("https://app.test").provider(elsewhere).build().unwrap_err();
    assert_eq!(
        error,
        ConfigError::Provider { id: "github".to_owned(), problem: ProviderProblem::EmailsElsewhere }
    );
}

#[test]
fn a_provider_in_json_names_its_list() {
    let provider: Provider = serde_json::from_value(json!({
        "id": "github", "name": "Forge", "kind": "oauth", "client_id": "id",
        "authorize_url": "https://github.com/authorize", "token_url": "https://github.com/token",
        "userinfo_url": "https://api.github.com/user", "emails_url": "https://api.github.com/user/emails",
        "scope": "email", "emails_scope": "email",
    }))
    .unwrap();
    let auth = auth(|_| provider);
    let mut github = GitHub::listing(&json!([entry("ada@a.test", true, true)]));
    assert_eq!(github.sign_in(&auth).as_deref(), Some("ada@a.test"));
}

#[test]
fn the_application_decides_with_the_tokens_that_were_granted_whether_or_not_they_are_kept() {
    let mut github = GitHub::listing(&json!([]));
    github.sign_in(&auth(|github| github));
    let candidate = github.admitted.pop().unwrap();
    let tokens = candidate.tokens.as_ref().unwrap();
    assert_eq!(tokens.access_token.expose(), "gho_1");
    assert_eq!(tokens.scopes, ["read:user", "user:email"]);
    assert!(!format!("{candidate:?}").contains("gho_1"));
}
