//! Claims about the user: those that are shown alone, pictures, and signed userinfo.

use super::{HEADER, arrive, begin, ended, failure, granted, ignored, keys, pair, success};
use aura_proto::provider::{ClaimsSource, Profile, Provider};
use aura_tests::forge::sign;
use aura_tests::{Fault, Pair};
use serde_json::{Value, json};

/// Signs in at an OAuth provider that says this of the user.
fn at_oauth(pair: &mut Pair, userinfo: &Value) -> (u16, String) {
    let authorize = pair.begin("dev", "/");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.app.events.clear();
    pair.app.userinfo_fault = Some(Fault::json(200, &userinfo.to_string()));
    ended(&pair.visit(&callback))
}

/// Signs in at an OpenID Provider whose ID token and userinfo say this.
fn at_openid(pair: &mut Pair, in_token: &Value, userinfo: &Value) -> (u16, String) {
    let mut begun = begin(pair);
    begun.claims.as_object_mut().unwrap().extend(in_token.as_object().unwrap().clone());
    let token = granted(&sign(HEADER, &begun.claims.to_string()));
    ended(&arrive(pair, &begun.callback, &token, &keys(), userinfo))
}

#[test]
fn fr_09_what_is_shown_alone_is_absent_where_it_is_of_another_type() {
    let odd = [
        json!(42),
        json!(["ada@a.test"]),
        json!({ "data": { "url": "https://p.test" } }),
        json!(true),
        json!([]),
    ];
    for value in odd {
        for (member, shown, claim) in
            [("name", "name", "name"), ("email", "email", "email"), ("picture", "image", "picture")]
        {
            let said = json!({ "sub": "ada", member: value });
            let mut oauth = Pair::new();
            assert_eq!(at_oauth(&mut oauth, &said), success(), "{said}");
            let mut by_userinfo = pair(|row| row);
            assert_eq!(at_openid(&mut by_userinfo, &json!({}), &said), success(), "{said}");
            let mut by_token = pair(|row| row.claims_source(ClaimsSource::IdToken));
            assert_eq!(at_openid(&mut by_token, &said, &Value::Null), success(), "{said}");
            for mut pair in [oauth, by_userinfo, by_token] {
                assert_eq!(ignored(&pair), [claim], "{said}");
                let user = pair.session().json["user"].take();
                assert_eq!((&user["sub"], &user[shown]), (&json!("ada"), &Value::Null), "{said}");
            }
        }
    }
}

#[test]
fn fr_09_what_decides_something_is_strict() {
    for value in [json!(true), json!(["ada"]), json!({ "id": "ada" }), json!(1.5)] {
        let mut oauth = Pair::new();
        assert_eq!(
            at_oauth(&mut oauth, &json!({ "sub": value, "name": 7 })),
            failure(502, "userinfo_malformed")
        );
        let refused = at_openid(&mut pair(|row| row), &json!({}), &json!({ "sub": value }));
        assert_eq!(refused, failure(502, "userinfo_malformed"), "{value}");
        let refused = at_openid(&mut pair(|row| row), &json!({ "sub": value }), &json!({ "sub": "ada" }));
        assert_eq!(refused, failure(401, "id_token_claim_type"), "{value}");
    }
    for name in ["azp", "at_hash", "auth_time", "nbf"] {
        let refused = at_openid(&mut pair(|row| row), &json!({ name: ["odd"] }), &json!({ "sub": "ada" }));
        assert_eq!(refused, failure(401, "id_token_claim_type"), "{name}");
    }
    // What an application asks for is handed to it as it is.
    let mut verified = pair(|row| row);
    verified.app.admit = |candidate| {
        let odd = candidate.userinfo["email_verified"] == "yes";
        if odd { aura_proto::Admission::Refuse } else { candidate.admit() }
    };
    let refused = at_openid(&mut verified, &json!({}), &json!({ "sub": "ada", "email_verified": "yes" }));
    assert_eq!(refused, failure(403, "not_admitted"));
}

#[test]
fn fr_09_the_next_pointer_is_tried_as_where_nothing_is_there() {
    let profile = Profile::default().name_at(["/name", "/login"]);
    let shape = move |row: Provider| row.profile(profile.clone());
    let mut pair = Pair::with("https://app.test", shape, |builder| builder);
    assert_eq!(at_oauth(&mut pair, &json!({ "id": "1", "name": 42, "login": "ada" })), success());
    assert_eq!(pair.session().json["user"]["name"], "ada");
    assert!(ignored(&pair).is_empty());
}

/// A picture of this many characters.
fn picture(beginning: &str, length: usize) -> String {
    format!("{beginning}{}", "A".repeat(length.saturating_sub(beginning.len())))
}

#[test]
fn fr_11_a_long_picture_is_left_out_wherever_it_comes_from() {
    for long in [
        picture("data:image/png;base64,", 16_000),
        picture("https://p.test/", 1_025),
        picture("data:image/png;base64,", 40_000),
    ] {
        let said = json!({ "sub": "ada", "name": "Ada", "picture": long });
        let mut oauth = Pair::new();
        assert_eq!(at_oauth(&mut oauth, &said), success());
        let mut by_userinfo = pair(|row| row);
        assert_eq!(at_openid(&mut by_userinfo, &json!({}), &said), success());
        let mut by_token = pair(|row| row.claims_source(ClaimsSource::IdToken));
        assert_eq!(at_openid(&mut by_token, &said, &Value::Null), success());
        let by_function = |row: Provider| {
            row.profile_by(|said| {
                let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
                Ok(aura_proto::User::new(text("sub")).with_name(text("name")).with_image(text("picture")))
            })
        };
        let mut function = Pair::with("https://app.test", by_function, |builder| builder);
        assert_eq!(at_oauth(&mut function, &said), success());
        for mut pair in [oauth, by_userinfo, by_token, function] {
            assert_eq!(ignored(&pair), ["picture"]);
            let user = pair.session().json["user"].take();
            assert_eq!((&user["name"], &user["image"]), (&json!("Ada"), &Value::Null));
        }
    }
}

#[test]
fn fr_11_a_short_picture_stays_and_other_claims_have_their_limit() {
    for short in [picture("https://p.test/", 1_024), picture("data:image/svg+xml,", 300)] {
        let mut pair = Pair::new();
        assert_eq!(at_oauth(&mut pair, &json!({ "id": "1", "picture": short })), success());
        assert!(ignored(&pair).is_empty());
        assert_eq!(pair.session().json["user"]["image"], short.as_str());
    }
    let long = json!({ "id": "1", "name": "n".repeat(30_000) });
    assert_eq!(at_oauth(&mut Pair::new(), &long), failure(502, "profile_too_large"));
    // A token of a provider may have 64 KiB, and no more.
    let too_long = json!({ "picture": picture("data:", 60_000) });
    let refused = at_openid(&mut pair(|row| row), &too_long, &json!({ "sub": "ada" }));
    assert_eq!(refused, failure(401, "id_token_malformed"));
}

/// Signs in where userinfo is signed: its claims, the algorithms that are announced for it, and its header.
fn signed_userinfo(claims: &Value, announced: Option<Value>, header: &str) -> (u16, String) {
    let mut pair = pair(|row| row);
    let url = url::Url::parse("https://idp.test/.well-known/openid-configuration").unwrap();
    let mut document: Value = serde_json::from_slice(pair.at_provider("dev", &url).body()).unwrap();
    if let Some(announced) = announced {
        document["userinfo_signing_alg_values_supported"] = announced;
    }
    pair.app.discovery_fault = Some(Fault::json(200, &document.to_string()));
    let begun = begin(&mut pair);
    let token = granted(&sign(HEADER, &begun.claims.to_string()));
    pair.app.token_fault = Some(Fault::json(200, &token.to_string()));
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": keys() }).to_string()));
    pair.app.userinfo_fault =
        Some(Fault::answered(200, "application/jwt", &sign(header, &claims.to_string())));
    let ended = ended(&pair.visit(&begun.callback));
    if ended.0 == 200 {
        assert_eq!(pair.session().json["user"]["email"], "a@a.test");
    }
    ended
}

#[test]
fn fr_37_signed_userinfo_has_algorithms_of_its_own() {
    let said = json!({ "sub": "ada", "email": "a@a.test", "iss": "https://idp.test", "aud": "dev-client" });
    for announced in [None, Some(json!(["PS256", "EdDSA"])), Some(json!(["none", "Ed25519"]))] {
        assert_eq!(signed_userinfo(&said, announced.clone(), HEADER), success(), "{announced:?}");
    }
    let untrusted = failure(502, "userinfo_untrusted_signature");
    for announced in [json!(["PS256"]), json!(["none"]), json!([])] {
        assert_eq!(signed_userinfo(&said, Some(announced.clone()), HEADER), untrusted, "{announced}");
    }
}

#[test]
fn fr_04_keys_in_the_header_of_signed_userinfo_are_ignored() {
    let said = json!({ "sub": "ada", "email": "a@a.test", "iss": "https://idp.test", "aud": "dev-client" });
    let header =
        |more: &str| format!(r#"{{"alg":"EdDSA","kid":"a","jku":"https://uaa.example/keys",{more}}}"#);
    assert_eq!(signed_userinfo(&said, None, &header(r#""x5c":[]"#)), success());
    let refused = signed_userinfo(&said, None, &header(r#""b64":true"#));
    assert_eq!(refused, failure(502, "userinfo_untrusted_signature"));
}

#[test]
fn p_02_signed_userinfo_may_lack_issuer_and_audience() {
    for more in [json!({}), json!({ "iss": "https://idp.test" }), json!({ "aud": ["dev-client"] })] {
        let mut said = json!({ "sub": "ada", "email": "a@a.test" });
        said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(signed_userinfo(&said, None, HEADER), success(), "{said}");
    }
}

#[test]
fn fr_37_p_02_what_is_there_is_compared() {
    let untrusted = failure(502, "userinfo_untrusted_signature");
    for (more, ends) in [
        (json!({ "iss": "https://other.test" }), untrusted.clone()),
        (json!({ "aud": "another" }), untrusted.clone()),
        (json!({ "aud": ["dev-client", "another"] }), untrusted.clone()),
        (json!({ "iss": null }), untrusted.clone()),
        (json!({ "iss": ["https://idp.test"] }), untrusted.clone()),
        (json!({ "nonce": "n" }), untrusted.clone()),
        (json!({ "exp": 1, "iat": 1 }), untrusted.clone()),
        (json!({ "sub": "eve" }), failure(502, "userinfo_other_subject")),
    ] {
        let mut said = json!({ "sub": "ada", "email": "a@a.test" });
        said.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(signed_userinfo(&said, None, HEADER), ends, "{said}");
    }
    let said = json!({ "sub": "ada", "email": "a@a.test" });
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"EdDSA","kid":"b"}"#, r#"{"alg":"EdDSA","typ":"at+jwt"}"#] {
        assert_eq!(signed_userinfo(&said, None, header), untrusted, "{header}");
    }
}
