//! JWT client assertions: signed, for this server, accepted once (RFC 7523 section 3).

use crate::client::Client;
use crate::idp::Idp;
use crate::jws::Jws;
use crate::state::{JTI_LIFETIME, State};

/// The `client_assertion_type` of a client that authenticates by a JWT (RFC 7523 section 2.2).
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Finds the client that signed the assertion, if all of it holds.
pub(crate) fn authenticate<'idp>(
    idp: &'idp Idp,
    state: &mut State,
    assertion: &str,
    now: u64,
) -> Option<&'idp Client> {
    let jws = Jws::parse(assertion)?;
    // OpenID Connect Core section 9: iss and sub MUST contain the client_id.
    let client = idp.registered_client(jws.claim_text("iss")?)?;
    if jws.claim_text("sub") != Some(client.id()) || !client.has_signed(&jws) {
        return None;
    }
    // RFC 7523 section 3 step 3: aud identifies the authorization server; its issuer or an endpoint will do.
    let own = [idp.issuer().to_owned(), idp.token_endpoint(), idp.pushed_authorization_request_endpoint()];
    if !jws.has_audience(|audience| own.iter().any(|own| own == audience)) {
        return None;
    }
    // Steps 4 to 6; what lives longer than its jti is remembered could come twice.
    let exp = jws.claim_number("exp")?;
    if now >= exp || exp > now.saturating_add(JTI_LIFETIME) {
        return None;
    }
    if jws.claim_number("nbf").is_some_and(|nbf| nbf > now) {
        return None;
    }
    // Step 7: the jti prevents replay.
    let jti = jws.claim_text("jti").filter(|jti| !jti.is_empty())?;
    state.is_new_jti(client.id(), jti, now).then_some(client)
}
