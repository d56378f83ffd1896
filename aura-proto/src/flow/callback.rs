//! The browser comes back from the provider: find the attempt that it belongs to, then exchange the code.

use super::Exchange;
use super::attempt::Attempt;
use super::expect_discovery::{Next, discover};
use super::expect_token::{ExpectToken, SignIn};
use crate::action::Action;
use crate::cookie::parse::Cookies;
use crate::error::{Error, ProviderError, RequestError};
use crate::event::Event;
use crate::oauth::authorization::{AuthorizationResponse, Outcome};
use crate::provider::{ExpectedIssuer, KnownProvider, ValidProvider};
use crate::redirect::RedirectTo;
use crate::response::Redirect;
use crate::secret::{AuthorizationCode, State};
use crate::time::UnixTime;
use http::{HeaderMap, StatusCode, request};
use serde_json::json;
use std::sync::Arc;

/// A callback that has matched an attempt of this browser.
#[derive(Debug)]
pub(super) struct Matched {
    exchange: Exchange,
    attempt: Attempt,
    code: AuthorizationCode,
    /// What the browser says of the user's name.
    user: Option<String>,
}

/// Answers `GET /callback/:oauth`, or asks for the token exchange.
pub(super) fn begin(
    mut exchange: Exchange,
    provider: Arc<ValidProvider>,
    head: &request::Parts,
    now: UnixTime,
) -> Action {
    let response = match AuthorizationResponse::parse(head.uri.query().unwrap_or_default().as_bytes()) {
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
    let cleared = exchange.cookies().attempt(&attempt.state).clear();
    match check_attempt(&attempt, &provider, response.iss.as_deref(), now) {
        Ok(Issuer::Sound) => {}
        Ok(Issuer::Ignored) => exchange.notices.push(Event::IssuerIgnored { provider: provider.id.clone() }),
        Err(error) => return exchange.fail(error, &provider, [cleared]),
    }
    let error: Error = match response.outcome {
        Outcome::Code(code) => {
            let matched = Matched { exchange, attempt, code, user: response.user };
            return discover(provider, Next::Callback(Box::new(matched)), now);
        }
        Outcome::Denied => RequestError::AccessDenied.into(),
        Outcome::InteractionRequired => RequestError::InteractionRequired.into(),
        Outcome::Failed => ProviderError::AuthorizationFailed.into(),
    };
    exchange.fail(error, &provider, [cleared])
}

impl Matched {
    /// Asks for the exchange of the code.
    pub(super) fn go_on(self, provider: KnownProvider, now: UnixTime) -> Action {
        // The attempt was begun at what was published then: what is published since cannot loosen what it expects.
        let flow = SignIn::new(self.exchange, provider, self.attempt, self.user);
        ExpectToken::begin(flow, self.code, now)
    }

    /// Ends the sign-in, dropping its attempt and no other.
    pub(super) fn fail(&self, provider: &ValidProvider, error: Error) -> Action {
        self.exchange.fail(error, provider, [self.exchange.cookies().attempt(&self.attempt.state).clear()])
    }
}

/// What came of the callback's `iss`.
enum Issuer {
    /// It is the expected one, or rightly absent.
    Sound,
    /// There is none to compare it with.
    Ignored,
}

/// Checks that the callback belongs to this attempt, before anything it says is acted upon.
fn check_attempt(
    attempt: &Attempt,
    provider: &ValidProvider,
    iss: Option<&str>,
    now: UnixTime,
) -> Result<Issuer, RequestError> {
    if attempt.provider != provider.id {
        return Err(RequestError::OtherProvider);
    }
    if attempt.is_expired(now) {
        return Err(RequestError::AttemptExpired);
    }
    // RFC 9207 2.4: clients MUST compare iss with the issuer identifier of the authorization server that the request was
    // sent to, by simple string comparison, and MUST reject the response if they differ, or if it is missing though that
    // server always sends it.
    match (&attempt.issuer, iss) {
        (ExpectedIssuer::Unknown, None) | (ExpectedIssuer::IfSent(_), None) => Ok(Issuer::Sound),
        (ExpectedIssuer::Unknown, Some(_)) => Ok(Issuer::Ignored),
        (ExpectedIssuer::Always(_), None) => Err(RequestError::IssuerMissing),
        (ExpectedIssuer::IfSent(expected) | ExpectedIssuer::Always(expected), Some(iss)) => {
            if iss == expected { Ok(Issuer::Sound) } else { Err(RequestError::IssuerMismatch) }
        }
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
    let name = exchange.cookies().attempt(state).name;
    let values = cookies.values(&name).unwrap_or_default();
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
    exchange.incoming(&head.headers).session(now).is_ok()
}

/// The callback was delivered before, and did its work then: a reload or a step back, not an error.
fn already_signed_in(provider: &ValidProvider) -> Action {
    let home = RedirectTo::default().to_location();
    let mut redirect = Redirect::new(StatusCode::FOUND, home, &json!({ "oauth": provider.id }));
    redirect.events.push(Event::CallbackRepeated { provider: provider.id.clone() });
    Action::Redirect(redirect)
}
