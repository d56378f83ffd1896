//! The typed client against our own routes, in a browser and from server to server.

use aura_client::{CallError, Client, ClientError, Cookies, CsrfToken, Refusal, SessionChanges};
use aura_proto::provider::TokenRetention;
use aura_proto::{Expiration, SessionPolicy};
use aura_tests::{Fault, Pair};
use http::{HeaderMap, StatusCode, header};
use std::fmt::Debug;
use std::time::Duration;

const GRANTED: &str = r#"{"access_token":"at-1","token_type":"Bearer","expires_in":3600,"refresh_token":"rt-1","scope":"profile email"}"#;
const RENEWED: &str = r#"{"access_token":"at-2","expires_in":3600,"refresh_token":"rt-2"}"#;

fn pair() -> Pair {
    Pair::with(
        "https://app.test",
        |provider| provider.tokens(TokenRetention::Readable).revocation_endpoint("https://idp.test/revoke"),
        |builder| builder.session(SessionPolicy::default().editable(["name"])),
    )
}

/// Signs `ada` in at `dev`, from the client's URL on.
fn sign_in(pair: &mut Pair, client: &Client) -> String {
    let call = client.provider("dev").unwrap().sign_in().redirect_to("/home?tab=1").unwrap();
    let sign_in = pair.call(&call).outcome.unwrap();
    let path = sign_in.sign_in_url.as_str().strip_prefix("https://app.test").unwrap().to_owned();
    let authorize = pair.visit(&path).left_for.unwrap();
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.token_fault = Some(Fault::json(200, GRANTED));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"1","name":"Ada"}"#));
    pair.visit(&callback).url.path().to_owned()
}

fn cookies(pair: &Pair) -> Cookies {
    let headers: HeaderMap = HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())]);
    Cookies::of(&headers)
}

fn csrf_token(pair: &mut Pair, client: &Client) -> CsrfToken {
    pair.call(&client.csrf_token()).outcome.unwrap()
}

fn refusal(outcome: Result<impl Debug, ClientError>) -> (StatusCode, String, String) {
    match outcome {
        Err(ClientError::Refused(refusal)) => {
            let Refusal { status, code, reason, message, kind, .. } = *refusal;
            assert!(message.is_some() && kind.is_some());
            (status, code.unwrap(), reason.unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_page_signs_in_changes_its_session_and_signs_out() {
    let mut pair = pair();
    let client = pair.client();
    assert_eq!(pair.call(&client.get_session()).outcome, Ok(None));

    assert_eq!(sign_in(&mut pair, &client), "/home");
    let session = pair.call(&client.get_session()).outcome.unwrap().unwrap();
    assert_eq!((session.user.sub(), session.user.name()), ("1", Some("Ada")));
    assert!(session.expires_at.as_secs() > pair.browser.now);

    let token = csrf_token(&mut pair, &client);
    assert_eq!(csrf_token(&mut pair, &client), token);
    let changes = SessionChanges::default().member("name", "Countess");
    let refused = pair.call(&client.update_session(&token, &changes.clone().member("sub", "2"))).outcome;
    let Err(ClientError::Refused(refusal)) = refused else { panic!("{refused:?}") };
    assert_eq!((refusal.status.as_u16(), refusal.details[0].name.as_str()), (422, "user.sub"));
    let changed = pair.call(&client.update_session(&token, &changes)).outcome.unwrap();
    assert_eq!((changed.user.sub(), changed.user.name()), ("1", Some("Countess")));
    assert_eq!(pair.call(&client.get_session()).outcome, Ok(Some(changed)));

    let call = client.sign_out(&token).redirect_to("/bye").unwrap();
    let signed_out = pair.call(&call).outcome.unwrap();
    assert_eq!(signed_out.redirect_url.unwrap().as_str(), "/bye");
    assert_eq!(pair.call(&client.get_session()).outcome, Ok(None));
    assert_eq!(pair.cookies(), []);
}

#[test]
fn a_page_reads_renews_and_gives_back_the_tokens_of_a_provider() {
    let mut pair = pair();
    let client = pair.client();
    sign_in(&mut pair, &client);
    let (dev, other) = (client.provider("dev").unwrap(), client.provider("other").unwrap());
    assert_eq!(pair.call(&dev.is_connected()).outcome, Ok(true));
    assert_eq!(pair.call(&other.is_connected()).outcome, Ok(false));

    let tokens = pair.call(&dev.tokens()).outcome.unwrap();
    assert_eq!(tokens.access_token.expose(), "at-1");
    assert_eq!(tokens.refresh_token.unwrap().expose(), "rt-1");
    assert_eq!(tokens.expires_at.unwrap().as_secs(), pair.browser.now + 3600);
    assert_eq!(
        (tokens.scopes, tokens.issued_at.as_secs()),
        (vec!["profile".into(), "email".into()], pair.browser.now)
    );

    let token = csrf_token(&mut pair, &client);
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"1","name":"Ada King"}"#));
    let session = pair.call(&dev.refresh_user(&token)).outcome.unwrap();
    assert_eq!(session.user.name(), Some("Ada King"));

    pair.app.revocation_fault = Some(Fault::json(200, "{}"));
    assert_eq!(pair.call(&dev.revoke_tokens(&token)).outcome, Ok(()));
    assert_eq!(pair.call(&dev.is_connected()).outcome, Ok(false));
    let (status, code, reason) = refusal(pair.call(&dev.tokens()).outcome);
    assert_eq!(
        (status.as_u16(), code.as_str(), reason.as_str()),
        (401, "COOKIE_INVALID_VALUE", "tokens_missing")
    );
    assert_eq!(pair.call(&client.get_session()).outcome, Ok(Some(session)), "the session lives on");
}

#[test]
fn a_page_disconnects_a_provider_without_telling_it() {
    let mut pair = pair();
    let client = pair.client();
    sign_in(&mut pair, &client);
    let (dev, token) = (client.provider("dev").unwrap(), csrf_token(&mut pair, &client));
    let fetched = pair.app.fetches.len();
    assert_eq!(pair.call(&dev.disconnect(&token)).outcome, Ok(()));
    assert_eq!(pair.call(&dev.is_connected()).outcome, Ok(false));
    assert_eq!(pair.app.fetches.len(), fetched);
}

#[test]
fn a_server_signs_a_user_out_with_the_cookies_that_it_carries() {
    let mut pair = pair();
    let client = pair.client();
    sign_in(&mut pair, &client);
    let mut cookies = cookies(&pair);
    let session = pair.call_with(&client.get_session(), &mut cookies).outcome.unwrap().unwrap();
    assert_eq!(session.user.name(), Some("Ada"));

    let token = pair.call_with(&client.csrf_token(), &mut cookies).outcome.unwrap();
    let answer = pair.call_with(&client.sign_out(&token), &mut cookies);
    let mut to_the_browser = HeaderMap::new();
    assert_eq!(answer.forward(&mut to_the_browser).unwrap().redirect_url, None);
    assert_eq!(to_the_browser[header::CACHE_CONTROL], "no-store");
    let cleared: Vec<_> = to_the_browser.get_all(header::SET_COOKIE).iter().collect();
    assert!(cleared.iter().all(|cookie| cookie.to_str().unwrap().contains("; Max-Age=0;")));
    assert_eq!(cleared.len(), 3, "session, CSRF token, tokens");
    assert_eq!(cookies, Cookies::default());
    assert_eq!(pair.call_with(&client.get_session(), &mut cookies).outcome, Ok(None));
}

#[test]
fn a_server_forwards_a_renewed_session_in_all_its_chunks() {
    let policy = SessionPolicy::default().max_age(Duration::from_secs(3600)).expiration(Expiration::Rolling);
    let mut pair = Pair::at("https://app.test", |builder| builder.session(policy.editable(["note"])));
    let client = pair.client();
    pair.sign_in("dev", "ada");
    let mut carried = cookies(&pair);
    let token = pair.call_with(&client.csrf_token(), &mut carried).outcome.unwrap();
    let changes = SessionChanges::default().member("note", "n".repeat(6000));
    let answer = pair.call_with(&client.update_session(&token, &changes), &mut carried);
    let end = answer.outcome.unwrap().expires_at;
    assert!(answer.set_cookies.len() >= 2, "more than one cookie holds");

    pair.browser.advance(60);
    let answer = pair.call_with(&client.get_session(), &mut carried);
    assert!(answer.set_cookies.len() >= 2);
    assert_eq!(answer.outcome.unwrap().unwrap().expires_at.as_secs(), end.as_secs() + 60);
    assert!(pair.call_with(&client.get_session(), &mut carried).outcome.unwrap().is_some());
}

#[test]
fn tokens_that_were_rotated_reach_the_browser_though_the_call_is_refused() {
    let mut pair = pair();
    let client = pair.client();
    sign_in(&mut pair, &client);
    pair.browser.advance(3400);
    let mut carried = cookies(&pair);
    let token = pair.call_with(&client.csrf_token(), &mut carried).outcome.unwrap();
    let dev = client.provider("dev").unwrap();
    pair.app.token_fault = Some(Fault::json(200, RENEWED));
    pair.app.userinfo_fault = Some(Fault::json(500, "{}"));
    let answer = pair.call_with(&dev.refresh_user(&token), &mut carried);
    assert_eq!(refusal(answer.outcome).0, 502);
    assert_eq!(answer.set_cookies.len(), 1);
    let tokens = pair.call_with(&dev.tokens(), &mut carried).outcome.unwrap();
    assert_eq!(tokens.access_token.expose(), "at-2");
}

#[test]
fn a_page_lists_the_users_devices_and_ends_one_the_others_or_all() {
    let stored = SessionPolicy::default().stored();
    let mut pair = Pair::at("https://app.test", |builder| builder.session(stored.clone()));
    let client = pair.client();
    let mut elsewhere = [(); 3].map(|()| {
        pair.sign_in("dev", "ada");
        let carried = cookies(&pair);
        pair.browser.jar = aura_test_idp::browser::Jar::default();
        carried
    });
    pair.sign_in("dev", "ada");
    let token = csrf_token(&mut pair, &client);
    let listed = pair.call(&client.sessions()).outcome.unwrap();
    assert_eq!(listed.iter().filter(|device| device.is_current).count(), 1);
    assert!(
        listed.iter().all(|device| device.provider == "dev" && device.seen_at.as_secs() == pair.browser.now)
    );
    let mut is_there = |pair: &mut Pair| {
        elsewhere
            .each_mut()
            .map(|carried| pair.call_with(&client.get_session(), carried).outcome.unwrap().is_some())
    };
    assert_eq!((listed.len(), is_there(&mut pair)), (4, [true; 3]));

    let other = listed.iter().find(|device| !device.is_current).unwrap();
    assert_eq!(pair.call(&client.end_session(&other.id, &token).unwrap()).outcome, Ok(()));
    assert_eq!(is_there(&mut pair).iter().filter(|lives| **lives).count(), 2);
    let again = refusal(pair.call(&client.end_session(&other.id, &token).unwrap()).outcome);
    assert_eq!(again.0, StatusCode::NOT_FOUND);

    assert_eq!(pair.call(&client.end_other_sessions(&token)).outcome, Ok(()));
    assert_eq!(is_there(&mut pair), [false; 3]);
    assert_eq!(pair.call(&client.sessions()).outcome.unwrap().len(), 1);
    assert_eq!(pair.call(&client.end_all_sessions(&token)).outcome, Ok(()));
    assert_eq!(pair.call(&client.get_session()).outcome, Ok(None));
}

#[test]
fn a_site_without_a_store_has_no_list_of_devices() {
    let mut pair = pair();
    let client = pair.client();
    sign_in(&mut pair, &client);
    let Err(ClientError::Refused(refusal)) = pair.call(&client.sessions()).outcome else { panic!() };
    assert_eq!(refusal.status, StatusCode::NOT_FOUND);
}

#[test]
fn refusals_come_with_the_code_and_reason_of_the_table() {
    let mut pair = pair();
    let client = pair.client();
    let token = CsrfToken::parse("not.a.token").unwrap();
    let refused = |outcome: Result<(), ClientError>| {
        let (status, code, reason) = refusal(outcome);
        format!("{} {code} {reason}", status.as_u16())
    };
    let sign_out = client.sign_out(&token);
    let outcome = pair.call(&sign_out).outcome.map(drop);
    assert_eq!(refused(outcome), "403 CSRF_TOKEN_MISSING csrf_cookie_missing");
    csrf_token(&mut pair, &client);
    let outcome = pair.call(&sign_out).outcome.map(drop);
    assert_eq!(refused(outcome), "403 CSRF_TOKEN_MISMATCH csrf_token_mismatch");
    let outcome = pair.call(&client.provider("dev").unwrap().is_connected()).outcome.map(drop);
    assert_eq!(refused(outcome), "401 SESSION_NOT_FOUND session_missing");

    let unknown = pair.call(&client.provider("../nobody").unwrap().sign_in()).outcome;
    let Err(ClientError::Refused(unknown)) = unknown else { panic!("{unknown:?}") };
    assert_eq!((unknown.status.as_u16(), unknown.details[0].name.as_str()), (422, "oauth"));
    assert_eq!(unknown.details[0].code, "invalid_value");
    assert_eq!(client.provider("..").unwrap_err(), CallError::ProviderId);
}

#[test]
fn a_page_of_the_application_is_no_answer() {
    let mut pair = pair();
    let elsewhere = Client::new("https://app.test/wrong").unwrap();
    let outcome = pair.call(&elsewhere.get_session()).outcome;
    assert_eq!(outcome, Err(ClientError::NotJson(StatusCode::OK)));
}
