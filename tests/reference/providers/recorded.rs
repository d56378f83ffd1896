//! Comparison of every provider row with its recorded file.

use super::sign_in::{CLIENT_SECRET, Server, SignIn, error_of, response_of, resume, seen};
use super::signer::Signer;
use aura_http::env::Environment;
use aura_proto::{Action, Entropy};
use aura_providers::{Protocol, Provider, ROWS, Row};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

#[test]
fn every_row_has_its_file_and_every_file_its_row() {
    let files = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let mut rows: Vec<_> = ROWS.iter().map(|row| row.id.to_owned()).collect();
    files.sort();
    rows.sort();
    assert_eq!(files, rows);
    for row in ROWS {
        assert_eq!(golden(row.id)["name"], row.name);
    }
}

#[test]
fn every_openid_provider_is_asked_for_its_configuration() {
    for row in ROWS.iter().filter(|row| matches!(row.protocol, Protocol::OpenId)) {
        let golden = golden(row.id);
        let builder = aura_tests::bare_builder(aura_tests::SECRET);
        let auth = builder.base_url("https://app.test").provider(provider(row, &golden)).build().unwrap();
        let request = Request::get(format!("/auth/signIn/{}", row.id)).body(Bytes::new()).unwrap();
        let action = auth.handle(request, super::sign_in::NOW, Entropy::from_os_bytes([1; 32]));
        let Action::FetchDiscovery(fetch) = action else { panic!("{}: {action:?}", row.id) };
        let headers = json!({ "accept": "application/json", "user-agent": "Aura/{version}" });
        let expected =
            json!({ "method": "GET", "url": golden["discovery_url"], "headers": headers, "body": "" });
        assert_eq!(seen(&fetch.request), expected, "{}", row.id);
    }
}

#[test]
fn every_provider_is_sent_exactly_the_recorded_requests() {
    for row in ROWS {
        let golden = golden(row.id);
        let sign_in = begin(row, &golden);
        assert_eq!(sign_in.authorization_url(), golden["authorization_url"], "{}", row.id);
        assert_eq!(sign_in.pushed_request(), golden["pushed_request"], "{}", row.id);

        let fetch = sign_in.fetch_token("");
        assert_eq!(sign_in.token_request(&fetch), golden["token_request"], "{}", row.id);

        let answer = sign_in.with_id_token(&golden["token_answer"], &golden["users"][0]["id_token"]);
        let action = sign_in.granted(fetch, &answer);
        let Action::FetchUserInfo(fetch) = action else {
            assert_eq!(golden["userinfo_request"], Value::Null, "{}", row.id);
            assert_eq!(response_of(action, |_| {}).status(), 302, "{}", row.id);
            continue;
        };
        let mut request = seen(&fetch.request);
        let body = request.as_object_mut().unwrap().remove("body");
        assert_eq!(body, Some(json!("")), "{}", row.id);
        assert_eq!(request, golden["userinfo_request"], "{}", row.id);
    }
}

#[test]
fn every_recorded_answer_gives_its_user() {
    for row in ROWS {
        let golden = golden(row.id);
        let cases = golden["users"].as_array().unwrap();
        assert!(cases.len() >= 2, "{}: with and without its optional members", row.id);
        for case in cases {
            let sign_in = begin(row, &golden);
            let response = sign_in.finish(&golden["token_answer"], &case["id_token"], &case["userinfo"]);
            assert_eq!(response.status(), 302, "{}", row.id);
            assert_eq!(sign_in.user(&response), case["user"], "{}", row.id);
        }
    }
}

#[test]
fn an_answer_without_a_user_signs_nobody_in() {
    for row in ROWS {
        let golden = golden(row.id);
        let answers = golden["nobody"].as_array().unwrap();
        assert!(!answers.is_empty());
        for answer in answers {
            // If userinfo is not requested, the ID token has no subject.
            let by_userinfo = !golden["userinfo_request"].is_null();
            let id_token = if by_userinfo { &golden["users"][0]["id_token"] } else { answer };
            let reason = match (by_userinfo, row.protocol) {
                (false, _) => "id_token_subject",
                // Userinfo cannot name a user if the ID token does not.
                (true, Protocol::OpenId) if answer.get("sub").is_some() => "userinfo_other_subject",
                (true, _) if answer["error"].is_string() => "userinfo_malformed",
                (true, _) => "userinfo_without_id",
            };
            let sign_in = begin(row, &golden);
            let response = sign_in.finish(&golden["token_answer"], id_token, answer);
            assert_eq!(error_of(&response)["reason"], reason, "{}", row.id);
            assert_eq!(response.status(), if by_userinfo { 502 } else { 401 }, "{}", row.id);
            assert_eq!(sign_in.session(&response).status(), 401, "{}", row.id);
        }
    }
}

#[test]
fn mx_04_a_provider_that_names_itself_is_believed_under_its_own_name_alone() {
    let mut named = 0;
    for row in ROWS {
        let golden = golden(row.id);
        let Some(more) = golden["callback"].as_str() else { continue };
        named += 1;
        let mut sign_in = begin(row, &golden);
        sign_in.more = String::new();
        for (more, exchanged) in [(more, true), ("", false), ("&iss=https%3A%2F%2Fevil.test", false)] {
            let action = sign_in.callback(more);
            assert_eq!(matches!(action, Action::FetchToken(_)), exchanged, "{} {more}", row.id);
        }
    }
    assert!(named >= 2, "some providers name themselves always");
}

#[test]
fn pk_01_all_but_two_providers_are_sent_a_proof_key() {
    let without = |row: &&Row| {
        let golden = golden(row.id);
        let place = golden["pushed_request"]["body"].as_str().or(golden["authorization_url"].as_str());
        !place.unwrap().contains("&code_challenge={code_challenge}&code_challenge_method=S256")
    };
    let without: Vec<_> = ROWS.iter().filter(without).map(|row| row.id).collect();
    assert_eq!(without, ["linkedin", "slack"]);
}

#[test]
fn pk_07_where_no_proof_key_is_taken_a_code_of_another_sign_in_meets_the_nonce() {
    let slack = ROWS.iter().find(|row| row.id == "slack").unwrap();
    let golden = golden("slack");
    let sign_in = begin(slack, &golden);
    let mut claims = golden["users"][0]["id_token"].clone();
    claims["nonce"] = "of-the-sign-in-that-the-code-was-made-for".into();
    let response = sign_in.finish(&golden["token_answer"], &claims, &golden["users"][0]["userinfo"]);
    assert_eq!(error_of(&response)["code"], "OIDC_NONCE_MISMATCH");
    assert_eq!(sign_in.session(&response).status(), 401);
}

#[test]
fn an_id_token_is_required_of_every_openid_provider() {
    for row in ROWS.iter().filter(|row| matches!(row.protocol, Protocol::OpenId)) {
        let golden = golden(row.id);
        let sign_in = begin(row, &golden);
        let action = resume(sign_in.fetch_token(""), &golden["token_answer"]);
        let error = error_of(&response_of(action, |_| {}));
        assert_eq!(error["reason"], "id_token_missing", "{}", row.id);
    }
}

/// Begins at a provider as its file sets it up.
pub(crate) fn begin(row: &Row, golden: &Value) -> SignIn {
    let mut sign_in = SignIn::begin_at(provider(row, golden), server(golden));
    sign_in.more = golden["callback"].as_str().unwrap_or_default().to_owned();
    sign_in
}

/// Reads a provider's configuration and key, where it publishes them.
pub(crate) fn server(golden: &Value) -> Option<Server> {
    let algorithm = golden["signed_by"].as_str()?;
    Some(Server { discovery: golden["discovery"].clone(), signer: Signer::of(algorithm) })
}

/// Sets a provider up by the environment that its file has.
pub(crate) fn provider(row: &Row, golden: &Value) -> Provider {
    let id = row.id.replace('-', "_").to_ascii_uppercase();
    let lookup = |name: &str| match name.strip_prefix(&id) {
        Some("_CLIENT_ID") => Some("client-id".to_owned()),
        Some("_CLIENT_SECRET") => Some(CLIENT_SECRET.to_owned()),
        Some(_) | None => golden["environment"][name].as_str().map(str::to_owned),
    };
    Environment::new(&lookup).provider(row).unwrap().unwrap()
}

fn directory() -> std::path::PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "golden", "providers"].iter().collect()
}

pub(crate) fn golden(id: &str) -> Value {
    let text = std::fs::read_to_string(directory().join(format!("{id}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}
