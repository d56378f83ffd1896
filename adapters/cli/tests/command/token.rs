//! Tests of `aura token`.

use super::{NOW, SECRET, aura, aura_with, sign_in};
use aura_blocking::store::MemoryStore;
use aura_blocking::{FetchError, UnixTime};
use std::time::Duration;

/// Signs in without a store.
fn sealed() -> String {
    sign_in(None::<MemoryStore>)
}

fn token_of(cookies: &str) -> &str {
    let cookie = cookies.split("; ").find(|cookie| cookie.contains("session_token")).unwrap();
    cookie.split_once('=').unwrap().1
}

#[test]
fn a_token_or_a_whole_header_shows_its_header_and_claims() {
    let cookies = sealed();
    let token = token_of(&cookies);
    for input in
        [token.to_owned(), cookies.clone(), format!("Cookie: a=b; {cookies}\r\n"), format!("{token}\n")]
    {
        let ran = aura(&["token", "--json"], &[], &input);
        let json = ran.json();
        assert_eq!((ran.status, &json["kind"], &json["authentic"]), (0, &"session".into(), &true.into()));
        assert_eq!(
            (&json["claims"]["sub"], &json["claims"]["provider"]),
            (&"583231".into(), &"github".into())
        );
        assert_eq!(json["claims"]["iat"], NOW.as_secs());
        assert_eq!(json["header"]["alg"], "dir");
        let end = UnixTime::from_secs(json["claims"]["exp"].as_u64().unwrap()).to_iso8601().unwrap();
        assert_eq!(json["expires"], end.as_str());
        // Where no base URL says which scheme the site has, either may be meant.
        assert_eq!(aura(&["token"], &[("BASE_URL", "")], &input).status, 0);
        let text = aura(&["token"], &[], &input);
        assert!(
            text.output.contains("sub       \"583231\"\n") && text.output.contains(&end),
            "{}",
            text.output
        );
    }
}

#[test]
fn neither_a_secret_nor_a_token_is_shown_nor_a_control_character_written() {
    let cookies = sealed();
    for arguments in [&["token"][..], &["token", "--json"]] {
        let ran = aura(arguments, &[], &cookies);
        assert_eq!(ran.status, 0);
        for hidden in [SECRET, token_of(&cookies), "planted", "\u{9b}"] {
            assert!(!ran.output.contains(hidden), "{}", ran.output);
        }
    }
    let twice = aura(&["token", token_of(&cookies)], &[], "");
    assert_eq!(twice.status, 2);
    assert!(!twice.errors.contains(token_of(&cookies)), "{}", twice.errors);
}

#[test]
fn a_refused_token_has_the_librarys_reason() {
    let cookies = sealed();
    let token = token_of(&cookies);
    // The last of 22 characters has two bits, and these two differ in one.
    let tampered = format!("{}{}", &token[..token.len() - 1], if token.ends_with('A') { 'Q' } else { 'A' });
    let elsewhere = ("AURA_AUTH_SECRET", "aK8pQ2vX7mLr4TnB9wYc1HsD6eGjU3Zk");
    let cases = [
        (tampered.as_str(), None, "does not hold a session of this site"),
        (token, Some(elsewhere), "does not hold a session of this site"),
        ("a=b; c=d", None, "no session cookie"),
        ("a.b.c", None, "does not hold a session of this site"),
    ];
    for (input, change, reason) in cases {
        let ran = aura(&["token", "--json"], change.as_slice(), input);
        let json = ran.json();
        assert_eq!((ran.status, &json["authentic"]), (1, &false.into()), "{input}");
        assert!(json["reason"].as_str().unwrap().contains(reason), "{json}");
        assert!(json.get("claims").is_none());
    }
}

#[test]
fn an_earlier_secret_opens_a_token() {
    let rotated = [("AURA_AUTH_SECRET", "aK8pQ2vX7mLr4TnB9wYc1HsD6eGjU3Zk"), ("PREVIOUS_SECRETS", SECRET)];
    assert_eq!(aura(&["token"], &rotated, &sealed()).status, 0);
}

#[test]
fn a_token_is_judged_at_the_time_of_the_clock_or_at_the_one_that_is_given() {
    let cookies = sealed();
    let late = NOW.saturating_add(Duration::from_secs(365 * 24 * 60 * 60));
    let run =
        |arguments: &[&str], now| aura_with(arguments, &[], &cookies, now, &|_| Err(FetchError::Unreachable));
    let ended = run(&["token", "--json"], late);
    assert_eq!((ended.status, ended.json()["reason"].clone()), (1, "the session has ended".into()));
    assert_eq!(ended.json()["authentic"], true);
    let begins = run(&["token", "--json"], UnixTime::from_secs(NOW.as_secs() - 3600));
    assert_eq!((begins.status, begins.json()["authentic"].clone()), (1, true.into()));
    let at = NOW.to_iso8601().unwrap();
    assert_eq!(run(&["token", "--at", &at], late).status, 0);
    assert_eq!(run(&["token", "--at", "yesterday"], late).status, 2);
}

#[test]
fn a_ticket_is_one_and_is_not_looked_up() {
    let cookies = sign_in(Some(MemoryStore::default()));
    let ticket = token_of(&cookies);
    for input in [ticket, &cookies] {
        let ran = aura(&["token", "--json"], &[], input);
        let json = ran.json();
        assert_eq!((ran.status, &json["kind"], &json["authentic"]), (0, &"ticket".into(), &true.into()));
        assert!(aura(&["token"], &[], input).output.contains("was not asked"));
        assert_eq!(aura(&["token"], &[("BASE_URL", "")], input).status, 0);
    }
    let forged = format!("{}{}", if ticket.starts_with('A') { 'B' } else { 'A' }, &ticket[1..]);
    let refused = aura(&["token", "--json"], &[], &forged);
    assert_eq!((refused.status, refused.json()["kind"].clone()), (1, "ticket".into()));
    assert_eq!(refused.json()["authentic"], false);
}

#[test]
fn two_tickets_in_one_header_are_refused_for_that() {
    let [one, other] = [(); 2].map(|()| sign_in(Some(MemoryStore::default())));
    let ran = aura(&["token", "--json"], &[], &format!("{one}; {other}"));
    assert_eq!(
        (ran.status, ran.json()["reason"].clone()),
        (1, "two session cookies hold different sessions".into())
    );
}

#[test]
fn a_ticket_of_another_cookie_is_refused() {
    let cookies = sign_in(Some(MemoryStore::default()));
    let ticket = token_of(&cookies);
    assert_eq!(aura(&["token", "--cookie-prefix", "mine"], &[], ticket).status, 1);
}

#[test]
fn no_token_and_what_is_no_token_are_errors() {
    for input in ["", "\n", "a\u{1}b"] {
        assert_eq!(aura(&["token"], &[], input).status, 2, "{input:?}");
    }
    assert_eq!(aura(&["token"], &[("AURA_AUTH_SALT", "")], "a.b").status, 2);
}
