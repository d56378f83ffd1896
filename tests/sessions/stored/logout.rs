//! Back-channel logout: which stored sessions a provider ends.

use super::{policy, session_of};
use aura_proto::provider::Provider;
use aura_proto::{Admission, Admitted, Auth, Candidate, ClientSecret, Secret, User};
use aura_test_idp::{Behaviour, LogoutSubject};
use aura_tests::{Answer, OpenId, Pair, SECRET, bare_builder};

const LOGOUT: &str = "/auth/backchannelLogout/dev";

/// A site that keeps sessions in a store, and its provider. The user is signed in by two browsers.
struct Site {
    pair: Pair,
    /// The cookies of each browser, and the session at the provider that its sign-in named.
    browsers: [(String, String); 2],
}

fn signed_in_twice() -> Site {
    let mut pair = OpenId::new().configure(|builder| builder.session(policy())).pair();
    let browsers = [(); 2].map(|()| sign_in_anew(&mut pair));
    assert_ne!(browsers[0].1, browsers[1].1);
    Site { pair, browsers }
}

/// The same site, which names users otherwise than the provider does, whose ID tokens name no sessions.
fn mapped() -> Pair {
    let behaviour = Behaviour::default().without_session_id();
    let mut pair = OpenId::new().behaviour(behaviour).configure(|builder| builder.session(policy())).pair();
    pair.app.admit = named_otherwise;
    pair
}

fn named_otherwise(candidate: Candidate) -> Admission {
    let user = candidate.user;
    Admission::Admit(Admitted::new(User::new(format!("user-{}", user.sub()))))
}

/// The configuration under a newer secret, with the earlier one listed or not.
fn rotated(previous: Option<&str>) -> Auth {
    let row = Provider::openid("dev", "https://idp.test", "dev-client");
    let row = row.client_secret(ClientSecret::new("dev-client-secret"));
    let builder = bare_builder("New8pQ2vX7mLr4TnB9wYc1HsD6eGjU3a").base_url("https://app.test");
    let builder = builder.provider(row).session(policy());
    let listed = previous.map(|secret| Secret::new(secret).unwrap());
    listed.into_iter().fold(builder, |builder, secret| builder.previous_secret(secret)).build().unwrap()
}

/// Signs in by another browser, and returns its cookies.
fn sign_in_as(pair: &mut Pair, account: &str) -> String {
    pair.browser.jar = Default::default();
    assert_eq!(pair.sign_in("dev", account).status, 200);
    pair.cookie_header()
}

fn are_signed_in<const N: usize>(pair: &mut Pair, browsers: [&String; N]) -> [bool; N] {
    browsers.map(|cookies| session_of(pair, cookies).status == 200)
}

/// Signs in by another browser.
fn sign_in_anew(pair: &mut Pair) -> (String, String) {
    pair.browser.jar = Default::default();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    (pair.cookie_header(), pair.provider_session())
}

fn token(pair: &mut Pair, subject: LogoutSubject<'_>) -> String {
    let (now, entropy) = (pair.browser.now, pair.app.entropy());
    let provider = pair.app.provider("dev");
    provider.idp.logout_token(&provider.state, "dev-client", subject, now, entropy)
}

fn post(pair: &mut Pair, token: &str) -> Answer {
    pair.send_form(LOGOUT, &format!("logout_token={token}"))
}

impl Site {
    fn log_out(&mut self, subject: LogoutSubject<'_>) -> u16 {
        let token = token(&mut self.pair, subject);
        post(&mut self.pair, &token).status.as_u16()
    }

    /// Tells which browsers are signed in.
    fn signed_in(&mut self) -> [bool; 2] {
        let Self { pair, browsers } = self;
        [0, 1].map(|at| session_of(pair, &browsers[at].0).status == 200)
    }
}

#[test]
fn a_logout_ends_the_session_that_it_names_and_no_other_of_the_user() {
    for with_sub in [false, true] {
        for at in [0, 1] {
            let mut site = signed_in_twice();
            let sid = site.browsers[at].1.clone();
            let subject = match with_sub {
                true => LogoutSubject::SubAndSid { sub: "ada", sid: &sid },
                false => LogoutSubject::Sid(&sid),
            };
            assert_eq!(site.log_out(subject), 200);
            assert_eq!(site.signed_in(), [at != 0, at != 1], "{with_sub}");
        }
    }
}

#[test]
fn a_logout_of_the_user_ends_every_session_and_none_of_another_user() {
    let mut site = signed_in_twice();
    site.pair.browser.jar = Default::default();
    site.pair.sign_in("dev", "grace");
    assert_eq!(site.log_out(LogoutSubject::Sub("ada")), 200);
    assert_eq!((site.signed_in(), site.pair.session().status.as_u16()), ([false; 2], 200));
}

#[test]
fn a_logout_of_the_user_ends_the_sessions_of_one_whom_the_application_names_otherwise() {
    for subject in [LogoutSubject::Sub("ada"), LogoutSubject::SubAndSid { sub: "ada", sid: "another" }] {
        let mut pair = mapped();
        let browsers = ["ada", "ada", "grace"].map(|account| sign_in_as(&mut pair, account));
        let token = token(&mut pair, subject);
        assert_eq!(post(&mut pair, &token).status, 200);
        assert_eq!(are_signed_in(&mut pair, browsers.each_ref()), [false, false, true], "{subject:?}");
    }
}

#[test]
fn a_logout_of_such_a_user_is_carried_out_once_and_the_next_one_as_well() {
    let mut pair = mapped();
    let first = sign_in_as(&mut pair, "ada");
    let earlier = token(&mut pair, LogoutSubject::Sub("ada"));
    assert_eq!(post(&mut pair, &earlier).status, 200);
    pair.browser.advance(5);
    let second = sign_in_as(&mut pair, "ada");
    assert_eq!(post(&mut pair, &earlier).status, 200);
    assert_eq!(are_signed_in(&mut pair, [&first, &second]), [false, true], "it was replayed");
    pair.browser.advance(5);
    let later = token(&mut pair, LogoutSubject::Sub("ada"));
    assert_eq!(post(&mut pair, &later).status, 200);
    let third = sign_in_as(&mut pair, "ada");
    for token in [&earlier, &later] {
        assert_eq!(post(&mut pair, token).status, 200);
        assert_eq!(are_signed_in(&mut pair, [&second, &third]), [false, true]);
    }
}

#[test]
fn a_logout_of_such_a_user_that_a_store_could_not_carry_out_is_not_taken_for_a_replay() {
    let mut pair = mapped();
    let browser = sign_in_as(&mut pair, "ada");
    let token = token(&mut pair, LogoutSubject::Sub("ada"));
    let store = pair.app.store.take();
    assert_eq!(post(&mut pair, &token).status, 503);
    pair.app.store = store;
    assert_eq!(are_signed_in(&mut pair, [&browser]), [true]);
    assert_eq!(post(&mut pair, &token).status, 200);
    assert_eq!(are_signed_in(&mut pair, [&browser]), [false]);
}

#[test]
fn a_logout_finds_such_a_user_whose_secret_has_been_replaced() {
    let mut pair = mapped();
    let browser = sign_in_as(&mut pair, "ada");
    pair.app.auth = rotated(Some(SECRET));
    let answer = session_of(&mut pair, &browser);
    let written = answer.headers["set-cookie"].to_str().unwrap();
    let browser = written.split(';').next().unwrap().to_owned();
    pair.app.auth = rotated(None);
    assert_eq!(are_signed_in(&mut pair, [&browser]), [true]);
    let token = token(&mut pair, LogoutSubject::Sub("ada"));
    assert_eq!(post(&mut pair, &token).status, 200);
    assert_eq!(are_signed_in(&mut pair, [&browser]), [false]);
}

#[test]
fn a_logout_that_names_an_unknown_session_ends_none() {
    let mut site = signed_in_twice();
    assert_eq!(site.log_out(LogoutSubject::Sid("another")), 200);
    assert_eq!(site.log_out(LogoutSubject::SubAndSid { sub: "ada", sid: "another" }), 200);
    assert_eq!(site.signed_in(), [true; 2]);
}

#[test]
fn a_store_that_fails_has_the_provider_try_again() {
    for by_user in [false, true] {
        let mut site = signed_in_twice();
        let sid = site.browsers[0].1.clone();
        let subject = if by_user { LogoutSubject::Sub("ada") } else { LogoutSubject::Sid(&sid) };
        let token = token(&mut site.pair, subject);
        let store = site.pair.app.store.take();
        site.pair.app.events.clear();
        assert_eq!(post(&mut site.pair, &token).status, 503);
        let names: Vec<_> = site.pair.app.events.iter().map(aura_proto::Event::name).collect();
        assert!(!names.contains(&"SESSIONS_ENDED") && names.len() == 1, "{names:?}");
        site.pair.app.store = store;
        assert_eq!(site.signed_in(), [true; 2]);
        assert_eq!(post(&mut site.pair, &token).status, 200);
        assert_eq!(site.signed_in(), [false, !by_user]);
    }
}

#[test]
fn a_logout_that_is_replayed_ends_nothing_that_began_after_it() {
    for by_user in [false, true] {
        let mut site = signed_in_twice();
        let sid = site.browsers[0].1.clone();
        let subject = if by_user { LogoutSubject::Sub("ada") } else { LogoutSubject::Sid(&sid) };
        let token = token(&mut site.pair, subject);
        assert_eq!(post(&mut site.pair, &token).status, 200);
        site.pair.browser.advance(70);
        let later = sign_in_anew(&mut site.pair).0;
        assert_eq!(post(&mut site.pair, &token).status, 200);
        assert_eq!(session_of(&mut site.pair, &later).status, 200, "{by_user}");
        assert_eq!(site.signed_in(), [false, !by_user]);
    }
}

#[test]
fn a_logout_of_a_user_ends_what_may_have_begun_before_it_and_what_it_is_the_first_to_end() {
    // The provider's clock may be a minute behind: a session that began half a minute later is not known to be a newer one.
    let mut site = signed_in_twice();
    let logout = token(&mut site.pair, LogoutSubject::Sub("ada"));
    assert_eq!(post(&mut site.pair, &logout).status, 200);
    site.pair.browser.advance(30);
    let soon = sign_in_anew(&mut site.pair).0;
    assert_eq!(post(&mut site.pair, &logout).status, 200);
    assert_eq!(are_signed_in(&mut site.pair, [&soon]), [false]);

    // A token that was carried out nowhere is no replay, however late it comes.
    let mut site = signed_in_twice();
    let logout = token(&mut site.pair, LogoutSubject::Sub("ada"));
    site.pair.browser.advance(70);
    let later = sign_in_anew(&mut site.pair).0;
    assert_eq!(post(&mut site.pair, &logout).status, 200);
    assert_eq!((site.signed_in(), are_signed_in(&mut site.pair, [&later])), ([false; 2], [false]));
}

#[test]
fn a_logout_finds_a_session_whose_secret_has_been_replaced() {
    let mut site = signed_in_twice();
    site.pair.app.auth = rotated(Some(SECRET));
    for at in [0, 1] {
        let answer = session_of(&mut site.pair, &site.browsers[at].0.clone());
        let written = answer.headers["set-cookie"].to_str().unwrap();
        site.browsers[at].0 = written.split(';').next().unwrap().to_owned();
    }
    site.pair.app.auth = rotated(None);
    assert_eq!(site.signed_in(), [true; 2]);
    let sid = site.browsers[0].1.clone();
    assert_eq!(site.log_out(LogoutSubject::Sid(&sid)), 200);
    assert_eq!(site.signed_in(), [false, true]);
}
