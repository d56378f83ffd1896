//! Expects a provider's configuration; goes on with the endpoints that it names.

use super::Waiting;
use super::backchannel::Notice;
use super::callback::Matched;
use super::provider::PageRequest;
use super::sign_in::Begun;
use super::sign_out::Leaving;
use crate::action::{Action, Caching, Fetch};
use crate::error::{Error, FetchError, ProviderError};
use crate::oidc::discovery::{self, Metadata};
use crate::provider::{KnownProvider, OpenId, ValidProvider};
use crate::time::UnixTime;
use bytes::Bytes;
use http::Response;
use std::sync::Arc;
use std::time::Duration;

/// How long a configuration serves.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// A provider's configuration has been asked for, unless it is known.
#[derive(Debug)]
pub(crate) struct ExpectDiscovery {
    provider: Arc<ValidProvider>,
    next: Next,
}

/// What waits for a provider's endpoints.
#[derive(Debug)]
pub(super) enum Next {
    SignIn(Box<Begun>),
    Callback(Box<Matched>),
    Page(Box<PageRequest>),
    SignOut(Box<Leaving>),
    Logout(Box<Notice>),
}

impl Next {
    fn go_on(self, provider: KnownProvider, now: UnixTime) -> Action {
        match self {
            Self::SignIn(begun) => begun.go_on(provider, now),
            Self::Callback(matched) => matched.go_on(provider, now),
            Self::Page(request) => request.go_on(provider, now),
            Self::SignOut(leaving) => leaving.go_on(&provider, now),
            Self::Logout(notice) => notice.go_on(provider, now),
        }
    }

    fn fail(self, provider: &ValidProvider, error: impl Into<Error>) -> Action {
        match self {
            Self::SignIn(begun) => begun.fail(provider, error.into()),
            Self::Callback(matched) => matched.fail(provider, error.into()),
            Self::Page(request) => request.fail(provider, error.into()),
            // Nothing of ours waits for the provider's leave.
            Self::SignOut(leaving) => leaving.leave(),
            Self::Logout(notice) => notice.fail(provider, error.into()),
        }
    }
}

/// Goes on with a provider's endpoints, or asks for them.
pub(super) fn discover(provider: Arc<ValidProvider>, next: Next, now: UnixTime) -> Action {
    let request = match provider.known() {
        Ok(known) => return next.go_on(known, now),
        Err(openid) => discovery::request(&openid.discovery_url),
    };
    match request {
        Ok(request) => {
            let waiting = Waiting::Discovery(Box::new(ExpectDiscovery { provider, next }));
            Action::FetchDiscovery(Fetch::cached(request, Caching::Reuse { max_age: MAX_AGE }, waiting))
        }
        // Cannot fail: the endpoint is a URL.
        Err(_) => next.fail(&provider, ProviderError::DiscoveryEndpoint),
    }
}

impl ExpectDiscovery {
    pub(super) fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let Some(openid) = self.provider.openid() else {
            // Cannot fail: of other providers nothing is asked.
            return self.next.fail(&self.provider, ProviderError::DiscoveryMalformed);
        };
        let metadata = outcome
            .map_err(ProviderError::DiscoveryUnreachable)
            .and_then(|response| Metadata::parse(&response, &openid.issuer));
        match metadata {
            Ok(metadata) => {
                let known = KnownProvider::discovered(&self.provider, openid, metadata);
                self.next.go_on(known, now)
            }
            Err(error) => self.next.fail(&self.provider, error),
        }
    }

    /// Tells whether an answer would do.
    pub(super) fn keeps(&self, response: &Response<Bytes>) -> bool {
        let parse = |openid: &OpenId| Metadata::parse(response, &openid.issuer).is_ok();
        self.provider.openid().is_some_and(parse)
    }
}
