//! What a session is made of that the application admits.

use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Admission, Candidate};
use aura_tests::{Fault, Pair};
use http::Method;
use serde_json::{Value, json};

#[test]
fn claims_that_are_too_large_are_the_applications_and_a_large_profile_the_providers() {
    let signs_in = |pair: &mut Pair, userinfo: Value| {
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.app.userinfo_fault = Some(Fault::json(200, &userinfo.to_string()));
        let page = pair.visit(&callback);
        let json: Value = serde_json::from_slice(&page.body).unwrap_or_default();
        (page.status.as_u16(), json["reason"].clone())
    };
    let mut pair = Pair::new();
    pair.app.admit = |candidate| candidate.admit_with(&json!({ "roles": "r".repeat(30_000) }));
    let small = json!({ "id": "ada" });
    assert_eq!(signs_in(&mut pair, small.clone()), (500, json!("claims_too_large")));
    let large = json!({ "id": "ada", "name": "n".repeat(30_000) });
    assert_eq!(signs_in(&mut pair, large), (502, json!("profile_too_large")));
    pair.app.admit = Candidate::admit;
    assert_eq!(signs_in(&mut pair, small).0, 200);
}

#[test]
fn where_a_profile_is_read_again_the_application_decides_with_the_tokens_that_are_kept() {
    let kept = |provider: Provider| provider.tokens(TokenRetention::Kept);
    let mut pair = Pair::with("https://app.test", kept, |builder| builder);
    pair.sign_in("dev", "ada");
    let token = pair.csrf_token();
    let refresh = |pair: &mut Pair| {
        let path = "/auth/providers/dev/user/refresh";
        pair.fetch(Method::POST, path, &[("x-csrf-token", &token)], "").status
    };
    pair.app.admit = |candidate| match &candidate.tokens {
        Some(tokens) if !tokens.access_token.expose().is_empty() => candidate.admit(),
        _ => Admission::Refuse,
    };
    assert_eq!(refresh(&mut pair), 200);
    pair.app.admit = |candidate| match &candidate.tokens {
        Some(tokens) if tokens.scopes.iter().any(|scope| scope == "org") => candidate.admit(),
        _ => Admission::Refuse,
    };
    assert_eq!(refresh(&mut pair), 403);
}

#[test]
fn a_domain_is_that_of_a_whole_address_which_the_provider_has_verified() {
    let mut pair = Pair::new();
    pair.app.admit = |candidate| match candidate.verified_domain() {
        Some(domain) => candidate.admit_with(&json!({ "domain": domain })),
        None => Admission::Refuse,
    };
    let mut status = |userinfo: Value| {
        let authorize = pair.begin("dev", "/");
        let callback = pair.approve("dev", &authorize, "ada");
        pair.app.userinfo_fault = Some(Fault::json(200, &userinfo.to_string()));
        pair.visit(&callback).status.as_u16()
    };
    let user =
        |email: &str, verified: Value| json!({ "id": "1", "email": email, "email_verified": verified });
    for verified in [json!(true), json!("true")] {
        assert_eq!(status(user("ada@Example.com", verified)), 200);
    }
    for email in ["@example.com", "ada@", "ada@exa mple.com", "ada@example.com ", "example.com", ""] {
        assert_eq!(status(user(email, json!(true))), 403, "{email:?}");
    }
    for unverified in [json!(false), json!("false"), json!(1), Value::Null] {
        assert_eq!(status(user("ada@example.com", unverified.clone())), 403, "{unverified}");
    }
}
