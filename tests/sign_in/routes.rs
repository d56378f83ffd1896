//! A sign-in from beginning to end, with the answers of its five routes.

use aura_proto::{Event, SessionPolicy};
use aura_tests::Pair;
use http::{HeaderMap, Method, header};
use serde_json::{Value, json};

#[test]
fn a_user_signs_in_is_known_and_signs_out() {
    let mut pair = Pair::new();
    assert_eq!(pair.session().status, 401);

    let page = pair.sign_in("dev", "ada");
    assert_eq!((page.status.as_u16(), page.url.as_str()), (200, "https://app.test/"));
    assert_eq!(pair.app.fetches, ["POST https://idp.test/token", "GET https://idp.test/userinfo"]);

    let session = pair.session();
    assert_eq!(session.status, 200);
    assert_eq!(session.json["user"]["name"], "Ada Lovelace");

    let token = pair.csrf_token();
    let answer = pair.sign_out(&token);
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json["success"], true);
    assert_eq!(answer.json["redirectURL"], Value::Null);
    assert_eq!(pair.session().status, 401);
    assert_eq!(pair.cookies(), []);
}

#[test]
fn the_browser_is_sent_to_the_provider_with_the_contract_s_parameters_in_order() {
    let mut pair = Pair::new();
    let url = pair.begin("dev", "/dashboard");

    let parameters: Vec<_> = url.query_pairs().collect();
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_ref()).collect();
    assert_eq!(
        names,
        [
            "response_type",
            "client_id",
            "redirect_uri",
            "state",
            "code_challenge",
            "code_challenge_method",
            "scope"
        ]
    );
    let value = |name: &str| parameters.iter().find(|(other, _)| other == name).unwrap().1.as_ref();
    assert_eq!(value("response_type"), "code");
    assert_eq!(value("redirect_uri"), "https://app.test/auth/callback/dev");
    assert_eq!(value("code_challenge_method"), "S256");
    assert_eq!((value("state").len(), value("code_challenge").len()), (43, 43));
    assert!(url.query().unwrap().ends_with("scope=profile+email"));
}

#[test]
fn an_attempt_is_one_sealed_cookie_for_ten_minutes() {
    let mut pair = Pair::new();
    let url = pair.begin("dev", "/");
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();

    let response = pair.browser.history.last().unwrap();
    let cookies: Vec<_> = response.response_headers.get_all(header::SET_COOKIE).iter().collect();
    let [cookie] = cookies.as_slice() else { panic!("{cookies:?}") };
    let cookie = cookie.to_str().unwrap();
    assert!(cookie.starts_with(&format!("__Host-aura-auth.state.{}=", &state[..8])), "{cookie}");
    assert!(cookie.ends_with("; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax"), "{cookie}");
    assert_eq!(response.status, 302);
    let body: Value = serde_json::from_slice(&response.response_body).unwrap();
    assert_eq!(body, json!({ "success": true, "redirect": true, "signInURL": url.as_str() }));
}

#[test]
fn with_redirect_false_a_script_learns_where_to_navigate() {
    let mut pair = Pair::new();
    for (query, url) in [
        ("?redirect=false", "https://app.test/auth/signIn/dev?"),
        ("?redirect=No&redirectTo=undefined", "https://app.test/auth/signIn/dev?"),
        ("?redirect=0&redirectTo=/a%3Fb", "https://app.test/auth/signIn/dev?redirectTo=%2Fa%3Fb"),
    ] {
        let answer = pair.fetch(Method::GET, &format!("/auth/signIn/dev{query}"), &[], "");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json, json!({ "success": true, "redirect": false, "signInURL": url }));
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
}

#[test]
fn the_browser_ends_where_it_wanted_to_go() {
    let mut pair = Pair::at("https://app.test", |builder| builder.trusted_origins(["https://friend.test"]));
    for (redirect_to, location) in [
        ("/dashboard%3Fa=b", "/dashboard?a=b"),
        ("https://app.test/here", "/here"),
        ("https://friend.test/there", "https://friend.test/there"),
        ("https://evil.test/", "/"),
        ("undefined", "/"),
    ] {
        let authorize = pair.begin("dev", redirect_to);
        let callback = pair.approve("dev", &authorize, "ada");
        pair.visit(&callback);
        let sent = pair.browser.history.iter().rev().find(|exchange| exchange.status == 302).unwrap();
        assert_eq!(sent.response_header("location"), Some(location), "{redirect_to}");
        assert_eq!(&sent.response_body[..], br#"{"oauth":"dev"}"#);
    }
}

#[test]
fn the_referer_is_the_target_where_nothing_else_is_said() {
    let mut pair = Pair::new();
    pair.visit("/articles/7");
    let authorize = pair.visit("/auth/signIn/dev").left_for.unwrap();
    let callback = pair.approve("dev", &authorize, "ada");
    assert_eq!(pair.visit(&callback).url.path(), "/articles/7");
}

#[test]
fn the_session_serves_both_generations_of_clients() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "grace");
    let answer = pair.session();
    let user = &answer.json["user"];
    assert_eq!(user["sub"], "grace");
    assert_eq!(user["email"], "grace@example.test");
    let expires = answer.json["expires"].as_str().unwrap();
    assert!(expires.starts_with("2026-12-09T") && expires.ends_with(".000Z"), "{expires}");
    assert_eq!(answer.json["session"], json!({ "user": user, "expires": expires }));
    assert_eq!(answer.json["success"], true);

    let mut nobody = Pair::new();
    let answer = nobody.session();
    assert_eq!(answer.status, 401);
    for (member, value) in [
        ("authenticated", json!(false)),
        ("message", json!("Unauthorized")),
        ("success", json!(false)),
        ("session", Value::Null),
    ] {
        assert_eq!(answer.json[member], value);
    }
}

#[test]
fn a_session_ends_after_fifteen_days_and_one_of_another_length_after_its_own() {
    for (max_age, configured) in [(15 * 24 * 3600, None), (60, Some(std::time::Duration::from_secs(60)))] {
        let mut pair = Pair::at("https://app.test", |builder| match configured {
            Some(max_age) => builder.session(SessionPolicy::default().max_age(max_age)),
            None => builder,
        });
        pair.sign_in("dev", "ada");
        let token = pair.session_token();
        let status = |now: u64| {
            let headers =
                [(header::COOKIE, format!("__Host-aura-auth.session_token={token}").parse().unwrap())];
            pair.app.auth.session(&HeaderMap::from_iter(headers), aura_proto::UnixTime::from_secs(now))
        };
        assert!(status(pair.browser.now + max_age - 1).is_ok());
        assert_eq!(status(pair.browser.now + max_age), Err(aura_proto::SessionError::Expired));
    }
}

#[test]
fn a_csrf_token_is_kept_while_it_belongs_to_who_is_signed_in() {
    let mut pair = Pair::new();
    let before = pair.csrf_token();
    assert_eq!(pair.csrf_token(), before);
    pair.sign_in("dev", "ada");
    let after = pair.csrf_token();
    assert_ne!(after, before);
    assert_eq!(pair.csrf_token(), after);
}

#[test]
fn sign_out_takes_a_header_or_a_form_with_or_without_a_body() {
    let path = "/auth/signOut?token_type_hint=session_token&redirect=false";
    for (content_type, body) in [
        (None, ""),
        (None, "anything"),
        (Some("application/json"), ""),
        (Some("application/json"), "{}"),
        (Some("text/plain;charset=UTF-8"), "{}"),
        (Some("application/x-www-form-urlencoded"), "a=b"),
    ] {
        let mut pair = Pair::new();
        pair.sign_in("dev", "ada");
        let token = pair.csrf_token();
        let mut headers = vec![("x-csrf-token", token.as_str())];
        headers.extend(content_type.map(|content_type| ("content-type", content_type)));
        assert_eq!(pair.fetch(Method::POST, path, &headers, body).status, 202, "{content_type:?} {body:?}");
        assert_eq!(pair.session().status, 401);
    }
}

#[test]
fn an_html_form_signs_out_and_goes_on() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let page =
        pair.submit("/auth/signOut?token_type_hint=session_token&redirectTo=/bye", &[("csrfToken", &token)]);
    assert_eq!(page.url.path(), "/bye");
    let answer = pair.browser.history.iter().rev().find(|exchange| exchange.status == 303).unwrap();
    assert_eq!(answer.response_header("location"), Some("/bye"));
    assert_eq!(pair.session().status, 401);
}

#[test]
fn sign_out_says_where_to_go_and_never_takes_it_from_the_referer() {
    for (query, status, url) in [
        ("&redirect=false&redirectTo=/bye", 202, json!("/bye")),
        ("&redirect=false&redirectTo=https://evil.test", 202, json!("/")),
        ("&redirectTo=undefined", 202, json!("/")),
        ("", 202, Value::Null),
    ] {
        let mut pair = Pair::new();
        pair.sign_in("dev", "ada");
        let token = pair.csrf_token();
        let path = format!("/auth/signOut?token_type_hint=session_token{query}");
        let answer = pair.fetch(Method::POST, &path, &[("x-csrf-token", &token)], "");
        assert_eq!((answer.status.as_u16(), &answer.json["redirectURL"]), (status, &url), "{query}");
    }
}

#[test]
fn sign_out_without_a_live_session_still_clears_everything() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    pair.plant("__Host-aura-auth.session_token", "garbage");
    let answer = pair.sign_out(&token);
    assert_eq!(answer.status, 202);
    assert_eq!(pair.cookies(), []);
}

#[test]
fn a_wrong_verb_is_405_with_allow_and_an_unknown_path_404() {
    let mut pair = Pair::new();
    for (method, path, allow) in [
        (Method::POST, "/auth/session", "GET, HEAD, PATCH"),
        (Method::PUT, "/auth/csrfToken", "GET, HEAD"),
        (Method::GET, "/auth/signOut", "POST"),
        (Method::HEAD, "/auth/signIn/dev", "GET"),
        (Method::HEAD, "/auth/callback/dev?code=a&state=b", "GET"),
        (Method::OPTIONS, "/auth/session", "GET, HEAD, PATCH"),
        (Method::DELETE, "/auth/signIn/unknown", "GET"),
    ] {
        let answer = pair.fetch(method.clone(), path, &[], "");
        assert_eq!(
            (answer.status.as_u16(), &answer.headers[header::ALLOW]),
            (405, &allow.parse().unwrap()),
            "{path}"
        );
        assert!(method == Method::HEAD || answer.json["code"] == "METHOD_NOT_ALLOWED");
    }
    let answer = pair.fetch(Method::GET, "/auth/elsewhere", &[], "");
    assert_eq!((answer.status.as_u16(), &answer.json["code"]), (404, &json!("NOT_FOUND")));
}

#[test]
fn head_answers_as_get_without_a_body() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    for path in ["/auth/session", "/auth/csrfToken"] {
        let head = pair.fetch(Method::HEAD, path, &[], "");
        assert_eq!((head.status.as_u16(), head.json), (200, Value::Null), "{path}");
    }
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let mut pair = Pair::new();
    let details = |pair: &mut Pair, method: Method, path: &str| {
        let token = pair.csrf_token();
        let answer = pair.fetch(method, path, &[("x-csrf-token", &token)], "");
        assert_eq!(
            (answer.status.as_u16(), &answer.json["code"]),
            (422, &json!("UNPROCESSABLE_ENTITY")),
            "{path}"
        );
        answer.json["details"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, detail)| (name.clone(), detail["code"].clone()))
            .collect::<Vec<_>>()
    };
    let one = |name: &str, code: &str| vec![(name.to_owned(), json!(code))];
    assert_eq!(details(&mut pair, Method::GET, "/auth/signIn/nobody"), one("oauth", "invalid_value"));
    assert_eq!(details(&mut pair, Method::GET, "/auth/callback/nobody"), one("oauth", "invalid_value"));
    assert_eq!(
        details(&mut pair, Method::GET, "/auth/signIn/dev?redirect=perhaps"),
        one("redirect", "invalid_value")
    );
    assert_eq!(details(&mut pair, Method::GET, "/auth/callback/dev").len(), 2);
    assert_eq!(details(&mut pair, Method::GET, "/auth/callback/dev?state=a"), one("code", "invalid_type"));
    assert_eq!(details(&mut pair, Method::POST, "/auth/signOut"), one("token_type_hint", "invalid_type"));
    assert_eq!(
        details(&mut pair, Method::POST, "/auth/signOut?token_type_hint=x"),
        one("token_type_hint", "invalid_value")
    );
}

#[test]
fn another_base_path_moves_every_route() {
    let mut pair = Pair::at("https://app.test", |builder| builder.base_path("/api/v1/auth"));
    assert_eq!(pair.fetch(Method::GET, "/api/v1/auth/session", &[], "").status, 401);
    assert!(!pair.app.auth.owns("/auth/session"));
    let authorize = pair.visit("/api/v1/auth/signIn/dev").left_for.unwrap();
    let callback = pair.approve("dev", &authorize, "alan");
    assert!(callback.starts_with("/api/v1/auth/callback/dev?"));
    pair.visit(&callback);
    assert_eq!(pair.fetch(Method::GET, "/api/v1/auth/session", &[], "").json["user"]["sub"], "alan");
}

#[test]
fn over_plain_http_the_cookies_have_plain_names() {
    let mut pair = Pair::at("http://localhost:3000", |builder| builder);
    pair.sign_in("dev", "ada");
    let mut names: Vec<_> = pair.cookies().into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert_eq!(names, ["aura-auth.csrf_token", "aura-auth.session_token"]);
    assert_eq!(pair.session().status, 200);
}

#[test]
fn what_happened_is_reported() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    pair.sign_out(&token);
    let (provider, sub) = ("dev".to_owned(), "ada".to_owned());
    assert_eq!(
        pair.app.events,
        [
            Event::SignInInitiated { provider: provider.clone() },
            Event::TokenGranted { provider: provider.clone() },
            Event::UserInfoReceived { provider: provider.clone() },
            Event::SignedIn { provider, sub: sub.clone() },
            Event::SignedOut { sub: Some(sub) },
        ]
    );
}
