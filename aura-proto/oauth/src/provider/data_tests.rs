//! Tests of the JSON form of a provider.

use super::*;
use crate::oauth::authorization::ExpectedIssuer;
use crate::oauth::client_auth::ClientAuthentication;

fn oauth(members: &str) -> Result<Provider, String> {
    let data = format!(
        r#"{{"id":"m","name":"M","kind":"oauth","authorize_url":"https://m.test/a","token_url":"https://m.test/t",
            "userinfo_url":"https://m.test/u","client_id":"id"{members}}}"#
    );
    serde_json::from_str(&data).map_err(|error| error.to_string())
}

#[test]
fn every_member_of_an_oauth_provider_can_be_data() {
    let provider = oauth(
        r#","client_secret":"s","client_authentication":"client_secret_basic","userinfo_method":"POST",
           "userinfo_headers":{"X-Client":"{client_id}"},"authorization_parameters":{"audience":"x"},
           "issuer":"https://m.test","iss":"always","profile":{"sub":["/a/b"]}"#,
    );
    let checked = provider.unwrap().validate().unwrap();
    assert_eq!(checked.userinfo_method, UserInfoMethod::Post);
    assert_eq!(checked.userinfo_headers[0].1, "id");
    assert_eq!(checked.authorization_parameters, [("audience".to_owned(), "x".to_owned())]);
    assert_eq!(checked.configured().unwrap().issuer, ExpectedIssuer::Always("https://m.test".to_owned()));
    assert!(matches!(
        checked.configured().unwrap().client_authentication,
        ClientAuthentication::Secret(_, SecretMethod::Basic)
    ));
    let user = checked.profile.user(&serde_json::json!({ "a": { "b": 7 } }));
    assert_eq!(user.unwrap().0.sub(), "7");
}

#[test]
fn a_member_of_an_oauth_provider_that_is_not_known_is_named() {
    for (members, named) in [
        (r#","scopes":"x""#, "unknown field `scopes`"),
        (r#","userinfo_method":"PUT""#, "unknown variant `PUT`"),
        (r#","iss":"never""#, "unknown variant `never`"),
        (r#","client_authentication":"none""#, "unknown variant `none`"),
        (r#","profile":{"id":["/id"]}"#, "unknown field `id`"),
    ] {
        let error = oauth(members).unwrap_err();
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn a_client_without_a_secret_is_public() {
    let checked = oauth("").unwrap().validate().unwrap();
    assert!(matches!(checked.configured().unwrap().client_authentication, ClientAuthentication::None));
}

fn oidc(members: &str) -> Result<Provider, String> {
    let data = format!(
        r#"{{"kind":"oidc","id":"m","name":"M","issuer":"https://m.test","client_id":"id"{members}}}"#
    );
    serde_json::from_str(&data).map_err(|error| error.to_string())
}

#[test]
fn every_member_of_an_openid_provider_can_be_data() {
    let provider = oidc(
        r#","client_secret":"s","client_authentication":"client_secret_post","scope":"openid","claims_source":"idtoken",
           "id_token_key":"client_secret","pushed_requests":"never","sign_out":"provider","access_tokens":"dpop",
           "authorization_parameters":{"prompt":"login"},"request_parameters":["login_hint"],"profile":{"sub":["/oid"]}"#,
    );
    let checked = provider.unwrap().validate().unwrap();
    assert_eq!(checked.authorization_parameters, [("prompt".to_owned(), "login".to_owned())]);
    assert_eq!(checked.request_parameters, ["login_hint"]);
    assert!(checked.is_bound());
    assert_eq!(checked.profile.user(&serde_json::json!({ "oid": "7" })).unwrap().0.sub(), "7");
}

#[test]
fn a_member_of_an_openid_provider_that_is_not_known_is_named() {
    for (members, named) in [
        (r#","issuer_url":"https://m.test""#, "unknown field `issuer_url`"),
        (r#","claims_source":"both""#, "unknown variant `both`"),
    ] {
        let error = oidc(members).unwrap_err();
        assert!(error.contains(named), "{error}");
    }
    let error = oidc(r#","scope":"profile""#).unwrap().validate().unwrap_err().to_string();
    assert!(error.contains("openid"), "{error}");
}

#[test]
fn a_member_that_does_not_fit_the_kind_is_named_with_the_remedy() {
    let error = oidc(r#","authorize_url":"https://m.test/a""#).unwrap_err();
    let sentence = "member `authorize_url` does not fit kind `oidc`; remove it, or make the kind `oauth`";
    assert!(error.starts_with(sentence), "{error}");
    let error = oauth(r#","access_tokens":"dpop""#).unwrap_err();
    let sentence = "member `access_tokens` does not fit kind `oauth`; remove it, or make the kind `oidc`";
    assert!(error.starts_with(sentence), "{error}");
    for member in [r#""iss":"optional""#, r#""revocation_url":null"#, r#""userinfo_headers":{}"#] {
        assert!(oidc(&format!(",{member}")).unwrap_err().contains("does not fit"), "{member}");
        assert!(oauth(&format!(",{member}")).is_ok(), "{member}");
    }
}

#[test]
fn required_members_null_and_repetition_are_as_strict_as_the_types() {
    for (data, named) in [
        (r#"{"id":"m"}"#, "missing field `kind`"),
        (r#"{"kind":"openid","id":"m"}"#, "unknown variant `openid`, expected `oauth` or `oidc`"),
        (r#"{"kind":"oidc","id":"m","name":"M","client_id":"c"}"#, "missing field `issuer`"),
        (r#"{"kind":"oidc","id":"m","name":"M","client_id":"c","issuer":null}"#, "missing field `issuer`"),
        (r#"{"kind":"oauth","id":"m","name":"M","client_id":"c"}"#, "missing field `authorize_url`"),
    ] {
        let error = serde_json::from_str::<Provider>(data).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
    for (member, by_oauth, by_oidc) in [
        (r#""client_secret":null"#, true, true),
        (r#""client_authentication":null"#, false, true),
        (r#""profile":null"#, false, true),
        (r#""scope":null"#, false, false),
        (r#""id":"again""#, false, false),
    ] {
        let member = format!(",{member}");
        assert_eq!((oauth(&member).is_ok(), oidc(&member).is_ok()), (by_oauth, by_oidc), "{member}");
    }
}
