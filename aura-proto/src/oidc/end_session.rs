//! The visit to a provider's end-session endpoint (OpenID Connect RP-Initiated Logout 1.0 section 2).

use crate::keyring::sealed::{self, Purpose};
use crate::keyring::{Keyring, Keys};
use aura_jose::Refused;
use aura_types::UnixTime;
use ring::aead::NONCE_LEN;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// How long the visit may take.
const LIFETIME: Duration = Duration::from_secs(600);

const PURPOSE: Purpose = Purpose { key: |keys| &keys.attempt, label: "aura:logout-state:1" };

/// The logout request.
#[derive(Serialize)]
pub(crate) struct LogoutRequest<'a> {
    pub(crate) id_token_hint: Option<&'a str>,
    pub(crate) client_id: &'a str,
    pub(crate) post_logout_redirect_uri: &'a str,
    pub(crate) state: &'a str,
}

/// The logout request of a provider that has one of its own.
#[derive(Serialize)]
pub(crate) struct LogoutUriRequest<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) logout_uri: &'a str,
}

/// Where the browser goes when it is back: sealed into the visit's `state`, so that nobody else can choose.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogoutState<'a> {
    pub(crate) redirect_to: Cow<'a, str>,
    pub(crate) issued_at: UnixTime,
}

impl LogoutState<'_> {
    pub(crate) fn seal(&self, keys: &Keys, iv: [u8; NONCE_LEN]) -> Result<String, Refused> {
        sealed::seal(keys, PURPOSE, iv, self)
    }

    /// Opens a state that is not too old.
    pub(crate) fn open(
        keyring: &Keyring,
        text: &str,
        now: UnixTime,
    ) -> Result<LogoutState<'static>, Refused> {
        let (state, _) = sealed::open::<LogoutState<'static>>(keyring, PURPOSE, text)?;
        if now.whole_seconds() > state.issued_at.saturating_add(LIFETIME) { Err(Refused) } else { Ok(state) }
    }
}
