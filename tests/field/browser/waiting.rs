//! Sign-ins that take long, and the page that lets people try again.

use aura_http::env::Environment;
use aura_proto::{Builder, ConfigError};
use aura_tests::{Fault, Pair, SECRET};
use http::header;
use std::collections::BTreeMap;
use std::time::Duration;

const SITE: &str = "https://app.test";

fn lasting(seconds: u64) -> Pair {
    Pair::at(SITE, |builder| builder.attempt_lifetime(Duration::from_secs(seconds)))
}

/// Signs in so many seconds after beginning, with the attempt's cookie if the browser dropped it.
fn after(mut pair: Pair, seconds: u64) -> (u16, bool) {
    let authorize = pair.begin("dev", "/a");
    let (name, value) = pair.cookies().remove(0);
    pair.browser.advance(seconds);
    let was_kept = pair.attempts() == 1;
    pair.plant(&name, &value);
    let callback = pair.approve("dev", &authorize, "ada");
    (pair.visit(&callback).status.as_u16(), was_kept)
}

#[test]
fn fr_15_an_attempt_lives_as_long_as_it_is_configured_and_no_longer() {
    for seconds in [600, 1200, 3600] {
        assert_eq!(after(lasting(seconds), seconds - 1), (200, true), "{seconds}");
        assert_eq!(after(lasting(seconds), seconds + 1), (400, false), "{seconds}");
    }
    assert_eq!(after(Pair::new(), 599), (200, true));
    assert_eq!(after(Pair::new(), 601), (400, false));
    let mut pair = lasting(1800);
    pair.begin("dev", "/");
    let set = pair.browser.history.last().unwrap().response_header("set-cookie").unwrap().to_owned();
    assert!(set.contains("; Max-Age=1800"), "{set}");
}

#[test]
fn fr_15_a_lifetime_beyond_ten_to_sixty_minutes_is_refused() {
    let built = |lifetime| aura_tests::builder(SECRET, SITE, |row| row).attempt_lifetime(lifetime).build();
    for lifetime in [0, 1, 599, 3601, u64::MAX].map(Duration::from_secs) {
        assert_eq!(built(lifetime).unwrap_err(), ConfigError::AttemptLifetime);
    }
    assert_eq!(built(Duration::from_millis(600_001)).unwrap_err(), ConfigError::AttemptLifetime);
}

#[test]
fn fr_15_the_environment_says_it_too() {
    let complete = |builder: Builder, value: &str| {
        let lookup = |name: &str| (name == "AURA_ATTEMPT_LIFETIME").then(|| value.to_owned());
        Environment::new(&lookup).complete(builder)
    };
    assert_eq!(after(Pair::at(SITE, |builder| complete(builder, "1200").unwrap()), 1199), (200, true));
    for value in ["599", "3601", "ten", "-1", "20m"] {
        let builder = aura_tests::builder(SECRET, SITE, |row| row);
        assert_eq!(complete(builder, value).unwrap_err().variable(), "AURA_ATTEMPT_LIFETIME", "{value}");
    }
}

/// The parameters of the error page that a browser is sent to.
fn told(pair: &mut Pair, callback: &str) -> BTreeMap<String, String> {
    let request = http::Request::get(callback)
        .header(header::ACCEPT, "text/html")
        .header(header::COOKIE, pair.cookie_header());
    let answer = pair.send(request);
    let url = pair.url(answer.headers[header::LOCATION].to_str().unwrap());
    assert_eq!(url.path(), "/failed");
    url.query_pairs().into_owned().collect()
}

#[test]
fn fr_15_the_error_page_gets_what_it_takes_to_try_again() {
    let mut pair =
        Pair::at(SITE, |builder| builder.error_page("/failed").trusted_origins(["https://friend.test"]));
    let expected = |error: &str, reason: &str, target: Option<&str>| {
        let mut expected = BTreeMap::from([("error", error), ("reason", reason), ("provider", "dev")]);
        expected.extend(target.map(|target| ("redirectTo", target)));
        expected
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    for (target, told_target) in
        [("/a%3Fb%26c", "/a?b&c"), ("https://friend.test/x", "https://friend.test/x"), ("//evil.test", "/")]
    {
        let authorize = pair.begin("dev", target);
        let denied = pair.deny("dev", &authorize);
        assert_eq!(
            told(&mut pair, &denied),
            expected("AUTH_PROVIDER_REJECTED", "access_denied", Some(told_target)),
            "{target}"
        );
    }
    let authorize = pair.begin("dev", "/late");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.token_fault = Some(Fault::json(500, "{}"));
    assert_eq!(told(&mut pair, &callback)["redirectTo"], "/late");
}

#[test]
fn fr_15_the_error_page_gets_nothing_that_the_request_alone_says() {
    let mut pair = Pair::at(SITE, |builder| builder.error_page("/failed"));
    for query in [
        "code=c&state=guess&redirectTo=/x&provider=evil",
        "error=access_denied&redirectTo=//evil.test&error_description=evil",
    ] {
        let told = told(&mut pair, &format!("/auth/callback/dev?{query}"));
        assert_eq!((told.len(), told["provider"].as_str()), (3, "dev"), "{told:?}");
        assert!(told.contains_key("error") && told.contains_key("reason"), "{told:?}");
    }
}
