//! Callback error reasons, each produced by a whole sign-in. The table is as complete as `error.rs`.

mod openid;
mod texts;

use aura_proto::provider::{IssParameter, Provider, TokenRetention, UnsolicitedCallbacks};
use aura_proto::{
    Admission, Admitted, Builder, ClientSecret, FetchError, LimitRule, Limits, Quota, SessionTokenFormat,
    SigningAlgorithm, SigningKey, User, VerificationKey,
};
use aura_tests::{Answer, App, Fault, Pair, SECRET};
use bytes::Bytes;
use http::{Method, Request, header};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// A callback's end: reason, status, code, and how it comes about.
type Ending = (&'static str, u16, &'static str, fn() -> Answer);

/// Errors of the browser's side, refusals by the user or the application, and values that do not fit.
const OF_THE_BROWSER: [Ending; 24] = [
    ("no_cookie", 401, "COOKIE_NOT_FOUND", || {
        end(Pair::new(), |_| "/auth/callback/dev?code=c&state=s".into())
    }),
    ("too_many_requests", 429, "RATE_LIMIT_EXCEEDED", || {
        let limits = Limits::none().with(LimitRule::Callback, Quota::new(1, Duration::from_secs(60)));
        begun(Pair::at("https://app.test", |builder| builder.limits(limits)), |pair, callback| {
            let altered = callback.replace("state=", "state=x");
            // The address of the model browser is unknown.
            for _ in 0..10 {
                assert_eq!(pair.fetch(Method::GET, &altered, &[], "").status, 400);
            }
            callback
        })
    }),
    ("no_attempt", 401, "COOKIE_INVALID_VALUE", || {
        let mut pair = Pair::new();
        pair.csrf_token();
        end(pair, |_| "/auth/callback/dev?code=c&state=s".into())
    }),
    ("state_missing", 422, "UNPROCESSABLE_ENTITY", || {
        begun(Pair::new(), |_, callback| callback.replace("state=", "not_a_state="))
    }),
    ("state_dropped", 422, "UNPROCESSABLE_ENTITY", || {
        let lenient = |provider: Provider| provider.unsolicited_callbacks(UnsolicitedCallbacks::SignIn);
        begun(Pair::with("https://app.test", lenient, |builder| builder), |_, callback| {
            callback.replace("state=", "not_a_state=")
        })
    }),
    ("state_unknown", 400, "AUTH_MISMATCHING_STATE", || {
        begun(Pair::new(), |_, callback| callback.replace("state=", "state=x"))
    }),
    ("attempt_unreadable", 400, "AUTH_MISMATCHING_STATE", || {
        begun(Pair::new(), |pair, callback| {
            let (name, _) = pair.cookies().remove(0);
            pair.plant(&name, "altered");
            callback
        })
    }),
    ("attempt_expired", 400, "AUTH_TRANSACTION_EXPIRED", || {
        begun(Pair::new(), |pair, callback| {
            let (name, value) = pair.cookies().remove(0);
            pair.browser.advance(601);
            pair.plant(&name, &value);
            callback
        })
    }),
    ("other_provider", 400, "AUTH_PROVIDER_MISMATCH", || {
        begun(Pair::new(), |_, callback| callback.replace("/dev?", "/other?"))
    }),
    ("issuer_mismatch", 400, "AUTH_PROVIDER_MISMATCH", || of_issuer("&iss=https://evil.test")),
    ("issuer_missing", 400, "AUTH_CALLBACK_MISSING_PARAMETERS", || of_issuer("")),
    ("access_denied", 403, "AUTH_PROVIDER_REJECTED", || {
        end(Pair::new(), |pair| {
            let authorize = pair.begin("dev", "/");
            pair.deny("dev", &authorize)
        })
    }),
    ("not_admitted", 403, "AUTH_SIGN_IN_FAILED", || {
        begun(Pair::new(), |pair, callback| {
            pair.app.admit = |_| Admission::Refuse;
            callback
        })
    }),
    ("admission_unavailable", 503, "SERVER_ERROR", || {
        begun(Pair::new(), |pair, callback| {
            pair.app.admit = |_| Admission::Unavailable;
            callback
        })
    }),
    ("admitted_without_id", 500, "SERVER_ERROR", || {
        begun(Pair::new(), |pair, callback| {
            pair.app.admit = |_| Admission::Admit(Admitted::new(User::new("")));
            callback
        })
    }),
    ("claims_unwritable", 500, "SERVER_ERROR", || {
        begun(Pair::new(), |pair, callback| {
            pair.app.admit = |candidate| candidate.admit().claims(&["no", "object"]);
            callback
        })
    }),
    ("claims_too_large", 500, "SERVER_ERROR", || {
        begun(Pair::new(), |pair, callback| {
            pair.app.admit =
                |candidate| candidate.admit_with(&BTreeMap::from([("roles", "r".repeat(30_000))]));
            callback
        })
    }),
    ("no_signature", 500, "SERVER_ERROR", || {
        let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let public = VerificationKey::from_jwk(SigningAlgorithm::EdDsa, jwk).unwrap();
        let tokens = SessionTokenFormat::signed().signing_key(SigningKey::external(public, |_| None));
        begun(Pair::at("https://app.test", |builder| builder.session_token_format(tokens)), |_, callback| {
            callback
        })
    }),
    ("tokens_too_large", 502, "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT", || {
        let kept = |provider: Provider| provider.tokens(TokenRetention::Kept);
        begun(Pair::with("https://app.test", kept, |builder| builder), |pair, callback| {
            let long = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(20_000));
            pair.app.token_fault = Some(Fault::json(200, &long));
            pair.app.userinfo_fault = Some(Fault::json(200, r#"{"id":"ada"}"#));
            callback
        })
    }),
    ("invalid_parameters", 422, "UNPROCESSABLE_ENTITY", || {
        begun(Pair::new(), |_, callback| callback.replace("code=", "not_a_code="))
    }),
    ("unknown_provider", 422, "UNPROCESSABLE_ENTITY", || {
        begun(Pair::new(), |_, callback| callback.replace("/dev?", "/nobody?"))
    }),
    ("method_not_allowed", 405, "METHOD_NOT_ALLOWED", || {
        let mut pair = Pair::new();
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.fetch(Method::POST, &callback, &[], "")
    }),
    ("untrusted_host", 400, "INVALID_TRUSTED_ORIGIN", || {
        at_host(|builder| builder, &[("host", "evil.test")])
    }),
    ("forwarded_malformed", 400, "INVALID_TRUSTED_ORIGIN", || {
        let trusting =
            |builder: Builder| builder.trusted_origins(["https://app.test"]).trusted_proxy_headers();
        at_host(trusting, &[("host", "app.test"), ("forwarded", "junk")])
    }),
];

/// Errors of the token endpoint.
fn of_the_token_endpoint() -> Vec<(&'static str, &'static str, Fault)> {
    const UNKNOWN: &str = "UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR";
    const FORMAT: &str = "INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT";
    const REFUSED: &str = "INVALID_OAUTH_ACCESS_TOKEN_RESPONSE";
    vec![
        ("token_unreachable", UNKNOWN, Fault::Lost(FetchError::Unreachable)),
        ("token_too_large", UNKNOWN, Fault::Lost(FetchError::TooLarge)),
        ("token_encoded", UNKNOWN, Fault::Lost(FetchError::Encoded)),
        ("token_status", REFUSED, Fault::json(302, "{}")),
        ("token_unavailable", REFUSED, Fault::json(503, "")),
        ("token_invalid_request", REFUSED, Fault::json(400, r#"{"error":"invalid_request"}"#)),
        ("token_invalid_client", REFUSED, Fault::json(401, r#"{"error":"invalid_client"}"#)),
        ("token_invalid_grant", REFUSED, Fault::json(400, r#"{"error":"invalid_grant"}"#)),
        ("token_unauthorized_client", REFUSED, Fault::json(400, r#"{"error":"unauthorized_client"}"#)),
        ("token_unsupported_grant_type", REFUSED, Fault::json(400, r#"{"error":"unsupported_grant_type"}"#)),
        ("token_invalid_scope", REFUSED, Fault::json(400, r#"{"error":"invalid_scope"}"#)),
        ("token_invalid_target", REFUSED, Fault::json(400, r#"{"error":"invalid_target"}"#)),
        ("token_invalid_dpop_proof", REFUSED, Fault::json(400, r#"{"error":"invalid_dpop_proof"}"#)),
        ("token_content_type", "OAUTH_INVALID_CONTENT_TYPE", Fault::answered(200, "text/html", "<p>")),
        ("token_error_answer", FORMAT, Fault::json(200, r#"{"error":"bad_verification_code"}"#)),
        ("token_not_json", UNKNOWN, Fault::json(200, "{")),
        ("token_malformed", FORMAT, Fault::json(200, r#"{"token_type":"bearer"}"#)),
    ]
}

/// Errors of userinfo.
fn of_userinfo() -> Vec<(&'static str, &'static str, Fault)> {
    const UNKNOWN: &str = "UNKNOWN_OAUTH_USER_INFO_ERROR";
    let long = format!(r#"{{"id":"1","name":"{}"}}"#, "n".repeat(30_000));
    vec![
        ("userinfo_unreachable", UNKNOWN, Fault::Lost(FetchError::Unreachable)),
        ("userinfo_too_large", UNKNOWN, Fault::Lost(FetchError::TooLarge)),
        ("userinfo_encoded", UNKNOWN, Fault::Lost(FetchError::Encoded)),
        ("userinfo_status", "INVALID_OAUTH_USER_INFO_RESPONSE", Fault::json(401, "{}")),
        ("userinfo_content_type", "OAUTH_INVALID_CONTENT_TYPE", Fault::answered(200, "text/html", "<p>")),
        ("userinfo_not_json", UNKNOWN, Fault::json(200, "{")),
        (
            "userinfo_malformed",
            "INVALID_OAUTH_USER_INFO_RES_FORMAT",
            Fault::json(200, r#"{"id":true,"email":7}"#),
        ),
        ("userinfo_without_id", "INVALID_USER_INFO", Fault::json(200, r#"{"name":"Ada"}"#)),
        ("profile_too_large", "INVALID_USER_INFO", Fault::json(200, &long)),
    ]
}

/// Reasons of other routes, and of the host before the core is asked.
const NOT_OF_A_CALLBACK: [(&str, &str); 38] = [
    ("attempt_too_long", "a sign-in that cannot begin has no callback"),
    ("body_timed_out", "a callback has no body"),
    ("body_too_large", "a callback has no body"),
    ("cross_site", "a callback comes from another site"),
    ("csrf_cookie_missing", "the attempt guards a callback"),
    ("csrf_token_mismatch", "the attempt guards a callback"),
    ("csrf_token_missing", "the attempt guards a callback"),
    ("id_token_event", "of a logout token"),
    ("id_token_other_subject", "of tokens that are renewed"),
    ("malformed_body", "a callback has no body"),
    ("no_entropy", "the host draws it before it asks the core"),
    ("no_revocation_endpoint", "of /providers"),
    ("not_found", "of a path that is no route"),
    ("other_user", "of /providers"),
    ("refresh_refused", "of /providers"),
    ("revocation_status", "of /providers"),
    ("revocation_unreachable", "of /providers"),
    ("session_invalid", "of /session"),
    ("session_missing", "of /session"),
    ("session_not_yet", "of /session"),
    ("session_ended", "of /session; a callback goes on as without a session"),
    ("session_check_unavailable", "of /session; a callback goes on as without a session"),
    ("session_needs_check", "of a reading that asks nobody"),
    ("session_store_unavailable", "of stored sessions; a callback is tested with them"),
    ("session_needs_store", "of a reading that asks no store"),
    ("not_allowed", "of a guard"),
    ("claims_mismatch", "of an extractor"),
    ("authentication_too_old", "of a guard, and of /sessions"),
    ("acr_not_met", "of a guard"),
    ("step_up_unsupported", "of a guard, and of /sessions"),
    ("acr_conflict", "of a guard"),
    ("member_not_editable", "of /session"),
    ("session_too_large", "of /session; a callback says profile_too_large"),
    ("tokens_busy", "of /providers"),
    ("tokens_invalid", "of /providers"),
    ("tokens_missing", "of /providers"),
    ("tokens_not_readable", "of /providers"),
    ("unreachable", "a defect of the core, which nothing is known to show"),
];

#[test]
fn every_reason_of_the_browsers_side_is_produced_by_a_callback() {
    for (reason, status, code, produce) in OF_THE_BROWSER {
        assert_ends(&produce(), (reason, status, code));
    }
}

#[test]
fn every_reason_of_the_providers_side_is_produced_by_a_callback() {
    let failed = begun(Pair::new(), |pair, _| {
        let authorize = pair.begin("dev", "/");
        let denied = pair.deny("dev", &authorize);
        denied.replace("error=access_denied", "error=server_error")
    });
    assert_ends(&failed, ("authorization_failed", 502, "AUTH_PROVIDER_REJECTED"));
    for (reason, code, fault) in of_the_token_endpoint() {
        let mut pair = Pair::new();
        pair.app.token_fault = Some(fault);
        assert_ends(&begun(pair, |_, callback| callback), (reason, 502, code));
    }
    for (reason, code, fault) in of_userinfo() {
        let mut pair = Pair::new();
        pair.app.userinfo_fault = Some(fault);
        assert_ends(&begun(pair, |_, callback| callback), (reason, 502, code));
    }
}

#[test]
fn every_reason_of_openid_connect_is_produced_by_a_sign_in() {
    for (reason, status, code, how) in openid::endings() {
        assert_ends(&how.produce(), (reason, status, code));
    }
}

#[test]
fn every_reason_of_the_source_is_produced_or_said_to_be_no_callbacks() {
    let mut listed: Vec<_> = OF_THE_BROWSER.iter().map(|ending| ending.0).collect();
    listed.extend(of_the_token_endpoint().iter().map(|fault| fault.0));
    listed.extend(of_userinfo().iter().map(|fault| fault.0));
    listed.extend(openid::endings().iter().map(|ending| ending.0));
    listed.push("authorization_failed");
    listed.extend(NOT_OF_A_CALLBACK.iter().map(|other| other.0));
    let known: BTreeSet<_> = listed.iter().map(|&reason| reason.to_owned()).collect();
    assert_eq!(known.len(), listed.len(), "a reason is listed twice");
    assert_eq!(known, reasons_of_the_source());
}

/// The reasons in the rows of the error tables: `Variant = [status type code reason ..]`.
fn reasons_of_the_source() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../aura-proto/src/error");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts: Vec<_> = files.map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let rows = texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.split_once(" = ["));
    rows.flat_map(|(_, row)| reasons_of(&row.split_whitespace().collect::<Vec<_>>())).collect()
}

/// One reason, or two for the ways in which no answer comes: `discovery + error`.
fn reasons_of(row: &[&str]) -> Vec<String> {
    match row {
        [status, ..] if status.parse::<u16>().is_err() => Vec::new(),
        [_, _, _, step, "+", ..] => {
            ["unreachable", "too_large", "encoded"].map(|end| format!("{step}_{end}")).into()
        }
        [_, _, _, reason, ..] => vec![(*reason).to_owned()],
        _ => Vec::new(),
    }
}

fn assert_ends(answer: &Answer, (reason, status, code): (&str, u16, &str)) {
    let found = (answer.json["reason"].as_str(), answer.status.as_u16(), answer.json["code"].as_str());
    assert_eq!(found, (Some(reason), status, Some(code)));
}

/// Begins a sign-in, lets the provider approve it, and ends with a callback that a test may alter.
fn begun(pair: Pair, alter: impl FnOnce(&mut Pair, String) -> String) -> Answer {
    end(pair, |pair| {
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        alter(pair, callback)
    })
}

/// Ends with a callback; there is no session afterwards, whatever the reason.
fn end(mut pair: Pair, callback: impl FnOnce(&mut Pair) -> String) -> Answer {
    let callback = callback(&mut pair);
    let answer = pair.fetch(Method::GET, &callback, &[], "");
    assert_eq!(pair.session().status, 401);
    answer
}

/// Comes back from a provider that always names itself.
fn of_issuer(iss: &str) -> Answer {
    let strict = Provider::oauth("strict", "id")
        .with_name("Strict")
        .authorization_endpoint("https://strict.test/authorize")
        .token_endpoint("https://strict.test/token")
        .userinfo_endpoint("https://strict.test/userinfo")
        .client_secret(ClientSecret::new("secret"))
        .issuer("https://strict.test")
        .iss(IssParameter::Always);
    end(Pair::at("https://app.test", |builder| builder.provider(strict)), |pair| {
        let authorize = pair.begin("strict", "/");
        let state = authorize.query_pairs().find(|(name, _)| name == "state").expect("a state").1;
        format!("/auth/callback/strict?code=c&state={state}{iss}")
    })
}

/// Comes back to a site without a base URL.
fn at_host(configure: impl FnOnce(Builder) -> Builder, fields: &[(&str, &str)]) -> Answer {
    let builder = aura_tests::bare_builder(SECRET);
    let github = aura_providers::GITHUB.with_client("id", ClientSecret::new("secret"));
    let mut app = App::new(configure(builder.provider(github)).build().expect("sound"), Vec::new());
    let request = Request::get("/auth/callback/github?code=c&state=s").header(header::COOKIE, "a=b");
    let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.answer_with(request.body(Bytes::new()).expect("a request"), 1_795_500_000, [1; 32]).into()
}
