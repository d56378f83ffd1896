//! The answer of a server: one JSON object with a status, which is an answer or a refusal. One route answers a list.

use crate::call::MAX_RESPONSE;
use crate::error::{ClientError, Refusal, RefusedParameter};
use aura_types::{MediaType, Refused, StrictObject};
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{Response, StatusCode};
use serde_json::{Map, Value};
use std::time::Duration;

/// Reads the body of a success. That of a refusal is always an object.
pub(crate) type Parse = fn(&[u8]) -> Result<StrictObject, Refused>;

/// An answer, which may be a refusal.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    retry_after: Option<Duration>,
    members: StrictObject,
}

impl Answered {
    pub(crate) fn open(response: &Response<Bytes>, parse: Parse) -> Result<Self, ClientError> {
        let (status, body) = (response.status(), response.body());
        if body.len() > MAX_RESPONSE {
            return Err(ClientError::TooLong);
        }
        if MediaType::of(response) != MediaType::Json {
            return Err(ClientError::NotJson(status));
        }
        let parse = if status.is_success() { parse } else { StrictObject::parse };
        let members = parse(body).map_err(|_| ClientError::Malformed(status))?;
        let text = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after = text(header::RETRY_AFTER).and_then(|text| text.parse().ok());
        Ok(Self {
            status,
            location: text(header::LOCATION).map(str::to_owned),
            retry_after: retry_after.map(Duration::from_secs),
            members,
        })
    }

    /// Returns a success: its status is one, and `success` is not false.
    pub(crate) fn accepted(self) -> Result<Self, ClientError> {
        if self.status.is_success() { self.not_denied() } else { Err(self.refused()) }
    }

    /// Goes on unless `success` is false, whatever the status.
    pub(crate) fn not_denied(self) -> Result<Self, ClientError> {
        match self.members.get("success") {
            None | Some(Value::Bool(true)) => Ok(self),
            Some(Value::Bool(false)) => Err(self.refused()),
            Some(Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                Err(ClientError::Member("success"))
            }
        }
    }

    /// Returns a member, `None` where it is absent.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Takes a text out, `None` where it is absent or `null`.
    pub(crate) fn take_text(&mut self, name: &'static str) -> Result<Option<String>, ClientError> {
        self.members.take_text(name).map_err(|_| ClientError::Member(name))
    }

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.members.into_members()
    }

    /// Reads the refusal; servers of each generation send other members of it.
    pub(crate) fn refused(self) -> ClientError {
        let Self { status, retry_after, members, .. } = self;
        let text = |object: &Value, name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        let mut members = Value::Object(members.into_members());
        // Sign-in nests code and message; the first generation spells some of them as RFC 6749 section 5.2 does, and a
        // limiter has a sentence there.
        let nested = members.get("error").cloned().unwrap_or_default();
        let (sentence, name) = match nested.as_str() {
            Some(error) if error.contains(' ') => (Some(error.to_owned()), None),
            error => (None, error.map(str::to_owned)),
        };
        let code = text(&members, "code").or_else(|| text(&nested, "code")).or(name);
        let message = text(&members, "message")
            .or_else(|| text(&nested, "message"))
            .or_else(|| text(&members, "error_description"))
            .or(sentence);
        let details = ["details", "message"].into_iter().find_map(|name| {
            let details = members.get_mut(name).map(Value::take)?;
            details.is_object().then_some(details)
        });
        let details = details.iter().filter_map(Value::as_object).flatten().map(|(name, detail)| {
            let of = |member| text(detail, member).unwrap_or_default();
            RefusedParameter { name: name.clone(), code: of("code"), message: of("message") }
        });
        let details = details.collect();
        let (kind, reason) = (text(&members, "type"), text(&members, "reason"));
        ClientError::Refused(Box::new(Refusal { status, kind, code, message, reason, details, retry_after }))
    }
}

/// Reads a list as an object with the one member `sessions`.
pub(crate) fn parse_list(body: &[u8]) -> Result<StrictObject, Refused> {
    let list = Some(body).filter(|body| StrictObject::has_few_values(body)).ok_or(Refused)?;
    let list = serde_json::from_slice::<Vec<Value>>(list).map_err(|_| Refused)?;
    Ok(Map::from_iter([("sessions".to_owned(), list.into())]).into())
}
