//! Transcripts of failed requests: a [`Recorder`] notes what goes into one request; the [`Transcript`] that it makes shows no
//! secret, so that it is safe to paste in public, and runs again.
//!
//! Every word that is not the protocol's or the configuration's is replaced by a stand-in of the same shape: letters by
//! letters, digits by digits, characters of other alphabets by one of each length; also where it is percent-encoded, however
//! often, or written as `\u00e9`. The same word has the same stand-in, derived by HMAC under a key that the transcript does
//! not hold. So a state still matches its attempt, and JSON is still JSON. Cookies that open are noted as what they hold
//! and sealed anew when the transcript runs, under the keys of whatever configuration runs it. What is compared are
//! outlines of the actions, which hold no drawn value. Nothing is redacted before [`Recorder::finish`].
//!
//! Of what an OpenID Provider publishes, the members that the flow reads are kept. Keys of the transcript's own stand for
//! its keys, ten of each set at most, and sign its ID token anew where they did.
//!
//! # What is shown
//! * The words of the configuration that are public, wherever they stand: base URL, base path, trusted origins, error page,
//!   names of cookies; of each provider id, client id, tenants, hosts and paths of endpoints, and the names that its profile
//!   is read by; names that a sign-in may say or a page may edit. Where a provider publishes its endpoints, their hosts and
//!   paths likewise. A word of a user that is one of these is shown: of `bob@acme.example`, `acme` where the site is
//!   `acme.test`. Where such names are internal, look a transcript over before it is pasted.
//! * The shape of everything else: how long each word is and the case of its letters, punctuation, a zero that a number
//!   begins with, `true`, `false` and `null`; of other alphabets how long each character is in UTF-8.
//! * When the request came and the answers did, and every moment and length of time in attempts, sessions, tokens and token
//!   answers by which the flow decides; statuses; `localhost`, `127.0.0.1` and `[::1]` with their ports.
//! * Which words are equal, within five groups: where the request arrived and redirects lead (path, `Host`, `Origin`,
//!   `Referer`, `Forwarded`, `redirectTo`, and what an attempt keeps of them); states; cookies that do not open; what else
//!   the request says; what was sealed and what providers answered. Who makes a link can put guesses into it, and
//!   recognises one that is in the group of its place: never in a session, a token or a profile.
//!
//! # How much is kept
//! 128 KiB of a request and its answers together, sets of keys not counted. Of more than that only the actions are kept,
//! and [`Transcript::replay`] says [`Difference::TooLong`].
//!
//! # What does not run again
//! What the application made of a user beyond admitting them, or read of a profile by a function of its own; ID tokens that
//! are signed by the client's secret or were kept from an earlier request; userinfo that is signed; logout tokens; what
//! depends on what a name in another alphabet means, or on how large a number is that is no time; other addresses of this
//! machine than the three above.
//!
//! A host records where it carries actions out:
//! ```
//! use aura_proto::replay::{Recorder, Transcript};
//! use aura_proto::{Action, Auth, Entropy, FetchError, UnixTime};
//! use bytes::Bytes;
//! use http::{Request, Response};
//!
//! /// `answer` of a host, recorded. The key is 32 fresh bytes of the system's random source.
//! fn recorded(
//!     auth: &Auth,
//!     request: Request<Bytes>,
//!     now: UnixTime,
//!     entropy: Entropy,
//!     key: [u8; 32],
//!     call: impl Fn(Request<Bytes>) -> Result<Response<Bytes>, FetchError>,
//! ) -> (Response<Bytes>, Transcript) {
//!     let mut recorder = Recorder::new(auth, &request, now, key);
//!     let mut action = auth.handle(request, now, entropy);
//!     loop {
//!         recorder.action(&action);
//!         action = match action {
//!             Action::Redirect(redirect) => return (redirect.into_response(), recorder.finish()),
//!             Action::Respond(respond) => return (respond.into_response(), recorder.finish()),
//!             Action::FetchDiscovery(fetch)
//!             | Action::FetchJwks(fetch)
//!             | Action::FetchPushedRequest(fetch)
//!             | Action::FetchToken(fetch)
//!             | Action::FetchUserInfo(fetch)
//!             | Action::FetchRevocation(fetch) => {
//!                 let outcome = call(fetch.request);
//!                 recorder.outcome(&outcome, now);
//!                 fetch.pending.resume(outcome, now)
//!             }
//!             Action::AdmitUser(question) => {
//!                 let admission = question.candidate.admit();
//!                 recorder.admission(&admission, now);
//!                 question.pending.resume(admission, now)
//!             }
//!         };
//!     }
//! }
//! ```

mod known;
mod outline;
mod record;
mod redact;
mod sealed;
mod sent;
mod signed;
mod written;

pub use record::Recorder;

use crate::action::Action;
use crate::admission::Admission;
use crate::auth::Auth;
use crate::connection::Connection;
use crate::entropy::Entropy;
use crate::error::FetchError;
use crate::origin::Scheme;
use aura_types::UnixTime;
use bytes::Bytes;
use http::{Request, Response};
use outline::Outline;
use ring::digest;
use sealed::{Sealed, fill};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many actions a replay carries out at most.
const MAX_ACTIONS: usize = 32;

/// What went into one request and what was done about it, without its secrets. As text it is JSON.
///
/// The [module](self) says what it shows all the same, and what does not run again.
///
/// ```
/// # fn again(auth: &aura_proto::Auth, recorded: &str) {
/// // In a test: `include_str!("recorded.json")`, and a configuration like the recorded one with secrets of its own.
/// use aura_proto::replay::Transcript;
/// assert_eq!(recorded.parse::<Transcript>().map(|transcript| transcript.replay(auth)), Ok(Ok(())));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    version: u32,
    now: UnixTime,
    /// Whether there was more than is kept, and nothing is kept but the outlines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    too_long: bool,
    secure: bool,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    /// What `$0$`, `$1$` and so on in target, headers and body stand for.
    sealed: Vec<Sealed>,
    answers: Vec<Answer>,
    /// The outlines of the actions.
    actions: Vec<String>,
}

/// What a flow was resumed with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    now: UnixTime,
    #[serde(flatten)]
    what: What,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
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
    Admitted,
    Refused,
}

/// Why a transcript does not run as it was recorded.
///
/// ```
/// use aura_proto::replay::{Difference, Transcript};
/// assert_eq!("no JSON".parse::<Transcript>(), Err(Difference::NotATranscript));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// It is no transcript, or one of another version.
    #[error("this is no transcript of this version")]
    NotATranscript,
    /// It was too long, so that only its actions were kept.
    #[error("of what was too long, only the actions were kept")]
    TooLong,
    /// An action is another one.
    #[error("recorded was: {}; replayed: {}", .recorded.as_deref().unwrap_or("nothing"), .replayed.as_deref().unwrap_or("nothing"))]
    Action {
        /// The outline that was recorded; none where there was no such action.
        recorded: Option<String>,
        /// The outline that was replayed; none where the flow has ended.
        replayed: Option<String>,
    },
}

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Transcript {
    type Err = Difference;

    fn from_str(text: &str) -> Result<Self, Difference> {
        let transcript: Self = serde_json::from_str(text).map_err(|_| Difference::NotATranscript)?;
        if transcript.version == record::VERSION { Ok(transcript) } else { Err(Difference::NotATranscript) }
    }
}

impl Transcript {
    /// Returns the outlines of the actions as they were recorded, in order.
    ///
    /// ```
    /// # fn show(transcript: &aura_proto::replay::Transcript) {
    /// println!("it ended with {:?}", transcript.actions().last());
    /// # }
    /// ```
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// Runs the transcript again, under a configuration like the recorded one with secrets of its own.
    ///
    /// # Errors
    /// [`Difference`] at the first action that is another one.
    ///
    /// ```
    /// # fn again(auth: &aura_proto::Auth, transcript: &aura_proto::replay::Transcript) {
    /// assert_eq!(transcript.replay(auth), Ok(()));
    /// # }
    /// ```
    pub fn replay(&self, auth: &Auth) -> Result<(), Difference> {
        if self.too_long {
            return Err(Difference::TooLong);
        }
        let request = self.request(auth).ok_or(Difference::NotATranscript)?;
        let mut action = Some(auth.handle(request, self.now, self.entropy(b"entropy")));
        let mut answers = self.answers.iter();
        for recorded in self.actions.iter().map(Some).chain(std::iter::repeat(None)).take(MAX_ACTIONS) {
            let replayed = action.as_ref().map(|action| Outline::of(auth, action).to_string());
            if recorded != replayed.as_ref() {
                return Err(Difference::Action { recorded: recorded.cloned(), replayed });
            }
            let Some(current) = action.take() else { return Ok(()) };
            action = match (current, answers.next()) {
                (Action::Redirect(_) | Action::Respond(_), _) => None,
                (current, Some(answer)) => resume(current, answer),
                (_, None) => None,
            };
        }
        Err(Difference::NotATranscript)
    }

    fn request(&self, auth: &Auth) -> Option<Request<Bytes>> {
        let mut drawn = self.entropy(b"cookies");
        let sealed: Option<Vec<_>> = self.sealed.iter().map(|sealed| sealed.seal(auth, &mut drawn)).collect();
        let sealed = sealed?;
        let filled = |text: &str| fill(text, &sealed);
        let scheme = if self.secure { Scheme::Https } else { Scheme::Http };
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(filled(&self.target))
            .extension(Connection::new(scheme));
        for (name, value) in &self.headers {
            request = request.header(name, filled(value));
        }
        request.body(Bytes::from(filled(&self.body))).ok()
    }

    /// Draws from the transcript itself, so that it runs the same each time.
    fn entropy(&self, purpose: &[u8]) -> Entropy {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(purpose);
        context.update(self.to_string().as_bytes());
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Entropy::from_os_bytes(bytes)
    }
}

/// Resumes a flow with what was recorded, where that fits what it waits for.
fn resume(action: Action, answer: &Answer) -> Option<Action> {
    let outcome = match &answer.what {
        What::Answered { status, content_type, dpop_nonce, challenge, body } => {
            let mut response = Response::builder().status(*status);
            for (name, value) in
                [("content-type", content_type), ("dpop-nonce", dpop_nonce), ("www-authenticate", challenge)]
            {
                if let Some(value) = value {
                    response = response.header(name, value);
                }
            }
            Ok(Ok(response.body(Bytes::from(body.clone())).ok()?))
        }
        What::TimedOut => Ok(Err(FetchError::TimedOut)),
        What::Unreachable => Ok(Err(FetchError::Unreachable)),
        What::Untrusted => Ok(Err(FetchError::Untrusted)),
        What::TooLarge => Ok(Err(FetchError::TooLarge)),
        What::Admitted => Err(true),
        What::Refused => Err(false),
    };
    match (action, outcome) {
        (
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchToken(fetch)
            | Action::FetchUserInfo(fetch)
            | Action::FetchRevocation(fetch),
            Ok(outcome),
        ) => Some(fetch.pending.resume(outcome, answer.now)),
        (Action::AdmitUser(question), Err(true)) => Some(question.admit(answer.now)),
        (Action::AdmitUser(question), Err(false)) => {
            Some(question.pending.resume(Admission::Refuse, answer.now))
        }
        (_, _) => None,
    }
}
