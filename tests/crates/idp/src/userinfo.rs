//! UserInfo endpoint (RFC 6750 section 2, OpenID Connect Core section 5.3).

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::authentication::Authorization;
use crate::behaviour::UserinfoFormat;
use crate::claims;
use crate::dpop::{self, DpopError};
use crate::endpoint::Endpoint;
use crate::entropy::Entropy;
use crate::error::BearerError;
use crate::form::Parameters;
use crate::id_token::OTHER_SUB;
use crate::idp::Idp;
use crate::jws;
use crate::keys::Role;
use crate::lie::Lie;
use crate::response::{self, Response};
use crate::state::{Access, Binding, State};

/// How the request presents its token.
enum Presented {
    Bearer(String),
    Dpop(String),
}

/// Answers `GET` and `POST userinfo`.
pub(crate) fn answer(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
    entropy: &Entropy,
) -> Response {
    match access(idp, state, request, now) {
        Ok((account, access)) => tell(idp, state, account, &access),
        Err(BearerError::UseDpopNonce) => {
            let response = response::bearer_error(BearerError::UseDpopNonce);
            dpop::with_nonce(response, state, now, entropy)
        }
        Err(error) => response::bearer_error(error),
    }
}

fn access<'idp>(
    idp: &'idp Idp,
    state: &mut State,
    request: &Request<Bytes>,
    now: u64,
) -> Result<(&'idp Account, Access), BearerError> {
    let access = match presented(request)? {
        Presented::Bearer(token) => {
            let bound = state.access(&token, now).ok_or(BearerError::InvalidToken)?;
            // RFC 9449 section 7.2: a bound token MUST NOT be taken for a bearer token.
            if bound.binding != Binding::Bearer {
                return Err(BearerError::InvalidToken);
            }
            bound.access.clone()
        }
        Presented::Dpop(token) => bound_access(idp, state, request, &token, now)?,
    };
    let account = idp.known_account(&access.account_id).ok_or(BearerError::InvalidToken)?;
    Ok((account, access))
}

fn bound_access(
    idp: &Idp,
    state: &mut State,
    request: &Request<Bytes>,
    token: &str,
    now: u64,
) -> Result<Access, BearerError> {
    let proof = dpop::check(idp, state, request, Endpoint::Userinfo, now).map_err(|error| match error {
        DpopError::Invalid => BearerError::InvalidDpopProof,
        DpopError::NonceRequired => BearerError::UseDpopNonce,
    })?;
    let bound = state.access(token, now).ok_or(BearerError::InvalidToken)?;
    match &bound.binding {
        Binding::Dpop { thumbprint } if proof.fits(token, thumbprint) => Ok(bound.access.clone()),
        Binding::Dpop { .. } | Binding::Bearer => Err(BearerError::InvalidDpopProof),
    }
}

/// Finds the token, in the header or in a form (RFC 6750 sections 2.1 and 2.2).
fn presented(request: &Request<Bytes>) -> Result<Presented, BearerError> {
    let in_form = if request.method() == Method::POST { token_in_form(request)? } else { None };
    let in_header = match Authorization::read(request.headers(), "Bearer") {
        Authorization::Absent => None,
        Authorization::Repeated => return Err(BearerError::TwoAuthentications),
        Authorization::Credentials(token) => Some(Presented::Bearer(token.to_owned())),
        Authorization::OtherScheme => match Authorization::read(request.headers(), "DPoP") {
            Authorization::Credentials(token) => Some(Presented::Dpop(token.to_owned())),
            Authorization::Absent | Authorization::OtherScheme | Authorization::Repeated => None,
        },
    };
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(BearerError::TwoAuthentications),
        (Some(presented), None) => Ok(presented),
        (None, Some(token)) => Ok(Presented::Bearer(token)),
        (None, None) => Err(BearerError::NoToken),
    }
}

fn token_in_form(request: &Request<Bytes>) -> Result<Option<String>, BearerError> {
    let Ok(parameters) = Parameters::from_body(request) else {
        return Ok(None);
    };
    let token = parameters.one("access_token").map_err(|_| BearerError::TwoAuthentications)?;
    Ok(token.map(str::to_owned))
}

fn tell(idp: &Idp, state: &State, account: &Account, access: &Access) -> Response {
    if idp.tells(Lie::UserinfoNotJson) {
        return response::html_instead();
    }
    let mut claims = claims(account, access);
    if idp.tells(Lie::UserinfoOtherSub) {
        claims.insert("sub".to_owned(), json!(OTHER_SUB));
    }
    if idp.tells(Lie::UserinfoWithoutSub) {
        claims.remove("sub");
    }
    let behaviour = idp.current_behaviour();
    match behaviour.userinfo_format {
        UserinfoFormat::Json => response::success(&Value::Object(claims)),
        UserinfoFormat::SignedJwt => {
            // OpenID Connect Core section 5.3.2: the claims SHOULD include iss and aud.
            claims.insert("iss".to_owned(), json!(idp.issuer()));
            claims.insert("aud".to_owned(), json!(access.client_id));
            let key = state.key(behaviour.signing_algorithm, Role::Signing);
            let header = json!({ "alg": key.algorithm().name(), "kid": key.kid() }).to_string();
            let payload = Value::Object(claims).to_string();
            let jwt = jws::compact(&header, &payload, |input| key.sign(input));
            response::success_text("application/jwt", jwt)
        }
    }
}

/// With the scope `openid` what the others ask for, and without it what a plain OAuth server tells.
fn claims(account: &Account, access: &Access) -> Map<String, Value> {
    if access.has_scope("openid") {
        let sub = ("sub".to_owned(), json!(account.id()));
        return std::iter::once(sub).chain(claims::by_scope(account, access.scope.as_ref())).collect();
    }
    [
        ("id", account.id()),
        ("sub", account.id()),
        ("name", account.name()),
        ("email", account.email()),
        ("picture", account.picture()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!(value)))
    .collect()
}
