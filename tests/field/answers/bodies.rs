//! Bodies of answers: their content type, their encoding and their length.

use super::{HEADER, begin, ended, failure, granted, keys, pair, success};
use aura_proto::provider::PushedRequests;
use aura_proto::{Action, Entropy, Fetch, FetchError, UnixTime};
use aura_test_idp::{Behaviour, SigningAlgorithm};
use aura_tests::forge::sign;
use aura_tests::{Fault, OpenId, Pair, drive, json_answer};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

/// The endpoints whose answers are read.
const ENDPOINTS: [&str; 5] = ["discovery", "pushed_request", "token", "jwks", "userinfo"];

/// Signs in where each endpoint gives its honest answer, one of them after a change.
fn sign_in(changed: &str, change: &dyn Fn(String) -> Fault) -> (u16, String) {
    let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
    let offered = PushedRequests::Offered;
    let mut pair = if changed == "pushed_request" {
        OpenId::new().behaviour(behaviour).provider(move |row| row.pushed_requests(offered)).pair()
    } else {
        pair(|row| row)
    };
    let answer = |endpoint: &str, body: String| {
        if endpoint == changed { change(body) } else { Fault::json(200, &body) }
    };
    let url = url::Url::parse("https://idp.test/.well-known/openid-configuration").unwrap();
    let document = String::from_utf8(pair.at_provider("dev", &url).body().to_vec()).unwrap();
    pair.app.discovery_fault = Some(answer("discovery", document));
    if changed == "pushed_request" {
        pair.app.pushed_request_fault =
            Some(answer(changed, r#"{"request_uri":"urn:1","expires_in":60}"#.into()));
        let page = pair.visit("/auth/signIn/dev");
        return if page.left_for.is_some() { success() } else { ended(&page) };
    }
    if changed == "discovery" {
        let page = pair.visit("/auth/signIn/dev");
        if page.left_for.is_none() {
            return ended(&page);
        }
    }
    let begun = begin(&mut pair);
    let granted = granted(&sign(HEADER, &begun.claims.to_string())).to_string();
    pair.app.token_fault = Some(answer("token", granted));
    pair.app.jwks_fault = Some(answer("jwks", json!({ "keys": keys() }).to_string()));
    pair.app.userinfo_fault = Some(answer("userinfo", r#"{"sub":"ada","name":"Ada"}"#.into()));
    ended(&pair.visit(&begun.callback))
}

#[test]
fn fr_20_one_json_object_is_json_whatever_its_type_says() {
    for media_type in [
        "text/plain",
        "text/plain; charset=utf-8",
        "application/octet-stream",
        "text/javascript",
        "text/json",
        "binary",
        "",
    ] {
        for endpoint in ENDPOINTS {
            let change = |body: String| Fault::answered(200, media_type, &format!(" {body}\n"));
            assert_eq!(sign_in(endpoint, &change), success(), "{endpoint} {media_type}");
        }
    }
    let as_form = |body: String| Fault::answered(200, "application/x-www-form-urlencoded", &body);
    assert_eq!(sign_in("token", &as_form), success());
    let as_jwt = |body: String| Fault::answered(200, "application/jwt", &body);
    assert_eq!(sign_in("userinfo", &as_jwt), success());
}

#[test]
fn fr_20_html_and_what_is_no_object_are_refused() {
    for (endpoint, reason) in [
        ("discovery", "discovery_not_json"),
        ("pushed_request", "pushed_request_malformed"),
        ("token", "token_content_type"),
        ("userinfo", "userinfo_content_type"),
    ] {
        for media_type in ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"] {
            let html = |body: String| Fault::answered(200, media_type, &body);
            assert_eq!(sign_in(endpoint, &html), failure(502, reason), "{endpoint}");
        }
        for body in ["[]", "\"text\"", "{", "{} {}", "<p>", "\u{feff}{}", r#"{"a":1,"a":2}"#] {
            let plain = |_: String| Fault::answered(200, "text/plain", body);
            assert_eq!(sign_in(endpoint, &plain), failure(502, reason), "{endpoint} {body}");
        }
    }
    let html = |body: String| Fault::answered(200, "text/html", &body);
    assert_eq!(sign_in("jwks", &html), failure(502, "jwks_malformed"));
    let failed = |body: String| Fault::answered(500, "text/plain", &body);
    assert_eq!(sign_in("token", &failed).0, 502);
    let error = |_: String| Fault::answered(200, "text/plain", r#"{"error":"invalid_grant"}"#);
    assert_eq!(sign_in("token", &error), failure(502, "token_error_answer"));
}

/// Goes through a sign-in at an OAuth provider, and answers each exchange with a header.
fn with_header(name: &'static str, value: &str) -> String {
    let pair = Pair::new();
    let now = UnixTime::from_secs(1_795_500_000);
    let send = |request: Request<Bytes>| pair.app.auth.handle(request, now, Entropy::from_os_bytes([7; 32]));
    let Action::Redirect(begun) = send(Request::get("/auth/signIn/dev").body(Bytes::new()).unwrap()) else {
        panic!("a redirect");
    };
    let begun = begun.into_response();
    let text = |name: &str| begun.headers()[name].to_str().unwrap().to_owned();
    let location = text("location");
    let state = location.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let cookie = text("set-cookie").split(';').next().unwrap().to_owned();
    let callback = Request::get(format!("/auth/callback/dev?code=c&state={state}")).header("cookie", cookie);
    let response = drive(send(callback.body(Bytes::new()).unwrap()), now, &mut |_, fetch: &Fetch| {
        assert_eq!(fetch.request.headers()["accept-encoding"], "identity");
        let mut answer = json_answer(200, r#"{"access_token":"at","id":"ada"}"#);
        answer.headers_mut().insert(name, value.parse().unwrap());
        assert!(!fetch.pending.keeps(&answer));
        Ok(answer)
    });
    if response.status().is_redirection() {
        return "signed in".to_owned();
    }
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    body["reason"].as_str().unwrap().to_owned()
}

#[test]
fn fr_10_an_answer_that_is_encoded_has_a_reason_of_its_own() {
    for encoding in ["gzip", "br", "GZIP", "x-gzip", "identity, gzip", "deflate", "unknown", "\u{e9}"] {
        assert_eq!(with_header("content-encoding", encoding), "token_encoded", "{encoding}");
    }
    for endpoint in ENDPOINTS {
        let (_, reason) = sign_in(endpoint, &|_| Fault::Lost(FetchError::Encoded));
        assert_eq!(reason, format!("{endpoint}_encoded"));
    }
}

#[test]
fn fr_10_identity_is_no_encoding_and_nothing_is_unpacked() {
    for encoding in ["identity", "Identity", "", "identity, identity"] {
        assert_eq!(with_header("content-encoding", encoding), "signed in", "{encoding}");
    }
    assert_eq!(with_header("x-content-encoding", "gzip"), "signed in");
    let packed = |_: String| Fault::json(200, "\u{1f}\u{8b}\u{8}");
    assert_eq!(sign_in("token", &packed), failure(502, "token_not_json"));
}

#[test]
fn au_02_an_answer_has_256_kib_and_ten_thousand_values_at_most() {
    let padded = |length: usize| {
        move |body: String| Fault::json(200, &format!("{body}{}", " ".repeat(length - body.len())))
    };
    for endpoint in ENDPOINTS {
        assert_eq!(sign_in(endpoint, &padded(256 * 1024)), success(), "{endpoint}");
        let (status, reason) = sign_in(endpoint, &padded(256 * 1024 + 1));
        assert_eq!((status / 100, reason), (5, format!("{endpoint}_too_large")));
    }
    let many = |count: usize| {
        move |body: String| {
            Fault::json(200, &body.replacen('{', &format!(r#"{{"more":[{}0],"#, "{},".repeat(count)), 1))
        }
    };
    for (endpoint, reason) in [
        ("discovery", "discovery_malformed"),
        ("pushed_request", "pushed_request_malformed"),
        ("token", "token_malformed"),
        ("userinfo", "userinfo_malformed"),
    ] {
        assert_eq!(sign_in(endpoint, &many(4_900)), success(), "{endpoint}");
        assert_eq!(sign_in(endpoint, &many(5_100)), failure(502, reason));
    }
    // Of a set of keys nothing but the keys is kept.
    assert_eq!(sign_in("jwks", &many(20_000)), success());
}

#[test]
fn au_02_of_a_set_the_first_hundred_keys_count() {
    let set = |before: usize, other: Value| {
        move |_: String| {
            let mut keys = vec![other.clone(); before];
            keys.push(super::jwk("a"));
            Fault::json(200, &json!({ "keys": keys }).to_string())
        }
    };
    assert_eq!(sign_in("jwks", &set(99, super::jwk("b"))), success());
    assert_eq!(sign_in("jwks", &set(100, super::jwk("b"))), failure(401, "id_token_unknown_key"));
    assert_eq!(sign_in("jwks", &set(5_000, json!({ "kty": "oct", "k": "AA" }))), success());
}
