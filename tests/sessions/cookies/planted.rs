//! Cookies that a sibling subdomain plants, up to a whole session of the attacker.

use aura_proto::{CookieOverride, Cookies, Event};
use aura_test_idp::browser::Refused;
use aura_tests::Pair;
use url::Url;

/// Plants a session of `grace`'s from a sibling, under a name and for the whole domain.
fn plant(pair: &mut Pair, name: &str) -> Result<(), Refused> {
    let mut attacker = Pair::at("https://app.example.test", |builder| builder);
    attacker.sign_in("dev", "grace");
    let cookie = format!("{name}={}; Secure; Path=/; Domain=example.test", attacker.session_token());
    let sibling = Url::parse("https://evil.example.test/").unwrap();
    pair.browser.jar.plant(&sibling, cookie.as_bytes(), pair.browser.now)
}

/// A site whose session a sibling can plant.
fn named_as_the_reference() -> Pair {
    Pair::at("https://app.example.test", |builder| builder.cookies(Cookies::default().reference_names()))
}

fn is_refused_as_ambiguous(pair: &Pair) -> bool {
    matches!(pair.app.events.last(), Some(Event::SessionRejected { .. }))
}

#[test]
fn ck_04_a_session_that_a_sibling_planted_takes_nobodys_place() {
    let mut pair = named_as_the_reference();
    pair.sign_in("dev", "ada");
    let before = pair.cookies();
    plant(&mut pair, "__Secure-aura-auth.session_token").unwrap();
    let sent = pair.set_cookies().len();
    for _ in 0..3 {
        assert_eq!(pair.session().status, 401, "of two sessions none counts");
        assert!(is_refused_as_ambiguous(&pair));
    }
    assert_eq!(pair.set_cookies().len(), sent, "the only cookie that the site could clear is ada's");
    assert!(before.iter().all(|cookie| pair.cookies().contains(cookie)));
}

#[test]
fn ck_09_ck_14_a_session_that_is_named_for_this_host_cannot_be_planted() {
    let mut pair = Pair::at("https://app.example.test", |builder| builder);
    let name = "__Host-aura-auth.session_token";
    assert_eq!(plant(&mut pair, name), Err(Refused::HostPrefix));
    plant(&mut pair, "__Secure-aura-auth.session_token").unwrap();
    assert_eq!(pair.session().status, 401, "another name is no session");
    pair.sign_in("dev", "ada");
    assert_eq!(plant(&mut pair, name), Err(Refused::HostPrefix));
    assert_eq!(pair.session().json["user"]["sub"], "ada");
    let csrf_token = pair.csrf_token();
    assert_eq!((pair.sign_out(&csrf_token).status.as_u16(), pair.session().status.as_u16()), (202, 401));
}

#[test]
fn ck_14_under_the_contracts_name_a_planted_session_counts_where_nobody_is_signed_in() {
    let mut pair = named_as_the_reference();
    plant(&mut pair, "__Secure-aura-auth.session_token").unwrap();
    assert_eq!(pair.session().json["user"]["sub"], "grace", "SECURITY.md says so, and what prevents it");
}

#[test]
fn so_12_two_sessions_are_cleared_where_subdomains_share_them() {
    let shared = || Cookies::default().session(CookieOverride::default().domain("example.test"));
    let mut pair = Pair::at("https://app.example.test", |builder| builder.cookies(shared()));
    pair.sign_in("dev", "ada");
    let mut before = Pair::at("https://app.example.test", |builder| builder);
    before.sign_in("dev", "grace");
    // It was set before the domain was configured.
    pair.plant("__Secure-aura-auth.session_token", &before.session_token());
    let sessions =
        |pair: &Pair| pair.cookies().iter().filter(|(name, _)| name.ends_with("session_token")).count();
    assert_eq!(sessions(&pair), 2);
    assert_eq!(pair.session().status, 401, "of two sessions none counts");
    assert_eq!(sessions(&pair), 0, "and nothing is in the way of the next one");
}
