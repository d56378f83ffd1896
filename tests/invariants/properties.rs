//! Properties that hold for every input: no panic, no leaked secret, no randomness.

use aura_proto::{Action, Entropy, Fetch, Purpose, Salt, Secret, UnixTime};
use aura_tests::{App, Fault, Outcome, Pair, Transcript, World, drive};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use proptest::prelude::*;

/// Signs in, looks around, fails once and signs out; returns everything that the core decided.
fn a_whole_visit() -> Transcript {
    let mut pair = Pair::new();
    pair.session();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    pair.sign_out("wrong");
    pair.visit("/auth/callback/dev?code=c&state=wrong");
    let authorize = pair.begin("other", "/");
    let callback = pair.approve("other", &authorize, "grace");
    pair.app.token_fault = Some(Fault::json(500, "{}"));
    pair.visit(&callback);
    pair.sign_out(&token);
    pair.app.transcript
}

#[test]
fn equal_inputs_give_equal_actions_byte_for_byte() {
    let (first, second) = (a_whole_visit(), a_whole_visit());
    assert!(first.as_str().contains("FetchToken") && first.as_str().contains("FetchUserInfo"));
    assert_eq!(first, second);
}

/// Every secret of a finished sign-in, in every spelling in which it could leak.
fn secrets(pair: &Pair) -> Vec<String> {
    let mut secrets =
        vec![aura_tests::SECRET.to_owned(), aura_tests::SALT.to_owned(), "dev-client-secret".to_owned()];
    secrets.extend(pair.cookies().into_iter().map(|(_, value)| value));
    for line in pair.app.transcript.as_str().lines() {
        for name in ["state=", "code=", "code_verifier=", "code_challenge=", "Bearer ", "\"csrfToken\":\""] {
            for rest in line.split(name).skip(1) {
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.~".contains(c)))
                    .unwrap_or(rest.len());
                secrets.push(rest[..end].to_owned());
            }
        }
    }
    secrets.retain(|secret| secret.len() >= 16);
    secrets
}

fn assert_no_secret(secrets: &[String], shown: &str) {
    for secret in secrets {
        assert!(!shown.contains(secret.as_str()), "{secret} is shown in {shown}");
    }
}

#[test]
fn se_07_debug_shows_no_secret_of_a_finished_sign_in() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    pair.csrf_token();
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "grace");
    let secrets_so_far = secrets(&pair);
    assert!(secrets_so_far.len() > 10, "{secrets_so_far:?}");

    let mut shown = vec![
        format!("{:?}", pair.app.auth),
        format!("{:?}", pair.app.events),
        format!("{:?}", Secret::new(aura_tests::SECRET)),
        format!("{:?}", Salt::new(aura_tests::SALT)),
        format!("{:?}", Entropy::from_os_bytes([9; 32])),
    ];
    // Every action of a further sign-in, and what it carries.
    let now = UnixTime::from_secs(pair.browser.now);
    let request = |path: &str, cookies: &str| {
        Request::get(path).header(header::COOKIE, cookies).body(Bytes::new()).unwrap()
    };
    let cookies = pair.cookie_header();
    for path in ["/auth/session", "/auth/csrfToken", "/auth/signIn/dev", callback.as_str()] {
        let action = pair.app.auth.handle(request(path, &cookies), now, Entropy::from_os_bytes([8; 32]));
        drive(action, now, &mut Printed { transcript: &mut pair.app.transcript, shown: &mut shown });
    }
    // Cookies that the actions set are secret, too.
    let lines =
        pair.app.transcript.as_str().lines().filter_map(|line| line.trim().strip_prefix("set-cookie: "));
    let set: Vec<_> = lines.filter_map(|cookie| cookie.split(['=', ';']).nth(1).map(str::to_owned)).collect();
    assert!(set.iter().filter(|value| value.len() > 100).count() > 5, "{set:?}");
    let mut all = secrets(&pair);
    all.extend(set.into_iter().filter(|value| value.len() >= 16));
    all.push("a-very-secret-access-token".to_owned());
    shown.iter().for_each(|shown| assert_no_secret(&all, shown));
}

/// A world in which every action is printed.
struct Printed<'a> {
    transcript: &'a mut Transcript,
    shown: &'a mut Vec<String>,
}

impl World for Printed<'_> {
    fn fetch(&mut self, purpose: Purpose, fetch: &Fetch) -> Outcome {
        self.shown.push(format!("{:?}", fetch.pending));
        let body = match purpose {
            Purpose::Token => r#"{"access_token":"a-very-secret-access-token"}"#,
            Purpose::UserInfo => {
                assert!(fetch.request.headers()[header::AUTHORIZATION].is_sensitive());
                r#"{"id":"7","leak":"a-very-secret-access-token"}"#
            }
            Purpose::Discovery | Purpose::Jwks | Purpose::PushedRequest | Purpose::Revocation | _ => {
                unreachable!("an OAuth 2.0 provider: {purpose:?}")
            }
        };
        Ok(http::Response::new(Bytes::from_static(body.as_bytes())))
    }

    fn see(&mut self, action: &Action) {
        self.transcript.record(action);
        self.shown.push(format!("{action:?} {action:#?}"));
    }
}

#[test]
fn se_01_se_03_secrets_travel_only_where_the_protocol_wants_them() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    for exchange in &pair.browser.history {
        let body = String::from_utf8_lossy(&exchange.response_body);
        for secret in ["dev-client-secret", "access_token", aura_tests::SECRET, "idp.test/token"] {
            assert!(!body.contains(secret) && !exchange.url.as_str().contains(secret));
        }
    }
    for fetch in &pair.app.fetches {
        assert!(!fetch.contains('?') && !fetch.contains("secret"), "{fetch}");
    }
}

fn site() -> App {
    let auth = aura_tests::bare_builder(aura_tests::SECRET);
    let github = aura_providers::GITHUB.with_client("id", aura_proto::ClientSecret::new("secret"));
    App::new(auth.base_url("https://app.test").provider(github).build().unwrap(), Vec::new())
}

/// Paths near the five routes, with queries near the ones that they take.
fn path_and_query() -> impl Strategy<Value = String> {
    let route = prop_oneof![
        Just("/auth/signIn/github".to_owned()),
        Just("/auth/callback/github".to_owned()),
        Just("/auth/session".to_owned()),
        Just("/auth/csrfToken".to_owned()),
        Just("/auth/signOut".to_owned()),
        "/auth/[a-zA-Z/%.]{0,12}",
    ];
    let parameter = (
        "(code|state|error|redirect|redirectTo|token_type_hint|csrfToken|[a-z]{1,4})",
        "([!-~&&[^#&]]{0,40}|session_token|false|(%[0-9a-f]{2}){0,8}|/x)",
    );
    (route, prop::collection::vec(parameter, 0..4)).prop_map(|(route, parameters)| {
        let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{route}?{}", query.join("&"))
    })
}

fn garbage_headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = "(cookie|host|origin|referer|content-type|x-csrf-token|sec-fetch-site|purpose|forwarded)";
    let cookie = "(__Host-aura-auth\\.(csrf_token|state\\.[a-z0-9]{8})|__Host-aura-auth\\.session_token|[a-z]{1,3})=[ -~]{0,60}(; )?";
    let value = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        prop::collection::vec(cookie, 0..5).prop_map(|cookies| cookies.concat().into_bytes()),
        "(application/json|application/x-www-form-urlencoded|same-origin|https://app\\.test)"
            .prop_map(String::into_bytes),
    ];
    prop::collection::vec((name, value), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn garbage_on_every_input_gets_an_answer_with_a_code(
        method in "(GET|POST|HEAD|PATCH|PUT|[A-Z]{1,7})",
        target in path_and_query(),
        headers in garbage_headers(),
        body in prop::collection::vec(any::<u8>(), 0..80),
        now: u64,
        seed: [u8; 32],
    ) {
        let Ok(mut request) = Request::builder().method(method.as_str()).uri(&target).body(Bytes::from(body)) else {
            return Ok(());
        };
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request.headers_mut().append(HeaderName::try_from(name).unwrap(), value);
            }
        }
        let is_head = request.method() == Method::HEAD;
        let answer = site().answer_with(request, now, seed);
        let status = answer.status().as_u16();
        prop_assert!(status < 500, "{target}: {status}");
        prop_assert_eq!(&answer.headers()[header::CACHE_CONTROL], "no-store");
        if (400..500).contains(&status) && !is_head {
            let json: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
            prop_assert!(json["code"].is_string() && json["type"].is_string() && json["message"].is_string());
        }
        if let Some(location) = answer.headers().get(header::LOCATION) {
            let location = location.to_str().unwrap();
            let own = url::Url::parse("https://app.test").unwrap().join(location).unwrap();
            prop_assert!(own.host_str() == Some("app.test") || location.starts_with("https://github.com/login/oauth/authorize?"));
        }
    }

    #[test]
    fn garbage_from_a_provider_ends_the_sign_in_without_a_session(
        token_status in 100_u16..600,
        content_type in "(application/json|application/x-www-form-urlencoded|text/html|[!-~]{0,20})",
        token_body in prop_oneof!["\\PC{0,60}", Just(r#"{"access_token":"a"}"#.to_owned())],
        userinfo_body in "(\\{\"(id|name|email|error)\":([0-9]{1,3}|null|\"\"|\\[\\]|true)\\}|\\PC{0,40})",
    ) {
        let mut pair = Pair::new();
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.app.token_fault = Some(Fault::answered(token_status, &content_type, &token_body));
        pair.app.userinfo_fault = Some(Fault::answered(200, "application/json", &userinfo_body));
        let page = pair.visit(&callback);
        let signed_in = pair.session().status == 200;
        let id = serde_json::from_str::<serde_json::Value>(&userinfo_body).ok().and_then(|json| json["id"].as_u64());
        prop_assert!(signed_in == (page.status == 200) && (!signed_in || id.is_some()), "{}", page.status);
        prop_assert!(pair.app.fetches.len() <= 6);
    }
}
