//! Redirect targets compared with a second implementation of the rules by the `url` crate.
//!
//! A whole sign-in ends at a target if and only if that implementation accepts it. Otherwise it ends at the home page.

use crate::site::{NOW, OWN, begin, run};
use bytes::Bytes;
use http::{Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use url::{Host, Url};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn a_sign_in_ends_where_the_url_crate_says(
        target in prop_oneof![
            "(/|\\\\|\\.|:|@|%2f|%5c|%0|%7f|https?:|HTTPS://|evil\\.test|app\\.test|a\\.friend\\.test|:443|:80|\t|\\?|#|é|[ -~]){0,8}",
            "https://[a-z.]{0,6}(app|friend|evil)\\.test(:[0-9]{1,5})?(/[ -~]{0,12})?",
            "/[ -~]{0,30}",
            "\\PC{0,20}",
        ],
    ) {
        let encoded = utf8_percent_encode(&target, NON_ALPHANUMERIC).to_string();
        let attempt = begin("dev", &encoded, 9);
        let request = Request::get(format!("/auth/callback/dev?code=c&state={}", attempt.state))
            .header(header::COOKIE, format!("{}={}", attempt.cookie.0, attempt.cookie.1));
        let answers = [r#"{"access_token":"a"}"#, r#"{"id":"ada"}"#];
        let answers = answers.map(|body| Ok((200, "application/json".to_owned(), Bytes::from_static(body.as_bytes()))));
        let run = run(request.body(Bytes::new()).unwrap(), &answers, true, NOW, [10; 32]);
        let location = run.response.headers()[header::LOCATION].to_str().unwrap();
        let reached = Url::parse(OWN).unwrap().join(location).unwrap();
        prop_assert_eq!(reached.as_str(), expected(&target), "{:?}", target);
    }
}

/// How many segments of a path are dots.
fn dotted(path: &str) -> usize {
    let dots = |segment: &&str| matches!(segment.replace("%2e", ".").as_str(), "." | "..");
    path.split('/').filter(dots).count()
}

/// Where a target leads, read by the `url` crate alone.
fn expected(target: &str) -> String {
    let home = format!("{OWN}/");
    if target == "undefined" || target.chars().any(|c| c < ' ' || c == '\u{7f}' || c == '\\') {
        return home;
    }
    let lower = target.to_ascii_lowercase();
    let relative = target.starts_with('/') && !target.starts_with("//");
    if !relative && !lower.starts_with("http://") && !lower.starts_with("https://") {
        return home;
    }
    let Ok(url) = Url::parse(OWN).unwrap().join(target) else { return home };
    let path = url.path().to_ascii_lowercase();
    let decoded = path.replace("%2f", "/").replace("%5c", "\\");
    let moves = (path != decoded && decoded.starts_with("//"))
        || decoded.contains('\\')
        || dotted(&decoded) != dotted(&path);
    let hides = moves || ["%0", "%1", "%7f"].iter().any(|hidden| path.contains(hidden));
    let has_user = !url.username().is_empty() || url.password().is_some();
    if hides || has_user || url.as_str().len() > 2048 || target.len() > 2048 {
        return home;
    }
    let is_own = url.origin() == Url::parse(OWN).unwrap().origin();
    let is_friend = url.scheme() == "https"
        && url.port().is_none()
        && matches!(url.host(), Some(Host::Domain(host)) if host.ends_with(".friend.test") && host.split('.').count() == 3 && !host.starts_with('.'));
    if is_own && !url.path().starts_with("//") || is_friend { url.to_string() } else { home }
}
