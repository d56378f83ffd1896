//! A host of the core by hand: the loop over its actions.

use aura_proto::store::Counted;
use aura_proto::{Action, Auth, Entropy, FetchError, HostError, Respond, UnixTime};
use bytes::Bytes;
use http::{Request, Response};
use std::time::Duration;

/// The outside world of a host.
pub trait Platform {
    /// Returns the time.
    fn now(&self) -> UnixTime;

    /// Draws random bytes, if the platform gives any.
    fn entropy(&self) -> Option<Entropy>;

    /// Performs an exchange with a provider: within this time, with a body of at most so many bytes, and following no redirect.
    fn fetch(
        &self,
        request: Request<Bytes>,
        timeout: Duration,
        max_response: usize,
    ) -> impl Future<Output = Result<Response<Bytes>, FetchError>>;
}

/// Answers a request under the base path: performs the core's actions until one ends the request.
pub async fn answer(auth: &Auth, platform: &impl Platform, request: Request<Bytes>) -> Response<Bytes> {
    let Some(entropy) = platform.entropy() else { return refusal(HostError::NoEntropy) };
    let mut action = auth.handle(request, platform.now(), entropy);
    loop {
        action = match action {
            Action::Redirect(redirect) => return redirect.into_response(),
            Action::Respond(respond) => return respond.into_response(),
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchToken(fetch)
            | Action::FetchUserInfo(fetch)
            | Action::FetchRevocation(fetch) => {
                let outcome = platform.fetch(fetch.request, fetch.timeout, fetch.max_response).await;
                fetch.pending.resume(outcome, platform.now())
            }
            Action::AdmitUser(question) => question.admit(platform.now()),
            // Only where tokens of providers are kept; a platform has to be told to go on without the browser.
            Action::RunToEnd(rest) => rest.resume(platform.now()),
            // Only where the configuration has limits, or asks for checks.
            Action::CountRequest(question) => question.resume(Ok(Counted::Allowed), platform.now()),
            Action::CheckSession(question) => question.pending.resume(true, platform.now()),
            // Only where the policy keeps sessions in a store.
            Action::AskStore(_) | Action::Pause(..) => return refusal(HostError::Unreachable),
        };
    }
}

/// Makes the answer to a request that this host cannot serve.
pub(crate) fn refusal(error: HostError) -> Response<Bytes> {
    Respond::refusal(error).into_response()
}
