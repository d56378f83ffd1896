//! Names of cookies, and cookies in frames of other sites.

use aura_http::env::Environment;
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Builder, CookieOverride, Cookies, SameSite};
use aura_tests::{Pair, SECRET};
use http::header;

const SITE: &str = "https://app.test";

/// Begins, signs in, reads a CSRF token and signs out, and returns every `Set-Cookie` on the way.
fn visit(cookies: Cookies) -> Vec<String> {
    let kept = |row: Provider| row.tokens(TokenRetention::Kept);
    let mut pair = Pair::with(SITE, kept, |builder| builder.cookies(cookies));
    pair.sign_in("dev", "ada");
    assert_eq!(pair.session().status, 200);
    pair.begin("dev", "/");
    let token = pair.csrf_token();
    assert_eq!(pair.sign_out(&token).status, 202);
    assert_eq!(pair.cookies(), []);
    assert!(pair.browser.history.iter().all(|exchange| exchange.refused.is_empty()));
    let answers = pair.browser.history.iter();
    let fields = answers.flat_map(|exchange| exchange.response_headers.get_all(header::SET_COOKIE));
    fields.map(|field| field.to_str().unwrap().to_owned()).collect()
}

fn framed() -> Cookies {
    Cookies::default().session(CookieOverride::default().same_site(SameSite::None).partitioned())
}

#[test]
fn fr_14_in_frames_attempts_and_csrf_tokens_follow_the_session() {
    for cookies in [framed(), Cookies::default().in_frames()] {
        let is_in_frames = cookies == Cookies::default().in_frames();
        let set = visit(cookies);
        for kind in [".state.", ".csrf_token=", ".session_token="] {
            assert!(set.iter().any(|cookie| cookie.contains(kind)));
        }
        for cookie in set.iter().filter(|cookie| is_in_frames || !cookie.contains(".access_token.")) {
            assert!(cookie.ends_with("; SameSite=None") && cookie.contains("; Secure"), "{cookie}");
            // A session from before it was partitioned is cleared, too.
            let is_former = cookie.contains("=; Max-Age=0");
            assert!(cookie.contains("; Partitioned") || is_former, "{cookie}");
            assert!(cookie.starts_with("__Host-"), "{cookie}");
        }
    }
}

#[test]
fn fr_14_elsewhere_attempts_stay_lax_and_csrf_tokens_strict() {
    let partitioned = Cookies::default().session(CookieOverride::default().partitioned());
    let strict = Cookies::default().session(CookieOverride::default().same_site(SameSite::Strict));
    for cookies in [Cookies::default(), partitioned, strict] {
        for cookie in visit(cookies) {
            let expected = match cookie.split('=').next().unwrap() {
                name if name.contains(".state.") => "; SameSite=Lax",
                name if name.ends_with(".csrf_token") => "; SameSite=Strict",
                _ => continue,
            };
            assert!(cookie.ends_with(expected) && !cookie.contains("; Partitioned"), "{cookie}");
        }
    }
}

/// The names of the session and of provider tokens that a site sets.
fn names(configure: impl FnOnce(Builder) -> Builder) -> Vec<String> {
    let kept = |row: Provider| row.tokens(TokenRetention::Kept);
    let mut pair = Pair::with(SITE, kept, configure);
    pair.sign_in("dev", "ada");
    let names = pair.cookies().into_iter().map(|(name, _)| name);
    names.filter(|name| name.contains("session_token") || name.contains("access_token")).collect()
}

#[test]
fn a_session_and_provider_tokens_are_named_for_this_host() {
    let usual = ["__Host-aura-auth.session_token", "__Host-aura-auth.access_token.dev"];
    let reference = ["__Secure-aura-auth.session_token", "__Secure-aura-auth.access_token.dev"];
    let sorted = |mut names: Vec<String>| {
        names.sort_by_key(|name| !name.contains("session"));
        names
    };
    let by = |value: &'static str| {
        move |builder: Builder| {
            let lookup = |name: &str| (name == "COOKIE_NAMES").then(|| value.to_owned());
            Environment::new(&lookup).complete(builder).unwrap()
        }
    };
    assert_eq!(sorted(names(|builder| builder)), usual);
    assert_eq!(sorted(names(by("usual"))), usual);
    assert_eq!(sorted(names(by("reference"))), reference);
    assert_eq!(sorted(names(|builder| builder.cookies(Cookies::default().reference_names()))), reference);
    let of_domain = Cookies::default().session(CookieOverride::default().domain("app.test"));
    assert_eq!(sorted(names(|builder| builder.cookies(of_domain))), [reference[0], usual[1]]);
    let lookup = |name: &str| (name == "COOKIE_NAMES").then(|| "theirs".to_owned());
    let error = Environment::new(&lookup).complete(aura_tests::builder(SECRET, SITE, |row| row)).unwrap_err();
    assert_eq!(error.variable(), "COOKIE_NAMES");
}
