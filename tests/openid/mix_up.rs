//! Mix-up of two providers that have the same keys.

use crate::{asked, assert_ended, callback, said};
use aura_proto::UnixTime;
use aura_proto::provider::{IssParameter, PushedRequests};
use aura_test_idp::{Account, Audience, Behaviour, IssuerParameter};
use aura_tests::{Fault, OpenId, Pair, parameter};
use http::{HeaderMap, header};

/// A pair whose authorization requests are not pushed.
fn plain(behaviour: Behaviour) -> Pair {
    let shape = |row: aura_proto::provider::Provider| row.pushed_requests(PushedRequests::Never);
    OpenId::new().behaviour(behaviour).provider(shape).pair()
}

/// The body of the last answer that a provider's token endpoint gave.
fn granted(pair: &Pair) -> String {
    let answers = pair.app.answers.iter().map(|answer| String::from_utf8_lossy(answer.body()).into_owned());
    answers.filter(|body| body.contains("\"access_token\"")).last().unwrap()
}

#[test]
fn mx_01_an_answer_of_one_provider_is_nothing_at_the_path_of_another() {
    let mut pair = Pair::openid();
    let path = callback(&mut pair).replace("/dev?", "/other?");
    pair.app.fetches.clear();
    pair.app.events.clear();
    let page = pair.visit(&path);
    assert_ended(&mut pair, &page, 400, "other_provider");
    assert_eq!(asked(&pair), [""; 0]);
}

#[test]
fn mx_02_every_provider_has_a_redirect_uri_and_a_nonce_of_its_own() {
    let mut pair = plain(Behaviour::default());
    let (dev, other) = (pair.begin("dev", "/"), pair.begin("other", "/"));
    for name in ["redirect_uri", "nonce", "state", "code_challenge", "client_id"] {
        assert_ne!(parameter(&dev, name), parameter(&other, name), "{name}");
    }
    assert_ne!(parameter(&dev, "nonce"), parameter(&dev, "state"));
}

#[test]
fn mx_03_mx_04_a_callback_names_its_issuer_exactly_or_not_at_all() {
    let sent = Behaviour::default().issuer_parameter(IssuerParameter::Sent);
    for (behaviour, missing) in [(Behaviour::default(), None), (sent, Some("issuer_missing"))] {
        for (iss, reason) in [
            ("&iss=https://idp.test", None),
            ("", missing),
            ("&iss=", Some("issuer_mismatch")),
            ("&iss=https://idp.test/", Some("issuer_mismatch")),
            ("&iss=HTTPS://idp.test", Some("issuer_mismatch")),
            ("&iss=https://other.test", Some("issuer_mismatch")),
        ] {
            let mut pair = plain(behaviour);
            let path = callback(&mut pair);
            let path = path.split("&iss=").next().unwrap().to_owned() + iss;
            pair.app.events.clear();
            pair.app.fetches.clear();
            let page = pair.visit(&path);
            match reason {
                None => assert_eq!(page.status, 200, "{iss}: {}", page.text()),
                Some(reason) => {
                    assert_ended(&mut pair, &page, 400, reason);
                    assert_eq!(asked(&pair), [""; 0], "{iss}");
                }
            }
        }
    }
}

#[test]
fn mx_04_a_provider_that_is_said_to_name_itself_always_has_to_whatever_it_publishes() {
    let unsaid = Behaviour::default().issuer_parameter(IssuerParameter::Omitted);
    let always = |row: aura_proto::provider::Provider| row.iss(IssParameter::Always);
    let mut pair = OpenId::new().behaviour(unsaid).provider(always).pair();
    let path = callback(&mut pair);
    pair.app.events.clear();
    let page = pair.visit(&path);
    assert_ended(&mut pair, &page, 400, "issuer_missing");
    let said = Behaviour::default().issuer_parameter(IssuerParameter::Sent);
    let mut pair = OpenId::new().behaviour(said).provider(always).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
}

#[test]
fn mx_05_a_token_of_another_tenant_with_the_same_keys_is_refused() {
    let mut pair = Pair::openid();
    pair.sign_in("other", "ada");
    let theirs = granted(&pair);
    pair.sign_out("");
    let csrf_token = pair.csrf_token();
    pair.sign_out(&csrf_token);
    let path = callback(&mut pair);
    pair.app.token_fault = Some(Fault::json(200, &theirs));
    pair.app.events.clear();
    let page = pair.visit(&path);
    assert_ended(&mut pair, &page, 401, "id_token_issuer");
}

#[test]
fn pk_07_ci_02_a_code_of_another_session_is_stopped_by_the_nonce_where_the_provider_ignores_pkce() {
    let mut victim = Pair::openid();
    victim.sign_in("dev", "grace");
    let stolen = granted(&victim);
    let mut attacker = Pair::openid();
    // The attempt differs from the victim's, though both pairs draw the same numbers.
    attacker.begin("dev", "/");
    let path = callback(&mut attacker);
    attacker.app.token_fault = Some(Fault::json(200, &stolen));
    attacker.app.events.clear();
    let page = attacker.visit(&path);
    assert_eq!(said(&page), (400, "OIDC_NONCE_MISMATCH".to_owned(), "id_token_nonce".to_owned()));
    assert_eq!(attacker.session().status, 401);
    assert_eq!(asked(&attacker).last(), Some(&"jwks"));
}

#[test]
fn mx_07_one_sub_at_two_issuers_is_two_identities_and_the_application_is_told_which() {
    let mut pair = Pair::openid();
    pair.app.admit = |candidate| {
        let issuer = if candidate.provider == "dev" { "https://idp.test" } else { "https://other.test" };
        assert_eq!(candidate.issuer.as_deref(), Some(issuer));
        candidate.admit()
    };
    for provider in ["dev", "other"] {
        assert_eq!(pair.sign_in(provider, "ada").status, 200);
        let headers = HeaderMap::from_iter([(header::COOKIE, pair.cookie_header().parse().unwrap())]);
        let session = pair.app.auth.session(&headers, UnixTime::from_secs(pair.browser.now)).unwrap();
        assert_eq!(session.identity(), (Some(provider), "ada"));
    }
}

#[test]
fn mx_08_an_e_mail_that_is_not_verified_is_handed_on_as_that_and_is_no_identity() {
    let mut pair = Pair::openid();
    let dev = pair.app.provider("dev");
    let mallory = Account::new("mallory", "Mallory", "ada@example.test").with_unverified_email();
    dev.idp = dev.idp.clone().account(mallory);
    pair.app.admit = |candidate| {
        let verified = candidate.user.sub() == "ada";
        assert_eq!(candidate.userinfo["email_verified"], verified);
        candidate.admit()
    };
    for account in ["ada", "mallory"] {
        assert_eq!(pair.sign_in("dev", account).status, 200);
        let user = pair.session().json["user"].clone();
        assert_eq!((&user["sub"], &user["email"]), (&account.into(), &"ada@example.test".into()));
    }
}

#[test]
fn a_token_for_several_audiences_is_taken_where_it_was_made_for_this_client() {
    let mut pair = plain(Behaviour::default().audience(Audience::Several));
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
}
