use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, COOKIE, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::testing::{APP, NOW, OTHER, asking, fetch, last_sent, on_the_web, redirecting, url};
use super::{Browser, NetworkError, Refused, Web};

/// Sends a request of a script that includes credentials, and tells its status.
fn attack(browser: &mut Browser, web: &mut Web<'_>, to: &url::Url) -> Result<StatusCode, NetworkError> {
    let reply = browser.fetch_with_credentials(web, Method::GET, to, HeaderMap::new(), Bytes::new());
    reply.map(|response| response.status())
}

fn plain(browser: &mut Browser, web: &mut Web<'_>, to: &url::Url) -> Result<StatusCode, NetworkError> {
    let reply = browser.fetch(web, Method::GET, to, HeaderMap::new(), Bytes::new());
    reply.map(|response| response.status())
}

#[test]
fn a_script_of_the_page_sends_and_receives_cookies() {
    on_the_web(|browser, web| {
        browser.open(web, &asking(APP, &[("set-cookie", "a=b; HttpOnly; SameSite=Strict")]));
        let reply = browser.fetch(
            web,
            Method::POST,
            &asking(APP, &[("set-cookie", "c=d")]),
            HeaderMap::new(),
            Bytes::from_static(b"{}"),
        );
        assert_eq!(reply.unwrap().body(), "POST {}");
        assert_eq!(browser.history[1].cookie("a"), Some("b"));
        assert_eq!(browser.cookie(&url(APP), "c").unwrap().value, "d");
        assert_eq!(browser.page(), Some(&browser.history[0].url));
    });
}

#[test]
fn a_script_needs_a_page_and_a_server() {
    on_the_web(|browser, web| {
        assert_eq!(plain(browser, web, &url(APP)), Err(NetworkError::NoPage));
        browser.stand_at(&url(APP));
        assert_eq!(plain(browser, web, &url("https://nowhere.test/")), Err(NetworkError::Unreachable));
    });
}

#[test]
fn a_script_of_another_origin_sends_and_receives_no_cookies() {
    on_the_web(|browser, web| {
        browser.open(web, &asking(APP, &[("set-cookie", "a=b; SameSite=None; Secure")]));
        browser.stand_at(&url(OTHER));
        fetch(browser, web, Method::GET, &asking(APP, &[("set-cookie", "c=d; SameSite=None; Secure")]));
        assert_eq!(last_sent(browser, "cookie"), "");
        assert_eq!(browser.cookie(&url(APP), "c"), None);
    });
}

#[test]
fn an_attacker_with_credentials_sends_and_sets_same_site_none_alone() {
    on_the_web(|browser, web| {
        for field in ["a=b", "c=d; SameSite=Strict", "n=1; SameSite=None; Secure"] {
            browser.jar.set(&url(APP), field.as_bytes(), NOW).unwrap();
        }
        browser.stand_at(&url(OTHER));
        assert_eq!(attack(browser, web, &asking(APP, &[("set-cookie", "e=f")])), Err(NetworkError::Cors));
        assert_eq!(last_sent(browser, "cookie"), "n=1");
        assert_eq!(browser.history[0].refused, [Refused::CrossSite]);
    });
}

#[test]
fn a_sibling_subdomain_with_credentials_is_same_site() {
    on_the_web(|browser, web| {
        browser.jar.set(&url(APP), b"a=b; SameSite=Strict", NOW).unwrap();
        browser.stand_at(&url("https://blog.app.test/"));
        assert_eq!(attack(browser, web, &url(APP)), Err(NetworkError::Cors));
        assert_eq!(last_sent(browser, "cookie"), "a=b");
        assert_eq!(last_sent(browser, "sec-fetch-site"), "same-site");
    });
}

#[test]
fn a_cross_origin_response_is_read_only_where_it_allows_that() {
    let (allow, credentials) = ("access-control-allow-origin", "access-control-allow-credentials");
    on_the_web(|browser, web| {
        browser.stand_at(&url(OTHER));
        let (any, one) = (asking(APP, &[(allow, "*")]), asking(APP, &[(allow, OTHER)]));
        let all = asking(APP, &[(allow, OTHER), (credentials, "true")]);
        assert_eq!(plain(browser, web, &url(APP)), Err(NetworkError::Cors));
        assert_eq!(plain(browser, web, &asking(APP, &[(allow, APP)])), Err(NetworkError::Cors));
        assert_eq!(plain(browser, web, &any), Ok(StatusCode::OK));
        assert_eq!(plain(browser, web, &one), Ok(StatusCode::OK));
        assert_eq!(attack(browser, web, &any), Err(NetworkError::Cors));
        assert_eq!(attack(browser, web, &one), Err(NetworkError::Cors));
        assert_eq!(attack(browser, web, &all), Ok(StatusCode::OK));
    });
}

#[test]
fn a_script_that_is_redirected_away_loses_cookies_and_authorization() {
    on_the_web(|browser, web| {
        browser.jar.set(&url(APP), b"a=b", NOW).unwrap();
        browser.jar.set(&url(OTHER), b"c=d", NOW).unwrap();
        browser.stand_at(&url(APP));
        let headers: HeaderMap =
            [(AUTHORIZATION, HeaderValue::from_static("Bearer x"))].into_iter().collect();
        let reply = browser.fetch(web, Method::GET, &redirecting(APP, "302", OTHER), headers, Bytes::new());
        assert_eq!(reply.unwrap_err(), NetworkError::Cors);
        assert_eq!(browser.history[0].request_header("authorization"), Some("Bearer x"));
        assert_eq!(browser.history[0].request_header("cookie"), Some("a=b"));
        assert_eq!(last_sent(browser, "authorization"), "");
        assert_eq!(last_sent(browser, "cookie"), "");
        assert_eq!(last_sent(browser, "origin"), APP);
    });
}

#[test]
fn a_script_sets_no_field_of_the_browsers_own() {
    on_the_web(|browser, web| {
        browser.stand_at(&url(APP));
        let mut headers = HeaderMap::new();
        for name in [COOKIE, HOST, ORIGIN, HeaderName::from_static("sec-fetch-user")] {
            headers.insert(name, HeaderValue::from_static("forged"));
        }
        headers.append(ACCEPT, HeaderValue::from_static("application/json"));
        headers.append("x-two", HeaderValue::from_static("1"));
        headers.append("x-two", HeaderValue::from_static("2"));
        browser.fetch(web, Method::GET, &url(APP), headers, Bytes::new()).unwrap();
        let sent = &browser.history[0].request_headers;
        assert_eq!(sent.values().filter(|value| *value == "forged").count(), 0);
        assert_eq!(sent.get_all("x-two").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(last_sent(browser, "accept"), "application/json");
    });
}

#[test]
fn a_script_gives_up_after_twenty_redirects() {
    let mut endless = |_: http::Request<Bytes>, _: u64| {
        http::Response::builder().status(307).header("location", "/").body(Bytes::new()).unwrap()
    };
    let (mut browser, mut web) = (Browser::new(NOW), Web::default().with(APP, &mut endless));
    browser.stand_at(&url(APP));
    assert_eq!(plain(&mut browser, &mut web, &url(APP)), Err(NetworkError::TooManyRedirects));
    assert_eq!(browser.history.len(), 21);
}
