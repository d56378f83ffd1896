//! Faults of exchanges with a provider.

use aura_proto::FetchError;
use bytes::Bytes;
use http::{Response, header};

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
    pub fn outcome(&self) -> Result<Response<Bytes>, FetchError> {
        match self {
            Self::Lost(error) => Err(*error),
            Self::Answered { status, content_type, body } => Ok(Response::builder()
                .status(*status)
                .header(header::CONTENT_TYPE, content_type)
                .body(body.clone())
                .expect("a test gives a valid status and content type")),
            Self::DpopNonce(nonce) => Ok(Response::builder()
                .status(400)
                .header(header::CONTENT_TYPE, "application/json")
                .header("dpop-nonce", *nonce)
                .body(Bytes::from_static(br#"{"error":"use_dpop_nonce"}"#))
                .expect("a test gives a valid nonce")),
        }
    }
}
