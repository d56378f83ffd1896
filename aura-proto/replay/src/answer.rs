//! The values that a flow was resumed with, as a transcript shows them.

use aura_proto::UnixTime;
use aura_proto::replay_door::RowContents;
use serde::{Deserialize, Serialize};

/// The values that a flow was resumed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) now: UnixTime,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    Answered {
        status: u16,
        content_type: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dpop_nonce: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        challenge: Option<String>,
        body: String,
    },
    TimedOut,
    Unreachable,
    Untrusted,
    TooLarge,
    Encoded,
    Admitted,
    Refused,
    RefusedWith(String),
    Undecided,
    Continued,
    Ended,
    EndedWith(String),
    Unchecked,
    StoreFailed,
    Found(Row),
    Absent,
    Begun,
    Taken,
    Replaced,
    Changed,
    Gone,
    Deleted,
    NoneDeleted,
    Listed,
    /// The seconds until one may be answered.
    Throttled(u64),
    Uncounted,
}

/// A row that a store found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) seen: UnixTime,
    pub(crate) ends: UnixTime,
    /// Whether the sessions of its user were ended after it began.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) revoked: bool,
    /// None if it does not open by a ticket of the request.
    pub(crate) contents: Option<RowContents>,
}
