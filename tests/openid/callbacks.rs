//! Authorization requests and callbacks: by query, by form, with request parameters, and after a refusal by the user.

use crate::{asked, callback, failures, refreshed, said};
use aura_proto::provider::PushedRequests;
use aura_tests::{OpenId, Pair, parameter};
use http::{Method, header};
use url::Url;

/// A pair whose providers answer by forms.
fn form_post() -> Pair {
    OpenId::new().provider(|row| row.authorization_parameter("response_mode", "form_post")).pair()
}

#[test]
fn ci_06_a_form_is_taken_home_by_a_page_and_signs_in_there() {
    let mut pair = form_post();
    let authorize = pair.begin("dev", "/");
    let form = pair.approve_form("dev", &authorize, "ada");
    pair.app.fetches.clear();
    let page = pair.post_form("dev", &form);
    let posted = pair.browser.history.last().unwrap();
    assert_eq!(posted.request_headers.get(header::COOKIE), None, "a post of another site carries no cookie");
    assert_eq!((page.status.as_u16(), asked(&pair)), (200, vec![]));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(page.header("set-cookie"), None);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let next = refreshed(&page);
    assert!(next.starts_with("/auth/callback/dev?code="), "{next}");
    assert_eq!(pair.visit(&next).url.as_str(), "https://app.test/");
    assert_eq!(pair.session().json["user"]["sub"], "ada");
    assert_eq!(pair.attempts(), 0);
}

#[test]
fn ci_06_a_form_that_says_no_ends_the_attempt() {
    let mut pair = OpenId::new()
        .provider(|row| {
            row.authorization_parameter("response_mode", "form_post").pushed_requests(PushedRequests::Never)
        })
        .pair();
    let authorize = pair.begin("dev", "/");
    let form = pair.app.provider("dev").idp.deny_form_post(authorize.as_str()).unwrap();
    let page = pair.post_form("dev", &form);
    let page = pair.visit(&refreshed(&page));
    assert_eq!(said(&page), (403, "AUTH_PROVIDER_REJECTED".to_owned(), "access_denied".to_owned()));
    assert_eq!((pair.attempts(), pair.session().status.as_u16()), (0, 401));
}

#[test]
fn ci_06_hi_02_what_a_form_says_is_checked_as_a_query_is_and_never_becomes_html() {
    let mut pair = form_post();
    pair.begin("dev", "/");
    let path = "/auth/callback/dev";
    for (body, reason) in [
        ("", "invalid_parameters"),
        ("code=c", "state_missing"),
        ("state=s", "invalid_parameters"),
        ("code=c&state=s&state=s", "invalid_parameters"),
        ("code=c&code=c&state=s", "invalid_parameters"),
    ] {
        let answer = pair.send_form(path, body);
        assert_eq!((answer.status.as_u16(), &answer.json["reason"]), (422, &reason.into()), "{body}");
    }
    let odd = "code=%22%3E%3Cscript%3E&state=%27%3Cb%3E&iss=%22&user=%3C%2Fscript%3E&other=%3Ci%3E";
    let request = http::Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(odd.into()).unwrap();
    let page = pair.app.answer_with(request, pair.browser.now, [9; 32]);
    let text = String::from_utf8(page.body().to_vec()).unwrap();
    assert_eq!(page.status(), 200);
    for mark in ["<script", "<b>", "</script", "<i>", "\"\"", "other"] {
        assert!(!text.contains(mark), "{mark}: {text}");
    }
    assert_eq!(pair.attempts(), 1, "a post proves nothing, so it ends nothing");
    assert_eq!(asked(&pair).last(), Some(&"par"));
}

#[test]
fn ci_06_a_post_is_refused_where_none_was_asked_for() {
    for (mut pair, method, allow) in
        [(Pair::openid(), Method::POST, "GET"), (form_post(), Method::PUT, "GET, POST")]
    {
        let url = pair.url("/auth/callback/dev?code=c&state=s");
        let answer = pair.fetch(method, &url[url::Position::BeforePath..], &[], "code=c&state=s");
        assert_eq!((answer.status.as_u16(), &answer.headers[header::ALLOW]), (405, &allow.parse().unwrap()));
        assert_eq!(asked(&pair), [""; 0]);
    }
    let mut pair = Pair::openid();
    let callback = callback(&mut pair).replace('?', "#");
    assert_eq!(said(&pair.visit(&callback)).2, "invalid_parameters");
    assert_eq!(pair.session().status, 401);
}

/// A pair whose sign-ins may set some parameters, all of them in the URL.
fn asking() -> Pair {
    let names = ["prompt", "login_hint", "max_age", "acr_values", "ui_locales"];
    OpenId::new()
        .provider(move |row| {
            let row = row.authorization_parameter("prompt", "consent").pushed_requests(PushedRequests::Never);
            row.request_parameters(names)
        })
        .pair()
}

#[test]
fn no_link_lets_an_authentication_be_older_than_the_configuration_does() {
    for (asked, sent) in [("60", "60"), ("600", "600"), ("601", "600"), ("99999999", "600")] {
        let mut pair = OpenId::new()
            .provider(|row| {
                let row =
                    row.authorization_parameter("max_age", "600").pushed_requests(PushedRequests::Never);
                row.request_parameters(["max_age"])
            })
            .pair();
        let authorize = pair.visit(&format!("/auth/signIn/dev?max_age={asked}")).left_for.unwrap();
        assert_eq!(parameter(&authorize, "max_age").as_deref(), Some(sent), "{asked}");
    }
}

#[test]
fn a_sign_in_says_the_parameters_that_it_may_say_and_no_other() {
    let path = "/auth/signIn/dev?prompt=login&login_hint=ada%40example.test&max_age=60&display=popup&state=s&nonce=n\
                &client_id=evil&redirect_uri=https://evil.test&scope=all&response_mode=fragment&request=r&code_challenge=c";
    let authorize = asking().visit(path).left_for.unwrap();
    let value = |name: &str| parameter(&authorize, name);
    assert_eq!(value("prompt").as_deref(), Some("login"), "the sign-in's word counts");
    assert_eq!(value("login_hint").as_deref(), Some("ada@example.test"));
    assert_eq!(value("max_age").as_deref(), Some("60"));
    assert_eq!(value("client_id").as_deref(), Some("dev-client"));
    assert_eq!(value("redirect_uri").as_deref(), Some("https://app.test/auth/callback/dev"));
    assert_eq!(value("scope").as_deref(), Some("openid profile email"));
    assert_eq!((value("display"), value("response_mode"), value("request")), (None, None, None));
    assert!(value("state").unwrap().len() >= 22 && value("nonce").unwrap().len() >= 22);
    let mut names: Vec<_> = authorize.query_pairs().map(|(name, _)| name.into_owned()).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "each stands there once");

    let authorize = asking().visit("/auth/signIn/dev").left_for.unwrap();
    assert_eq!(parameter(&authorize, "prompt").as_deref(), Some("consent"), "else the configured one");
    let plain = OpenId::new().provider(|row| row.pushed_requests(PushedRequests::Never));
    let authorize = plain.pair().visit(path).left_for.unwrap();
    assert_eq!((parameter(&authorize, "prompt"), parameter(&authorize, "login_hint")), (None, None));
}

#[test]
fn a_parameter_that_cannot_be_is_refused_before_anything_is_asked() {
    for query in [
        "prompt=login&prompt=none".to_owned(),
        "max_age=soon".to_owned(),
        "max_age=-1".to_owned(),
        format!("login_hint={}", "a".repeat(513)),
        "login_hint=a%0d%0ab".to_owned(),
    ] {
        let mut pair = asking();
        let page = pair.visit(&format!("/auth/signIn/dev?{query}"));
        assert_eq!(said(&page).2, "invalid_parameters", "{query}");
        assert_eq!((page.status.as_u16(), asked(&pair), pair.attempts()), (422, vec![], 0), "{query}");
    }
}

#[test]
fn p_11_a_provider_that_may_ask_the_user_nothing_says_so_and_the_attempt_ends() {
    let mut pair = asking();
    let authorize = pair.visit("/auth/signIn/dev?prompt=none").left_for.unwrap();
    let back = pair.at_provider("dev", &authorize).headers()["location"].to_str().unwrap().to_owned();
    pair.app.events.clear();
    let page = pair.visit(back.strip_prefix("https://app.test").unwrap());
    let expected = (403, "AUTH_PROVIDER_REJECTED".to_owned(), "interaction_required".to_owned());
    assert_eq!(said(&page), expected);
    assert_eq!((failures(&pair), pair.attempts()), (vec!["interaction_required"], 0));
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
}

#[test]
fn st_07_pk_05_what_a_provider_says_of_pkce_changes_nothing() {
    for methods in [serde_json::json!(["plain"]), serde_json::json!([]), serde_json::Value::Null] {
        let mut pair = crate::tokens::announcing("code_challenge_methods_supported", &methods);
        pair.app.pushed_request_fault =
            Some(aura_tests::Fault::json(201, r#"{"request_uri":"urn:x","expires_in":60}"#));
        pair.begin("dev", "/");
        let transcript = pair.app.transcript.as_str();
        assert!(transcript.contains("code_challenge_method=S256"), "{transcript}");
        assert!(!transcript.contains("code_challenge_method=plain") && !transcript.contains("code_verifier"));
    }
}

#[test]
fn a_script_is_told_where_to_go_with_the_parameters_that_it_may_say() {
    let mut pair = asking();
    let path = "/auth/signIn/dev?redirect=false&prompt=login&display=popup&redirectTo=/page";
    let answer = pair.fetch(Method::GET, path, &[], "");
    let url = Url::parse(answer.json["signInURL"].as_str().unwrap()).unwrap();
    assert_eq!((parameter(&url, "prompt").as_deref(), parameter(&url, "display")), (Some("login"), None));
    assert_eq!(asked(&pair), [""; 0], "nothing has begun");
    let authorize = pair.visit(&url[url::Position::BeforePath..]).left_for.unwrap();
    assert_eq!(parameter(&authorize, "prompt").as_deref(), Some("login"));
}

#[test]
fn a_parameter_that_cannot_be_is_named_and_never_repeated() {
    let refused = |query: &str| {
        let answer = asking().fetch(http::Method::GET, &format!("/auth/signIn/dev?{query}"), &[], "");
        let named = answer.json["details"].as_object().into_iter().flatten().map(|(name, detail)| {
            assert_eq!(detail["message"], "This value is not one of those allowed.");
            name
        });
        (answer.status.as_u16(), named.cloned().collect::<Vec<_>>())
    };
    for (name, value) in [
        ("login_hint", "x".repeat(513)),
        ("login_hint", "a%0Ab".to_owned()),
        ("max_age", "soon".to_owned()),
        ("ui_locales", "x".repeat(513)),
    ] {
        assert_eq!(refused(&format!("{name}={value}")), (422, vec![name.to_owned()]), "{name}");
    }
    let longest = asking().visit(&format!("/auth/signIn/dev?login_hint={}", "x".repeat(512)));
    assert!(longest.left_for.is_some());
}
