//! Who signed in? Whoever the bearer token stands for (RFC 6750 section 2.1).

use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::account::Account;
use crate::authentication::Authorization;
use crate::error::BearerError;
use crate::idp::Idp;
use crate::response::{self, Response};
use crate::state::State;

/// Answers `GET` and `POST userinfo`.
pub(crate) fn answer(idp: &Idp, state: &State, request: &Request<Bytes>, now: u64) -> Response {
    match account(idp, state, request, now) {
        Ok(account) => response::success(&json!({
            "id": account.id(),
            "sub": account.id(),
            "name": account.name(),
            "email": account.email(),
            "picture": account.picture(),
        })),
        Err(error) => response::bearer_error(error),
    }
}

fn account<'idp>(
    idp: &'idp Idp,
    state: &State,
    request: &Request<Bytes>,
    now: u64,
) -> Result<&'idp Account, BearerError> {
    let token = match Authorization::read(request.headers(), "Bearer") {
        Authorization::Absent | Authorization::OtherScheme => return Err(BearerError::NoToken),
        Authorization::Repeated => return Err(BearerError::TwoAuthentications),
        Authorization::Credentials(token) => token,
    };
    let access = state.access(token, now).ok_or(BearerError::InvalidToken)?;
    idp.known_account(&access.account_id).ok_or(BearerError::InvalidToken)
}
