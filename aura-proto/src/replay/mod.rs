//! How is a failure seen again? A [`Recorder`] notes what goes into one request, without its secrets; the [`Transcript`]
//! that it makes is safe to paste in public, and runs again.
//!
//! Every word that is not the protocol's or the configuration's is replaced by a stand-in of the same shape: letters by
//! letters, digits by digits, the same word by the same stand-in throughout, derived by HMAC under a key that the
//! transcript does not hold. So a state still matches its attempt, and JSON is still JSON. Cookies that open are noted as
//! what they hold and sealed anew when the transcript runs, under the keys of whatever configuration runs it. What is
//! compared are the [`outline`]s of the actions, which hold no drawn value.
//!
//! What an OpenID Provider publishes of itself is kept, since everybody can read it, but for its keys: keys of the
//! transcript's own stand for them, and sign its ID token anew where they did.
//!
//! Not replayed: what the application made of a user beyond admitting them, ID tokens that are signed by the client's
//! secret or were kept from an earlier request, userinfo that is signed, and logout tokens.
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
mod signed;

pub use outline::outline;
pub use record::Recorder;

use crate::action::Action;
use crate::admission::Admission;
use crate::auth::Auth;
use crate::connection::Connection;
use crate::entropy::Entropy;
use crate::error::FetchError;
use crate::origin::Scheme;
use crate::time::UnixTime;
use bytes::Bytes;
use http::{Request, Response};
use ring::digest;
use sealed::Sealed;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many actions a replay carries out at most.
const MAX_ACTIONS: usize = 32;

/// What went into one request and what was done about it, without its secrets. As text it is JSON.
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
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// It is no transcript, or one of another version.
    NotATranscript,
    /// An action is another one.
    Action {
        /// The outline that was recorded; none where there was no such action.
        recorded: Option<String>,
        /// The outline that was replayed; none where the flow has ended.
        replayed: Option<String>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATranscript => f.write_str("this is no transcript of this version"),
            Self::Action { recorded, replayed } => {
                let text = |outline: &Option<String>| outline.clone().unwrap_or_else(|| "nothing".to_owned());
                write!(f, "recorded was: {}; replayed: {}", text(recorded), text(replayed))
            }
        }
    }
}

impl std::error::Error for Difference {}

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
        let request = self.request(auth).ok_or(Difference::NotATranscript)?;
        let mut action = Some(auth.handle(request, self.now, self.entropy(b"entropy")));
        let mut answers = self.answers.iter();
        for recorded in self.actions.iter().map(Some).chain(std::iter::repeat(None)).take(MAX_ACTIONS) {
            let replayed = action.as_ref().map(outline);
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
        let filled = |text: &str| {
            let numbered = sealed.iter().enumerate();
            numbered.fold(text.to_owned(), |text, (at, value)| text.replace(&sealed::placeholder(at), value))
        };
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
