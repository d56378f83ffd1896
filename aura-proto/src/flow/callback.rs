//! The browser comes back from the provider: find the attempt that it belongs to, then exchange the code.

use super::Exchange;
use super::expect_token::ExpectToken;
use crate::action::Action;
use crate::cookie::attempt::Attempt;
use crate::cookie::parse::Cookies;
use crate::error::{Error, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth::authorization::{AuthorizationResponse, Outcome};
use crate::provider::ValidProvider;
use crate::redirect::RedirectTo;
use crate::response::{Redirect, Respond};
use crate::secret::State;
use crate::time::UnixTime;
use http::{HeaderMap, StatusCode, request};
use serde_json::json;
use std::sync::Arc;

/// Answers `GET /callback/:oauth`, or asks for the token exchange.
pub(super) fn begin(
    exchange: Exchange,
    provider: Arc<ValidProvider>,
    head: &request::Parts,
    now: UnixTime,
) -> Action {
    let response = match AuthorizationResponse::parse(head.uri.query().unwrap_or_default()) {
        Ok(response) => response,
        Err(error) => return exchange.fail(error, &provider, []),
    };
    let found = find_attempt(&exchange, &head.headers, &response.state);
    let attempt = match found {
        Ok(attempt) => attempt,
        Err(RequestError::NoAttempt) if is_signed_in(&exchange, head, now) => {
            return already_signed_in(&provider);
        }
        // A state that fits nothing may be a guess: no attempt survives it.
        Err(error) => return exchange.fail(error, &provider, exchange.clear_attempts()),
    };
    let cookie = exchange.cookies().attempt(&attempt.state);
    let end = |error: Error| exchange.fail(error, &provider, [cookie.clear()]);
    if attempt.provider != provider.id {
        return end(RequestError::OtherProvider.into());
    }
    if attempt.is_expired(now) {
        return end(RequestError::AttemptExpired.into());
    }
    match response.outcome {
        Outcome::Denied => end(RequestError::AccessDenied.into()),
        Outcome::Failed => end(ProviderError::AuthorizationFailed.into()),
        Outcome::Code(code) => ExpectToken::begin(exchange, provider, attempt, &code),
    }
}

/// Finds this browser's attempt that has the callback's state; the full state is compared, in constant time.
fn find_attempt(exchange: &Exchange, headers: &HeaderMap, state: &State) -> Result<Attempt, RequestError> {
    let cookies = Cookies::new(headers);
    if cookies.is_empty() {
        return Err(RequestError::NoCookie);
    }
    if exchange.attempts.is_empty() {
        return Err(RequestError::NoAttempt);
    }
    let config = exchange.auth.config();
    let values = cookies.values(&exchange.cookies().attempt(state).name).unwrap_or_default();
    if values.is_empty() {
        return Err(RequestError::StateUnknown);
    }
    let mut opened = values.iter().filter_map(|value| Attempt::open(&config.keyring, value).ok()).peekable();
    if opened.peek().is_none() {
        return Err(RequestError::AttemptUnreadable);
    }
    opened.find(|attempt| attempt.state == *state).ok_or(RequestError::StateUnknown)
}

fn is_signed_in(exchange: &Exchange, head: &request::Parts, now: UnixTime) -> bool {
    exchange.auth.session_on(exchange.origin.scheme(), &head.headers, now).is_ok()
}

/// The callback was delivered before, and did its work then: a reload or a step back, not an error.
fn already_signed_in(provider: &ValidProvider) -> Action {
    let Some(home) = RedirectTo::default().to_location() else {
        // Cannot fail: `/` is a header value.
        return Action::Respond(Respond::refusal(RequestError::NoAttempt));
    };
    let mut redirect = Redirect::new(StatusCode::FOUND, home, &json!({ "oauth": provider.id }));
    redirect.events.push(Event::CallbackRepeated { provider: provider.id.clone() });
    Action::Redirect(redirect)
}
