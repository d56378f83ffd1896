//! Token endpoint: tokens for a code or a refresh token (RFC 6749 sections 4.1.3 and 6).

use bytes::Bytes;
use http::Request;

use crate::authentication::authenticate;
use crate::client::Client;
use crate::digest::Fingerprint;
use crate::dpop::{self, DpopError};
use crate::endpoint::Endpoint;
use crate::entropy::{Entropy, Label};
use crate::error::TokenError;
use crate::form::Parameters;
use crate::id_token::{self, Occasion, Subject};
use crate::idp::Idp;
use crate::response::{self, Response};
use crate::state::{Access, Binding, BoundAccess, State};
use crate::token_response::{self, Issued};

/// A verified grant.
enum Granted {
    Code { code: String, access: Access },
    Refresh { family: Fingerprint, access: Access },
}

/// Answers `POST token`.
pub(crate) fn redeem(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
    entropy: &Entropy,
) -> Response {
    match exchange(idp, state, request, now) {
        Ok((granted, binding)) => issue(idp, state, granted, binding, now, entropy).into_response(idp),
        Err(TokenError::UseDpopNonce) => {
            let response = response::token_error(TokenError::UseDpopNonce);
            dpop::with_nonce(response, state, now, entropy)
        }
        Err(error) => token_response::error(idp, error),
    }
}

fn exchange(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
) -> Result<(Granted, Binding), TokenError> {
    let parameters = Parameters::from_body(request)?;
    parameters.refuse_repeated()?;
    let client = authenticate(idp, state, request.headers(), &parameters, now)?;
    let binding = dpop::binding(idp, state, request, Endpoint::Token, now).map_err(|error| match error {
        DpopError::Invalid => TokenError::InvalidDpopProof,
        DpopError::NonceRequired => TokenError::UseDpopNonce,
    })?;
    let granted = match parameters.one("grant_type")? {
        None => return Err(TokenError::MissingGrantType),
        Some("authorization_code") => by_code(state, client, &parameters, now)?,
        Some("refresh_token") => by_refresh_token(state, client, &parameters, now)?,
        Some(_) => return Err(TokenError::UnsupportedGrantType),
    };
    Ok((granted, binding))
}

fn by_code(
    state: &mut State,
    client: &Client,
    parameters: &Parameters,
    now: u64,
) -> Result<Granted, TokenError> {
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
    Ok(Granted::Code { code: code.to_owned(), access: grant.access })
}

/// The refresh token grant (RFC 6749 section 6).
fn by_refresh_token(
    state: &mut State,
    client: &Client,
    parameters: &Parameters,
    now: u64,
) -> Result<Granted, TokenError> {
    let token = parameters.one("refresh_token")?.ok_or(TokenError::MissingRefreshToken)?;
    let (access, family) =
        state.take_refresh_grant(token, client.id(), now).map_err(|_| TokenError::NoRefreshToken)?;
    Ok(Granted::Refresh { access, family })
}

fn issue(
    idp: &Idp,
    state: &mut State,
    granted: Granted,
    binding: Binding,
    now: u64,
    entropy: &Entropy,
) -> Issued {
    let access_token = entropy.derive(Label::AccessToken);
    let (access, family, occasion) = match granted {
        Granted::Code { code, access } => {
            let bound = BoundAccess { access: access.clone(), binding: binding.clone() };
            state.keep_token(&access_token, &code, bound, now);
            (access, Fingerprint::of(&code), Occasion::SignIn)
        }
        Granted::Refresh { family, access } => {
            let bound = BoundAccess { access: access.clone(), binding: binding.clone() };
            state.keep_refreshed_token(&access_token, bound, now);
            (access, family, Occasion::Refresh)
        }
    };
    // Plain OAuth requests get the members of RFC 6749 section 5.1 and no others.
    let has_openid = access.has_scope("openid");
    let refresh_token = (has_openid && access.has_scope("offline_access")).then(|| {
        let token = entropy.derive(Label::RefreshToken);
        state.keep_refresh_token(&token, access.clone(), family, now);
        token
    });
    let subject = Subject { idp, access: &access, access_token: access_token.as_str(), occasion, now };
    let id_token = if has_openid { id_token::mint(&subject, state) } else { None };
    Issued { access_token, binding, refresh_token, id_token, scope: access.scope }
}

/// `code-verifier = 43*128unreserved` (RFC 7636 section 4.1)
fn is_code_verifier(value: &str) -> bool {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&value.len()) && value.bytes().all(is_unreserved)
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
