//! The test provider's lies, and how the sign-in ends for each.
//!
//! `Lie::conformance_module` names the conformance suite's module that a lie corresponds to, and `conformance.md` lists
//! them.

use crate::{asked, failures, refreshed, said};
use aura_proto::provider::{SignOutScope, TokenRetention};
use aura_proto::{Event, SessionPolicy};
use aura_test_idp::browser::Page;
use aura_test_idp::{Behaviour, Lie, LogoutSubject, Place};
use aura_tests::{OpenId, Pair};
use http::Method;
use std::collections::BTreeSet;
use url::Url;

/// A lie that ends a sign-in: status, code and reason, and what the request had asked for until then.
type Row = (Lie, u16, &'static str, &'static str, &'static [&'static str]);

const DISCOVERY: &[&str] = &["openid-configuration"];
const TOKEN: &[&str] = &["token"];
const KEYS: &[&str] = &["token", "jwks"];
const USERINFO: &[&str] = &["token", "jwks", "userinfo"];

const ID_TOKEN: &str = "OIDC_ID_TOKEN_INVALID";
const MALFORMED: &str = "JWT_MALFORMED";
const SIGNATURE: &str = "JWT_INVALID_SIGNATURE";
const FORMAT: &str = "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT";
const SCHEMA: &str = "OIDC_DISCOVERY_INVALID_SCHEMA";

#[rustfmt::skip]
const REFUSED: [Row; 68] = [
    (Lie::DiscoveryOtherIssuer, 502, "OIDC_DISCOVERY_ISSUER_MISMATCH", "discovery_issuer", DISCOVERY),
    (Lie::DiscoveryIssuerWithTrailingSlash, 502, "OIDC_DISCOVERY_ISSUER_MISMATCH", "discovery_issuer", DISCOVERY),
    (Lie::DiscoveryHttpEndpoints, 502, SCHEMA, "discovery_endpoint", DISCOVERY),
    (Lie::DiscoveryPrivateAddress, 502, SCHEMA, "discovery_endpoint", DISCOVERY),
    (Lie::DiscoveryWithoutJwksUri, 502, SCHEMA, "discovery_malformed", DISCOVERY),
    (Lie::DiscoveryWithoutAuthorizationEndpoint, 502, SCHEMA, "discovery_malformed", DISCOVERY),
    (Lie::DiscoveryWithoutTokenEndpoint, 502, SCHEMA, "discovery_malformed", DISCOVERY),
    (Lie::DiscoveryNotJson, 502, "OIDC_DISCOVERY_INVALID_FORMAT_RESPONSE", "discovery_not_json", DISCOVERY),
    (Lie::DiscoveryDuplicateMembers, 502, SCHEMA, "discovery_malformed", DISCOVERY),
    (Lie::DiscoveryNotFound, 502, "OIDC_DISCOVERY_INVALID_RESPONSE", "discovery_status", DISCOVERY),
    (Lie::DiscoveryRedirects, 502, "OIDC_DISCOVERY_INVALID_RESPONSE", "discovery_redirected", DISCOVERY),
    (Lie::JwksNotJson, 502, "OIDC_JWKS_INVALID_SCHEMA", "jwks_malformed", KEYS),
    (Lie::JwksEmpty, 401, SIGNATURE, "id_token_unknown_key", KEYS),
    (Lie::JwksTenThousandKeys, 502, "OIDC_JWKS_INVALID_RESPONSE", "jwks_too_large", KEYS),
    (Lie::JwksWithPrivateKey, 401, SIGNATURE, "id_token_unknown_key", KEYS),
    (Lie::JwksWrongUse, 401, SIGNATURE, "id_token_unknown_key", KEYS),
    (Lie::JwksRedirects, 502, "OIDC_JWKS_INVALID_RESPONSE", "jwks_status", KEYS),
    (Lie::CallbackOtherIss, 400, "AUTH_PROVIDER_MISMATCH", "issuer_mismatch", &[]),
    (Lie::CallbackWithoutIss, 400, "AUTH_CALLBACK_MISSING_PARAMETERS", "issuer_missing", &[]),
    (Lie::CallbackEmptyIss, 400, "AUTH_PROVIDER_MISMATCH", "issuer_mismatch", &[]),
    (Lie::CallbackIssTwice, 422, "UNPROCESSABLE_ENTITY", "invalid_parameters", &[]),
    (Lie::TokenErrorWithStatus200, 502, FORMAT, "token_error_answer", TOKEN),
    (Lie::TokenTypeMac, 502, FORMAT, "token_malformed", TOKEN),
    (Lie::TokenTypeNumber, 502, FORMAT, "token_malformed", TOKEN),
    (Lie::TokenWithoutAccessToken, 502, FORMAT, "token_malformed", TOKEN),
    (Lie::TokenIdTokenNumber, 502, FORMAT, "token_malformed", TOKEN),
    (Lie::TokenRedirects, 502, "INVALID_OAUTH_ACCESS_TOKEN_RESPONSE", "token_status", TOKEN),
    (Lie::IdTokenMissing, 401, ID_TOKEN, "id_token_missing", TOKEN),
    (Lie::IdTokenNotAJwt, 401, MALFORMED, "id_token_malformed", TOKEN),
    (Lie::IdTokenEncryptedLooking, 401, MALFORMED, "id_token_encrypted", TOKEN),
    (Lie::IdTokenOtherIss, 401, ID_TOKEN, "id_token_issuer", KEYS),
    (Lie::IdTokenOtherTenantIss, 401, ID_TOKEN, "id_token_issuer", KEYS),
    (Lie::IdTokenWithoutIss, 401, ID_TOKEN, "id_token_issuer", KEYS),
    (Lie::IdTokenWithoutSub, 401, ID_TOKEN, "id_token_subject", KEYS),
    (Lie::IdTokenEmptySub, 401, ID_TOKEN, "id_token_subject", KEYS),
    (Lie::IdTokenOtherAud, 401, ID_TOKEN, "id_token_audience", KEYS),
    (Lie::IdTokenWithoutAud, 401, ID_TOKEN, "id_token_audience", KEYS),
    (Lie::IdTokenSeveralAudWithoutAzp, 401, ID_TOKEN, "id_token_trusted_audiences", KEYS),
    (Lie::IdTokenOtherAzp, 401, ID_TOKEN, "id_token_authorized_party", KEYS),
    (Lie::IdTokenOtherNonce, 400, "OIDC_NONCE_MISMATCH", "id_token_nonce", KEYS),
    (Lie::IdTokenWithoutNonce, 400, "OIDC_NONCE_MISMATCH", "id_token_nonce", KEYS),
    (Lie::IdTokenOtherAtHash, 401, ID_TOKEN, "id_token_access_token_hash", KEYS),
    (Lie::IdTokenExpired, 401, "JWT_EXPIRED", "id_token_expired", KEYS),
    (Lie::IdTokenWithoutExp, 401, "JWT_EXPIRED", "id_token_expired", KEYS),
    (Lie::IdTokenIssuedInTheFuture, 401, ID_TOKEN, "id_token_issued_at", KEYS),
    (Lie::IdTokenWithoutIat, 401, ID_TOKEN, "id_token_issued_at", KEYS),
    (Lie::IdTokenNotYetValid, 401, ID_TOKEN, "id_token_not_yet_valid", KEYS),
    (Lie::IdTokenSubNumber, 401, MALFORMED, "id_token_claim_type", KEYS),
    (Lie::IdTokenIssArray, 401, MALFORMED, "id_token_claim_type", KEYS),
    (Lie::IdTokenAudObject, 401, MALFORMED, "id_token_claim_type", KEYS),
    (Lie::IdTokenAudEmptyArray, 401, ID_TOKEN, "id_token_audience", KEYS),
    (Lie::IdTokenExpString, 401, MALFORMED, "id_token_claim_type", KEYS),
    (Lie::IdTokenIatString, 401, MALFORMED, "id_token_claim_type", KEYS),
    (Lie::IdTokenNonceArray, 401, MALFORMED, "id_token_claim_type", KEYS),
    (Lie::IdTokenDuplicateClaims, 401, MALFORMED, "id_token_malformed", KEYS),
    (Lie::IdTokenAlgNone, 401, "JWT_ALGORITHM_MISMATCH", "id_token_algorithm", TOKEN),
    (Lie::IdTokenOtherAlg, 401, "JWT_ALGORITHM_MISMATCH", "id_token_algorithm", TOKEN),
    (Lie::IdTokenHs256WithPublicKey, 401, "JWT_ALGORITHM_MISMATCH", "id_token_algorithm", TOKEN),
    (Lie::IdTokenBadSignature, 401, SIGNATURE, "id_token_signature", KEYS),
    (Lie::IdTokenUnknownKid, 401, SIGNATURE, "id_token_unknown_key", KEYS),
    (Lie::IdTokenCritHeader, 401, MALFORMED, "id_token_malformed", TOKEN),
    (Lie::IdTokenEmbeddedJwk, 401, SIGNATURE, "id_token_signature", KEYS),
    (Lie::UserinfoOtherSub, 502, "OIDC_USERINFO_INVALID_SCHEMA", "userinfo_other_subject", USERINFO),
    (Lie::UserinfoWithoutSub, 502, "INVALID_USER_INFO", "userinfo_without_id", USERINFO),
    (Lie::UserinfoNotJson, 502, "OAUTH_INVALID_CONTENT_TYPE", "userinfo_content_type", USERINFO),
    (Lie::UserinfoRedirects, 502, "INVALID_OAUTH_USER_INFO_RESPONSE", "userinfo_status", USERINFO),
    (Lie::SlowAnswer, 504, "OIDC_DISCOVERY_NETWORK_FAILED", "discovery_unreachable", DISCOVERY),
    (Lie::EndlessBody, 504, "OIDC_DISCOVERY_NETWORK_FAILED", "discovery_too_large", DISCOVERY),
];

/// Leniencies, and what is no more than unusual.
const SIGNED_IN: [Lie; 12] = [
    Lie::TokenFormEncoded,
    Lie::TokenWithoutTokenType,
    Lie::TokenExpiresInString,
    Lie::TokenScopeArray,
    Lie::TokenScopeWithCommas,
    Lie::IdTokenWithoutKid,
    Lie::IdTokenWithoutKidAmongSeveral,
    Lie::KeyRotatedJustBeforeSigning,
    // The request has no `max_age` and no `acr_values`.
    Lie::IdTokenOldAuthTime,
    Lie::IdTokenWithoutAuthTime,
    Lie::IdTokenOtherAcr,
    Lie::IdTokenWithoutAtHash,
];

/// Lies that only a refresh tells, each with its reason.
const REFRESHED: [(Lie, &str); 2] =
    [(Lie::RefreshOtherIss, "id_token_issuer"), (Lie::RefreshOtherSub, "id_token_other_subject")];

/// Lies in the redirect after a sign-out at the provider. They are harmless.
const SIGNED_OUT: [Lie; 2] = [Lie::EndSessionOtherState, Lie::EndSessionWithoutState];

/// Lies in logout tokens, each with its code and reason.
const LOGGED_OUT: [(Lie, &str, &str); 9] = [
    (Lie::LogoutTokenAlgNone, "JWT_ALGORITHM_MISMATCH", "id_token_algorithm"),
    (Lie::LogoutTokenOtherAlg, "JWT_ALGORITHM_MISMATCH", "id_token_algorithm"),
    (Lie::LogoutTokenOtherIss, ID_TOKEN, "id_token_issuer"),
    (Lie::LogoutTokenOtherAud, ID_TOKEN, "id_token_audience"),
    (Lie::LogoutTokenWithoutEvents, ID_TOKEN, "id_token_event"),
    (Lie::LogoutTokenOtherEvent, ID_TOKEN, "id_token_event"),
    (Lie::LogoutTokenWithNonce, ID_TOKEN, "id_token_event"),
    (Lie::LogoutTokenWithoutSubject, ID_TOKEN, "id_token_subject"),
    (Lie::LogoutTokenExpired, "JWT_EXPIRED", "id_token_expired"),
];

fn telling(lie: Lie) -> OpenId {
    OpenId::new().behaviour(Behaviour::default().lie(lie))
}

/// Goes as far as a sign-in gets, and forgets what the step before the last one asked for.
fn attempt(pair: &mut Pair) -> Page {
    let page = pair.visit("/auth/signIn/dev?redirectTo=/");
    let Some(authorize) = page.left_for else { return page };
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.fetches.clear();
    pair.app.events.clear();
    pair.visit(&callback)
}

#[test]
fn every_lie_stands_in_one_of_the_tables_and_is_judged_as_its_author_does() {
    let refused = REFUSED.iter().map(|row| row.0).chain(REFRESHED.iter().map(|row| row.0));
    let refused = refused.chain(LOGGED_OUT.iter().map(|row| row.0));
    let tolerated = SIGNED_IN.into_iter().chain(SIGNED_OUT);
    let rows: Vec<_> = refused.map(|lie| (lie, false)).chain(tolerated.map(|lie| (lie, true))).collect();
    assert_eq!(rows.iter().map(|row| row.0).collect::<BTreeSet<_>>(), Lie::ALL.iter().copied().collect());
    assert_eq!(rows.len(), Lie::ALL.len(), "each stands there once");
    for (lie, tolerated) in rows {
        assert_eq!(lie.is_tolerated(), tolerated, "{lie:?}");
    }
}

#[test]
fn mx_03_04_05_06_jo_01_09_10_ds_04_ds_05_ts_03_ts_04_every_lie_ends_the_sign_in_with_its_own_reason() {
    for (lie, status, code, reason, fetched) in REFUSED {
        let mut pair = telling(lie).pair();
        let page = attempt(&mut pair);
        assert_eq!(said(&page), (status, code.to_owned(), reason.to_owned()), "{lie:?}");
        assert_eq!(asked(&pair), fetched, "{lie:?}: nothing is asked after it is found out");
        assert_eq!(failures(&pair), [reason], "{lie:?}");
        assert!(!pair.app.events.iter().any(|event| matches!(event, Event::SignedIn { .. })), "{lie:?}");
        // A callback with a repeated parameter matches no attempt.
        let left = usize::from(lie == Lie::CallbackIssTwice);
        assert_eq!((pair.attempts(), pair.session().status.as_u16()), (left, 401), "{lie:?}");
    }
}

#[test]
fn mx_03_jo_01_what_ends_a_sign_in_ends_it_beside_every_other_lie() {
    let mut told = 0;
    for first in REFUSED.iter().map(|row| row.0) {
        // Of two that both end it, each pair once.
        for second in Lie::ALL.iter().filter(|lie| **lie > first || lie.is_tolerated()) {
            let mut pair = OpenId::new().behaviour(Behaviour::default().lie(first).lie(*second)).pair();
            attempt(&mut pair);
            assert_eq!(pair.session().status, 401, "{first:?} and {second:?}");
            told += 1;
        }
    }
    assert!(told > 3000, "{told}");
}

#[test]
fn ci_06_every_lie_is_found_out_behind_a_form_too() {
    for (lie, _, _, reason, fetched) in REFUSED.into_iter().filter(|row| row.4 != DISCOVERY) {
        let form =
            |row: aura_proto::provider::Provider| row.authorization_parameter("response_mode", "form_post");
        let mut pair = telling(lie).provider(form).pair();
        let authorize = pair.begin("dev", "/");
        let form = pair.approve_form("dev", &authorize, "ada");
        pair.app.fetches.clear();
        let page = pair.post_form("dev", &form);
        let page = if page.status == 200 { pair.visit(&refreshed(&page)) } else { page };
        assert_eq!((said(&page).2.as_str(), asked(&pair).as_slice()), (reason, fetched), "{lie:?}");
        assert_eq!(pair.session().status, 401, "{lie:?}");
    }
}

#[test]
fn ds_08_a_provider_that_comes_to_its_senses_is_believed_when_what_was_kept_of_it_has_aged() {
    for (lie, _, _, _, fetched) in REFUSED {
        let mut pair = telling(lie).pair();
        attempt(&mut pair);
        pair.set_behaviour("dev", Behaviour::default());
        pair.browser.advance(if fetched == DISCOVERY {
            // A configuration that failed was not kept.
            0
        } else if lie.place() == Place::AuthorizationResponse {
            // Every callback was promised to name its issuer.
            3600
        } else {
            // Keys that are no use are read again when they have cooled down.
            60
        });
        assert_eq!(pair.sign_in("dev", "ada").status, 200, "{lie:?}");
        assert_eq!(pair.session().json["user"]["sub"], "ada", "{lie:?}");
    }
}

#[test]
fn jo_29_what_is_unusual_and_no_lie_signs_in() {
    for lie in SIGNED_IN {
        let mut pair = telling(lie).pair();
        let page = attempt(&mut pair);
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/"), "{lie:?}: {}", page.text());
        assert_eq!(asked(&pair), USERINFO, "{lie:?}");
        assert_eq!(failures(&pair), [""; 0], "{lie:?}");
        assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace", "{lie:?}");
        assert_eq!(pair.attempts(), 0, "{lie:?}");
    }
}

#[test]
fn rf_01_a_refreshed_id_token_of_another_issuer_or_user_renews_nothing() {
    for (lie, reason) in REFRESHED {
        for stored in [false, true] {
            let offline = |row: aura_proto::provider::Provider| {
                row.tokens(TokenRetention::Readable).scope("openid profile email offline_access")
            };
            let keep = move |policy: SessionPolicy| if stored { policy.stored() } else { policy };
            let mut pair = telling(lie)
                .provider(offline)
                .configure(move |builder| builder.session(keep(SessionPolicy::default())))
                .pair();
            assert_eq!(pair.sign_in("dev", "ada").status, 200);
            let (token, before) = (pair.session_token(), tokens(&mut pair));
            pair.browser.advance(3590);
            pair.app.events.clear();
            pair.app.fetches.clear();
            let answer = pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "");
            let (code, found) = (answer.json["code"].as_str(), answer.json["reason"].as_str());
            assert_eq!((answer.status.as_u16(), code, found), (401, Some(ID_TOKEN), Some(reason)), "{lie:?}");
            assert_eq!(failures(&pair), [reason]);
            assert_eq!(asked(&pair).last(), Some(&"token"), "{lie:?}");

            pair.app.fetches.clear();
            assert_eq!(pair.session_token(), token, "the session stays");
            let after = tokens(&mut pair);
            assert_eq!(after["accessToken"], before["accessToken"], "the earlier access token stays");
            assert!(before["refreshToken"].is_string() && after["refreshToken"].is_null());
            assert!(asked(&pair).is_empty(), "the refresh token that is spent is not presented again");
        }
    }
}

/// Reads the tokens as a page does.
fn tokens(pair: &mut Pair) -> serde_json::Value {
    pair.fetch(Method::GET, "/auth/providers/dev/tokens", &[], "").json["tokens"].clone()
}

#[test]
fn so_10_whatever_state_comes_back_the_local_session_is_gone_and_the_way_is_home() {
    for lie in SIGNED_OUT {
        let mut pair = telling(lie).provider(|row| row.sign_out(SignOutScope::Provider)).pair();
        pair.sign_in("dev", "ada");
        let csrf_token = pair.csrf_token();
        let path = "/auth/signOut?token_type_hint=session_token&redirectTo=/bye&redirect=false";
        let answer = pair.fetch(Method::POST, path, &[("x-csrf-token", &csrf_token)], "");
        assert_eq!((answer.status.as_u16(), pair.session().status.as_u16()), (202, 401));
        let page = Url::parse(answer.json["redirectURL"].as_str().unwrap()).unwrap();
        let back = pair.at_provider("dev", &page).headers()["location"].to_str().unwrap().to_owned();
        let back = back.strip_prefix("https://app.test").unwrap();
        assert_eq!(pair.visit(back).url.as_str(), "https://app.test/", "{lie:?}");
        assert_eq!(pair.cookies(), [], "{lie:?}");
    }
}

#[test]
fn so_11_every_lie_about_a_sign_out_is_400_and_ends_no_session() {
    for (lie, code, reason) in LOGGED_OUT {
        let mut pair = telling(lie).pair();
        pair.sign_in("dev", "ada");
        pair.app.events.clear();
        let (now, entropy) = (pair.browser.now, pair.app.entropy());
        let provider = pair.app.provider("dev");
        let subject = LogoutSubject::Sub("ada");
        let token = provider.idp.logout_token(&provider.state, "dev-client", subject, now, entropy);
        let answer = pair.send_form("/auth/backchannelLogout/dev", &format!("logout_token={token}"));
        let (found, because) = (answer.json["code"].as_str(), answer.json["reason"].as_str());
        assert_eq!((answer.status.as_u16(), found, because), (400, Some(code), Some(reason)), "{lie:?}");
        assert_eq!(answer.json["error"], "invalid_request");
        assert_eq!((failures(&pair), pair.app.events.len()), (vec![reason], 1), "{lie:?}");
    }
}
