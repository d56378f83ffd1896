//! Expects a provider's keys; goes on with the token that they verify, or asks for the keys once more.

use super::Waiting;
use super::backchannel::Heard;
use super::expect_profile::Described;
use super::expect_refresh::Renewed;
use super::expect_token::Granted;
use crate::action::{Action, Caching, Fetch};
use crate::error::{Error, FetchError, IdTokenError, ProviderError};
use crate::jose::jwk_set::JwkSet;
use crate::oidc::discovery;
use crate::oidc::id_token::SignedBy;
use crate::provider::{IdTokens, KnownProvider};
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use std::time::Duration;

/// How long keys serve, as long as they fit.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// The keys have been asked for.
#[derive(Debug)]
pub(crate) struct ExpectJwks {
    waits: Signed,
    freshness: Freshness,
}

/// How fresh the keys are that were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    /// Earlier ones would do.
    Kept,
    /// They were read for this flow.
    Fresh,
}

/// What waits for the keys: a token that a provider signed.
#[derive(Debug)]
pub(super) enum Signed {
    SignIn(Box<Granted>),
    Refresh(Box<Renewed>),
    Profile(Box<Described>),
    Logout(Box<Heard>),
}

/// What came of a verification.
pub(super) enum Verified {
    /// What waited goes on.
    Yes(Box<Action>),
    /// It is signed by none of the keys, and waits still.
    UnknownKey(Signed, ProviderError),
    /// It is not believed, and waits still.
    No(Signed, ProviderError),
}

impl Verified {
    /// Says that a token is not believed.
    pub(super) fn no(waits: Signed, error: IdTokenError) -> Self {
        let outcome = if error == IdTokenError::UnknownKey { Self::UnknownKey } else { Self::No };
        outcome(waits, ProviderError::IdToken(error))
    }
}

impl Signed {
    fn provider(&self) -> &KnownProvider {
        match self {
            Self::SignIn(granted) => granted.provider(),
            Self::Refresh(renewed) => renewed.provider(),
            Self::Profile(described) => described.provider(),
            Self::Logout(heard) => heard.provider(),
        }
    }

    /// Verifies the token, and goes on with it.
    fn verify(self, signed_by: SignedBy<'_>, now: UnixTime) -> Verified {
        match self {
            Self::SignIn(granted) => granted.verify(signed_by, now),
            Self::Refresh(renewed) => renewed.verify(signed_by, now),
            Self::Profile(described) => described.verify(signed_by, now),
            Self::Logout(heard) => heard.verify(signed_by, now),
        }
    }

    pub(super) fn fail(self, error: Error) -> Action {
        match self {
            Self::SignIn(granted) => granted.fail(error),
            Self::Refresh(renewed) => renewed.fail(error),
            Self::Profile(described) => described.fail(error),
            Self::Logout(heard) => heard.fail(error),
        }
    }
}

/// Verifies a token by the client's secret where the provider signs with it, else asks for the provider's keys.
pub(super) fn verify(waits: Signed, now: UnixTime) -> Action {
    let provider = waits.provider().clone();
    let Some(IdTokens::SignedBySecret(secret)) = provider.openid().map(|openid| &openid.config.id_tokens)
    else {
        return ask(waits, Freshness::Kept);
    };
    match waits.verify(SignedBy::Secret(secret), now) {
        Verified::Yes(action) => *action,
        Verified::UnknownKey(waits, error) | Verified::No(waits, error) => waits.fail(error.into()),
    }
}

fn ask(waits: Signed, freshness: Freshness) -> Action {
    let request = waits.provider().openid().map(|openid| discovery::request(&openid.metadata.jwks_uri));
    let caching = match freshness {
        Freshness::Kept => Caching::Reuse { max_age: MAX_AGE },
        Freshness::Fresh => Caching::Revalidate,
    };
    match request {
        Some(Ok(request)) => {
            let waiting = Waiting::Jwks(Box::new(ExpectJwks { waits, freshness }));
            Action::FetchJwks(Fetch::cached(request, caching, waiting))
        }
        // Cannot fail: the endpoint is a URL, and other providers sign nothing.
        Some(Err(_)) | None => waits.fail(ProviderError::JwksMalformed.into()),
    }
}

fn parse(outcome: Result<Response<Bytes>, FetchError>) -> Result<JwkSet, ProviderError> {
    let response = outcome.map_err(ProviderError::JwksUnreachable)?;
    if !response.status().is_success() {
        return Err(ProviderError::JwksStatus);
    }
    JwkSet::parse(response.body()).map_err(|_| ProviderError::JwksMalformed)
}

impl ExpectJwks {
    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let keys = match parse(outcome) {
            Ok(keys) => keys,
            Err(error) => return self.waits.fail(error.into()),
        };
        match (self.waits.verify(SignedBy::Published(&keys), now), self.freshness) {
            (Verified::Yes(action), _) => *action,
            // The provider may have changed its keys a moment ago. Once is enough to find out.
            (Verified::UnknownKey(waits, _), Freshness::Kept) => ask(waits, Freshness::Fresh),
            (Verified::UnknownKey(waits, error), Freshness::Fresh) | (Verified::No(waits, error), _) => {
                waits.fail(error.into())
            }
        }
    }

    /// Tells whether an answer would do.
    pub(super) fn keeps(response: &Response<Bytes>) -> bool {
        response.status().is_success() && JwkSet::parse(response.body()).is_ok()
    }
}
