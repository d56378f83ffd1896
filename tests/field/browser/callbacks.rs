//! Callbacks and the attempts that they belong to.

use aura_proto::ClientSecret;
use aura_proto::provider::{Provider, PushedRequests, UnsolicitedCallbacks};
use aura_providers::GITHUB;
use aura_tests::{Fault, OpenId, Pair};
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

/// What providers say for "the user cancelled".
const CANCELLED: [&str; 3] = ["access_denied", "user_cancelled_login", "user_cancelled_authorize"];

fn denied() -> (u16, String, String) {
    (403, "AUTH_PROVIDER_REJECTED".to_owned(), "access_denied".to_owned())
}

#[test]
fn fr_28_every_word_for_cancelling_is_access_denied_and_ends_its_own_attempt() {
    for word in CANCELLED {
        let mut pair = Pair::new();
        let (authorize, other) = (pair.begin("dev", "/"), pair.begin("dev", "/b"));
        let callback = pair.deny("dev", &authorize).replace("access_denied", word);
        assert_eq!(arrive(&mut pair, &callback), denied(), "{word}");
        assert_eq!(pair.attempts(), 1);
        let callback = pair.approve("dev", &other, "ada");
        assert_eq!(pair.visit(&callback).url.path(), "/b");
    }
}

#[test]
fn fr_28_a_word_by_form_is_access_denied_and_another_is_not() {
    let form_post = |row: Provider| row.authorization_parameter("response_mode", "form_post");
    let mut pair =
        OpenId::new().provider(move |row| form_post(row).pushed_requests(PushedRequests::Never)).pair();
    let state = |pair: &mut Pair| {
        let authorize = pair.begin("dev", "/");
        authorize.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned()
    };
    for (word, reason) in [
        ("user_cancelled_authorize", "access_denied"),
        ("user_cancelled", "authorization_failed"),
        ("User_Cancelled_Login", "authorization_failed"),
    ] {
        let state = state(&mut pair);
        let answer = pair.send_form("/auth/callback/dev", &format!("error={word}&state={state}"));
        assert_eq!(answer.status, 200, "{word}");
        let page = arrive(&mut pair, &format!("/auth/callback/dev?error={word}&state={state}"));
        assert_eq!(page.2, reason, "{word}");
    }
}

#[test]
fn fr_29_a_refusal_without_state_is_refused_and_no_attempt_changes() {
    for word in CANCELLED {
        let mut pair = Pair::new();
        let authorize = pair.begin("dev", "/b");
        let held = pair.cookies();
        for state in ["", "&state="] {
            let callback = format!("/auth/callback/dev?error={word}&error_description=Denied{state}");
            assert_eq!(arrive(&mut pair, &callback), denied(), "{callback}");
            assert_eq!(pair.cookies(), held);
        }
        let callback = pair.approve("dev", &authorize, "ada");
        assert_eq!(pair.visit(&callback).url.path(), "/b");
    }
}

#[test]
fn fr_29_another_error_without_state_is_4xx_and_a_repeated_one_is_no_refusal() {
    let mut pair = Pair::new();
    pair.begin("dev", "/");
    let held = pair.cookies();
    for query in [
        "error=server_error",
        "error=login_required",
        "error=access_denied&error=access_denied",
        "error=access_denied&state=a&state=b",
        "error=access_denied&state=guess",
    ] {
        let answer = arrive(&mut pair, &format!("/auth/callback/dev?{query}"));
        assert!((400..500).contains(&answer.0) && answer.2 != "access_denied", "{query}: {answer:?}");
        assert_eq!((pair.cookies(), exchanges(&pair)), (held.clone(), 0), "{query}");
    }
}

/// A pair with GitHub, and a provider whose option is set.
fn unsolicited() -> Pair {
    Pair::with(
        "https://app.test",
        |row| if row.id() == "other" { row.unsolicited_callbacks(UnsolicitedCallbacks::SignIn) } else { row },
        |builder| builder.provider(GITHUB.with_client("id", ClientSecret::new("secret"))),
    )
}

#[test]
fn fr_30_a_callback_of_the_providers_own_accord_begins_a_fresh_sign_in() {
    for (path, authority) in [
        ("github?code=c&installation_id=1&setup_action=install", "github.com"),
        ("github?installation_id=1&setup_action=update&code=c&state=", "github.com"),
        ("other?code=c", "other.test"),
        ("other?code=c&state=&iss=https://other.test", "other.test"),
    ] {
        for signed_in in [false, true] {
            let mut pair = unsolicited();
            if signed_in {
                pair.sign_in("dev", "ada");
            }
            let before = pair.app.fetches.len();
            let page = pair.visit(&format!("/auth/callback/{path}"));
            let authorize = page.left_for.expect(path);
            assert_eq!(authorize.host_str(), Some(authority));
            assert!(authorize.query_pairs().any(|(name, value)| name == "state" && value.len() == 43));
            assert_eq!((pair.app.fetches.len(), pair.attempts()), (before, 1), "no exchange: {path}");
        }
    }
    let mut pair = unsolicited();
    let authorize = pair.visit("/auth/callback/other?code=c").left_for.unwrap();
    let callback = pair.approve("other", &authorize, "ada");
    assert_eq!((pair.visit(&callback).url.path(), exchanges(&pair)), ("/", 1));
}

#[test]
fn fr_30_every_other_callback_without_state_is_refused_with_a_reason_and_never_exchanged() {
    for path in [
        "github?code=c",
        "github?code=c&installation_id=1",
        "github?code=c&setup_action=install",
        "github?code=c&installation_id=&setup_action=install",
        "dev?code=c&installation_id=1&setup_action=install",
        "dev?code=c",
    ] {
        let mut pair = unsolicited();
        pair.begin("dev", "/");
        let held = pair.cookies();
        let answer = arrive(&mut pair, &format!("/auth/callback/{path}"));
        assert_eq!((answer.0, answer.2.as_str()), (422, "state_missing"), "{path}");
        assert_eq!((pair.cookies(), pair.app.fetches.len()), (held, 0), "{path}");
    }
    for path in [
        "github?code=c&installation_id=1&setup_action=install&state=guess",
        "github?code=c&installation_id=1&setup_action=install&state=a&state=b",
        "other?code=c&state=guess",
        "other?error=access_denied",
    ] {
        let mut pair = unsolicited();
        let answer = arrive(&mut pair, &format!("/auth/callback/{path}"));
        assert!((400..500).contains(&answer.0), "{path}: {answer:?}");
        assert_eq!((pair.cookies().len(), pair.app.fetches.len()), (0, 0), "{path}");
    }
}

#[test]
fn fr_30_a_provider_that_drops_the_state_does_not_send_the_browser_round_without_end() {
    let mut pair = unsolicited();
    assert!(pair.visit("/auth/callback/other?code=c").left_for.is_some());
    let held = pair.cookies();
    for seconds in [0, 9] {
        pair.browser.advance(seconds);
        let answer = arrive(&mut pair, "/auth/callback/other?code=c");
        assert_eq!((answer.0, answer.2.as_str()), (422, "state_dropped"), "after {seconds} seconds");
        assert_eq!(pair.cookies(), held, "the attempt stays");
    }
    pair.browser.advance(2);
    assert!(pair.visit("/auth/callback/other?code=c").left_for.is_some());

    let mut pair = unsolicited();
    pair.begin("dev", "/");
    assert!(pair.visit("/auth/callback/other?code=c").left_for.is_some(), "an attempt at another provider");
}

#[test]
fn fr_30_the_option_is_in_the_json_of_a_provider_too() {
    for (kind, endpoints) in [
        ("oidc", r#""issuer":"https://m.test""#),
        (
            "oauth",
            r#""authorize_url":"https://m.test/a","token_url":"https://m.test/t","userinfo_url":"https://m.test/u""#,
        ),
    ] {
        let read = |word: &str| {
            let data = format!(
                r#"{{"id":"m","name":"M","kind":"{kind}","client_id":"c",{endpoints},"unsolicited_callbacks":"{word}"}}"#
            );
            serde_json::from_str::<Provider>(&data)
        };
        assert!(read("sign_in").is_ok() && read("refused").is_ok() && read("true").is_err());
        let mut pair = Pair::at("https://app.test", |builder| builder.provider(read("sign_in").unwrap()));
        pair.app.discovery_fault = Some(Fault::json(500, "{}"));
        assert_ne!(arrive(&mut pair, "/auth/callback/m?code=c").2, "state_missing");
    }
}
