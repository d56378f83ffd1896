//! What a session is made of that the application admits.

use aura_proto::Candidate;
use aura_tests::{Fault, Pair};
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
