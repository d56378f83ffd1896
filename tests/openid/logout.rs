//! RP-initiated and back-channel logout.

use crate::{asked, failures, said};
use aura_proto::provider::{Provider, SignOutScope};
use aura_proto::{Event, FetchError};
use aura_test_idp::LogoutSubject;
use aura_tests::{Answer, Fault, OpenId, Pair, parameter};
use http::Method;
use url::Url;

const SIGN_OUT: &str = "/auth/signOut?token_type_hint=session_token";
const LOGOUT: &str = "/auth/backchannelLogout/dev";

/// A pair in which `ada` is signed in, and whose sign-out ends the provider's session, too.
fn signed_in() -> Pair {
    let mut pair = OpenId::new().provider(|row| row.sign_out(SignOutScope::Provider)).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    pair
}

fn sign_out(pair: &mut Pair, more: &str) -> Answer {
    let csrf_token = pair.csrf_token();
    pair.fetch(Method::POST, &format!("{SIGN_OUT}{more}"), &[("x-csrf-token", &csrf_token)], "")
}

#[test]
fn so_10_a_sign_out_leads_through_the_provider_and_back_to_where_it_was_to_lead() {
    let mut pair = signed_in();
    let answer = sign_out(&mut pair, "&redirect=false&redirectTo=/bye");
    let page = Url::parse(answer.json["redirectURL"].as_str().unwrap()).unwrap();
    assert_eq!(&page[..url::Position::AfterPath], "https://idp.test/end_session");
    assert_eq!(parameter(&page, "client_id").as_deref(), Some("dev-client"));
    assert_eq!(
        parameter(&page, "post_logout_redirect_uri").as_deref(),
        Some("https://app.test/auth/signedOut")
    );
    assert_eq!(parameter(&page, "id_token_hint").unwrap().split('.').count(), 3);
    assert!(!page.as_str().contains("bye"), "where the browser goes is this site's affair");
    assert_eq!(pair.cookies(), [], "everything of ours ends before");
    let back = pair.at_provider("dev", &page).headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(
        pair.visit(back.strip_prefix("https://app.test").unwrap()).url.as_str(),
        "https://app.test/bye"
    );
}

#[test]
fn so_10_a_form_is_led_there_by_the_browser() {
    let mut pair = signed_in();
    let csrf_token = pair.csrf_token();
    pair.visit("/");
    let page = pair.submit(&format!("{SIGN_OUT}&redirectTo=/bye"), &[("csrfToken", &csrf_token)]);
    assert_eq!(page.status, 303);
    assert_eq!(page.left_for.unwrap().path(), "/end_session");
    assert_eq!(pair.cookies(), []);
}

#[test]
fn so_10_a_provider_that_is_down_or_offers_no_way_holds_no_sign_out_up() {
    let without = r#"{"issuer":"https://idp.test"}"#;
    for fault in [Fault::Lost(FetchError::TimedOut), Fault::json(500, ""), Fault::json(200, without)] {
        let mut pair = signed_in();
        pair.app.cache.clear();
        pair.app.discovery_fault = Some(fault);
        pair.app.events.clear();
        let answer = sign_out(&mut pair, "&redirect=false&redirectTo=/bye");
        assert_eq!((answer.status.as_u16(), &answer.json["redirectURL"]), (202, &"/bye".into()));
        assert_eq!((pair.cookies(), pair.session().status.as_u16()), (vec![], 401));
        assert!(pair.app.events.contains(&Event::SignedOut { sub: Some("ada".to_owned()) }));
    }
}

#[test]
fn so_10_no_state_that_is_not_ours_leads_anywhere_but_home() {
    let mut pair = signed_in();
    let authorize = pair.begin("dev", "https://evil.test");
    let (_, attempt) = pair.cookies().into_iter().find(|(name, _)| name.contains(".state.")).unwrap();
    let mut states = vec![String::new(), "x".to_owned(), "https://evil.test".to_owned(), attempt];
    states.extend(parameter(&authorize, "request_uri"));
    for target in ["https://evil.test", "//evil.test", "/\\evil.test"] {
        let answer = sign_out(&mut pair, &format!("&redirect=false&redirectTo={target}"));
        let page = Url::parse(answer.json["redirectURL"].as_str().unwrap()).unwrap();
        states.push(parameter(&page, "state").unwrap());
        pair.sign_in("dev", "ada");
    }
    for state in states {
        let page = pair.visit(&format!("/auth/signedOut?state={state}"));
        assert_eq!(page.url.as_str(), "https://app.test/", "{state}");
    }
    for path in ["/auth/signedOut", "/auth/signedOut?state=a&state=b"] {
        assert_eq!(pair.visit(path).url.as_str(), "https://app.test/");
    }
    assert_eq!(pair.session().status, 200, "whoever is signed in stays so");
}

#[test]
fn so_10_a_state_serves_for_ten_minutes() {
    for (seconds, path) in [(600, "/bye"), (601, "/")] {
        let mut pair = signed_in();
        let answer = sign_out(&mut pair, "&redirect=false&redirectTo=/bye");
        let page = Url::parse(answer.json["redirectURL"].as_str().unwrap()).unwrap();
        pair.browser.advance(seconds);
        let state = parameter(&page, "state").unwrap();
        assert_eq!(pair.visit(&format!("/auth/signedOut?state={state}")).url.path(), path);
    }
}

#[test]
fn a_sign_out_of_this_site_alone_asks_no_provider() {
    let mut pair = Pair::openid();
    pair.sign_in("dev", "ada");
    pair.app.fetches.clear();
    let answer = sign_out(&mut pair, "&redirect=false&redirectTo=/bye");
    assert_eq!((&answer.json["redirectURL"], asked(&pair)), (&"/bye".into(), vec![]));
}

/// Makes a logout token of `dev`.
fn logout_token(pair: &mut Pair, subject: LogoutSubject<'_>) -> String {
    let (now, entropy) = (pair.browser.now, pair.app.entropy());
    let provider = pair.app.provider("dev");
    provider.idp.logout_token(&provider.state, "dev-client", subject, now, entropy)
}

#[test]
fn so_11_an_honest_logout_token_is_reported_with_everything_that_tells_whose_sessions_end() {
    for (subject, sub, sid) in [
        (LogoutSubject::Sub("ada"), Some("ada"), None),
        (LogoutSubject::Sid("s-1"), None, Some("s-1")),
        (LogoutSubject::SubAndSid { sub: "ada", sid: "s-1" }, Some("ada"), Some("s-1")),
    ] {
        let mut pair = Pair::openid();
        let token = logout_token(&mut pair, subject);
        let answer = pair.send_form(LOGOUT, &format!("logout_token={token}"));
        assert_eq!(
            (answer.status.as_u16(), &answer.headers["cache-control"]),
            (200, &"no-store".parse().unwrap())
        );
        let [Event::LoggedOutByProvider { provider, issuer, sub: said, sid: session, jti }] =
            &pair.app.events[..]
        else {
            panic!("{:?}", pair.app.events)
        };
        assert_eq!((provider.as_str(), issuer.as_str()), ("dev", "https://idp.test"));
        assert_eq!((said.as_deref(), session.as_deref()), (sub, sid));
        assert!(jti.len() >= 22, "a repetition is told by it");
    }
}

#[test]
fn so_11_whatever_is_no_logout_token_is_400_and_an_outage_is_not() {
    let mut pair = OpenId::new().provider(|row: Provider| row.sign_out(SignOutScope::Provider)).pair();
    pair.sign_in("dev", "ada");
    let token = logout_token(&mut pair, LogoutSubject::Sub("ada"));
    let answer = sign_out(&mut pair, "&redirect=false");
    let page = Url::parse(answer.json["redirectURL"].as_str().unwrap()).unwrap();
    let id_token = parameter(&page, "id_token_hint").unwrap();
    for (path, body, status, reason) in [
        (LOGOUT, String::new(), 400, "invalid_parameters"),
        (LOGOUT, "logout_token=".to_owned(), 400, "invalid_parameters"),
        (LOGOUT, format!("logout_token={token}&logout_token={token}"), 400, "invalid_parameters"),
        (LOGOUT, "logout_token=x".to_owned(), 400, "id_token_malformed"),
        (LOGOUT, format!("logout_token={token}x"), 400, "id_token_malformed"),
        (LOGOUT, format!("logout_token={id_token}"), 400, "id_token_event"),
        // The same keys sign for another provider.
        ("/auth/backchannelLogout/other", format!("logout_token={token}"), 400, "id_token_issuer"),
        ("/auth/backchannelLogout/nobody", format!("logout_token={token}"), 422, "unknown_provider"),
    ] {
        pair.app.events.clear();
        let answer = pair.send_form(path, &body);
        let found = (answer.status.as_u16(), answer.json["reason"].as_str().unwrap_or_default());
        assert_eq!(found, (status, reason), "{path} {body}");
        // Beside the refusal, the id that is not configured is reported.
        let named =
            pair.app.events.iter().filter(|event| matches!(event, Event::ProviderUnknown { .. })).count();
        assert_eq!(named, usize::from(reason == "unknown_provider"), "{path}");
        assert_eq!((failures(&pair), pair.app.events.len() - named), (vec![reason], 1), "{body}");
    }
    for (seconds, status) in [(179, 200), (181, 400)] {
        let token = logout_token(&mut pair, LogoutSubject::Sub("ada"));
        pair.browser.advance(seconds);
        assert_eq!(pair.send_form(LOGOUT, &format!("logout_token={token}")).status.as_u16(), status);
    }
    let token = logout_token(&mut pair, LogoutSubject::Sub("ada"));
    pair.app.cache.clear();
    pair.app.discovery_fault = Some(Fault::Lost(FetchError::TimedOut));
    pair.app.events.clear();
    let answer = pair.send_form(LOGOUT, &format!("logout_token={token}"));
    assert_eq!((answer.status.as_u16(), failures(&pair)), (504, vec!["discovery_unreachable"]));
    assert_eq!(said(&pair.visit(LOGOUT)).2, "method_not_allowed");
}
