//! Tests of the readers with the answers of both generations of servers.

use super::*;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;

const ADA: &str =
    r#"{"user":{"sub":"1","name":"Ada","email":null,"role":"editor"},"expires":"2026-10-06T14:13:20.000Z"}"#;

pub(super) fn client() -> Client {
    Client::new("https://app.test/auth").unwrap()
}

pub(super) fn csrf_token() -> CsrfToken {
    CsrfToken::parse("h.p.s").unwrap()
}

pub(super) fn json_answer(status: u16, body: &str) -> Response<Bytes> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .body(body)
        .unwrap()
}

fn session(status: u16, body: &str) -> Result<Option<PageSession>, ClientError> {
    client().get_session().read(json_answer(status, body)).outcome
}

fn refusal(outcome: Result<impl std::fmt::Debug, ClientError>) -> Refusal {
    match outcome {
        Err(ClientError::Refused(refusal)) => *refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sessions_of_both_generations_and_our_own_are_the_same() {
    let nested = format!(r#"{{"success":true,"session":{ADA}}}"#);
    let own = ADA.strip_suffix('}').unwrap();
    let own = format!(r#"{own},"success":true,"session":{ADA}}}"#);
    let ada = session(200, ADA).unwrap().unwrap();
    assert_eq!((ada.user.sub(), ada.user.name(), ada.user.email()), ("1", Some("Ada"), None));
    assert_eq!((ada.claims.len(), &ada.claims["role"]), (1, &Value::from("editor")));
    assert_eq!(ada.expires_at.as_secs(), 1_791_296_000);
    for body in [nested, own] {
        assert_eq!(session(200, &body), Ok(Some(ada.clone())), "{body}");
    }
}

#[test]
fn nobody_is_an_answer_in_both_generations() {
    for (status, body) in [
        (401, r#"{"authenticated":false,"message":"Unauthorized"}"#),
        (401, r#"{"success":false,"session":null}"#),
        (401, r#"{"authenticated":false,"message":"Unauthorized","success":false,"session":null}"#),
        (200, r#"{"success":false,"session":null}"#),
    ] {
        assert_eq!(session(status, body), Ok(None), "{status} {body}");
    }
    // Neither a gateway's refusal nor a failure means that nobody is signed in.
    assert_eq!(refusal(session(401, r#"{"error":"no API key"}"#)).status, 401);
    assert_eq!(refusal(session(500, r#"{"success":false,"session":null}"#)).status, 500);
}

#[test]
fn a_malformed_member_is_not_a_missing_member() {
    for (user, expires, member) in [
        (r#"{"sub":"1","name":7}"#, r#""2026-10-06T14:13:20.000Z""#, "user.name"),
        (r#"{"sub":"1","email":{}}"#, r#""2026-10-06T14:13:20.000Z""#, "user.email"),
        (r#"{"sub":"1","image":[]}"#, r#""2026-10-06T14:13:20.000Z""#, "user.image"),
        (r#"{"sub":1}"#, r#""2026-10-06T14:13:20.000Z""#, "user.sub"),
        (r#"{"sub":""}"#, r#""2026-10-06T14:13:20.000Z""#, "user.sub"),
        ("{}", r#""2026-10-06T14:13:20.000Z""#, "user.sub"),
        ("7", r#""2026-10-06T14:13:20.000Z""#, "user"),
        (r#"{"sub":"1"}"#, r#""soon""#, "expires"),
        (r#"{"sub":"1"}"#, r#""1969-12-31T23:59:59Z""#, "expires"),
        (r#"{"sub":"1"}"#, "1791296000", "expires"),
    ] {
        let body = format!(r#"{{"success":true,"session":{{"user":{user},"expires":{expires}}}}}"#);
        assert_eq!(session(200, &body), Err(ClientError::Member(member)), "{body}");
    }
    assert_eq!(session(200, r#"{"success":"no"}"#), Err(ClientError::Member("success")));
    assert_eq!(session(200, r#"{"success":true,"session":7}"#), Err(ClientError::Member("session")));
    assert_eq!(session(200, "{}"), Err(ClientError::Member("user")));
}

#[test]
fn refusals_of_every_generation_say_what_they_can() {
    let read = |status, body: &str| {
        refusal(client().sign_out(&csrf_token()).read(json_answer(status, body)).outcome)
    };
    let own = read(
        403,
        r#"{"type":"AUTH_FLOW","code":"CSRF_TOKEN_MISMATCH","message":"m","reason":"csrf_token_mismatch","success":false}"#,
    );
    let texts = [own.kind, own.code, own.message, own.reason].map(Option::unwrap);
    assert_eq!(texts, ["AUTH_FLOW", "CSRF_TOKEN_MISMATCH", "m", "csrf_token_mismatch"]);

    let bare = read(403, r#"{"success":false,"redirect":false,"redirectURL":null}"#);
    assert_eq!(
        (bare.status, bare.code, bare.message, bare.details),
        (StatusCode::FORBIDDEN, None, None, vec![])
    );

    let nested = read(500, r#"{"success":false,"signInURL":null,"error":{"code":"C","message":"m"}}"#);
    assert_eq!((nested.code.as_deref(), nested.message.as_deref()), (Some("C"), Some("m")));

    let oauth =
        read(400, r#"{"type":"OAUTH_PROTOCOL_ERROR","error":"invalid_grant","error_description":"d"}"#);
    assert_eq!((oauth.code.as_deref(), oauth.message.as_deref()), (Some("invalid_grant"), Some("d")));

    let hint =
        RefusedParameter { name: "token_type_hint".into(), code: "invalid_type".into(), message: "m".into() };
    for body in [
        r#"{"message":"text","details":{"token_type_hint":{"code":"invalid_type","message":"m"}}}"#,
        r#"{"type":"ROUTER_ERROR","message":{"token_type_hint":{"code":"invalid_type","message":"m"}}}"#,
    ] {
        assert_eq!(read(422, body).details, std::slice::from_ref(&hint), "{body}");
    }

    let mut response = json_answer(429, r#"{"error":"Too Many Requests","retryAfter":9000}"#);
    response.headers_mut().insert(RETRY_AFTER, 9.into());
    let limited = refusal(client().csrf_token().read(response).outcome);
    assert_eq!(limited.retry_after, Some(Duration::from_secs(9)));
    assert_eq!((limited.code, limited.message.as_deref()), (None, Some("Too Many Requests")));
}

#[test]
fn what_is_not_an_answer_of_these_routes_is_an_error_of_its_own() {
    let read = |response| client().csrf_token().read(response).outcome;
    let html =
        Response::builder().status(502).header(CONTENT_TYPE, "text/html").body(Bytes::from("{}")).unwrap();
    assert_eq!(read(html), Err(ClientError::NotJson(StatusCode::BAD_GATEWAY)));
    assert_eq!(read(Response::new(Bytes::from("{}"))), Err(ClientError::NotJson(StatusCode::OK)));
    for body in ["", "[]", "null", "{", r#"{"csrfToken":"a","csrfToken":"b"}"#] {
        assert_eq!(read(json_answer(200, body)), Err(ClientError::Malformed(StatusCode::OK)), "{body}");
    }
    for body in ["{}", r#"{"csrfToken":""}"#, r#"{"csrfToken":7}"#, r#"{"csrfToken":"a b"}"#] {
        assert_eq!(read(json_answer(200, body)), Err(ClientError::Member("csrfToken")), "{body}");
    }
    let long = format!(r#"{{"csrfToken":"{}"}}"#, "a".repeat(MAX_RESPONSE));
    assert_eq!(read(json_answer(200, &long)), Err(ClientError::TooLong));
    let short = r#"{"csrfToken":"h.p.s"}"#;
    let longest = format!("{short}{}", " ".repeat(MAX_RESPONSE - short.len()));
    assert!(read(json_answer(200, &longest)).is_ok());
    assert_eq!(read(json_answer(200, &format!("{longest} "))), Err(ClientError::TooLong));
}

#[test]
fn a_call_says_a_content_type_where_it_has_content() {
    let soon = crate::UnixTime::from_secs(1_795_500_000);
    let changes = SessionChanges::default().member("name", "Ada").expires_at(soon);
    let patch = client().update_session(&csrf_token(), &changes).request(&Cookies::default());
    assert_eq!(patch.headers()[CONTENT_TYPE], "application/json");
    let body: Value = serde_json::from_slice(patch.body()).unwrap();
    assert_eq!(body["expires"], soon.to_iso8601().unwrap());
    let get = client().get_session().request(&Cookies::default());
    assert!(!get.headers().contains_key(CONTENT_TYPE) && get.body().is_empty());
}

#[test]
fn a_target_of_2048_characters_is_asked_for_and_one_more_is_not() {
    let ask =
        |length: usize| client().provider("dev").unwrap().sign_in().redirect_to(&"x".repeat(length)).is_ok();
    assert!(ask(2048) && !ask(2049));
}

#[test]
fn a_provider_is_not_given_up_where_the_server_refuses() {
    let call = || client().provider("dev").unwrap().disconnect(&csrf_token());
    assert!(call().read(json_answer(200, r#"{"success":true}"#)).outcome.is_ok());
    let refused = json_answer(403, r#"{"success":false,"code":"CSRF_TOKEN_MISSING"}"#);
    assert!(matches!(call().read(refused).outcome, Err(ClientError::Refused(_))));
}

#[test]
fn an_end_of_zero_is_none() {
    let body = r#"{"success":true,"tokens":{"accessToken":"a","tokenType":"Bearer","issuedAt":1,"scopes":[],
        "expiresAt":0,"refreshToken":"r","refreshTokenExpiresAt":0}}"#;
    let tokens = client().provider("dev").unwrap().tokens().read(json_answer(200, body)).outcome.unwrap();
    assert_eq!((tokens.expires_at, tokens.refresh_token_expires_at), (None, None));
}

const DEVICE: &str = r#"{"id":"k3","current":true,"provider":"dev","device":"Firefox on Linux",
    "createdAt":"2026-10-06T14:13:20.000Z","lastSeenAt":"2026-10-06T14:18:20.000Z","expires":"2026-10-13T14:13:20.000Z"}"#;

#[test]
fn devices_are_a_list_with_every_member() {
    let read = |status, body: &str| client().sessions().read(json_answer(status, body)).outcome;
    let sessions = read(200, &format!("[{DEVICE},{}]", DEVICE.replace("true", "false"))).unwrap();
    assert_eq!(sessions.iter().map(|session| session.is_current).collect::<Vec<_>>(), [true, false]);
    let first = &sessions[0];
    assert_eq!([&first.id, &first.provider, &first.device], ["k3", "dev", "Firefox on Linux"]);
    let times = [first.began_at, first.seen_at, first.expires_at].map(|time| time.as_secs());
    assert_eq!(times, [1_791_296_000, 1_791_296_300, 1_791_900_800]);
    assert_eq!(read(200, "[]"), Ok(Vec::new()));

    for name in ["id", "current", "provider", "device", "createdAt", "lastSeenAt", "expires"] {
        let other = DEVICE.replace(&format!(r#""{name}""#), r#""other""#);
        assert_eq!(read(200, &format!("[{other}]")), Err(ClientError::Member("sessions")), "{name}");
    }
    assert_eq!(read(200, "[7]"), Err(ClientError::Member("sessions")));
    for body in ["{}", "", "null", r#"{"success":true}"#, "[[", &format!("[{}7]", "7,".repeat(10_000))] {
        assert_eq!(read(200, body), Err(ClientError::Malformed(StatusCode::OK)));
    }
    // A site without a store has no such route.
    let refused = refusal(read(404, r#"{"type":"ROUTER_ERROR","code":"NOT_FOUND","message":"m"}"#));
    assert_eq!((refused.status, refused.code.as_deref()), (StatusCode::NOT_FOUND, Some("NOT_FOUND")));
    assert_eq!(read(401, "[]"), Err(ClientError::Malformed(StatusCode::UNAUTHORIZED)));
}

#[test]
fn a_session_is_not_given_up_where_the_server_refuses() {
    let calls = || {
        let (client, token) = (client(), csrf_token());
        let one = client.end_session("k3", &token).unwrap();
        [one, client.end_other_sessions(&token), client.end_all_sessions(&token)]
    };
    let lines = calls().map(|call| {
        let request = call.request(&Cookies::default());
        assert_eq!(request.method(), Method::DELETE);
        assert_eq!(request.headers()["x-csrf-token"], "h.p.s");
        request.uri().path_and_query().unwrap().to_string()
    });
    assert_eq!(lines, ["/auth/sessions/k3", "/auth/sessions", "/auth/sessions?current=true"]);
    for call in calls() {
        assert_eq!(call.read(json_answer(200, r#"{"success":true}"#)).outcome, Ok(()));
        let refused = json_answer(503, r#"{"success":false,"code":"C"}"#);
        assert_eq!(refusal(call.read(refused).outcome).status, 503);
    }
}

#[test]
fn sign_in_reads_the_url_wherever_a_generation_puts_it() {
    let read = |status, body: &str, location: Option<&str>| {
        let mut response = json_answer(status, body);
        response.headers_mut().extend(location.map(|location| (LOCATION, location.parse().unwrap())));
        client().provider("dev").unwrap().sign_in().read(response).outcome
    };
    let url = "https://app.test/auth/signIn/dev?";
    let body = format!(r#"{{"success":true,"redirect":false,"signInURL":"{url}"}}"#);
    assert_eq!(read(200, &body, None).unwrap().sign_in_url.as_str(), url);
    let first = read(302, r#"{"oauth":"dev"}"#, Some("https://idp.test/authorize?state=s"));
    assert_eq!(first.unwrap().sign_in_url.as_str(), "https://idp.test/authorize?state=s");
    for (status, body) in [(200, "{}"), (200, r#"{"signInURL":"javascript:alert(1)"}"#), (302, "{}")] {
        assert_eq!(read(status, body, None), Err(ClientError::Member("signInURL")), "{body}");
    }
}

#[test]
fn sign_out_reads_the_target_wherever_a_generation_puts_it() {
    let read = |body: &str, location: Option<&str>| {
        let mut response = json_answer(202, body);
        response.headers_mut().extend(location.map(|location| (LOCATION, location.parse().unwrap())));
        let outcome = client().sign_out(&csrf_token()).read(response).outcome;
        outcome.map(|signed_out| signed_out.redirect_url.map(|url| url.as_str().to_owned()))
    };
    let target = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(read(r#"{"success":true,"redirect":false,"redirectURL":null}"#, None), Ok(None));
    assert_eq!(read(r#"{"success":true,"redirect":false,"redirectURL":"/bye"}"#, None), target("/bye"));
    assert_eq!(read(r#"{"message":"Signed out successfully"}"#, Some("/bye")), target("/bye"));
    let evil = read(r#"{"success":true,"redirectURL":"javascript:alert(1)"}"#, None);
    assert_eq!(evil, Err(ClientError::Member("redirectURL")));
}

#[test]
fn tokens_are_read_with_what_other_servers_do_to_them() {
    let read = |tokens: &str| {
        let body = format!(r#"{{"success":true,"tokens":{tokens}}}"#);
        client().provider("dev").unwrap().tokens().read(json_answer(200, &body)).outcome
    };
    let tokens = read(
        r#"{"accessToken":"a","expiresAt":0,"tokenType":"bearer","scopes":"a b","issuedAt":5,"idToken":null}"#,
    );
    let tokens = tokens.unwrap();
    assert_eq!((tokens.expires_at, tokens.id_token, tokens.issued_at.as_secs()), (None, None, 5));
    assert_eq!(tokens.scopes, ["a", "b"]);
    for (tokens, member) in [
        ("null", "tokens"),
        (r#"{"accessToken":"a","tokenType":"mac","issuedAt":5}"#, "tokenType"),
        (r#"{"accessToken":"","issuedAt":5}"#, "accessToken"),
        (r#"{"accessToken":"a"}"#, "issuedAt"),
        (r#"{"accessToken":"a","issuedAt":5,"scopes":[7]}"#, "scopes"),
        (r#"{"accessToken":"a","issuedAt":5,"expiresAt":"7"}"#, "expiresAt"),
    ] {
        assert_eq!(read(tokens), Err(ClientError::Member(member)), "{tokens}");
    }
}

#[test]
fn ids_are_encoded_and_none_leads_to_another_route() {
    let client = client();
    let uri = |id: &str| {
        client
            .provider(id)
            .map(|provider| provider.is_connected().request(&Cookies::default()).uri().to_string())
    };
    assert_eq!(uri("a/../b?c#d%2e").unwrap(), "https://app.test/auth/providers/a%2F..%2Fb%3Fc%23d%252e");
    assert_eq!(uri("é").unwrap(), "https://app.test/auth/providers/%C3%A9");
    for id in ["", ".", "..", &"a".repeat(257)] {
        assert_eq!(client.end_session(id, &csrf_token()).unwrap_err(), CallError::SessionId, "{id:?}");
        assert_eq!(uri(id), Err(CallError::ProviderId), "{id:?}");
    }
}

#[test]
fn base_urls_are_an_origin_and_a_path() {
    for base in [
        "",
        "/auth",
        "ftp://a.test",
        "https://u:p@a.test",
        "https://a.test?x",
        "https://a.test#x",
        "https://",
    ] {
        assert_eq!(Client::new(base), Err(CallError::Base), "{base:?}");
    }
    assert_eq!(Client::new(&format!("https://a.test/{}", "a".repeat(MAX_BASE))), Err(CallError::Base));
    for (base, url) in
        [("https://a.test", "https://a.test/session"), ("http://a.test:81/x/", "http://a.test:81/x/session")]
    {
        assert_eq!(Client::new(base).unwrap().get_session().request(&Cookies::default()).uri(), url);
    }
}

#[test]
fn se_07_calls_and_answers_show_no_secret() {
    let client = client();
    let call = client.sign_out(&CsrfToken::parse("s3cret").unwrap()).redirect_to("/s3cret").unwrap();
    let mut headers = HeaderMap::new();
    headers.insert(http::header::COOKIE, "a=s3cret".parse().unwrap());
    let request = call.request(&Cookies::of(&headers));
    assert_eq!(request.headers()["x-csrf-token"], "s3cret");
    let mut response = json_answer(200, r#"{"csrfToken":"s3cret"}"#);
    response.headers_mut().insert(SET_COOKIE, "a=s3cret".parse().unwrap());
    let answer = client.csrf_token().read(response);
    assert_eq!(answer.outcome.as_ref().unwrap().expose(), "s3cret");
    for shown in [format!("{call:?}"), format!("{:?}", request.headers()), format!("{answer:?}")] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn cookies_are_forwarded_whatever_the_outcome_and_never_kept_by_caches() {
    let mut response = json_answer(401, r#"{"success":false,"tokens":null}"#);
    response.headers_mut().append(SET_COOKIE, "a=1".parse().unwrap());
    response.headers_mut().append(SET_COOKIE, "b=2".parse().unwrap());
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CACHE_CONTROL, "public".parse().unwrap());
    let outcome = client().provider("dev").unwrap().tokens().read(response).forward(&mut headers);
    assert_eq!(refusal(outcome).status, 401);
    assert_eq!(headers.get_all(SET_COOKIE).iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    assert_eq!(headers[http::header::CACHE_CONTROL], "no-store");
}
