//! Pages for people: the error page and the sign-in page, built in or of the application.

use aura_proto::{Admission, Error, Event, RefusalCode, RequestError};
use aura_tests::{Fault, Pair};

#[test]
fn a_failed_sign_in_sends_people_to_the_error_page_and_tells_programs_why() {
    let mut pair = Pair::at("https://app.test", |builder| builder.error_page("/failed?from=auth"));
    pair.app.shows_pages = true;
    let authorize = pair.begin("dev", "/");
    let cancelled = pair.deny("dev", &authorize);
    let page = pair.visit(&cancelled);
    assert_eq!(
        page.url.as_str(),
        "https://app.test/failed?from=auth&error=AUTH_PROVIDER_REJECTED&reason=access_denied&provider=dev&redirectTo=%2F"
    );
    assert_eq!(pair.cookies(), []);
    let failed = pair.app.events.iter().any(|event| matches!(event, Event::SignInFailed { .. }));
    assert!(failed, "whoever listens hears of it all the same");

    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.token_fault = Some(Fault::json(500, "{}"));
    assert!(
        pair.visit(&callback).url.query().unwrap().contains("error=INVALID_OAUTH_ACCESS_TOKEN_RESPONSE&")
    );

    let answer = pair.send(http::Request::get("/auth/callback/dev?code=c&state=s"));
    assert_eq!((answer.status.as_u16(), answer.json["reason"].as_str()), (401, Some("no_cookie")));
}

#[test]
fn the_error_page_and_the_event_get_the_code_with_which_the_application_refuses_a_user() {
    let mut pair = Pair::at("https://app.test", |builder| builder.error_page("/failed"));
    pair.app.shows_pages = true;
    pair.app.admit = |_| Admission::refuse("invite_only");
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    let page = pair.visit(&callback);
    assert_eq!(
        page.url.query(),
        Some("error=AUTH_SIGN_IN_FAILED&reason=not_admitted&refusal=invite_only&provider=dev&redirectTo=%2F")
    );
    let error = Error::from(RequestError::Refused(RefusalCode::new("invite_only").unwrap()));
    let failed = Event::SignInFailed { provider: "dev".to_owned(), error };
    assert!(pair.app.events.contains(&failed), "{:?}", pair.app.events);
    assert_eq!(pair.cookies(), []);
}

#[test]
fn a_failed_sign_in_leads_people_to_a_page_with_its_sentence_and_a_way_to_try_again() {
    let mut pair = Pair::at("https://app.test", |builder| builder);
    pair.app.shows_pages = true;
    let authorize = pair.begin("dev", "/account?tab=2");
    let cancelled = pair.deny("dev", &authorize);
    let page = pair.visit(&cancelled);
    assert_eq!((page.url.path(), page.status.as_u16()), ("/auth/error", 200));
    let body = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(body.contains("The sign-in was cancelled, or the provider refused it."), "{body}");
    let again = "href=\"/auth/signIn/dev?redirectTo=%2Faccount%3Ftab%3D2\"";
    assert!(body.contains(again) && !body.contains("<script"), "{body}");

    let chosen = pair.visit("/auth/signIn?redirectTo=/account");
    let body = String::from_utf8(chosen.body.to_vec()).unwrap();
    for id in ["dev", "other"] {
        assert!(body.contains(&format!("href=\"/auth/signIn/{id}?redirectTo=%2Faccount\"")), "{body}");
    }
    for (path, status) in [("/auth/nope", 404), ("/auth/signOut", 405)] {
        let page = pair.visit(path);
        assert_eq!(page.status, status);
        assert!(String::from_utf8_lossy(&page.body).contains("Request refused"), "{path}");
    }
    let unknown = pair.visit("/auth/signIn/nobody");
    assert_eq!(unknown.status, 422);
    assert!(String::from_utf8_lossy(&unknown.body).contains("No provider with this id is configured."));
}

#[test]
fn the_error_page_shows_nothing_that_its_address_alone_says() {
    let mut pair = Pair::at("https://app.test", |builder| builder);
    pair.app.shows_pages = true;
    let evil = "reason=%3Cscript%3E&error=evil&provider=evil&refusal=evil&redirectTo=https://evil.test/";
    let page = pair.visit(&format!("/auth/error?{evil}"));
    let body = String::from_utf8(page.body.to_vec()).unwrap();
    assert!(!body.contains("evil") && !body.contains("<b>") && !body.contains("<script"), "{body}");
    assert!(
        body.contains("The sign-in failed. Begin again.")
            && body.contains("href=\"/auth/signIn?redirectTo=%2F\""),
        "{body}"
    );
}

#[test]
fn the_applications_own_pages_take_the_place_of_the_built_in_ones() {
    let mut pair = Pair::at("https://app.test", |builder| builder.sign_in_page("/enter?x=1"));
    pair.app.shows_pages = true;
    let page = pair.visit("/auth/signIn?redirectTo=/account");
    assert_eq!((page.url.path(), page.url.query()), ("/enter", Some("x=1&redirectTo=%2Faccount")));
}
