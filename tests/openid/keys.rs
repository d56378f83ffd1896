//! Discovery metadata and keys over time: cached, rotated, and fetched only when needed.

use crate::{asked, callback, said};
use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Entropy, FetchError, Reading, UnixTime};
use aura_test_idp::{Behaviour, Lie, PublishedKeys, SigningAlgorithm};
use aura_tests::{Fault, OpenId, Pair};
use http::header::COOKIE;
use http::{HeaderMap, Method};

fn count(pair: &Pair, path: &str) -> usize {
    asked(pair).iter().filter(|asked| **asked == path).count()
}

#[test]
fn ds_08_a_hundred_sign_ins_ask_for_configuration_and_keys_once() {
    let mut pair = Pair::openid();
    for _ in 0..100 {
        assert_eq!(pair.sign_in("dev", "ada").status, 200);
    }
    assert_eq!((count(&pair, "openid-configuration"), count(&pair, "jwks")), (1, 1));
    assert_eq!((count(&pair, "token"), count(&pair, "userinfo")), (100, 100));
    pair.browser.advance(3600);
    pair.sign_in("dev", "ada");
    assert_eq!((count(&pair, "openid-configuration"), count(&pair, "jwks")), (2, 2), "an hour is enough");
}

#[test]
fn ds_08_a_configuration_that_failed_is_not_kept_and_the_next_sign_in_works() {
    for (fault, reason) in [
        (Fault::Lost(FetchError::TimedOut), "discovery_unreachable"),
        (Fault::Lost(FetchError::Unreachable), "discovery_unreachable"),
        (Fault::Lost(FetchError::Untrusted), "discovery_unreachable"),
        (Fault::json(500, "{}"), "discovery_status"),
        (Fault::json(200, "{}"), "discovery_malformed"),
    ] {
        let mut pair = Pair::openid();
        pair.app.discovery_fault = Some(fault);
        assert_eq!(said(&pair.visit("/auth/signIn/dev")).2, reason);
        assert_eq!((pair.attempts(), pair.sign_in("dev", "ada").status.as_u16()), (0, 200), "{reason}");
    }
    for (fault, reason) in [
        (Fault::Lost(FetchError::TimedOut), "jwks_unreachable"),
        (Fault::Lost(FetchError::Unreachable), "jwks_unreachable"),
        (Fault::Lost(FetchError::Untrusted), "jwks_unreachable"),
        (Fault::Lost(FetchError::TooLarge), "jwks_too_large"),
        (Fault::json(503, "{}"), "jwks_status"),
        (Fault::json(200, "[]"), "jwks_malformed"),
    ] {
        let mut pair = Pair::openid();
        let path = callback(&mut pair);
        pair.app.jwks_fault = Some(fault);
        assert_eq!(said(&pair.visit(&path)).2, reason);
        assert_eq!((pair.attempts(), pair.sign_in("dev", "ada").status.as_u16()), (0, 200), "{reason}");
    }
}

#[test]
fn a_key_that_was_rotated_between_two_sign_ins_is_found_by_reading_the_set_once_more() {
    let mut pair = Pair::openid();
    pair.sign_in("dev", "ada");
    pair.app.provider("dev").state.rotate_key();
    pair.browser.advance(61);
    pair.app.fetches.clear();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert_eq!(asked(&pair), ["par", "token", "jwks", "userinfo"]);
}

#[test]
fn a_key_that_is_rotated_just_before_signing_is_followed() {
    let lie = Behaviour::default().lie(Lie::KeyRotatedJustBeforeSigning);
    let mut pair = OpenId::new().behaviour(lie).pair();
    for _ in 0..3 {
        assert_eq!(pair.sign_in("dev", "ada").status, 200);
        pair.browser.advance(61);
    }
    assert_eq!(count(&pair, "jwks"), 3);
}

#[test]
fn ds_01_unknown_keys_cost_one_look_a_minute_and_a_rotation_is_followed_still() {
    let mut pair = Pair::openid();
    pair.sign_in("dev", "ada");
    pair.browser.advance(61);
    pair.set_behaviour("dev", Behaviour::default().lie(Lie::IdTokenUnknownKid));
    pair.app.fetches.clear();
    for _ in 0..25 {
        let path = callback(&mut pair);
        assert_eq!(said(&pair.visit(&path)).2, "id_token_unknown_key");
        pair.browser.advance(1);
    }
    assert_eq!(count(&pair, "jwks"), 1);
    pair.set_behaviour("dev", Behaviour::default());
    pair.app.provider("dev").state.rotate_key();
    pair.browser.advance(60);
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert_eq!(count(&pair, "jwks"), 2);
}

#[test]
fn ds_01_one_flow_reads_the_keys_twice_at_most_whatever_the_host_keeps() {
    let mut pair = OpenId::new().behaviour(Behaviour::default().lie(Lie::IdTokenUnknownKid)).pair();
    pair.sign_in("dev", "ada");
    assert_eq!(pair.app.transcript.as_str().matches("FetchJwks").count(), 2);
    assert_eq!(count(&pair, "jwks"), 1, "what was read a moment ago is not read again");
}

#[test]
fn every_algorithm_that_is_announced_and_trusted_signs_in() {
    for algorithm in [
        SigningAlgorithm::Rs256,
        SigningAlgorithm::Rs384,
        SigningAlgorithm::Rs512,
        SigningAlgorithm::Ps256,
        SigningAlgorithm::Es256,
        SigningAlgorithm::Es384,
        SigningAlgorithm::EdDsa,
    ] {
        for keys in [PublishedKeys::One, PublishedKeys::Two] {
            let behaviour = Behaviour::default().signing_algorithm(algorithm).published_keys(keys);
            let mut pair = OpenId::new().behaviour(behaviour).pair();
            let page = pair.sign_in("dev", "ada");
            assert_eq!(page.status, 200, "{algorithm:?}: {}", page.text());
        }
    }
}

#[test]
fn a_flipped_signature_of_any_algorithm_is_refused() {
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Ps256, SigningAlgorithm::EdDsa] {
        let behaviour = Behaviour::default().signing_algorithm(algorithm).lie(Lie::IdTokenBadSignature);
        let mut pair = OpenId::new().behaviour(behaviour).pair();
        let path = callback(&mut pair);
        assert_eq!(said(&pair.visit(&path)).2, "id_token_signature", "{algorithm:?}");
        assert_eq!(pair.session().status, 401);
    }
}

#[test]
fn jo_05_a_token_that_is_signed_by_another_algorithm_than_announced_is_refused() {
    let mut pair = Pair::openid();
    pair.sign_in("dev", "ada");
    // What was kept announces RS256.
    for algorithm in [SigningAlgorithm::Rs512, SigningAlgorithm::Ps256, SigningAlgorithm::Es256] {
        pair.set_behaviour("dev", Behaviour::default().signing_algorithm(algorithm));
        let path = callback(&mut pair);
        assert_eq!(said(&pair.visit(&path)).2, "id_token_algorithm", "{algorithm:?}");
    }
}

#[test]
fn ds_04_ds_05_a_slow_or_endless_answer_ends_the_sign_in_at_whichever_endpoint_it_comes() {
    for (lie, at_token, at_refresh) in [
        (Lie::SlowAnswer, "token_unreachable", "userinfo_unreachable"),
        (Lie::EndlessBody, "token_too_large", "userinfo_too_large"),
    ] {
        let kept = |row: Provider| row.tokens(TokenRetention::Kept);
        let mut pair = OpenId::new().provider(kept).pair();
        let path = callback(&mut pair);
        pair.set_behaviour("dev", Behaviour::default().lie(lie));
        assert_eq!(said(&pair.visit(&path)).2, at_token);
        assert_eq!((pair.attempts(), pair.session().status.as_u16()), (0, 401));

        pair.set_behaviour("dev", Behaviour::default());
        pair.sign_in("dev", "ada");
        pair.set_behaviour("dev", Behaviour::default().lie(lie));
        let csrf_token = pair.csrf_token();
        let own = [("x-csrf-token", csrf_token.as_str())];
        let answer = pair.fetch(Method::POST, "/auth/providers/dev/user/refresh", &own, "");
        assert_eq!((answer.status.as_u16(), answer.json["reason"].as_str()), (502, Some(at_refresh)));
        assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace", "the session is as before");
    }
}

#[test]
fn ds_06_nothing_compressed_is_asked_for_and_nothing_is_unpacked() {
    let mut pair = Pair::openid();
    pair.sign_in("dev", "ada");
    let asked = pair.app.transcript.as_str().to_lowercase();
    let requests = asked.matches("accept: application/json").count();
    assert!(requests > 0);
    assert_eq!(asked.matches("accept-encoding: identity").count(), requests, "{asked}");
    let packed = Fault::json(200, "\u{1f}\u{8b}\u{8}\u{0}");
    let mut pair = Pair::openid();
    pair.app.discovery_fault = Some(packed.clone());
    assert_eq!(said(&pair.visit("/auth/signIn/dev")).2, "discovery_not_json");
    let path = callback(&mut pair);
    pair.app.jwks_fault = Some(packed);
    assert_eq!(said(&pair.visit(&path)).2, "jwks_malformed");
}

#[test]
fn a_health_check_keeps_the_answers_that_a_sign_in_would_keep() {
    let mut pair = Pair::openid();
    let check = pair.app.auth.provider_checks().next().unwrap();
    let url = check.request.uri().to_string().parse().unwrap();
    let published = pair.at_provider("dev", &url);
    assert!(check.keeps(&published));
    let but = |change: fn(&mut http::Response<bytes::Bytes>)| {
        let mut other = published.clone();
        change(&mut other);
        other
    };
    assert!(!check.keeps(&but(|answer| *answer.body_mut() = "{}".into())));
    assert!(!check.keeps(&but(|answer| *answer.status_mut() = http::StatusCode::BAD_GATEWAY)));
    assert!(!check.keeps(&but(|answer| {
        answer.headers_mut().insert("content-encoding", http::HeaderValue::from_static("gzip"));
    })));
}

#[test]
fn where_the_configuration_cannot_be_read_tokens_that_serve_go_on() {
    for (advance, serves) in [(3590, true), (3600, false)] {
        let kept =
            |row: Provider| row.tokens(TokenRetention::Readable).scope("openid profile email offline_access");
        let mut pair = OpenId::new().provider(kept).pair();
        assert_eq!(pair.sign_in("dev", "ada").status, 200);
        pair.browser.advance(advance);
        let headers = HeaderMap::from_iter([(COOKIE, pair.cookie_header().parse().unwrap())]);
        let (now, entropy) =
            (UnixTime::from_secs(pair.browser.now), Entropy::from_os_bytes(pair.app.entropy()));
        let Reading::Fetch(_, fetch) = pair.app.auth.begin_provider_tokens("dev", &headers, now, entropy)
        else {
            panic!("nothing is asked after {advance} s")
        };
        let Reading::Done(ready) = fetch.pending.resume(Err(FetchError::Unreachable), now) else {
            panic!("more is asked after {advance} s")
        };
        assert_eq!(ready.is_ok(), serves, "after {advance} s");
        if let Err(none) = ready {
            assert!(!none.needs_sign_in(), "the same request may succeed later");
        }
    }
}
