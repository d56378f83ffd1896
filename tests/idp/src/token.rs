//! When does a code become a token? When everything matches, once (RFC 6749 section 4.1.3).

use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value, json};

use crate::authentication::authenticate;
use crate::entropy::{Credential, Entropy, Label};
use crate::error::TokenError;
use crate::form::Parameters;
use crate::idp::Idp;
use crate::response::{self, Response};
use crate::state::{Access, State, TOKEN_LIFETIME};

/// Answers `POST token`.
pub(crate) fn redeem(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
    entropy: &Entropy,
) -> Response {
    match exchange(idp, state, request, now, entropy) {
        Ok((token, access)) => response::success(&body(&token, &access)),
        Err(error) => response::token_error(error),
    }
}

fn exchange(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
    entropy: &Entropy,
) -> Result<(Credential, Access), TokenError> {
    let parameters = Parameters::from_body(request)?;
    parameters.refuse_repeated()?;
    let client = authenticate(idp, request.headers(), &parameters)?;

    match parameters.one("grant_type")? {
        None => return Err(TokenError::MissingGrantType),
        Some("authorization_code") => {}
        Some(_) => return Err(TokenError::UnsupportedGrantType),
    }
    let code = parameters.one("code")?.ok_or(TokenError::MissingCode)?;
    let redirect_uri = parameters.one("redirect_uri")?.ok_or(TokenError::MissingRedirectUri)?;
    let code_verifier = parameters.one("code_verifier")?.ok_or(TokenError::MissingCodeVerifier)?;
    if !is_code_verifier(code_verifier) {
        return Err(TokenError::MalformedCodeVerifier);
    }

    // From here on the code is used, whatever comes of it.
    let grant = state.take_grant(code, client.id(), now)?;
    if grant.redirect_uri != redirect_uri {
        return Err(TokenError::OtherRedirectUri);
    }
    if !grant.code_challenge.is_met_by(code_verifier) {
        return Err(TokenError::OtherCodeVerifier);
    }
    let token = entropy.derive(Label::AccessToken);
    state.keep_token(&token, code, grant.access.clone(), now);
    Ok((token, grant.access))
}

/// `code-verifier = 43*128unreserved` (RFC 7636 section 4.1)
fn is_code_verifier(value: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&value.len()) && value.bytes().all(is_unreserved)
}

/// The successful response (RFC 6749 section 5.1).
fn body(token: &Credential, access: &Access) -> Value {
    let mut members = Map::new();
    members.insert("access_token".to_owned(), json!(token.as_str()));
    members.insert("token_type".to_owned(), json!("Bearer"));
    members.insert("expires_in".to_owned(), json!(TOKEN_LIFETIME));
    if let Some(scope) = &access.scope {
        members.insert("scope".to_owned(), json!(scope.as_str()));
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_verifier_is_43_to_128_unreserved_characters() {
        assert!(is_code_verifier(&"a".repeat(43)));
        assert!(is_code_verifier(&"-._~".repeat(32)));
        assert!(!is_code_verifier(&"a".repeat(42)));
        assert!(!is_code_verifier(&"a".repeat(129)));
        assert!(!is_code_verifier(&"+".repeat(43)));
        assert!(!is_code_verifier(&"é".repeat(43)));
    }
}
