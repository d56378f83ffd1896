//! Answers of providers and stores, and decisions of the application, as they were recorded.

use crate::answer::What;
use aura_proto::store::SessionRow;
use bytes::Bytes;
use http::HeaderValue;

/// The values that a flow was resumed with.
pub(crate) enum Heard {
    /// An answer of a provider.
    Answered(Answered),
    /// The row of a stored session, and whether the sessions of its user were ended after it began.
    Found(Box<SessionRow>, bool),
    /// Anything else, which holds nothing secret.
    Told(What),
}

/// An answer of a provider, as much of it as the core reads.
pub(crate) struct Answered {
    pub(crate) asked: Asked,
    pub(crate) status: u16,
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) dpop_nonce: Option<HeaderValue>,
    pub(crate) challenge: Option<HeaderValue>,
    pub(crate) body: Bytes,
}

/// The purpose of an exchange, if it decides how its answer is redacted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Discovery,
    Keys,
    Token,
    Other,
}

impl Heard {
    /// Counts its bytes towards the limit. Those of a set of keys do not count, since few of the keys are shown.
    pub(crate) fn length(&self) -> usize {
        let answered = match self {
            Self::Answered(answered) => answered,
            Self::Found(row, _) => return row.body.len(),
            Self::Told(_) => return 0,
        };
        let fields = [&answered.content_type, &answered.dpop_nonce, &answered.challenge];
        let fields = fields.into_iter().flatten().map(HeaderValue::len);
        let body = match answered.asked {
            Asked::Keys => 0,
            Asked::Discovery | Asked::Token | Asked::Other => answered.body.len(),
        };
        fields.fold(body, usize::saturating_add)
    }
}
