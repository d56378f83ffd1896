//! Userinfo answers of OpenID Providers, plain and signed (OpenID Connect Core 1.0 section 5.3.2).

use super::id_token::{Parties, SignedBy, check_audience, check_issuer, check_times, is_ahead};
use crate::refused::{IdTokenRefused, UserInfoRefused};
use aura_jose::StrictObject;
use aura_jose::UnverifiedJws;
use aura_types::UnixTime;
use serde_json::{Map, Value};

/// Reads a signed answer, which must be this provider's for this client.
pub fn verify(
    token: &str,
    parties: Parties<'_>,
    signed_by: SignedBy<'_>,
    now: UnixTime,
) -> Result<Map<String, Value>, IdTokenRefused> {
    let token = UnverifiedJws::parse(token, &["jwt"], parties.permitted)?;
    let mut claims = signed_by.verify(&token, parties.issuer)?;
    let said = claims.clone().into_members();
    // 5.3.2: if signed, the answer SHOULD contain iss and aud. Without them it is worth what an unsigned answer is, which came
    // from the same endpoint for the same access token.
    if claims.contains("iss") {
        check_issuer(&mut claims, parties)?;
    }
    if claims.contains("aud") {
        check_audience(&mut claims, parties)?;
    }
    // An answer needs no `exp`, `nbf` or `iat`; if it has one, it is checked (RFC 7519 section 4.1.4 to 4.1.6).
    if claims.contains("exp") {
        check_times(&mut claims, now)?;
    }
    for name in ["iat", "nbf"] {
        let begins = claims.take_numeric_date(name).map_err(|_| IdTokenRefused::ClaimType)?;
        if begins.is_some_and(|begins| is_ahead(begins, now)) {
            return Err(IdTokenRefused::NotYetValid);
        }
    }
    // An ID token is signed by the same keys for the same client, and is no answer of userinfo.
    if claims.contains("nonce") {
        return Err(IdTokenRefused::Nonce);
    }
    Ok(said)
}

/// Merges the claims of both. 5.3.2: the sub Claim in the UserInfo Response MUST be verified to exactly match the sub Claim in
/// the ID Token; if they do not match, the UserInfo Response values MUST NOT be used.
pub fn join(
    subject: &str,
    mut claims: Map<String, Value>,
    userinfo: Value,
) -> Result<Value, UserInfoRefused> {
    let Value::Object(userinfo) = userinfo else { return Err(UserInfoRefused::Malformed) };
    match userinfo.get("sub") {
        None => return Err(UserInfoRefused::WithoutId),
        Some(Value::String(sub)) if sub == subject => {}
        Some(Value::String(_)) => return Err(UserInfoRefused::OtherSubject),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            return Err(UserInfoRefused::Malformed);
        }
    }
    // The ID token's claims take precedence: they are signed.
    for (name, value) in userinfo {
        claims.entry(name).or_insert(value);
    }
    Ok(Value::Object(claims))
}

/// Reads an answer strictly: a name that is there twice could mean two users.
pub fn parse(body: &[u8]) -> Result<Value, UserInfoRefused> {
    let (not_json, malformed) = (UserInfoRefused::NotJson, UserInfoRefused::Malformed);
    let answer = StrictObject::parse_or(body, not_json, malformed)?;
    Ok(Value::Object(answer.into_members()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn mx_07_userinfo_is_about_the_user_of_the_id_token() {
        let claims = || json!({ "sub": "ada", "name": "Ada" }).as_object().cloned().unwrap();
        let join = |userinfo: Value| join("ada", claims(), userinfo);
        assert_eq!(
            join(json!({ "sub": "ada", "name": "Eve", "email": "ada@a.test" })),
            Ok(json!({ "sub": "ada", "name": "Ada", "email": "ada@a.test" }))
        );
        for (userinfo, error) in [
            (json!({ "sub": "eve" }), UserInfoRefused::OtherSubject),
            (json!({ "sub": "" }), UserInfoRefused::OtherSubject),
            (json!({ "id": "ada" }), UserInfoRefused::WithoutId),
            (json!({ "sub": 7 }), UserInfoRefused::Malformed),
            (json!({ "sub": ["ada"] }), UserInfoRefused::Malformed),
            (json!([]), UserInfoRefused::Malformed),
        ] {
            assert_eq!(join(userinfo.clone()), Err(error), "{userinfo}");
        }
    }

    #[test]
    fn an_answer_is_one_object_without_duplicates() {
        assert_eq!(parse(br#"{"sub":"a","sub":"b"}"#), Err(UserInfoRefused::Malformed));
        assert_eq!(parse(b"[]"), Err(UserInfoRefused::Malformed));
        assert_eq!(parse(b"<html>"), Err(UserInfoRefused::NotJson));
        assert_eq!(parse(br#"{"sub":"a"}"#), Ok(json!({ "sub": "a" })));
    }
}
