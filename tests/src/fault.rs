//! Faults of exchanges with a provider.

use crate::drive::{Outcome, answer, json_answer};
use aura_proto::FetchError;
use bytes::Bytes;
use http::HeaderValue;

/// Replacement for the answer of a provider's endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is no answer at all.
    Lost(FetchError),
    /// The answer has this status, content type and body.
    Answered {
        /// The status.
        status: u16,
        /// The content type.
        content_type: String,
        /// The body.
        body: Bytes,
    },
    /// A token endpoint requires the request again, with this nonce (RFC 9449 section 8).
    DpopNonce(&'static str),
}

impl Fault {
    /// Makes a JSON answer.
    pub fn json(status: u16, body: &str) -> Self {
        Self::answered(status, "application/json", body)
    }

    /// Makes an answer of any type.
    pub fn answered(status: u16, content_type: &str, body: &str) -> Self {
        Self::Answered {
            status,
            content_type: content_type.to_owned(),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    /// Makes the outcome that the core is resumed with.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Lost(error) => Err(*error),
            Self::Answered { status, content_type, body } => Ok(answer(*status, content_type, body.clone())),
            Self::DpopNonce(nonce) => {
                let mut answer = json_answer(400, r#"{"error":"use_dpop_nonce"}"#);
                answer.headers_mut().insert("dpop-nonce", HeaderValue::from_static(nonce));
                Ok(answer)
            }
        }
    }
}
