//! Sign-outs that the user did not request.

use aura_proto::{CsrfProtection, RequestError, SessionPolicy, UnixTime};
use aura_tests::Pair;
use http::{Method, Request, header};

#[test]
fn so_02_so_04_so_05_sign_out_needs_the_signed_in_users_own_token() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let own = pair.csrf_token();

    let mut attacker = Pair::new();
    for _ in 0..20 {
        attacker.app.entropy();
    }
    let anonymous = attacker.csrf_token();
    attacker.sign_in("dev", "grace");
    let theirs = attacker.csrf_token();

    let path = "/auth/signOut?token_type_hint=session_token";
    let answer = pair.fetch(Method::POST, path, &[], "");
    assert_eq!(
        (answer.status.as_u16(), answer.json["code"].as_str()),
        (403, Some("CSRF_DOUBLE_SUBMIT_FAILED"))
    );
    for token in ["garbage", &theirs, &anonymous, &own[..own.len() - 1]] {
        let answer = pair.sign_out(token);
        assert_eq!(
            (answer.status.as_u16(), answer.json["code"].as_str()),
            (403, Some("CSRF_TOKEN_MISMATCH"))
        );
    }
    for planted in [&theirs, &anonymous] {
        pair.plant("__Host-aura-auth.csrf_token", planted);
        assert_eq!(pair.sign_out(planted).status, 403);
    }
    assert_eq!(pair.session().status, 200);
}

#[test]
fn so_04_a_token_from_before_the_sign_in_is_replaced_not_handed_on() {
    let mut pair = Pair::new();
    let nobodys = pair.csrf_token();
    pair.sign_in("dev", "ada");
    pair.plant("__Host-aura-auth.csrf_token", &nobodys);
    assert_eq!(pair.sign_out(&nobodys).status, 403);
    let adas = pair.csrf_token();
    assert_ne!(adas, nobodys);
    assert_eq!(pair.sign_out(&adas).status, 202);
}

#[test]
fn so_02_sign_out_without_a_csrf_cookie_is_refused() {
    let mut pair = Pair::new();
    let answer = pair.sign_out("token");
    assert_eq!((answer.status.as_u16(), answer.json["code"].as_str()), (403, Some("CSRF_TOKEN_MISSING")));
    assert_eq!(answer.json["success"], false);
}

#[test]
fn so_03_so_07_a_page_of_another_site_signs_nobody_out() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    pair.browser.stand_at(&url::Url::parse("https://evil.test/").unwrap());
    let path = "/auth/signOut?token_type_hint=session_token";
    assert_eq!(pair.submit(path, &[("csrfToken", &token)]).status, 403);
    assert_eq!(pair.session().status, 200);

    // The browser's own word is enough, whatever cookies and tokens come along.
    let cookies = pair.cookie_header();
    for (name, value) in [
        ("origin", "https://evil.test"),
        ("origin", "null"),
        ("origin", "https://app.test:8443"),
        ("origin", "http://app.test"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let request = http::Request::post(path)
            .header(header::COOKIE, &cookies)
            .header("x-csrf-token", &token)
            .header(name, value);
        let answer = pair.send(request);
        assert_eq!(
            (answer.status.as_u16(), answer.json["code"].as_str()),
            (403, Some("CSRF_ORIGIN_REJECTED")),
            "{value}"
        );
    }
}

#[test]
fn so_07_a_trusted_origin_may_sign_out() {
    let mut pair = Pair::at("https://app.test", |builder| builder.trusted_origins(["https://www.app.test"]));
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let cookies = pair.cookie_header();
    let request = http::Request::post("/auth/signOut?token_type_hint=session_token")
        .header(header::COOKIE, &cookies)
        .header("x-csrf-token", &token)
        .header("origin", "https://www.app.test")
        .header("sec-fetch-site", "same-site");
    assert_eq!(pair.send(request).status, 202);
}

#[test]
fn so_04_a_token_of_the_same_user_in_another_browser_is_refused() {
    let mut first = Pair::new();
    first.sign_in("dev", "ada");
    let token = first.csrf_token();
    let mut second = Pair::new();
    second.browser.advance(1);
    for _ in 0..30 {
        second.app.entropy();
    }
    second.sign_in("dev", "ada");
    assert_ne!(second.csrf_token(), token);
    assert_eq!(second.sign_out(&token).json["code"], "CSRF_TOKEN_MISMATCH");
}

#[test]
fn so_04_a_token_ends_after_fifteen_days_and_is_not_good_before_its_time() {
    let year = std::time::Duration::from_secs(365 * 24 * 3600);
    let mut pair =
        Pair::at("https://app.test", |builder| builder.session(SessionPolicy::default().max_age(year)));
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let begun = pair.browser.now;
    for (now, code) in [
        (begun - 6, Some("CSRF_TOKEN_MISMATCH")),
        (begun - 5, None),
        (begun + 15 * 24 * 3600, Some("CSRF_TOKEN_MISMATCH")),
        (begun + 15 * 24 * 3600 - 1, None),
    ] {
        let request = http::Request::post("/auth/signOut?token_type_hint=session_token")
            .header(header::COOKIE, pair.cookie_header())
            .header("x-csrf-token", &token);
        pair.browser.now = now;
        assert_eq!(pair.send(request).json["code"].as_str(), code);
        pair.browser.now = begun;
    }
}

#[test]
fn mx_07_a_token_belongs_to_one_user_of_one_provider() {
    let mut pair = Pair::new();
    pair.sign_in("other", "ada");
    let token = pair.csrf_token();
    let session_there = pair.session_token();
    let mut victim = Pair::new();
    victim.browser.advance(1);
    victim.sign_in("dev", "ada");
    victim.plant("__Host-aura-auth.csrf_token", &token);
    assert_ne!(victim.session_token(), session_there);
    assert_eq!(victim.sign_out(&token).json["code"], "CSRF_TOKEN_MISMATCH");
}

#[test]
fn so_02_so_03_so_04_an_applications_own_routes_are_checked_as_ours_are() {
    let mut pair = Pair::new();
    let anonymous = pair.csrf_token();
    pair.sign_in("dev", "ada");
    let own = pair.csrf_token();
    let cookies = pair.cookie_header();
    let now = UnixTime::from_secs(pair.browser.now);
    let check = |fields: &[(&str, &str)]| {
        let request = fields
            .iter()
            .fold(Request::post("/api/notes"), |request, (name, value)| request.header(*name, *value));
        pair.app.auth.check_csrf(&request.body(()).unwrap(), now)
    };
    let (cookie, token) = (("cookie", cookies.as_str()), ("x-csrf-token", own.as_str()));
    assert_eq!(check(&[cookie, token]), Ok(()));
    assert_eq!(check(&[cookie, token, ("origin", "https://app.test")]), Ok(()));
    assert_eq!(check(&[cookie]), Err(RequestError::CsrfTokenMissing));
    assert_eq!(check(&[token]), Err(RequestError::CsrfCookieMissing));
    for other in ["garbage", &anonymous] {
        assert_eq!(check(&[cookie, ("x-csrf-token", other)]), Err(RequestError::CsrfTokenMismatch));
    }
    for foreign in [("origin", "https://evil.test"), ("sec-fetch-site", "cross-site")] {
        assert_eq!(check(&[cookie, token, foreign]), Err(RequestError::CrossSite));
    }
}

#[test]
fn so_02_so_03_fetch_metadata_alone_protects_what_a_site_lets_it_protect() {
    let protection = CsrfProtection::FetchMetadata;
    let mut pair = Pair::at("https://app.test", |builder| builder.csrf_protection(protection));
    pair.sign_in("dev", "ada");
    let (token, cookies) = (pair.csrf_token(), pair.cookie_header());
    let now = UnixTime::from_secs(pair.browser.now);
    let check = |fields: &[(&str, &str)]| {
        let request = Request::post("/notes").header("cookie", &cookies);
        let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        pair.app.auth.check_csrf(&request.body(()).unwrap(), now)
    };
    let same = ("sec-fetch-site", "same-origin");
    assert_eq!(check(&[same]), Ok(()));
    assert_eq!(check(&[same, ("origin", "https://app.test")]), Ok(()));
    assert_eq!(check(&[same, ("origin", "https://evil.test")]), Err(RequestError::CrossSite));
    assert_eq!(check(&[]), Err(RequestError::CsrfTokenMissing), "a browser that sends none needs the token");
    assert_eq!(check(&[("x-csrf-token", &token)]), Ok(()));
    assert_eq!(check(&[("sec-fetch-site", "none")]), Err(RequestError::CsrfTokenMissing));
    for other in ["same-site", "cross-site", "Same-Origin", ""] {
        assert_eq!(check(&[("sec-fetch-site", other)]), Err(RequestError::CrossSite), "{other}");
        assert_eq!(check(&[same, ("sec-fetch-site", other)]), Err(RequestError::CrossSite), "{other}");
    }
    // The routes under the base path need the token whatever the option says.
    let sign_out = Request::post("/auth/signOut?token_type_hint=session_token").header("cookie", &cookies);
    assert_eq!(pair.send(sign_out.header(same.0, same.1)).json["code"], "CSRF_DOUBLE_SUBMIT_FAILED");
}
