//! End-session endpoint (OpenID Connect RP-Initiated Logout).

use bytes::Bytes;
use http::{Method, Request};

use crate::algorithm::SigningAlgorithm;
use crate::client::Client;
use crate::error::Unanswerable;
use crate::form::{Parameters, encode};
use crate::idp::Idp;
use crate::jwk::VerificationKey;
use crate::jws::Jws;
use crate::keys::{Role, SigningKey};
use crate::lie::Lie;
use crate::page::Page;
use crate::response::{self, Response};

/// Answers `GET` and `POST end_session`.
///
/// This provider has no sessions, so it only decides whether the browser may be redirected to the client.
pub(crate) fn answer(idp: &Idp, request: &Request<Bytes>) -> Response {
    let parameters = if request.method() == Method::POST {
        Parameters::from_body(request)
    } else {
        Parameters::parse(request.uri().query().unwrap_or_default().as_bytes())
    };
    match parameters.map_err(Unanswerable::from).and_then(|parameters| way_back(idp, &parameters)) {
        Ok(Some(location)) => response::found(&location),
        Ok(None) => response::page(Page::signed_out()),
        Err(fault) => response::error_page(Page::error(fault)),
    }
}

/// Finds the post-logout redirect URI (OpenID Connect RP-Initiated Logout section 3), if the request has one.
fn way_back(idp: &Idp, parameters: &Parameters) -> Result<Option<String>, Unanswerable> {
    let client = client(idp, parameters)?;
    let Some(wish) = parameters.one("post_logout_redirect_uri")? else {
        return Ok(None);
    };
    let uri = client
        .and_then(|client| client.registered_after_logout(wish))
        .ok_or(Unanswerable::UnregisteredPostLogoutRedirectUri)?;
    let state = parameters
        .one("state")?
        .map(|state| if idp.tells(Lie::EndSessionOtherState) { "another-state" } else { state });
    Ok(Some(match state.filter(|_| !idp.tells(Lie::EndSessionWithoutState)) {
        Some(state) => uri.with_query(&encode([("state", state)])),
        None => uri.as_str().to_owned(),
    }))
}

/// Finds the client: the hint's audience and the `client_id`, which must be equal (section 2).
fn client<'idp>(idp: &'idp Idp, parameters: &Parameters) -> Result<Option<&'idp Client>, Unanswerable> {
    let client_id = parameters.one("client_id")?;
    let Some(hint) = parameters.one("id_token_hint")? else {
        return client_id.map(|id| idp.registered_client(id).ok_or(Unanswerable::UnknownClient)).transpose();
    };
    let hint = Jws::parse(hint).filter(|jws| is_own(idp, jws)).ok_or(Unanswerable::ForeignIdTokenHint)?;
    let client = match client_id {
        Some(id) => idp.registered_client(id).ok_or(Unanswerable::UnknownClient)?,
        None => hint_client(idp, &hint).ok_or(Unanswerable::ForeignIdTokenHint)?,
    };
    if !hint.has_audience(|audience| audience == client.id()) {
        return Err(Unanswerable::ForeignIdTokenHint);
    }
    Ok(Some(client))
}

fn hint_client<'idp>(idp: &'idp Idp, hint: &Jws) -> Option<&'idp Client> {
    idp.clients().find(|client| hint.has_audience(|audience| audience == client.id()))
}

/// Tells whether the provider signed it, with whichever key; an expired hint is one still (section 4).
fn is_own(idp: &Idp, jws: &Jws) -> bool {
    let Some(algorithm) = jws.header_text("alg").and_then(SigningAlgorithm::named) else {
        return false;
    };
    // The keys take turns, so the first three generations show all there are.
    let mut keys = (0..3).map(|generation| SigningKey::new(algorithm, Role::Signing, generation).jwk());
    jws.claim_text("iss") == Some(idp.issuer())
        && keys.any(|jwk| {
            VerificationKey::parse(&jwk).is_some_and(|key| {
                jws.is_signed_by(|alg, input, signature| key.verifies(alg, input, signature))
            })
        })
}
