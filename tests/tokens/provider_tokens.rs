//! Provider tokens: kept with the session, bound to its user, and readable only where configured.

use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{
    Action, Admission, Admitted, Candidate, Entropy, Event, Expiration, FetchError, ProviderTokensError,
    SessionPolicy, UnixTime,
};
use aura_tests::{Answer, Fault, Pair};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use serde_json::{Value, json};
use std::time::Duration;

const GRANTED: &str = r#"{"access_token":"at-1","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-1","scope":"profile email"}"#;
const TOKENS: &str = "/auth/providers/dev/tokens";

/// A pair in which `ada` has signed in, with tokens that a test gives.
fn signed_in(retention: TokenRetention, granted: &str) -> Pair {
    let mut pair = Pair::with(
        "https://app.test",
        |provider| provider.tokens(retention).revocation_endpoint("https://idp.test/revoke"),
        |builder| builder,
    );
    sign_in(&mut pair, "ada", granted);
    pair
}

fn sign_in(pair: &mut Pair, user: &str, granted: &str) {
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, user);
    pair.app.token_fault = Some(Fault::json(200, granted));
    pair.app.userinfo_fault = Some(Fault::json(200, &format!(r#"{{"id":"{user}","name":"{user}"}}"#)));
    assert_eq!(pair.visit(&callback).status, 200);
}

fn get(pair: &mut Pair, path: &str) -> Answer {
    pair.fetch(Method::GET, path, &[], "")
}

fn act(pair: &mut Pair, method: Method, path: &str) -> Answer {
    let token = pair.csrf_token();
    pair.fetch(method, path, &[("x-csrf-token", &token)], "")
}

fn headers(pair: &Pair) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())])
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.json["code"].as_str().unwrap_or_default())
}

#[test]
fn nothing_is_kept_where_nothing_is_said() {
    let mut pair = signed_in(TokenRetention::Dropped, GRANTED);
    assert_eq!(pair.cookies().len(), 2);
    assert_eq!(get(&mut pair, "/auth/providers/dev").json, json!({ "success": true, "connected": false }));
    let now = UnixTime::from_secs(pair.browser.now);
    assert_eq!(pair.app.auth.provider_tokens("dev", &headers(&pair), now), Err(ProviderTokensError::Missing));
}

#[test]
fn the_server_side_reads_what_is_kept_and_pages_do_not() {
    let mut pair = signed_in(TokenRetention::Kept, GRANTED);
    assert_eq!(get(&mut pair, "/auth/providers/dev").json["connected"], true);
    let answer = get(&mut pair, TOKENS);
    assert_eq!(code(&answer), (403, "PROVIDER_TOKENS_ERROR"));
    assert_eq!((&answer.json["success"], &answer.json["tokens"]), (&json!(false), &Value::Null));

    let now = UnixTime::from_secs(pair.browser.now);
    let tokens = pair.app.auth.provider_tokens("dev", &headers(&pair), now).unwrap();
    assert_eq!(tokens.access_token.expose(), "at-1");
    assert_eq!(tokens.refresh_token.unwrap().expose(), "rt-1");
    assert_eq!(tokens.scopes, ["profile", "email"]);
    assert_eq!(tokens.expires_at.unwrap().as_secs(), pair.browser.now + 3600);
    let shown = format!("{:?}", pair.app.auth.provider_tokens("dev", &headers(&pair), now));
    assert!(!shown.contains("at-1") && !shown.contains("rt-1"), "{shown}");
}

#[test]
fn pages_read_what_is_readable_with_the_contract_s_names() {
    let mut pair = signed_in(TokenRetention::Readable, GRANTED);
    let now = pair.browser.now;
    let tokens = json!({
        "accessToken": "at-1", "expiresAt": now + 3600, "refreshToken": "rt-1",
        "tokenType": "Bearer", "scopes": ["profile", "email"], "issuedAt": now,
    });
    let answer = get(&mut pair, TOKENS);
    assert_eq!((answer.status.as_u16(), answer.json), (200, json!({ "success": true, "tokens": tokens })));

    let foreign = http::Request::get(TOKENS)
        .header(header::COOKIE, pair.cookie_header())
        .header("sec-fetch-site", "cross-site");
    assert_eq!(code(&pair.send(foreign)), (403, "CSRF_ORIGIN_REJECTED"));
}

#[test]
fn tokens_are_renewed_inside_the_window_and_rotated_ones_replace_the_old() {
    let mut pair = signed_in(TokenRetention::Readable, GRANTED);
    pair.browser.advance(3299);
    assert_eq!(get(&mut pair, TOKENS).json["tokens"]["accessToken"], "at-1");
    pair.browser.advance(1);
    let fetched = pair.app.fetches.len();
    pair.app.token_fault =
        Some(Fault::json(200, r#"{"access_token":"at-2","expires_in":"3600","refresh_token":"rt-2"}"#));
    let tokens = &get(&mut pair, TOKENS).json["tokens"];
    assert_eq!((&tokens["accessToken"], &tokens["refreshToken"]), (&json!("at-2"), &json!("rt-2")));
    assert_eq!(tokens["scopes"], json!(["profile", "email"]), "what is not repeated stays");
    assert_eq!(pair.app.fetches[fetched..], ["POST https://idp.test/token"]);
    assert!(pair.app.transcript.as_str().contains("grant_type=refresh_token&refresh_token=rt-1&client_id="));
    assert_eq!(get(&mut pair, TOKENS).json["tokens"]["accessToken"], "at-2");
    assert!(pair.app.events.contains(&Event::TokensRefreshed { provider: "dev".to_owned() }));
}

#[test]
fn tokens_without_an_end_or_a_refresh_token_are_never_renewed() {
    for granted in [r#"{"access_token":"a","refresh_token":"r"}"#, r#"{"access_token":"a","expires_in":60}"#]
    {
        let mut pair = signed_in(TokenRetention::Readable, granted);
        pair.browser.advance(10_000);
        assert_eq!(get(&mut pair, TOKENS).status, 200);
        assert_eq!(pair.app.fetches.len(), 2);
    }
}

#[test]
fn a_refused_refresh_is_the_users_affair_and_a_failed_one_the_providers() {
    for (fault, status, expected) in [
        (Fault::json(400, r#"{"error":"invalid_grant"}"#), 401, "OAUTH_INVALID_REFRESH_TOKEN_RESPONSE"),
        (Fault::json(200, r#"{"error":"invalid_grant"}"#), 401, "OAUTH_INVALID_REFRESH_TOKEN_RESPONSE"),
        (Fault::json(500, "{}"), 502, "INVALID_OAUTH_ACCESS_TOKEN_RESPONSE"),
        (Fault::json(200, r#"{"id_token":"e30.e30.e30"}"#), 502, "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT"),
        (Fault::Lost(FetchError::TimedOut), 502, "UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR"),
    ] {
        let mut pair = signed_in(TokenRetention::Readable, GRANTED);
        pair.browser.advance(3600);
        pair.app.token_fault = Some(fault);
        let answer = get(&mut pair, TOKENS);
        assert_eq!(code(&answer), (status, expected));
        assert_eq!(answer.json["tokens"], Value::Null);
        assert_eq!(pair.session().status, 200, "the session stays");
    }
}

#[test]
fn a_token_is_given_back_and_gone() {
    let mut pair = signed_in(TokenRetention::Kept, GRANTED);
    pair.app.revocation_fault = Some(Fault::json(200, "{}"));
    let answer = act(&mut pair, Method::POST, "/auth/providers/dev/tokens/revoke");
    assert_eq!((answer.status.as_u16(), answer.json), (200, json!({ "success": true })));
    assert!(pair.app.fetches.contains(&"POST https://idp.test/revoke".to_owned()));
    assert!(pair.app.transcript.as_str().contains("token=at-1&token_type_hint=access_token"));
    assert!(pair.app.transcript.as_str().contains("token=rt-1&token_type_hint=refresh_token"));
    assert_eq!(get(&mut pair, "/auth/providers/dev").json["connected"], false);
    assert_eq!(pair.session().status, 200);
}

#[test]
fn a_failed_revocation_keeps_the_token() {
    for fault in [Fault::json(503, "{}"), Fault::json(302, "{}"), Fault::Lost(FetchError::Unreachable)] {
        let mut pair = signed_in(TokenRetention::Kept, GRANTED);
        pair.app.revocation_fault = Some(fault);
        let answer = act(&mut pair, Method::POST, "/auth/providers/dev/tokens/revoke");
        assert_eq!((answer.status.as_u16(), &answer.json["success"]), (502, &json!(false)));
        assert_eq!(get(&mut pair, "/auth/providers/dev").json["connected"], true);
    }
    let mut pair =
        Pair::with("https://app.test", |provider| provider.tokens(TokenRetention::Kept), |builder| builder);
    sign_in(&mut pair, "ada", GRANTED);
    let answer = act(&mut pair, Method::POST, "/auth/providers/dev/tokens/revoke");
    assert_eq!(code(&answer), (500, "OAUTH_INVALID_REVOKE_TOKEN_CONFIG"));
}

#[test]
fn the_refresh_token_is_given_back_where_there_is_one_and_its_answer_decides_what_can_be_tried_again() {
    let revoke = |granted: &str, answer: Option<Fault>| {
        let mut pair = signed_in(TokenRetention::Kept, granted);
        let token = pair.csrf_token();
        let request = Request::post("/auth/providers/dev/tokens/revoke").header("x-csrf-token", token);
        let request = request.header(header::COOKIE, pair.cookie_header()).body(Bytes::new()).unwrap();
        let now = UnixTime::from_secs(pair.browser.now);
        let mut action = pair.app.auth.handle(request, now, Entropy::from_os_bytes([5; 32]));
        let mut answers = std::iter::once(Fault::json(200, "{}")).chain(answer);
        let mut hints = Vec::new();
        while let Action::FetchRevocation(fetch) = action {
            let body = String::from_utf8(fetch.request.body().to_vec()).unwrap();
            hints.push(body.split("token_type_hint=").nth(1).unwrap().split('&').next().unwrap().to_owned());
            action = fetch.pending.resume(answers.next().expect("an answer").outcome(), now);
        }
        let Action::Respond(respond) = action else { panic!("{action:?}") };
        (hints.join(" "), respond.into_response().status().as_u16())
    };
    let only_access = r#"{"access_token":"at-1","token_type":"Bearer"}"#;
    assert_eq!(revoke(only_access, None), ("access_token".to_owned(), 200));
    let both = "access_token refresh_token".to_owned();
    for (answer, status) in [
        (Fault::json(200, "{}"), 200),
        (Fault::json(400, r#"{"error":"invalid_token"}"#), 200),
        (Fault::json(503, "{}"), 502),
        (Fault::Lost(FetchError::Unreachable), 502),
    ] {
        assert_eq!(revoke(GRANTED, Some(answer)), (both.clone(), status));
    }
}

#[test]
fn disconnecting_asks_nobody_and_drops_the_tokens() {
    let mut pair = signed_in(TokenRetention::Kept, GRANTED);
    let fetched = pair.app.fetches.len();
    assert_eq!(act(&mut pair, Method::DELETE, "/auth/providers/dev").json, json!({ "success": true }));
    assert_eq!(pair.app.fetches.len(), fetched);
    assert_eq!(code(&act(&mut pair, Method::DELETE, "/auth/providers/dev")), (401, "COOKIE_INVALID_VALUE"));
}

#[test]
fn the_profile_is_read_again_for_the_same_user_only() {
    let mut pair = signed_in(TokenRetention::Kept, GRANTED);
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada","name":"Countess"}"#));
    let answer = act(&mut pair, Method::POST, "/auth/providers/dev/user/refresh");
    assert_eq!((answer.status.as_u16(), &answer.json["session"]["user"]["name"]), (200, &json!("Countess")));
    assert_eq!(pair.session().json["user"]["name"], "Countess");

    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"eve","name":"Eve"}"#));
    let answer = act(&mut pair, Method::POST, "/auth/providers/dev/user/refresh");
    assert_eq!(
        (code(&answer), &answer.json["session"]),
        ((409, "OAUTH_ACCOUNT_USER_MISMATCH"), &Value::Null)
    );
    pair.app.userinfo_fault = Some(Fault::json(401, "{}"));
    assert_eq!(act(&mut pair, Method::POST, "/auth/providers/dev/user/refresh").status, 502);
    assert_eq!(
        pair.session().json["user"]["name"],
        "Countess",
        "what the provider fails at keeps the session"
    );

    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.app.admit = |_| Admission::Unavailable;
    assert_eq!(act(&mut pair, Method::POST, "/auth/providers/dev/user/refresh").status, 503);
    assert_eq!(pair.session().status, 200, "an application that cannot decide ends no session");

    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    pair.app.admit = |_| Admission::Refuse;
    assert_eq!(act(&mut pair, Method::POST, "/auth/providers/dev/user/refresh").status, 403);
    assert_eq!(pair.cookies(), [], "whom the application admits no more is signed out");
}

#[test]
fn what_the_application_says_at_a_refresh_replaces_what_it_said_before() {
    let policy = SessionPolicy::default().editable(["theme"]).public_claims(["role", "theme"]);
    let kept = |provider: Provider| provider.tokens(TokenRetention::Kept);
    let mut pair = Pair::with("https://app.test", kept, |builder| builder.session(policy));
    pair.app.admit =
        |candidate| Admission::Admit(Admitted::new(candidate.user).claims(&json!({ "role": "admin" })));
    sign_in(&mut pair, "ada", GRANTED);
    let token = pair.csrf_token();
    let theme = r#"{"user":{"theme":"dark"}}"#;
    pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &token)], theme);
    let claims = |pair: &mut Pair| {
        let user = pair.session().json["user"].clone();
        (user["role"].clone(), user["theme"].clone())
    };
    assert_eq!(claims(&mut pair), (json!("admin"), json!("dark")));
    pair.app.admit = Candidate::admit;
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    assert_eq!(act(&mut pair, Method::POST, "/auth/providers/dev/user/refresh").status, 200);
    assert_eq!(
        claims(&mut pair),
        (Value::Null, json!("dark")),
        "the role is taken, the page's own choice stays"
    );
}

#[test]
fn tokens_live_as_long_as_a_session_that_is_renewed() {
    let hour = Duration::from_secs(3600);
    let rolling = SessionPolicy::default().max_age(hour).expiration(Expiration::Rolling);
    let kept = |provider: Provider| provider.tokens(TokenRetention::Kept);
    let mut pair = Pair::with("https://app.test", kept, |builder| builder.session(rolling));
    sign_in(&mut pair, "ada", r#"{"access_token":"a"}"#);
    for _ in 0..5 {
        pair.browser.advance(1800);
        assert_eq!(pair.session().status, 200);
    }
    assert_eq!(get(&mut pair, "/auth/providers/dev").json["connected"], true);
}

#[test]
fn tokens_live_as_long_as_a_session_that_its_page_changes() {
    let hour = Duration::from_secs(3600);
    let rolling = SessionPolicy::default().max_age(hour).expiration(Expiration::Rolling).editable(["name"]);
    let kept = |provider: Provider| provider.tokens(TokenRetention::Kept);
    let mut pair = Pair::with("https://app.test", kept, |builder| builder.session(rolling));
    sign_in(&mut pair, "ada", r#"{"access_token":"a"}"#);
    pair.browser.advance(1800);
    let token = pair.csrf_token();
    let body = json!({ "user": { "name": "Countess" } }).to_string();
    let answer = pair.fetch(Method::PATCH, "/auth/session", &[("x-csrf-token", &token)], &body);
    assert_eq!(answer.status, 200);
    pair.browser.advance(2400);
    assert_eq!(get(&mut pair, "/auth/providers/dev").json["connected"], true);
}

#[test]
fn a_refresh_that_does_not_say_an_end_means_an_hour() {
    let mut pair = signed_in(TokenRetention::Readable, GRANTED);
    pair.browser.advance(3600);
    pair.app.token_fault = Some(Fault::json(200, r#"{"access_token":"at-2"}"#));
    let end = get(&mut pair, TOKENS).json["tokens"]["expiresAt"].as_u64();
    assert_eq!(end, Some(pair.browser.now + 3600));
}

#[test]
fn tokens_that_cannot_be_read_any_more_can_still_be_dropped() {
    let mut pair = signed_in(TokenRetention::Kept, GRANTED);
    pair.plant("__Host-aura-auth.access_token.dev", "garbage");
    assert_eq!(act(&mut pair, Method::DELETE, "/auth/providers/dev").status, 200);
    assert!(!pair.cookies().iter().any(|(name, _)| name.contains("access_token")));
}

#[test]
fn tokens_that_do_not_fit_are_told_from_a_profile_that_does_not() {
    let long = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(20_000));
    let kept = |provider: Provider| provider.tokens(TokenRetention::Kept);
    let mut pair = Pair::with("https://app.test", kept, |builder| builder);
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.token_fault = Some(Fault::json(200, &long));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
    let page = pair.visit(&callback);
    assert!(page.status == 502 && page.text().contains("tokens_too_large"), "{}", page.text());
}

#[test]
fn rf_03_tokens_open_for_their_own_provider_and_user_only() {
    let mut pair = signed_in(TokenRetention::Readable, GRANTED);
    let find =
        |pair: &Pair| pair.cookies().into_iter().find(|(name, _)| name.contains("access_token")).unwrap();
    let (name, ada) = find(&pair);
    assert_eq!(name, "__Host-aura-auth.access_token.dev");
    pair.plant("__Host-aura-auth.access_token.other", &ada);
    assert_eq!(code(&get(&mut pair, "/auth/providers/other/tokens")), (401, "INVALID_ACCESS_TOKEN"));

    sign_in(&mut pair, "grace", GRANTED);
    pair.plant(&name, &ada);
    assert_eq!(code(&get(&mut pair, TOKENS)), (401, "INVALID_ACCESS_TOKEN"));
    assert_eq!(get(&mut pair, "/auth/providers/dev").json["connected"], false);
    for value in ["garbage", "", &pair.session_token()] {
        pair.plant(&name, value);
        assert_eq!(get(&mut pair, TOKENS).status, 401);
    }
}

#[test]
fn rf_04_so_02_tokens_need_a_session_and_changes_a_csrf_token() {
    let mut pair = signed_in(TokenRetention::Readable, GRANTED);
    let answer = pair.fetch(Method::POST, "/auth/providers/dev/tokens/revoke", &[], "");
    assert_eq!(code(&answer), (403, "CSRF_DOUBLE_SUBMIT_FAILED"));
    assert_eq!(pair.fetch(Method::DELETE, "/auth/providers/dev", &[], "").status, 403);
    assert_eq!(pair.fetch(Method::POST, "/auth/providers/dev/user/refresh", &[], "").status, 403);

    let tokens: Vec<_> =
        pair.cookies().into_iter().filter(|(name, _)| name.contains("access_token")).collect();
    let mut nobody = signed_in(TokenRetention::Readable, GRANTED);
    let token = nobody.csrf_token();
    nobody.sign_out(&token);
    assert_eq!(nobody.cookies(), [], "SO-12: the tokens go with the session");
    nobody.plant(&tokens[0].0, &tokens[0].1);
    let answer = get(&mut nobody, "/auth/providers/dev");
    assert_eq!((code(&answer), &answer.json["connected"]), ((401, "SESSION_NOT_FOUND"), &json!(false)));
    assert_eq!(code(&get(&mut nobody, TOKENS)), (401, "SESSION_NOT_FOUND"));
    assert_eq!(code(&act(&mut nobody, Method::DELETE, "/auth/providers/dev")), (401, "SESSION_NOT_FOUND"));
    assert_eq!(get(&mut nobody, "/auth/providers/nobody").status, 422);
}

#[test]
fn sf_03_another_sign_in_leaves_no_token_of_the_last_one() {
    let mut pair = signed_in(TokenRetention::Kept, GRANTED);
    let authorize = pair.begin("other", "/");
    let callback = pair.approve("other", &authorize, "grace");
    pair.visit(&callback);
    let names: Vec<_> = pair
        .cookies()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.contains("access_token"))
        .collect();
    assert_eq!(names, ["__Host-aura-auth.access_token.other"]);
}

#[test]
fn d_32_long_tokens_travel_in_chunks() {
    let long = format!(r#"{{"access_token":"{}","id_token":"{}"}}"#, "a".repeat(5000), "i".repeat(5000));
    let mut pair = signed_in(TokenRetention::Readable, &long);
    assert!(pair.cookies().iter().filter(|(name, _)| name.contains("access_token")).count() > 2);
    assert_eq!(get(&mut pair, TOKENS).json["tokens"]["accessToken"].as_str().unwrap().len(), 5000);
    let answer = act(&mut pair, Method::DELETE, "/auth/providers/dev");
    assert_eq!(answer.status, 200);
    assert_eq!(pair.cookies().iter().filter(|(name, _)| name.contains("access_token")).count(), 0);
}
