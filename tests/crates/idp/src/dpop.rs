//! DPoP proofs: proof of possession of the key that a token is bound to (RFC 9449).

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use url::Url;

use crate::behaviour::DpopNonce;
use crate::digest::s256;
use crate::endpoint::Endpoint;
use crate::entropy::{Entropy, Label};
use crate::idp::Idp;
use crate::jwk::VerificationKey;
use crate::jws::Jws;
use crate::response::Response;
use crate::state::{Binding, State};

/// By how many seconds the clocks may differ.
const SKEW: u64 = 60;
/// Private members of a JWK, which a proof must not contain (RFC 9449 section 4.3 step 7).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// Why a proof is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DpopError {
    Invalid,
    NonceRequired,
}

/// A proof that holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proof {
    pub(crate) thumbprint: String,
    pub(crate) ath: Option<String>,
}

/// Finds the binding of the tokens in the answer to this request.
pub(crate) fn binding(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    endpoint: Endpoint,
    now: u64,
) -> Result<Binding, DpopError> {
    if !request.headers().contains_key("dpop") {
        return Ok(Binding::Bearer);
    }
    let proof = check(idp, state, request, endpoint, now)?;
    Ok(Binding::Dpop { thumbprint: proof.thumbprint })
}

/// Checks the proof of a request (RFC 9449 section 4.3).
pub(crate) fn check(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    endpoint: Endpoint,
    now: u64,
) -> Result<Proof, DpopError> {
    // 1. There is not more than one DPoP HTTP request header field.
    // 2. The DPoP HTTP request header field value is a single and well-formed JWT.
    let jws = only(request.headers()).and_then(Jws::parse).ok_or(DpopError::Invalid)?;
    // 4. The typ JOSE Header Parameter has the value dpop+jwt.
    if jws.header_text("typ") != Some("dpop+jwt") {
        return Err(DpopError::Invalid);
    }
    // 5. The alg indicates a registered asymmetric digital signature algorithm.
    // 6. The JWT signature verifies with the public key contained in the jwk.
    // 7. The jwk does not contain a private key.
    let jwk = jws.header.get("jwk").ok_or(DpopError::Invalid)?;
    if PRIVATE_MEMBERS.iter().any(|member| jwk.get(member).is_some()) {
        return Err(DpopError::Invalid);
    }
    let key = VerificationKey::parse(jwk).ok_or(DpopError::Invalid)?;
    if !jws.is_signed_by(|alg, input, signature| key.verifies(alg, input, signature)) {
        return Err(DpopError::Invalid);
    }
    // 8. The htm claim matches the HTTP method of the current request.
    // 9. The htu claim matches the HTTP URI value, ignoring any query and fragment parts.
    if jws.claim_text("htm") != Some(request.method().as_str()) {
        return Err(DpopError::Invalid);
    }
    let htu = jws.claim_text("htu").and_then(without_query);
    if htu.is_none() || htu != without_query(&idp.url_of(endpoint)) {
        return Err(DpopError::Invalid);
    }
    // 10. If the server provided a nonce value to the client, the nonce claim matches.
    match (jws.claim_text("nonce"), idp.current_behaviour().dpop_nonce) {
        (Some(nonce), _) if state.is_dpop_nonce(nonce, now) => {}
        (None, DpopNonce::NotRequired) => {}
        (Some(_), _) | (None, DpopNonce::Required) => return Err(DpopError::NonceRequired),
    }
    // 11. The creation time of the JWT is within an acceptable window.
    let iat = jws.claim_number("iat").ok_or(DpopError::Invalid)?;
    if iat.abs_diff(now) > SKEW {
        return Err(DpopError::Invalid);
    }
    // 11.1: a jti is used once.
    let jti = jws.claim_text("jti").filter(|jti| !jti.is_empty()).ok_or(DpopError::Invalid)?;
    if !state.is_new_jti(key.thumbprint(), jti, now) {
        return Err(DpopError::Invalid);
    }
    let ath = jws.claim_text("ath").map(str::to_owned);
    Ok(Proof { thumbprint: key.thumbprint().to_owned(), ath })
}

impl Proof {
    /// 12. The ath claim matches the access token, and the key is the one the token is bound to.
    pub(crate) fn fits(&self, access_token: &str, thumbprint: &str) -> bool {
        self.ath.as_deref() == Some(s256(access_token).as_str()) && self.thumbprint == thumbprint
    }
}

/// Hands out a fresh nonce with a response (RFC 9449 section 8).
pub(crate) fn with_nonce(mut response: Response, state: &mut State, now: u64, entropy: &Entropy) -> Response {
    let nonce = entropy.derive(Label::DpopNonce);
    state.keep_dpop_nonce(&nonce, now);
    // Cannot fail: base64url is visible ASCII.
    if let Ok(value) = HeaderValue::from_str(nonce.as_str()) {
        response.headers_mut().insert("dpop-nonce", value);
    }
    response
}

fn only(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all("dpop").iter();
    let first = values.next()?;
    if values.next().is_some() { None } else { first.to_str().ok() }
}

fn without_query(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}
