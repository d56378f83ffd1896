use http::Method;
use proptest::prelude::*;

use super::testing::{APP, NOW, OTHER, asking, fetch, last_sent, obedient, on_the_web, redirecting, url};
use super::{Browser, Exchange, Web};

fn sites(browser: &Browser) -> Vec<&str> {
    browser
        .history
        .iter()
        .map(|exchange| exchange.request_header("sec-fetch-site").unwrap_or_default())
        .collect()
}

/// Each request field of an exchange that browsers set by themselves.
fn metadata(exchange: &Exchange) -> [Option<&str>; 4] {
    ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "sec-fetch-user"]
        .map(|name| exchange.request_header(name))
}

#[test]
fn the_request_line_has_path_and_query_and_the_host_field_the_rest() {
    let mut lines = Vec::new();
    let mut site = |request: http::Request<bytes::Bytes>, now: u64| {
        lines.push((request.uri().to_string(), request.headers()["host"].clone()));
        obedient(request, now)
    };
    let mut web = Web::default().with("http://localhost:3000", &mut site);
    Browser::new(NOW).open(&mut web, &url("http://localhost:3000/a%20b?x=1&y#frag"));
    assert_eq!(lines, [("/a%20b?x=1&y".to_owned(), "localhost:3000".parse().unwrap())]);
}

#[test]
fn the_host_field_leaves_out_the_port_of_the_scheme() {
    on_the_web(|browser, web| {
        browser.open(web, &url("https://app.test:443/"));
        assert_eq!(last_sent(browser, "host"), "app.test");
    });
}

#[test]
fn a_typed_address_comes_from_nobody() {
    on_the_web(|browser, web| {
        browser.open(web, &url(OTHER));
        browser.open(web, &redirecting(APP, "302", "/x"));
        for exchange in &browser.history {
            assert_eq!(metadata(exchange), [Some("none"), Some("navigate"), Some("document"), Some("?1")]);
            assert_eq!(exchange.request_header("referer"), None);
            assert_eq!(exchange.request_header("origin"), None);
            assert!(exchange.request_header("accept").unwrap().starts_with("text/html"));
        }
    });
}

#[test]
fn the_first_navigation_has_no_referrer() {
    on_the_web(|browser, web| {
        browser.navigate(web, &url(APP));
        assert_eq!((last_sent(browser, "referer"), last_sent(browser, "sec-fetch-site")), ("", "none"));
    });
}

#[test]
fn sec_fetch_site_tells_origin_site_and_the_rest_apart() {
    on_the_web(|browser, web| {
        for (page, told) in [
            ("https://app.test/x", "same-origin"),
            ("https://app.test:8443/", "same-site"),
            ("https://www.app.test/", "same-site"),
            ("http://app.test/", "cross-site"),
            ("https://other.example/", "cross-site"),
        ] {
            browser.stand_at(&url(page));
            browser.navigate(web, &url(APP));
            assert_eq!(last_sent(browser, "sec-fetch-site"), told, "{page}");
        }
    });
}

#[test]
fn sec_fetch_site_stays_cross_site_after_a_hop_through_another_site() {
    on_the_web(|browser, web| {
        browser.stand_at(&url(APP));
        let through_other = redirecting(OTHER, "302", "https://app.test/end");
        browser.navigate(web, &redirecting(APP, "302", through_other.as_str()));
        assert_eq!(sites(browser), ["same-origin", "cross-site", "cross-site"]);
    });
}

#[test]
fn sec_fetch_fields_go_to_trustworthy_origins_only() {
    let (mut open, mut local) = (obedient, obedient);
    let mut web = Web::default().with("http://app.test", &mut open).with("http://localhost:3000", &mut local);
    let mut browser = Browser::new(NOW);
    browser.open(&mut web, &url("http://app.test/"));
    browser.open(&mut web, &url("http://localhost:3000/"));
    assert_eq!(sites(&browser), ["", "none"]);
}

#[test]
fn a_link_tells_its_origin_the_whole_address_and_others_the_origin() {
    on_the_web(|browser, web| {
        browser.stand_at(&url("https://app.test/a?b#c"));
        browser.navigate(web, &url("https://app.test/x"));
        assert_eq!(last_sent(browser, "referer"), "https://app.test/a?b");
        browser.navigate(web, &url(OTHER));
        assert_eq!(last_sent(browser, "referer"), "https://app.test/");
    });
}

#[test]
fn a_referrer_cut_down_at_one_hop_stays_cut_down() {
    on_the_web(|browser, web| {
        browser.stand_at(&url("https://app.test/secret"));
        browser.navigate(web, &redirecting(OTHER, "302", "https://app.test/end"));
        assert_eq!(last_sent(browser, "referer"), "https://app.test/");
    });
}

#[test]
fn a_page_and_a_redirect_set_the_referrer_policy() {
    on_the_web(|browser, web| {
        browser.open(web, &asking(APP, &[("referrer-policy", "no-referrer")]));
        browser.navigate(web, &url(APP));
        assert_eq!(last_sent(browser, "referer"), "");
        let strict = [("status", "302"), ("location", "/x"), ("referrer-policy", "no-referrer")];
        browser.navigate(web, &asking(APP, &strict));
        assert_eq!(browser.history[2].request_header("referer"), Some("https://app.test/"));
        assert_eq!(browser.history[3].request_header("referer"), None);
    });
}

#[test]
fn a_form_tells_the_origin_of_its_page() {
    on_the_web(|browser, web| {
        browser.stand_at(&url("https://app.test/login"));
        browser.submit_form(web, &url("https://app.test/session"), &[]);
        assert_eq!(last_sent(browser, "origin"), APP);
        assert_eq!(last_sent(browser, "content-length"), "0");
        browser.stand_at(&url("https://evil.example/"));
        browser.submit_form(web, &url(APP), &[]);
        assert_eq!(last_sent(browser, "origin"), "https://evil.example");
    });
}

#[test]
fn a_form_on_a_page_without_referrer_has_the_origin_null() {
    on_the_web(|browser, web| {
        browser.open(web, &asking(APP, &[("referrer-policy", "no-referrer")]));
        browser.submit_form(web, &url(APP), &[]);
        assert_eq!(last_sent(browser, "origin"), "null");
        assert_eq!(last_sent(browser, "sec-fetch-site"), "same-origin");
    });
}

#[test]
fn a_form_without_a_page_has_the_origin_null() {
    on_the_web(|browser, web| {
        browser.submit_form(web, &url(APP), &[]);
        assert_eq!(last_sent(browser, "origin"), "null");
    });
}

#[test]
fn a_form_that_another_origin_redirects_has_the_origin_null() {
    on_the_web(|browser, web| {
        browser.stand_at(&url(APP));
        let back = redirecting(OTHER, "307", "https://app.test/end");
        browser.submit_form(web, &back, &[("a", "b")]);
        let origins: Vec<_> =
            browser.history.iter().map(|exchange| exchange.request_header("origin")).collect();
        assert_eq!(origins, [Some(APP), Some("null")]);
    });
}

#[test]
fn a_same_origin_get_of_a_script_has_no_origin_and_other_methods_do() {
    on_the_web(|browser, web| {
        browser.stand_at(&url(APP));
        fetch(browser, web, Method::GET, &url(APP));
        assert_eq!(last_sent(browser, "origin"), "");
        fetch(browser, web, Method::DELETE, &url(APP));
        assert_eq!(last_sent(browser, "origin"), APP);
        fetch(browser, web, Method::GET, &url(OTHER));
        assert_eq!(last_sent(browser, "origin"), APP);
    });
}

#[test]
fn a_request_that_could_have_a_body_tells_its_length() {
    on_the_web(|browser, web| {
        browser.stand_at(&url(APP));
        for (method, length) in
            [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "0"), (Method::PUT, "0")]
        {
            fetch(browser, web, method.clone(), &url(APP));
            assert_eq!(last_sent(browser, "content-length"), length, "{method}");
        }
    });
}

#[test]
fn a_script_is_told_from_a_navigation() {
    on_the_web(|browser, web| {
        browser.stand_at(&url(APP));
        fetch(browser, web, Method::GET, &url(APP));
        assert_eq!(metadata(&browser.history[0]), [Some("same-origin"), Some("cors"), Some("empty"), None]);
        assert_eq!(last_sent(browser, "accept"), "*/*");
    });
}

proptest! {
    #[test]
    fn any_location_ends_in_a_page(location in "[ -~]{0,60}", status in 300_u16..310) {
        on_the_web(|browser, web| {
            let page = browser.open(web, &redirecting(APP, &status.to_string(), &location));
            assert!(page.hops <= super::MAX_REDIRECTS);
        });
    }
}
