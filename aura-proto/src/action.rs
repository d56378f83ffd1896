//! The typed actions: what a host must do next.

mod ask;

pub use ask::{Ask, CheckSession, GoOn, PendingCheck, PendingReading, Reading, StoreQuestion};

use crate::admission::{Admission, Candidate};
use crate::error::FetchError;
use crate::flow::io::{Caching, Exchange, FETCH_TIMEOUT, Keep, Step, Suspended};
use crate::limits::{CountRequest, Counted};
use crate::oauth;
use crate::purpose::Purpose;
use crate::response::{Redirect, Reply, Respond};
use ask::Waiting;
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::time::Duration;

/// Longest accepted body of a provider's answer, in bytes. The longest published key sets have 30 KiB.
pub(crate) const MAX_RESPONSE: usize = 256 * 1024;

/// The next action of a host: an exchange with a provider, or the answer to the browser.
///
/// A host is one loop over it. This one reports no events, reuses no answers, and leaves limits and times to its client: `aura-host`
/// has those parts.
/// ```
/// use aura_proto::store::Counted;
/// use aura_proto::{Action, Auth, Entropy, Fetch, FetchError, UnixTime};
/// use bytes::Bytes;
/// use http::{Request, Response};
///
/// fn answer(
///     auth: &Auth,
///     request: Request<Bytes>,
///     now: impl Fn() -> UnixTime,
///     entropy: Entropy,
///     call: impl Fn(Request<Bytes>) -> Result<Response<Bytes>, FetchError>,
/// ) -> Response<Bytes> {
///     let mut action = auth.handle(request, now(), entropy);
///     loop {
///         action = match action {
///             Action::Redirect(redirect) => return redirect.into_response(),
///             Action::Respond(respond) => return respond.into_response(),
///             Action::FetchDiscovery(fetch)
///             | Action::FetchJwks(fetch)
///             | Action::FetchPushedRequest(fetch)
///             | Action::FetchToken(fetch)
///             | Action::FetchUserInfo(fetch)
///             | Action::FetchRevocation(fetch) => fetch.pending.resume(call(fetch.request), now()),
///             Action::AdmitUser(question) => question.admit(now()),
///             // Only where the configuration asks for checks.
///             Action::CheckSession(question) => question.pending.resume(true, now()),
///             // Only where the policy keeps sessions in a store.
///             Action::AskStore(_) | Action::Pause(..) | Action::RunToEnd(_) => unreachable!(),
///             // Only where the configuration has limits.
///             Action::CountRequest(question) => question.resume(Ok(Counted::Allowed), now()),
///         };
///     }
/// }
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let keycloak = aura_providers::KEYCLOAK.with_public_client("id").issuer("https://id.example.com/realms/main");
/// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(keycloak).build()?;
/// # let request = http::Request::get("/auth/signIn/keycloak").body(bytes::Bytes::new())?;
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let response = answer(&auth, request, || now, entropy, |_| Err(FetchError::Unreachable));
/// assert_eq!(response.status(), 504);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "an action does nothing until it is carried out"]
#[expect(clippy::exhaustive_enums, reason = "a new effect must not compile until every host carries it out")]
pub enum Action {
    /// Read the provider's configuration (OpenID Connect Discovery 1.0 section 4).
    FetchDiscovery(Box<Fetch>),
    /// Read the provider's public keys (RFC 7517 section 5).
    FetchJwks(Box<Fetch>),
    /// Push the authorization request to the provider (RFC 9126 section 2).
    FetchPushedRequest(Box<Fetch>),
    /// Exchange the code for an access token (RFC 6749 section 4.1.3).
    FetchToken(Box<Fetch>),
    /// Request userinfo with the access token (OpenID Connect Core 1.0 section 5.3, RFC 6750 section 2.1).
    FetchUserInfo(Box<Fetch>),
    /// Revoke an access token or a refresh token (RFC 7009).
    FetchRevocation(Box<Fetch>),
    /// Ask the application to admit the user, with the claims of the session, or to refuse.
    AdmitUser(AdmitUser),
    /// Let the application decide whether a session goes on, where the configuration asks for [checks of
    /// sessions](crate::Builder::check_sessions).
    CheckSession(CheckSession),
    /// Ask the store of sessions, where the policy [keeps them in one](crate::SessionPolicy::stored).
    AskStore(StoreQuestion),
    /// Wait this long, and continue: another request refreshes the tokens that this one needs.
    Pause(Duration, GoOn),
    /// Continue at once, and carry every following action out even if the browser hangs up: a refresh token is about to be
    /// spent, and what comes for it must be kept. An asynchronous host moves the flow into a task of its own.
    RunToEnd(GoOn),
    /// Count the request, where the configuration has [limits](crate::Builder::limits).
    CountRequest(Ask<CountRequest, Counted, Self>),
    /// Redirect the browser. The flow has ended.
    Redirect(Redirect),
    /// Send this answer to the browser. The flow has ended.
    Respond(Respond),
}

/// One exchange with a provider, and the flow that waits for it. The host must not follow redirects.
#[must_use = "perform the request, then call pending.resume with what came back"]
#[non_exhaustive]
pub struct Fetch<P = Pending> {
    /// The complete request, without the headers that the transport adds. Headers, body and URL hold credentials: log at
    /// most the authority.
    pub request: Request<Bytes>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
    /// How many bytes of the answer's body to read at most.
    pub max_response: usize,
    /// Whether the host may use a cached answer.
    pub caching: Caching,
    /// The flow to resume with the outcome.
    pub pending: P,
}

/// A flow that waits for the outcome of a fetch. It is not `Clone`, and `resume` takes it by value, so a flow gets one outcome.
#[must_use = "dropping this abandons the flow"]
pub struct Pending {
    flow: Suspended<Exchange>,
    purpose: Purpose,
    keep: Keep,
}

impl From<Step> for Action {
    fn from(step: Step) -> Self {
        match Waiting::of(step) {
            Waiting::Done(Reply::Redirect(redirect)) => Self::Redirect(redirect),
            Waiting::Done(Reply::Respond(respond)) => Self::Respond(respond),
            Waiting::Admit(candidate, flow) => {
                Self::AdmitUser(AdmitUser { candidate, pending: PendingAdmission(flow) })
            }
            Waiting::Check(question) => Self::CheckSession(question),
            Waiting::Store(question) => Self::AskStore(question),
            Waiting::Count(question) => Self::CountRequest(question),
            Waiting::Pause(length, rest) => Self::Pause(length, rest),
            Waiting::RunToEnd(rest) => Self::RunToEnd(rest),
            Waiting::Fetch(exchange, flow) => {
                let purpose = exchange.purpose;
                let fetch = Box::new(Fetch::of(*exchange, |keep| Pending { flow, purpose, keep }));
                match purpose {
                    Purpose::Discovery => Self::FetchDiscovery(fetch),
                    Purpose::Jwks => Self::FetchJwks(fetch),
                    Purpose::PushedRequest => Self::FetchPushedRequest(fetch),
                    Purpose::Token => Self::FetchToken(fetch),
                    Purpose::UserInfo => Self::FetchUserInfo(fetch),
                    Purpose::Revocation => Self::FetchRevocation(fetch),
                }
            }
        }
    }
}

impl<P> Fetch<P> {
    fn of(exchange: Exchange, pending: impl FnOnce(Keep) -> P) -> Self {
        let Exchange { request, caching, keep, .. } = exchange;
        let (timeout, max_response) = (FETCH_TIMEOUT, MAX_RESPONSE);
        Self { request, timeout, max_response, caching, pending: pending(keep) }
    }
}

impl Action {
    /// Returns the fetch of an action, with its purpose. An action without a fetch is returned as the error.
    #[expect(clippy::result_large_err, reason = "the other action is no error, and is carried out at once")]
    pub fn into_fetch(self) -> Result<(Purpose, Fetch), Self> {
        match self {
            Self::FetchDiscovery(fetch) => Ok((Purpose::Discovery, *fetch)),
            Self::FetchJwks(fetch) => Ok((Purpose::Jwks, *fetch)),
            Self::FetchPushedRequest(fetch) => Ok((Purpose::PushedRequest, *fetch)),
            Self::FetchToken(fetch) => Ok((Purpose::Token, *fetch)),
            Self::FetchUserInfo(fetch) => Ok((Purpose::UserInfo, *fetch)),
            Self::FetchRevocation(fetch) => Ok((Purpose::Revocation, *fetch)),
            Self::AdmitUser(_)
            | Self::CheckSession(_)
            | Self::AskStore(_)
            | Self::Pause(..)
            | Self::RunToEnd(_)
            | Self::CountRequest(_)
            | Self::Redirect(_)
            | Self::Respond(_) => Err(self),
        }
    }
}

impl Pending {
    /// Tells whether an answer may be cached, where [`Fetch::caching`] allows it. An answer that the flow cannot use may not,
    /// so that the next flow performs the request again.
    ///
    /// ```
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let keycloak = aura_providers::KEYCLOAK.with_public_client("id").issuer("https://id.example.com/realms/main");
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(keycloak).build()?;
    /// # let request = http::Request::get("/auth/signIn/keycloak").body(bytes::Bytes::new())?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let Ok((_, fetch)) = auth.handle(request, now, entropy).into_fetch() else { unreachable!() };
    /// let not_found = http::Response::builder().status(404).body(bytes::Bytes::new())?;
    /// assert!(!fetch.pending.keeps(&not_found));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keeps(&self, response: &Response<Bytes>) -> bool {
        unread(response).is_none() && self.keep.keeps(response)
    }

    /// Continues the flow with the provider's answer, whatever its status, or with the reason why there is none.
    ///
    /// ```
    /// # use aura_proto::{Action, FetchError};
    /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
    /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
    /// # let keycloak = aura_providers::KEYCLOAK.with_public_client("id").issuer("https://id.example.com/realms/main");
    /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").provider(keycloak).build()?;
    /// # let request = http::Request::get("/auth/signIn/keycloak").body(bytes::Bytes::new())?;
    /// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
    /// let Action::FetchDiscovery(fetch) = auth.handle(request, now, entropy) else { unreachable!() };
    /// let Action::Respond(respond) = fetch.pending.resume(Err(FetchError::Unreachable), now) else { unreachable!() };
    /// assert_eq!(respond.status, 504);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resume(self, outcome: Result<Response<Bytes>, FetchError>, now: UnixTime) -> Action {
        let outcome = arrived(self.purpose, outcome);
        self.flow.resume(outcome, now).into()
    }
}

/// Refuses an answer that is not read.
fn arrived(
    purpose: Purpose,
    outcome: Result<Response<Bytes>, FetchError>,
) -> Result<Response<Bytes>, FetchError> {
    outcome.and_then(|response| match unread(&response) {
        // Only the status of the answer to a revocation is read, so its body may be encoded.
        Some(FetchError::Encoded) if purpose == Purpose::Revocation => Ok(response),
        Some(error) => Err(error),
        None => Ok(response),
    })
}

/// Returns why an answer is not read: it is too long or encoded. A host may have checked neither.
pub(crate) fn unread(response: &Response<Bytes>) -> Option<FetchError> {
    if response.body().len() > MAX_RESPONSE {
        return Some(FetchError::TooLarge);
    }
    oauth::is_encoded(response).then_some(FetchError::Encoded)
}

impl<P: fmt::Debug> fmt::Debug for Fetch<P> {
    /// Omits path, query, headers and body, which hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("method", self.request.method())
            .field("authority", &self.request.uri().authority())
            .field("timeout", &self.timeout)
            .field("max_response", &self.max_response)
            .field("caching", &self.caching)
            .field("pending", &self.pending)
            .finish()
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending(Expect{:?})", self.purpose)
    }
}

/// A user whom a provider has identified, and the flow that waits for the application's decision: a sign-in, or a refresh of
/// the profile (`POST /providers/:provider/user/refresh`), after which the session has the claims of the new decision.
///
/// ```
/// use aura_proto::{Action, Admission, AdmitUser, UnixTime};
///
/// fn only_with_email(question: AdmitUser, now: UnixTime) -> Action {
///     let has_email = question.candidate.user.email().is_some();
///     let admission = if has_email { question.candidate.admit() } else { Admission::refuse("no_email") };
///     question.pending.resume(admission, now)
/// }
/// # use aura_proto::{Auth, ClientSecret, Purpose};
/// # use bytes::Bytes;
/// # use http::{Request, Response};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let github = aura_providers::GITHUB.with_client("id", ClientSecret::new("secret"));
/// # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(github).build()?;
/// # let now = UnixTime::from_secs(1_790_000_000);
/// # let entropy = |byte| aura_proto::Entropy::from_os_bytes([byte; 32]);
/// # let request = Request::get("/auth/signIn/github").body(Bytes::new())?;
/// # let Action::Redirect(redirect) = auth.handle(request, now, entropy(1)) else { unreachable!() };
/// # let state = redirect.location.as_str().split_once("state=").unwrap().1.split('&').next().unwrap();
/// # let cookie = redirect.cookies[0].to_header_value();
/// # let cookie = cookie.to_str()?.split(';').next().unwrap();
/// # let callback = Request::get(format!("/auth/callback/github?code=c0de&state={state}")).header("cookie", cookie);
/// # let mut action = auth.handle(callback.body(Bytes::new())?, now, entropy(2));
/// # let question = loop {
/// #     action = match action.into_fetch() {
/// #         Ok((Purpose::Token, fetch)) => {
/// #             let answer = r#"{"access_token":"gho_x","token_type":"bearer"}"#;
/// #             fetch.pending.resume(Ok(Response::new(answer.into())), now)
/// #         }
/// #         Ok((_, fetch)) => fetch.pending.resume(Ok(Response::new(r#"{"id":583231,"login":"ada"}"#.into())), now),
/// #         Err(Action::AdmitUser(question)) => break question,
/// #         Err(_) => unreachable!(),
/// #     };
/// # };
///
/// assert_eq!(question.candidate.user.sub(), "583231");
/// let Action::Respond(respond) = only_with_email(question, now) else { unreachable!() };
/// assert_eq!(respond.status, 403);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "decide, then call pending.resume, or admit"]
#[non_exhaustive]
pub struct AdmitUser {
    /// The user, and what the provider reports about them.
    pub candidate: Box<Candidate>,
    /// The flow to resume with the decision.
    pub pending: PendingAdmission,
}

/// A flow that waits for the application's decision. It is not `Clone`, and `resume` takes it by value, so it gets one decision.
#[must_use = "dropping this abandons the flow"]
pub struct PendingAdmission(Suspended<Candidate>);

impl AdmitUser {
    /// Admits the user as the provider describes them.
    pub fn admit(self, now: UnixTime) -> Action {
        self.pending.resume(self.candidate.admit(), now)
    }
}

impl PendingAdmission {
    /// Continues the flow with the application's decision.
    pub fn resume(self, admission: Admission, now: UnixTime) -> Action {
        self.0.resume(admission, now).into()
    }
}

impl fmt::Debug for PendingAdmission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingAdmission(ExpectAdmission)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Auth, ClientSecret, Entropy, Event, Salt, Secret};
    use aura_providers::GITHUB;
    use http::header;

    const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);

    /// Goes as far as the fetch of a token.
    fn fetch() -> Fetch {
        let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        let github = GITHUB.with_client("id", ClientSecret::new("secret"));
        let auth = Auth::builder(secret, salt).base_url("https://app.test").provider(github).build().unwrap();
        let send = |path: &str, cookie: &str| {
            let request = Request::get(path).header(header::COOKIE, cookie).body(Bytes::new()).unwrap();
            auth.handle(request, NOW, Entropy::from_os_bytes([7; 32]))
        };
        let Action::Redirect(begun) = send("/auth/signIn/github", "") else { panic!("a redirect") };
        let begun = begun.into_response();
        let text = |name| begun.headers()[name].to_str().unwrap();
        let state = text(header::LOCATION).split("&state=").nth(1).unwrap().split('&').next().unwrap();
        let cookie = text(header::SET_COOKIE).split(';').next().unwrap();
        let action = send(&format!("/auth/callback/github?code=c&state={state}"), cookie);
        let Action::FetchToken(fetch) = action else { panic!("{action:?}") };
        *fetch
    }

    /// Why the flow ended that was resumed with an answer of this length.
    fn reason(length: usize) -> &'static str {
        let answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
        let answer = answer.body(Bytes::from(vec![b' '; length])).unwrap();
        let action = fetch().pending.resume(Ok(answer), NOW);
        let Action::Respond(respond) = action else { panic!("{action:?}") };
        let Some(Event::SignInFailed { error, .. }) = respond.events.last() else { panic!("{respond:?}") };
        error.reason()
    }

    #[test]
    fn au_02_an_answer_of_256_kib_is_read_and_one_byte_more_is_not_whatever_the_host_lets_through() {
        assert_eq!((MAX_RESPONSE, fetch().max_response), (256 * 1024, MAX_RESPONSE));
        assert_eq!((reason(MAX_RESPONSE), reason(MAX_RESPONSE + 1)), ("token_not_json", "token_too_large"));
    }
}
