//! Peculiarities of Microsoft Entra ID, Apple and Authentik.

use super::recorded::{golden, server};
use super::sign_in::{CLIENT_SECRET, SignIn, error_of, response_of};
use super::signer::p256;
use aura_http::env::Environment;
use aura_proto::{Action, ClientSecret, SigningAlgorithm, SigningKey, VerificationKey};
use aura_providers::{APPLE, AUTHENTIK, MICROSOFT_ENTRA_ID, Provider};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Response, header};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use url::form_urlencoded;

/// The tenant of the recorded user.
const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";
const OTHER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

fn entra() -> Provider {
    let entra = MICROSOFT_ENTRA_ID.with_client("client-id", ClientSecret::new(CLIENT_SECRET));
    entra.issuer_parameter("tenant", "common")
}

/// Signs the recorded user of Entra ID in, after a change of the claims.
fn sign_in_at_entra(provider: Provider, change: impl FnOnce(&mut Value)) -> (u16, Value) {
    let golden = golden("microsoft-entra-id");
    let sign_in = SignIn::begin_at(provider, server(&golden));
    let mut claims = golden["users"][0]["id_token"].clone();
    change(&mut claims);
    let response = sign_in.finish(&golden["token_answer"], &claims, &Value::Null);
    let said = match response.status().as_u16() {
        302 => sign_in.user(&response)["name"].take(),
        _ => error_of(&response)["reason"].take(),
    };
    (response.status().as_u16(), said)
}

#[test]
fn mx_05_users_of_listed_tenants_sign_in_and_others_do_not() {
    let signed_in = (302, json!("Ada Lovelace"));
    assert_eq!(sign_in_at_entra(entra(), |_| {}), signed_in);
    assert_eq!(sign_in_at_entra(entra().tenants([OTHER_TENANT, TENANT]), |_| {}), signed_in);
    let refused = (401, json!("id_token_tenant"));
    assert_eq!(sign_in_at_entra(entra().tenants([OTHER_TENANT]), |_| {}), refused);
    assert_eq!(sign_in_at_entra(entra().tenants([""; 0]), |_| {}), refused);
}

#[test]
fn mx_05_the_issuer_of_a_token_holds_the_tenant_that_the_token_names() {
    let issuer_of = |tenant: &str| json!(format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    let refused = (401, json!("id_token_issuer"));
    let listed = || entra().tenants([TENANT]);
    let other_name = |claims: &mut Value| claims["tid"] = OTHER_TENANT.into();
    assert_eq!(sign_in_at_entra(entra(), other_name), refused);
    let other_issuer = |claims: &mut Value| claims["iss"] = issuer_of(OTHER_TENANT);
    assert_eq!(sign_in_at_entra(listed(), other_issuer), refused);
    let no_tenant = |claims: &mut Value| {
        claims.as_object_mut().unwrap().remove("tid");
    };
    assert_eq!(sign_in_at_entra(entra(), no_tenant), refused);
    let template =
        |claims: &mut Value| claims["iss"] = "https://login.microsoftonline.com/{tenantid}/v2.0".into();
    assert_eq!(sign_in_at_entra(entra(), template), refused);
    let malformed = |claims: &mut Value| claims["tid"] = json!([TENANT]);
    assert_eq!(sign_in_at_entra(entra(), malformed), (401, json!("id_token_claim_type")));
}

#[test]
fn mx_05_one_tenant_has_an_issuer_of_its_own() {
    let mut golden = golden("microsoft-entra-id");
    let own = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    golden["discovery"]["issuer"] = own.as_str().into();
    let one = || {
        let entra = MICROSOFT_ENTRA_ID.with_client("client-id", ClientSecret::new(CLIENT_SECRET));
        SignIn::begin_at(entra.issuer_parameter("tenant", TENANT), server(&golden))
    };
    let mut claims = golden["users"][0]["id_token"].clone();
    assert_eq!(one().finish(&golden["token_answer"], &claims, &Value::Null).status(), 302);
    claims["iss"] = format!("https://login.microsoftonline.com/{OTHER_TENANT}/v2.0").into();
    let error = error_of(&one().finish(&golden["token_answer"], &claims, &Value::Null));
    assert_eq!(error["reason"], "id_token_issuer");
}

fn apple() -> (SignIn, Value) {
    let golden = golden("apple");
    let apple = APPLE.with_public_client("com.example.app").apple_client_secret("TEAM123456", team_key());
    (SignIn::begin_at(apple, server(&golden)), golden)
}

/// Makes the key of a team, which the host keeps.
fn team_key() -> SigningKey {
    let public = include_str!("../../crates/idp/keys/p256-0.pub.pem");
    let public = VerificationKey::from_pem(SigningAlgorithm::Es256, public).unwrap();
    let sign = |input: &[u8]| Some(p256().sign(&SystemRandom::new(), input).ok()?.as_ref().to_vec());
    SigningKey::external(public, sign).with_kid("KEY1234567")
}

/// Follows the page that takes a posted answer home.
fn home(sign_in: &SignIn, page: &Response<bytes::Bytes>) -> Action {
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(page.headers().get(header::SET_COOKIE), None);
    let page = str::from_utf8(page.body()).unwrap();
    let (_, url) = page.split_once("content=\"0;url=").unwrap();
    sign_in.visit(&url.split_once('"').unwrap().0.replace("&amp;", "&"))
}

/// Signs in at Apple by a form, and returns the user.
fn sign_in_at_apple(user: Option<&str>) -> Value {
    let (sign_in, mut golden) = apple();
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("state", sign_in.parameter("state")).append_pair("code", "the-code");
    form.extend_pairs(user.map(|user| ("user", user)));
    let page = sign_in.post_callback(&form.finish());
    let Action::FetchToken(fetch) = home(&sign_in, &page) else { panic!("no token request") };
    let mut claims = golden["users"][0]["id_token"].take();
    claims["aud"] = "com.example.app".into();
    let answer = sign_in.with_id_token(&golden["token_answer"], &claims);
    let response = response_of(sign_in.granted(*fetch, &answer), |_| {});
    assert_eq!(response.status(), 302);
    sign_in.user(&response)
}

#[test]
fn the_client_secret_for_apple_is_a_token_of_the_teams_key() {
    let (sign_in, _) = apple();
    let fetch = sign_in.fetch_token("");
    let fields: Vec<_> = form_urlencoded::parse(fetch.request.body()).into_owned().collect();
    let field = |name: &str| fields.iter().find(|(other, _)| other == name).unwrap().1.clone();
    assert_eq!(field("client_id"), "com.example.app");
    let secret = field("client_secret");
    let part = |at: usize| {
        let part = URL_SAFE_NO_PAD.decode(secret.split('.').nth(at).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&part).unwrap()
    };
    let (header, claims) = (part(0), part(1));
    assert_eq!((&header["alg"], &header["kid"]), (&json!("ES256"), &json!("KEY1234567")));
    assert_eq!(claims["iss"], "TEAM123456");
    assert_eq!(claims["sub"], "com.example.app");
    assert_eq!(claims["aud"], "https://appleid.apple.com");
    // Apple takes at most six months.
    let lives = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    assert!((1..=15_777_000).contains(&lives), "{lives}");
    let (input, signature) = secret.rsplit_once('.').unwrap();
    let point = ring::signature::KeyPair::public_key(&p256()).as_ref().to_vec();
    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point);
    key.verify(input.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
}

#[test]
fn apple_says_the_name_once_unsigned_and_beside_the_token() {
    let user = r#"{"name":{"firstName":"Ada","lastName":"Lovelace"},"email":"ada@example.com"}"#;
    let email = "x7k@privaterelay.appleid.com";
    let sub = "001234.5d9d0c1f0e4b4a0f9c7e.0123";
    // The address is the signed one.
    let first = json!({ "sub": sub, "name": "Ada Lovelace", "email": email });
    assert_eq!(sign_in_at_apple(Some(user)), first);
    let later = json!({ "sub": sub, "email": email });
    assert_eq!(sign_in_at_apple(None), later);
    for odd in ["", "null", "[]", "\"Ada\"", "{", r#"{"sub":"eve","email":"eve@example.com"}"#] {
        assert_eq!(sign_in_at_apple(Some(odd)), later, "{odd}");
    }
}

#[test]
fn an_application_of_authentik_has_its_issuer_from_the_environment() {
    let golden = golden("authentik");
    let with = |issuer: &str, slug: &str| {
        let lookup = |name: &str| match name {
            "AUTHENTIK_CLIENT_ID" => Some("client-id".to_owned()),
            "AURA_AUTHENTIK_CLIENT_SECRET" => Some(CLIENT_SECRET.to_owned()),
            "AUTHENTIK_ISSUER" => Some(issuer.to_owned()),
            "AUTH_AUTHENTIK_APPLICATION_SLUG" => Some(slug.to_owned()),
            _ => None,
        };
        Environment::new(&lookup).provider(&AUTHENTIK).unwrap().unwrap()
    };
    for (issuer, slug) in [
        ("https://auth.example.com/application/o/:application_slug/", "my-app"),
        ("https://auth.example.com/application/o/my-app/", "not-asked-for"),
    ] {
        let sign_in = SignIn::begin_at(with(issuer, slug), server(&golden));
        let case = &golden["users"][0];
        let response = sign_in.finish(&golden["token_answer"], &case["id_token"], &case["userinfo"]);
        assert_eq!(sign_in.user(&response), case["user"], "{issuer}");
    }
}

#[test]
fn mx_06_the_slash_at_the_end_of_authentiks_issuer_counts() {
    let golden = golden("authentik");
    let authentik =
        |issuer: &str| AUTHENTIK.with_client("client-id", ClientSecret::new(CLIENT_SECRET)).issuer(issuer);
    let case = &golden["users"][0];
    let mut claims = case["id_token"].clone();
    claims["iss"] = "https://auth.example.com/application/o/my-app".into();
    let sign_in =
        SignIn::begin_at(authentik("https://auth.example.com/application/o/my-app/"), server(&golden));
    let error = error_of(&sign_in.finish(&golden["token_answer"], &claims, &case["userinfo"]));
    assert_eq!(error["reason"], "id_token_issuer");
}
