//! Details that decide a sign-in, in every spelling: a transcript keeps them, so the replay ends with the same reason.

use super::{CODE, SECRET, TOKENS, USER, Visit, auth, callback, first, openid, provider, record, sign_in};
use aura_proto::provider::Profile;
use aura_proto::{Connection, Scheme};
use aura_replay::Transcript;
use aura_tests::{answer, json_answer};
use bytes::Bytes;
use http::{Method, Request};

fn last(transcript: &Transcript) -> &str {
    transcript.actions().last().unwrap()
}

#[test]
fn a_user_is_found_behind_the_pointers_of_the_configuration() {
    let profile = Profile::default().sub_at(["/account/uuid"]);
    let auth =
        auth(SECRET, |builder| builder.base_url("https://app.test").provider(provider().profile(profile)));
    let user = r#"{"account":{"uuid":"u-77123"}}"#;
    let transcript = sign_in(&auth, &[], &[Ok(json_answer(200, TOKENS)), Ok(json_answer(200, user))], false);
    assert!(last(&transcript).contains("(not_admitted)") && !transcript.to_string().contains("77123"));
}

#[test]
fn words_are_known_in_any_case() {
    let token = r#"{"access_token":"t-555","token_type":"BEARER"}"#;
    let answers =
        [Ok(answer(200, "Application/JSON; Charset=UTF-8", token)), Ok(json_answer(200, r#"{"id":1e300}"#))];
    let auth = auth(SECRET, |builder| builder.base_url("https://app.test").provider(provider()));
    let transcript = sign_in(&auth, &[], &answers, true);
    assert!(last(&transcript).contains("(userinfo_malformed)"), "{transcript}");
    let trusting = super::auth(SECRET, |builder| {
        builder.trusted_origins(["https://app.test"]).trusted_proxy_headers().provider(provider())
    });
    let request =
        Request::get("/auth/signIn/dev").header("forwarded", "For=81.2.69.14;Proto=HTTPS;Host=App.Test");
    let (_, transcript) = record(&trusting, request.body(Bytes::new()).unwrap(), [1; 32], &[], true);
    assert!(last(&transcript).starts_with("Redirect 302"), "{transcript}");
    assert_eq!(transcript.replay(&trusting), Ok(()), "{transcript}");
}

#[test]
fn each_word_for_yes_or_no_is_kept() {
    let auth = openid();
    for word in
        ["true", "1", "yes", "on", "Y", "enabled", "FALSE", "0", "no", "off", "n", "disabled", "maybe"]
    {
        let request = Request::get(format!("/auth/signIn/dev?redirect={word}")).body(Bytes::new()).unwrap();
        let (_, transcript) = record(&auth, request, [1; 32], &[], true);
        assert_eq!(transcript.replay(&auth), Ok(()), "{transcript}");
    }
}

#[test]
fn this_machine_and_its_ports_are_kept() {
    let auth = auth(SECRET, |builder| builder.provider(provider()));
    for host in ["127.0.0.1:3000", "localhost:54321", "LocalHost", "[::1]:8080", "127.0.0.1:54321"] {
        for target in [
            "/auth/signIn/dev".to_owned(),
            format!("/auth/signIn/dev?redirectTo=http%3A%2F%2F{}%2Fx", host.replace(':', "%3A")),
        ] {
            let request = Request::get(&target).header("host", host).body(Bytes::new()).unwrap();
            let (_, transcript) = record(&auth, request, [1; 32], &[], true);
            assert!(last(&transcript).starts_with("Redirect 302"), "{transcript}");
            assert_eq!(transcript.replay(&auth), Ok(()), "{transcript}");
        }
    }
}

#[test]
fn a_name_that_occurs_twice_still_does() {
    let auth = auth(SECRET, |builder| builder.base_url("https://app.test").provider(provider()));
    for body in [
        r#"{"access_token":"x-1","access_token" :"y-2"}"#,
        r#"{"access_token":"x-1","\u0061ccess_token":"y-2"}"#,
        r#"{"access_token":"x-1","\u0418\u0432":"\u0041\n","\u0418\u0432":"y-2"}"#,
    ] {
        let transcript = sign_in(&auth, &[], &[Ok(json_answer(200, body))], true);
        assert!(last(&transcript).contains("(token_malformed)"), "{transcript}");
    }
}

#[test]
fn what_looks_like_a_placeholder_is_none() {
    let mut visit = Visit::new();
    let state = visit.begin();
    visit.cookies.insert("x".to_owned(), "$0$".to_owned());
    let transcript = visit.call_back(&format!("code=$0$&state={state}&phone=$15551234567$"));
    let text = transcript.to_string();
    assert_eq!(text.matches("$0$").count(), 1, "{text}");
    assert!(!text.contains("15551234567"), "{text}");
}

#[test]
fn a_chunk_that_is_short_is_replaced_where_it_stands_and_nowhere_else() {
    let (mut visit, chunk) = (0..200)
        .find_map(|more| {
            let mut visit = Visit::new();
            let long = format!(r#"{{"id":583231,"name":"{}"}}"#, "A".repeat(1_990 + more));
            visit.answers = vec![Ok((200, TOKENS.to_owned())), Ok((200, long))];
            let state = visit.begin();
            visit.send(Method::GET, &format!("/auth/callback/dev?code={CODE}&state={state}"), &[], "");
            let chunk = visit.cookies.get("__Host-aura-auth.session_token.1").cloned()?;
            (chunk.len() < 4).then_some((visit, chunk))
        })
        .expect("a session whose last chunk is short");
    let accept = format!("text/html,{chunk}{chunk}");
    let (_, transcript) = visit.send(Method::GET, "/auth/session", &[("accept", &accept)], "");
    let shown: serde_json::Value = serde_json::from_str(&transcript.to_string()).unwrap();
    let headers = shown["headers"].as_array().unwrap();
    let recorded = headers.iter().find(|header| header[0] == "accept").unwrap()[1].as_str().unwrap();
    assert_eq!(recorded.len(), accept.len(), "{transcript}");
    assert_eq!(
        (transcript.actions(), transcript.replay(&first())),
        (&["Respond 200".to_owned()][..], Ok(()))
    );
}

#[test]
fn tokens_of_a_provider_that_is_gone_are_cleared_again() {
    let mut visit = Visit::new();
    let state = visit.begin();
    visit.call_back(&format!("code={CODE}&state={state}"));
    let (response, _) = visit.send(Method::GET, "/auth/csrfToken", &[], "");
    let csrf: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
    for gone in ["gone", "linkedin", "gone.1"] {
        visit.cookies.insert(format!("__Host-aura-auth.access_token.{gone}"), "x".to_owned());
    }
    let headers = [("x-csrf-token", csrf["csrfToken"].as_str().unwrap())];
    let (_, transcript) =
        visit.send(Method::POST, "/auth/signOut?token_type_hint=session_token", &headers, "");
    visit.check(&transcript);
    assert!(last(&transcript).contains("SIGN_OUT_SUCCESS"), "{transcript}");
    assert_eq!(last(&transcript).matches("clears __Host-aura-auth.access_token.").count(), 4, "{transcript}");
}

/// A JSON answer may be written in any way.
#[test]
fn an_answer_runs_again_however_it_is_spaced() {
    let auth = auth(SECRET, |builder| builder.base_url("https://app.test").provider(provider()));
    let spaced = USER.replace(':', " : ").replace(',', " ,\n");
    let tokens = TOKENS.replace("\":", "\" :\t");
    let transcript = sign_in(&auth, &[], &[Ok(json_answer(200, tokens)), Ok(json_answer(200, spaced))], true);
    assert!(last(&transcript).contains("OAUTH_CALLBACK_SUCCESS"), "{transcript}");
    assert!(transcript.to_string().contains(r#"\"expires_in\":3600"#), "{transcript}");
}

#[test]
fn whether_a_connection_was_secure_is_kept() {
    let auth = auth(SECRET, |builder| builder.provider(provider()));
    for (scheme, name) in
        [(Scheme::Https, "sets __Host-aura-auth.state,"), (Scheme::Http, "sets aura-auth.state,")]
    {
        let request = Request::get("/auth/signIn/dev").header("host", "localhost");
        let request = request.extension(Connection::new(scheme)).body(Bytes::new()).unwrap();
        let (_, transcript) = record(&auth, request, [1; 32], &[], true);
        assert!(last(&transcript).contains(name), "{transcript}");
        assert_eq!(transcript.replay(&auth), Ok(()), "{transcript}");
    }
}

#[test]
fn the_name_that_a_provider_gives_itself_is_kept() {
    let named = provider().issuer("https://who.it-is.test");
    let auth = auth(SECRET, |builder| builder.base_url("https://app.test").provider(named));
    for (iss, ends) in
        [("https://who.it-is.test", "(token_unavailable)"), ("https://other.test", "(issuer_mismatch)")]
    {
        let request = callback(&auth, &[], &format!("&iss={iss}"));
        let (_, transcript) = record(&auth, request, [2; 32], &[Ok(json_answer(500, "{}"))], true);
        assert!(last(&transcript).contains(ends), "{transcript}");
        assert_eq!(transcript.replay(&auth), Ok(()), "{transcript}");
    }
}

#[test]
fn sign_ins_are_what_hosts_record() {
    for (path, expected) in [
        ("/auth/signIn/dev", true),
        ("/auth/callback/dev", true),
        ("/auth/callback", false),
        ("/auth/session", false),
        ("/elsewhere", false),
    ] {
        assert_eq!(first().is_sign_in(path), expected, "{path}");
    }
}

#[test]
fn what_a_page_loads_is_refused_again() {
    for (name, value, status) in [
        ("sec-fetch-mode", "no-cors", 403),
        ("sec-fetch-dest", "image", 403),
        ("sec-fetch-dest", "document", 302),
    ] {
        let request = Request::get("/auth/signIn/dev").header(name, value).body(Bytes::new()).unwrap();
        let (answer, transcript) = record(&first(), request, [1; 32], &[], true);
        assert_eq!(answer.status(), status, "{value}");
        assert_eq!(transcript.replay(&super::second()), Ok(()), "{transcript}");
    }
}
