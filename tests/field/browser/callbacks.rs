//! Callbacks and the attempts that they belong to.

use aura_tests::{OpenId, Pair};
use serde_json::Value;

/// Status, code and reason of the answer to a callback.
fn arrive(pair: &mut Pair, callback: &str) -> (u16, String, String) {
    let page = pair.visit(callback);
    let json: Value = serde_json::from_slice(&page.body).unwrap_or_default();
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    (page.status.as_u16(), text("code"), text("reason"))
}

fn exchanges(pair: &Pair) -> usize {
    pair.app.fetches.iter().filter(|fetch| fetch.ends_with("/token")).count()
}

#[test]
fn fr_34_every_tab_ends_at_its_own_target() {
    for pair in [Pair::new as fn() -> Pair, Pair::openid] {
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut pair = pair();
            let targets = ["/a", "/b?x=1", "/c"];
            let callbacks = targets.map(|target| {
                let authorize = pair.begin("dev", target);
                pair.approve("dev", &authorize, "ada")
            });
            for at in order {
                let page = pair.visit(&callbacks[at]);
                let url = &page.url[url::Position::BeforePath..];
                assert_eq!((page.status.as_u16(), url), (200, targets[at]));
            }
            assert_eq!((pair.attempts(), exchanges(&pair)), (0, 3));
        }
    }
}

#[test]
fn fr_34_a_refused_callback_ends_its_own_attempt_alone() {
    let mut pair = Pair::new();
    let first = pair.begin("dev", "/a");
    let second = pair.begin("other", "/b");
    let denied = pair.deny("dev", &first);
    assert_eq!(arrive(&mut pair, &denied).2, "access_denied");
    assert_eq!(pair.attempts(), 1);
    let callback = pair.approve("other", &second, "ada");
    assert_eq!(pair.visit(&callback).url.path(), "/b");
}

#[test]
fn fr_34_a_stale_callback_of_who_is_signed_in_leads_home_and_clears_nothing() {
    let mut pair = OpenId::new().provider(|row| row.request_parameters(["prompt"])).pair();
    let authorize = pair.begin("dev", "/a");
    let stale = pair.approve("dev", &authorize, "ada");
    pair.visit(&stale);
    let again = pair.visit("/auth/signIn/dev?prompt=login&redirectTo=/b").left_for.unwrap();
    let (before, held) = (exchanges(&pair), pair.cookies());
    for callback in
        [stale.as_str(), "/auth/callback/dev?code=c&state=guess", "/auth/callback/other?code=c&state=g"]
    {
        assert_eq!(pair.visit(callback).url.path(), "/", "{callback}");
        assert_eq!((exchanges(&pair), pair.cookies()), (before, held.clone()), "{callback}");
    }
    let callback = pair.approve("dev", &again, "ada");
    assert_eq!(pair.visit(&callback).url.path(), "/b");
}

#[test]
fn fr_34_without_a_session_a_state_of_no_attempt_is_refused_and_clears_nothing() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/a");
    let own = pair.approve("dev", &authorize, "ada");
    let (name, value) = pair.cookies().remove(0);
    for state in ["guess", "", &format!("{}{}", &name[name.len() - 8..], "A".repeat(35))] {
        let answer = arrive(&mut pair, &format!("/auth/callback/dev?code=c&state={state}"));
        assert!((400..500).contains(&answer.0), "{answer:?}");
        assert_eq!((exchanges(&pair), pair.cookies()), (0, vec![(name.clone(), value.clone())]), "{state}");
    }
    assert_eq!(pair.visit(&own).url.path(), "/a");
}

#[test]
fn fr_34_a_sign_out_ends_every_attempt_and_a_sign_in_the_oldest_alone() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let urls: Vec<_> = (0..6)
        .map(|_| {
            pair.browser.advance(1);
            pair.begin("dev", "/a")
        })
        .collect();
    assert_eq!(pair.attempts(), 5);
    let oldest = pair.approve("dev", &urls[0], "ada");
    assert_eq!(pair.visit(&oldest).url.path(), "/", "it has gone for the sixth");
    assert_eq!(pair.attempts(), 5);
    let token = pair.csrf_token();
    assert_eq!(pair.sign_out(&token).status, 202);
    assert_eq!(pair.cookies(), []);
}
