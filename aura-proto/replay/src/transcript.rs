//! Transcripts: their content, their text, and their replay.

use crate::answer::{Answer, What};
use crate::outline::Outline;
use crate::sealed::{Sealed, fill};
use crate::stored::{Again, count_given};
use aura_proto::store::Counted;
use aura_proto::{
    Action, Admission, Auth, Connection, Entropy, FetchError, Scheme, SessionDecision, UnixTime,
};
use bytes::Bytes;
use http::{Request, Response};
use ring::digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The version of what is written.
pub(crate) const VERSION: u32 = 1;
/// Maximum number of actions that a replay performs.
const MAX_ACTIONS: usize = 32;

/// The inputs and the actions of one request, without its secrets. As text it is JSON.
///
/// The [documentation of the crate](crate) lists what it shows all the same, and what does not run again.
///
/// ```
/// use aura_proto::{Auth, Entropy, UnixTime};
/// use aura_replay::{Recorder, Transcript};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
/// # let request = http::Request::get("/auth/signIn/unknown").body(bytes::Bytes::new())?;
/// # let mut recorder = Recorder::new(&auth, &request, now, [8; 32]);
/// # recorder.action(&auth.handle(request, now, entropy));
/// # let recorded = recorder.finish().to_string();
/// // In a test: `include_str!("recorded.json")`, and a configuration like the recorded one with secrets of its own.
/// let transcript: Transcript = recorded.parse()?;
/// assert_eq!(transcript.replay(&auth), Ok(()));
/// assert_eq!(transcript.to_string(), recorded);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    pub(crate) version: u32,
    pub(crate) now: UnixTime,
    /// Whether there was more than is kept, and nothing is kept but the outlines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) too_long: bool,
    pub(crate) secure: bool,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The values of `$0$`, `$1$` and so on in target, headers and body.
    pub(crate) sealed: Vec<Sealed>,
    pub(crate) answers: Vec<Answer>,
    /// The outlines of the actions.
    pub(crate) actions: Vec<String>,
}

/// Why a transcript does not run as it was recorded.
///
/// ```
/// use aura_replay::{Difference, Transcript};
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
        /// The outline that was recorded; none if there was no such action.
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
        if transcript.version == VERSION { Ok(transcript) } else { Err(Difference::NotATranscript) }
    }
}

impl Transcript {
    /// Returns the outlines of the actions as they were recorded, in order.
    pub fn actions(&self) -> &[String] {
        &self.actions
    }

    /// Runs the transcript again, under a configuration like the recorded one with secrets of its own.
    ///
    /// # Errors
    /// [`Difference`] at the first action that is another one.
    pub fn replay(&self, auth: &Auth) -> Result<(), Difference> {
        if self.too_long {
            return Err(Difference::TooLong);
        }
        let sealed = self.sealed_again(auth).ok_or(Difference::NotATranscript)?;
        let request = self.request(&sealed).ok_or(Difference::NotATranscript)?;
        let mut again = Again { auth, sealed, entropy: self.entropy(b"rows") };
        let mut action = Some(auth.handle(request, self.now, self.entropy(b"entropy")));
        let (mut answers, mut now) = (self.answers.iter().peekable(), self.now);
        for recorded in self.actions.iter().map(Some).chain(std::iter::repeat(None)).take(MAX_ACTIONS) {
            let replayed = action.as_ref().map(|action| Outline::of(auth, action).to_string());
            if recorded != replayed.as_ref() {
                return Err(Difference::Action { recorded: recorded.cloned(), replayed });
            }
            let Some(current) = action.take() else { return Ok(()) };
            action = match current {
                Action::CountRequest(question) => {
                    // That a request is allowed is not recorded.
                    let given = answers.next_if(|answer| count_given(&answer.what).is_some());
                    now = given.map_or(now, |answer| answer.now);
                    let counted = given.and_then(|answer| count_given(&answer.what));
                    Some(question.resume(counted.unwrap_or(Ok(Counted::Allowed)), now))
                }
                Action::Pause(length, rest) => {
                    now = now.saturating_add(length);
                    Some(rest.resume(now))
                }
                Action::RunToEnd(rest) => Some(rest.resume(now)),
                asking @ (Action::FetchDiscovery(_)
                | Action::FetchJwks(_)
                | Action::FetchPushedRequest(_)
                | Action::FetchToken(_)
                | Action::FetchUserInfo(_)
                | Action::FetchRevocation(_)
                | Action::AdmitUser(_)
                | Action::CheckSession(_)
                | Action::AskStore(_)
                | Action::Redirect(_)
                | Action::Respond(_)) => answers.next().and_then(|answer| {
                    now = answer.now;
                    resume(asking, answer, &mut again)
                }),
            };
        }
        Err(Difference::NotATranscript)
    }

    /// Protects the protected values of the request again.
    fn sealed_again(&self, auth: &Auth) -> Option<Vec<String>> {
        let mut drawn = self.entropy(b"cookies");
        self.sealed.iter().try_fold(Vec::new(), |mut texts, sealed| {
            texts.push(sealed.seal(auth, &texts, &mut drawn)?);
            Some(texts)
        })
    }

    fn request(&self, sealed: &[String]) -> Option<Request<Bytes>> {
        let filled = |text: &str| fill(text, sealed);
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

/// What a flow is resumed with.
enum Given {
    Outcome(Result<Response<Bytes>, FetchError>),
    Admitted,
    Admission(Admission),
    Decision(SessionDecision),
    Stored,
}

impl What {
    /// Makes what was recorded again; `None` where it is none of a host's.
    fn given(&self) -> Option<Given> {
        Some(match self {
            Self::Answered { status, content_type, dpop_nonce, challenge, body } => {
                let mut response = Response::builder().status(*status);
                for (name, value) in [
                    ("content-type", content_type),
                    ("dpop-nonce", dpop_nonce),
                    ("www-authenticate", challenge),
                ] {
                    if let Some(value) = value {
                        response = response.header(name, value);
                    }
                }
                Given::Outcome(Ok(response.body(Bytes::from(body.clone())).ok()?))
            }
            Self::TimedOut => Given::Outcome(Err(FetchError::TimedOut)),
            Self::Unreachable => Given::Outcome(Err(FetchError::Unreachable)),
            Self::Untrusted => Given::Outcome(Err(FetchError::Untrusted)),
            Self::TooLarge => Given::Outcome(Err(FetchError::TooLarge)),
            Self::Encoded => Given::Outcome(Err(FetchError::Encoded)),
            Self::Admitted => Given::Admitted,
            Self::Refused => Given::Admission(Admission::Refuse),
            Self::RefusedWith(code) => Given::Admission(Admission::refuse(code.clone())),
            Self::Undecided => Given::Admission(Admission::Unavailable),
            Self::Continued => Given::Decision(SessionDecision::Continue),
            Self::Ended => Given::Decision(SessionDecision::End),
            Self::EndedWith(code) => Given::Decision(SessionDecision::end(code.clone())),
            Self::Unchecked => Given::Decision(SessionDecision::Unavailable),
            Self::StoreFailed
            | Self::Found(_)
            | Self::Absent
            | Self::Begun
            | Self::Taken
            | Self::Replaced
            | Self::Changed
            | Self::Gone
            | Self::Deleted
            | Self::NoneDeleted
            | Self::Listed => Given::Stored,
            Self::Throttled(_) | Self::Uncounted => return None,
        })
    }
}

/// Resumes a flow with what was recorded, where that fits what it waits for.
fn resume(action: Action, answer: &Answer, again: &mut Again<'_>) -> Option<Action> {
    match (action, answer.what.given()?) {
        (
            Action::FetchDiscovery(fetch)
            | Action::FetchJwks(fetch)
            | Action::FetchPushedRequest(fetch)
            | Action::FetchToken(fetch)
            | Action::FetchUserInfo(fetch)
            | Action::FetchRevocation(fetch),
            Given::Outcome(outcome),
        ) => Some(fetch.pending.resume(outcome, answer.now)),
        (Action::AdmitUser(question), Given::Admitted) => Some(question.admit(answer.now)),
        (Action::AdmitUser(question), Given::Admission(decision)) => {
            Some(question.pending.resume(decision, answer.now))
        }
        (Action::CheckSession(question), Given::Decision(decision)) => {
            Some(question.pending.resume(decision, answer.now))
        }
        (Action::AskStore(question), Given::Stored) => again.answer(question, &answer.what, answer.now),
        (_, _) => None,
    }
}
