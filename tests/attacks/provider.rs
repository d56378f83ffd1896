//! Providers that refuse, fail or lie.

use crate::{arrive, assert_refused, attempts};
use aura_proto::FetchError;
use aura_tests::{Fault, Pair};

#[test]
fn hi_03_a_user_who_cancels_is_told_so_and_may_begin_again() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let cancelled = pair.deny("dev", &authorize);
    assert_refused(&mut pair, &cancelled, 403, "AUTH_PROVIDER_REJECTED", "access_denied");
    assert_eq!(attempts(&pair), 0);
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
}

#[test]
fn hi_02_the_providers_error_text_comes_back_nowhere() {
    let mut pair = Pair::new();
    let authorize = pair.begin("dev", "/");
    let cancelled = pair.deny("dev", &authorize);
    let (_, state) = cancelled.split_once("state=").unwrap();
    let page = pair.visit(&format!(
        "/auth/callback/dev?error=<script>&error_description=<b>x</b>&error_uri=javascript:alert(1)&state={state}"
    ));
    assert_eq!((page.status.as_u16(), page.header("content-type")), (502, Some("application/json")));
    assert!(!page.text().contains("script") && !page.text().contains("<b>"), "{}", page.text());
}

#[test]
fn ds_04_ds_05_ts_04_every_fault_of_the_token_endpoint_has_its_reason_and_ends_the_attempt() {
    let ok = r#"{"access_token":"at"}"#;
    for (fault, reason) in [
        (Fault::json(400, r#"{"error":"invalid_grant"}"#), "token_invalid_grant"),
        (Fault::json(500, "{}"), "token_unavailable"),
        (Fault::json(302, ok), "token_status"),
        (Fault::answered(200, "text/html", "<p>"), "token_content_type"),
        (Fault::json(200, "not json"), "token_not_json"),
        (Fault::json(200, "[]"), "token_malformed"),
        (Fault::json(200, r#"{"error":"bad_verification_code"}"#), "token_error_answer"),
        (Fault::json(200, &format!("{ok}{}", " ".repeat(1024 * 1024))), "token_too_large"),
        (Fault::Lost(FetchError::TooLarge), "token_too_large"),
        (Fault::Lost(FetchError::TimedOut), "token_unreachable"),
        (Fault::Lost(FetchError::Unreachable), "token_unreachable"),
        (Fault::Lost(FetchError::Untrusted), "token_unreachable"),
    ] {
        let mut pair = Pair::new();
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.app.token_fault = Some(fault);
        let (status, _, found) = arrive(&mut pair, &callback);
        assert_eq!((status, found.as_str()), (502, reason));
        assert_eq!(pair.app.fetches.len(), 1, "{reason}");
        assert_eq!((attempts(&pair), pair.session().status.as_u16()), (0, 401), "{reason}");
    }
}

#[test]
fn ds_09_every_fault_of_userinfo_has_its_reason_and_ends_the_attempt() {
    for (fault, reason) in [
        (Fault::json(401, "{}"), "userinfo_status"),
        (Fault::answered(200, "text/html", "<p>"), "userinfo_content_type"),
        (Fault::json(200, "[1"), "userinfo_not_json"),
        (Fault::json(200, r#"{"error":"no"}"#), "userinfo_malformed"),
        (Fault::json(200, r#"{"id":true,"email":7}"#), "userinfo_malformed"),
        (Fault::json(200, r#"{"name":"Ada"}"#), "userinfo_without_id"),
        (Fault::json(200, &format!(r#"{{"id":"1","name":"{}"}}"#, "n".repeat(20_000))), "profile_too_large"),
        (Fault::json(200, &"[".repeat(100_000)), "userinfo_not_json"),
        (Fault::Lost(FetchError::TimedOut), "userinfo_unreachable"),
        (Fault::Lost(FetchError::Unreachable), "userinfo_unreachable"),
    ] {
        let mut pair = Pair::new();
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.app.userinfo_fault = Some(fault);
        let (status, _, found) = arrive(&mut pair, &callback);
        assert_eq!((status, found.as_str()), (502, reason));
        assert_eq!((attempts(&pair), pair.session().status.as_u16()), (0, 401), "{reason}");
    }
}

#[test]
fn sf_05_a_failed_sign_in_leaves_the_live_session_alone() {
    let mut pair = Pair::new();
    pair.sign_in("dev", "ada");
    let authorize = pair.begin("other", "/");
    let callback = pair.approve("other", &authorize, "grace");
    pair.app.token_fault = Some(Fault::json(500, "{}"));
    assert_eq!(arrive(&mut pair, &callback).0, 502);
    assert_eq!(pair.session().json["user"]["sub"], "ada");
}
