use http::{Method, StatusCode};

use super::testing::{APP, NOW, OTHER, asking, last_sent, on_the_web, redirecting, url};
use super::{Browser, MAX_REDIRECTS, Redirects, Refused};

#[test]
fn a_cookie_set_by_a_redirect_is_sent_to_where_it_leads() {
    on_the_web(|browser, web| {
        let start = asking(
            APP,
            &[("status", "303"), ("location", "/home"), ("set-cookie", "__Host-a=b; Secure; Path=/")],
        );
        let page = browser.open(web, &start);
        assert_eq!((page.url.path(), page.hops, page.status), ("/home", 1, StatusCode::OK));
        assert_eq!(browser.history[0].request_header("cookie"), None);
        assert_eq!(browser.history[1].cookie("__Host-a"), Some("b"));
        assert_eq!(browser.cookie(&page.url, "__Host-a").unwrap().value, "b");
    });
}

#[test]
fn a_refused_cookie_is_recorded_with_its_reason() {
    on_the_web(|browser, web| {
        browser.open(web, &asking(APP, &[("set-cookie", "__Host-a=b"), ("set-cookie", "c=d")]));
        assert_eq!(browser.history[0].refused, [Refused::HostPrefix]);
        assert_eq!(browser.jar.cookies(NOW).count(), 1);
    });
}

#[test]
fn a_host_cookie_planted_by_a_sibling_subdomain_is_refused_and_never_sent() {
    on_the_web(|browser, web| {
        let forged = b"__Host-sid=evil; Secure; Path=/; Domain=app.test";
        let outcome = browser.jar.plant(&url("https://evil.app.test/"), forged, NOW);
        assert_eq!(outcome, Err(Refused::HostPrefix));
        browser.open(web, &url(APP));
        assert_eq!(browser.history[0].cookie("__Host-sid"), None);
    });
}

#[test]
fn a_cookie_lives_by_the_time_of_the_browser() {
    on_the_web(|browser, web| {
        browser.open(web, &asking(APP, &[("set-cookie", "a=b; Max-Age=10")]));
        browser.advance(9);
        browser.navigate(web, &url(APP));
        assert_eq!(last_sent(browser, "cookie"), "a=b");
        browser.advance(1);
        browser.navigate(web, &url(APP));
        assert_eq!(last_sent(browser, "cookie"), "");
    });
}

#[test]
fn a_cross_site_link_carries_lax_and_not_strict_cookies() {
    on_the_web(|browser, web| {
        give_all_cookies(browser);
        browser.open(web, &url(OTHER));
        browser.navigate(web, &url(APP));
        assert_eq!(last_sent(browser, "cookie"), "none=1; lax=1");
    });
}

#[test]
fn a_cross_site_form_carries_neither_lax_nor_strict_cookies() {
    on_the_web(|browser, web| {
        give_all_cookies(browser);
        browser.open(web, &url(OTHER));
        browser.submit_form(web, &url(APP), &[("code", "x")]);
        assert_eq!(last_sent(browser, "cookie"), "none=1");
    });
}

#[test]
fn the_page_that_began_a_chain_decides_what_is_same_site() {
    on_the_web(|browser, web| {
        give_all_cookies(browser);
        browser.open(web, &redirecting(OTHER, "302", APP));
        assert_eq!(last_sent(browser, "cookie"), "none=1; lax=1; strict=1");
        browser.stand_at(&url(OTHER));
        browser.navigate(web, &redirecting(APP, "302", "/again"));
        assert_eq!(last_sent(browser, "cookie"), "none=1; lax=1");
    });
}

#[test]
fn found_and_moved_turn_a_form_into_get_and_see_other_turns_everything() {
    on_the_web(|browser, web| {
        for status in ["301", "302", "303"] {
            let page = browser.submit_form(web, &redirecting(APP, status, "/x"), &[("a", "b")]);
            assert_eq!(page.text(), "GET ", "{status}");
            assert_eq!(last_sent(browser, "content-type"), "");
            assert_eq!(last_sent(browser, "content-length"), "");
        }
    });
}

#[test]
fn temporary_and_permanent_redirect_keep_method_and_body() {
    on_the_web(|browser, web| {
        for status in ["307", "308"] {
            let page = browser.submit_form(web, &redirecting(APP, status, "/x"), &[("a b", "ü&=")]);
            assert_eq!(page.text(), "POST a+b=%C3%BC%26%3D", "{status}");
            assert_eq!(last_sent(browser, "content-type"), "application/x-www-form-urlencoded");
        }
    });
}

#[test]
fn other_statuses_and_a_missing_or_broken_location_are_pages() {
    on_the_web(|browser, web| {
        for start in [
            redirecting(APP, "300", "/x"),
            redirecting(APP, "304", "/x"),
            redirecting(APP, "200", "/x"),
            redirecting(APP, "302", "http://["),
            asking(APP, &[("status", "302")]),
        ] {
            let page = browser.open(web, &start);
            assert_eq!((page.url, page.hops, page.left_for), (start, 0, None));
        }
    });
}

#[test]
fn an_endless_chain_ends_after_twenty_redirects() {
    let mut asked = 0_usize;
    let mut endless = |_: http::Request<bytes::Bytes>, _: u64| {
        asked = asked.saturating_add(1);
        http::Response::builder().status(302).header("location", "/").body(bytes::Bytes::new()).unwrap()
    };
    let page = super::Browser::new(NOW).open(&mut super::Web::default().with(APP, &mut endless), &url(APP));
    assert_eq!((page.hops, page.status), (MAX_REDIRECTS, StatusCode::FOUND));
    assert_eq!(asked, 21);
}

#[test]
fn a_redirect_to_an_unknown_origin_leaves_for_it() {
    on_the_web(|browser, web| {
        let provider = url("https://provider.example/authorize?state=1");
        let page = browser.open(web, &redirecting(APP, "303", provider.as_str()));
        assert_eq!(page.left_for.as_ref(), Some(&provider));
        assert_eq!((page.status, page.hops), (StatusCode::SEE_OTHER, 0));
        assert_eq!(page.location().as_ref(), Some(&provider));
        assert_eq!(browser.page(), Some(&provider));
        assert_eq!(browser.history.len(), 1);
    });
}

#[test]
fn what_a_provider_answers_arrives_cross_site() {
    on_the_web(|browser, web| {
        give_all_cookies(browser);
        browser.open(web, &redirecting(APP, "303", "https://provider.example/authorize"));
        browser.navigate(web, &url("https://app.test/callback?code=1"));
        assert_eq!(last_sent(browser, "sec-fetch-site"), "cross-site");
        assert_eq!(last_sent(browser, "referer"), "https://provider.example/");
        assert_eq!(last_sent(browser, "cookie"), "none=1; lax=1");
        browser.stand_at(&url("https://provider.example/authorize"));
        browser.submit_form(web, &url("https://app.test/callback"), &[("code", "1")]);
        assert_eq!(last_sent(browser, "origin"), "https://provider.example");
        assert_eq!(last_sent(browser, "cookie"), "none=1");
    });
}

#[test]
fn a_stopping_browser_goes_hop_by_hop_and_keeps_the_initiator() {
    on_the_web(|browser, web| {
        browser.redirects = Redirects::Stop;
        browser.stand_at(&url(OTHER));
        let last = url("https://app.test/end");
        let first =
            browser.navigate(web, &redirecting(APP, "302", redirecting(APP, "302", last.as_str()).as_str()));
        assert_eq!((first.status, first.hops), (StatusCode::FOUND, 0));
        assert_eq!(browser.page(), Some(&url(OTHER)));
        assert_eq!(browser.follow_once(web).unwrap().hops, 1);
        let end = browser.follow_once(web).unwrap();
        assert_eq!((end.url, end.hops), (last.clone(), 2));
        assert_eq!(last_sent(browser, "sec-fetch-site"), "cross-site");
        assert_eq!(browser.page(), Some(&last));
        assert!(browser.follow_once(web).is_none());
    });
}

#[test]
fn a_new_navigation_forgets_the_redirect_before_it() {
    on_the_web(|browser, web| {
        browser.redirects = Redirects::Stop;
        browser.open(web, &redirecting(APP, "302", "/x"));
        browser.open(web, &url(APP));
        assert!(browser.follow_once(web).is_none());
    });
}

#[test]
fn no_content_leaves_the_user_on_the_page() {
    on_the_web(|browser, web| {
        browser.open(web, &url(APP));
        let page = browser.navigate(web, &asking(OTHER, &[("status", "204")]));
        assert_eq!((page.status, page.left_for), (StatusCode::NO_CONTENT, None));
        assert_eq!(browser.page(), Some(&url(APP)));
    });
}

#[test]
fn the_history_tells_every_request_in_order() {
    on_the_web(|browser, web| {
        browser.submit_form(web, &redirecting(APP, "303", OTHER), &[("a", "b")]);
        let told: Vec<_> =
            browser.history.iter().map(|e| (e.method.clone(), e.url.host_str().unwrap())).collect();
        assert_eq!(told, [(Method::POST, "app.test"), (Method::GET, "other.example")]);
        assert_eq!(browser.history[0].request_body, "a=b");
        assert_eq!(browser.history[0].response_header("location"), Some(OTHER));
        assert_eq!(browser.history[0].response_body, "POST a=b");
    });
}

#[test]
fn a_reference_is_resolved_against_the_current_page() {
    on_the_web(|browser, web| {
        assert!(browser.resolve("../x").is_err());
        browser.open(web, &url("https://app.test/a/b/c"));
        assert_eq!(browser.resolve("../x"), Ok(url("https://app.test/a/x")));
    });
}

/// Returns the browser a cookie of the app for every `SameSite`.
fn give_all_cookies(browser: &mut Browser) {
    for field in ["none=1; SameSite=None; Secure", "lax=1; SameSite=Lax", "strict=1; SameSite=Strict"] {
        browser.jar.set(&url(APP), field.as_bytes(), NOW).unwrap();
    }
}
