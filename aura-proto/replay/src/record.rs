//! Recording of one request, which is redacted when its transcript is made.

use crate::answer::{Answer, Row, What};
use crate::heard::{Answered, Asked, Heard};
use crate::outline::Outline;
use crate::redact::{Json, Redactor};
use crate::sealed::Sealed;
use crate::sent::{Sent, Shown};
use crate::signed::Signed;
use crate::stand_ins::Space;
use crate::stored::{self, StoreAnswer};
use crate::transcript::{Transcript, VERSION};
use aura_jose::StrictObject;
use aura_proto::replay_door;
use aura_proto::store::{Counted, StoreFailed};
use aura_proto::{Action, Admission, Auth, FetchError, SessionDecision, UnixTime};
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use std::fmt;
use zeroize::Zeroizing;

/// How much of a request and its answers is kept, in bytes.
const MAX_KEPT: usize = 128 * 1024;
/// How long a request may be, in bytes: as long as the headers that servers accept by default, or a session in five chunks with
/// the tokens of a provider. Such a request can be sent without a sign-in, and redacting a byte takes a hundred times as long
/// as refusing it.
const MAX_REQUEST: usize = 32 * 1024;
/// How long a request may be of which no attempt opens: it costs nothing to make.
const MAX_WITHOUT_ATTEMPT: usize = 16 * 1024;

/// Notes what goes into one request. That costs little; what is noted is redacted by [`finish`](Self::finish), and dropped
/// without it.
///
/// ```
/// use aura_proto::{Auth, Entropy, UnixTime};
/// use aura_replay::Recorder;
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let auth = Auth::builder(secret, salt).base_url("https://example.com").build()?;
/// # let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
/// let request = http::Request::get("/auth/signIn/github?redirectTo=/account").body(bytes::Bytes::new())?;
/// let mut recorder = Recorder::new(&auth, &request, now, [8; 32]);
/// recorder.action(&auth.handle(request, now, entropy));
/// let transcript = recorder.finish();
/// assert_eq!(transcript.actions().len(), 1);
/// assert!(!transcript.to_string().contains("account"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorder {
    auth: Auth,
    key: Zeroizing<[u8; 32]>,
    now: UnixTime,
    /// None if there was more than is kept.
    kept: Option<Kept>,
    asked: Asked,
    actions: Vec<Outline>,
}

/// A request and what its flow was resumed with.
struct Kept {
    room: usize,
    sent: Sent,
    heard: Vec<(UnixTime, Heard)>,
}

impl Recorder {
    /// Begins with a request. The key, 32 fresh random bytes, is what stand-ins are derived with; it is dropped with it.
    pub fn new(auth: &Auth, request: &Request<Bytes>, now: UnixTime, key: [u8; 32]) -> Self {
        let sent = Sent::of(request);
        let room = MAX_KEPT.checked_sub(sent.length()).filter(|_| sent.length() <= MAX_REQUEST);
        Self {
            auth: auth.clone(),
            key: Zeroizing::new(key),
            now: now.whole_seconds(),
            kept: room.map(|room| Kept { room, sent, heard: Vec::new() }),
            asked: Asked::Other,
            actions: Vec::new(),
        }
    }

    /// Notes an action, before it is carried out.
    pub fn action(&mut self, action: &Action) {
        self.asked = match action {
            Action::FetchDiscovery(_) => Asked::Discovery,
            Action::FetchJwks(_) => Asked::Keys,
            Action::FetchToken(_) => Asked::Token,
            Action::FetchPushedRequest(_)
            | Action::FetchUserInfo(_)
            | Action::FetchRevocation(_)
            | Action::AdmitUser(_)
            | Action::CheckSession(_)
            | Action::AskStore(_)
            | Action::Pause(..)
            | Action::RunToEnd(_)
            | Action::CountRequest(_)
            | Action::Redirect(_)
            | Action::Respond(_) => Asked::Other,
        };
        self.actions.push(Outline::of(&self.auth, action));
    }

    /// Notes the outcome of a fetch.
    pub fn outcome(&mut self, outcome: &Result<Response<Bytes>, FetchError>, now: UnixTime) {
        let unread = outcome.as_ref().ok().and_then(replay_door::unread).map(Err);
        self.hear(
            now,
            match unread.as_ref().unwrap_or(outcome) {
                Ok(response) => {
                    let field = |name: &str| response.headers().get(name).cloned();
                    Heard::Answered(Answered {
                        asked: self.asked,
                        status: response.status().as_u16(),
                        content_type: field("content-type"),
                        dpop_nonce: field("dpop-nonce"),
                        challenge: field("www-authenticate"),
                        body: response.body().clone(),
                    })
                }
                Err(FetchError::TimedOut) => Heard::Told(What::TimedOut),
                Err(FetchError::Unreachable) => Heard::Told(What::Unreachable),
                Err(FetchError::Untrusted) => Heard::Told(What::Untrusted),
                Err(FetchError::TooLarge) => Heard::Told(What::TooLarge),
                Err(FetchError::Encoded) => Heard::Told(What::Encoded),
                // The enum is open: an error of another kind is recorded as the most general one.
                Err(_) => Heard::Told(What::Unreachable),
            },
        );
    }

    /// Notes the application's decision; what it made of the user is not noted.
    pub fn admission(&mut self, admission: &Admission, now: UnixTime) {
        self.hear(
            now,
            match admission {
                Admission::Admit(_) => Heard::Told(What::Admitted),
                Admission::Refuse => Heard::Told(What::Refused),
                Admission::RefuseWith(code) => Heard::Told(What::RefusedWith(code.as_str().to_owned())),
                // The enum is open. Another decision of a later version does not admit the user.
                Admission::Unavailable | _ => Heard::Told(What::Undecided),
            },
        );
    }

    /// Notes the application's decision on a session.
    ///
    /// ```
    /// # use aura_proto::{SessionDecision, UnixTime};
    /// # fn note(recorder: &mut aura_replay::Recorder, now: UnixTime) {
    /// recorder.decision(&SessionDecision::Continue, now);
    /// # }
    /// ```
    pub fn decision(&mut self, decision: &SessionDecision, now: UnixTime) {
        self.hear(
            now,
            Heard::Told(match decision {
                SessionDecision::Continue => What::Continued,
                SessionDecision::End => What::Ended,
                SessionDecision::EndWith(code) => What::EndedWith(code.as_str().to_owned()),
                // The enum is open. Another decision of a later version does not let the session go on.
                SessionDecision::Unavailable | _ => What::Unchecked,
            }),
        );
    }

    /// Notes the answer of a store of sessions.
    ///
    /// ```
    /// # use aura_proto::UnixTime;
    /// use aura_proto::store::{Begun, StoreFailed};
    /// # fn note(recorder: &mut aura_replay::Recorder, now: UnixTime) {
    /// recorder.stored(&Ok(Begun::Begun), now);
    /// recorder.stored::<Begun>(&Err(StoreFailed), now);
    /// # }
    /// ```
    pub fn stored<T: StoreAnswer>(&mut self, answer: &Result<T, StoreFailed>, now: UnixTime) {
        let heard = answer.as_ref().map_or(Heard::Told(What::StoreFailed), |answer| answer.noted().0);
        self.hear(now, heard);
    }

    /// Notes the answer about a limit.
    ///
    /// ```
    /// # use aura_proto::UnixTime;
    /// use aura_proto::store::StoreFailed;
    /// # fn note(recorder: &mut aura_replay::Recorder, now: UnixTime) {
    /// recorder.counted(&Err(StoreFailed), now);
    /// # }
    /// ```
    pub fn counted(&mut self, answer: &Result<Counted, StoreFailed>, now: UnixTime) {
        if let Some(what) = stored::counted(answer) {
            self.hear(now, Heard::Told(what));
        }
    }

    /// Keeps it where there is room; else nothing is kept.
    fn hear(&mut self, now: UnixTime, heard: Heard) {
        let Some(mut kept) = self.kept.take() else { return };
        if let Some(room) = kept.room.checked_sub(heard.length()) {
            kept.heard.push((now.whole_seconds(), heard));
            self.kept = Some(Kept { room, ..kept });
        }
    }

    /// Returns what was noted, redacted.
    #[must_use = "keep it where failures are looked at"]
    pub fn finish(self) -> Transcript {
        let Self { auth, key, now, kept, actions, .. } = self;
        let mut redactor = Redactor::new(&key, &auth);
        let kept = kept.map(|kept| (kept.sent.opened(&auth), kept));
        let kept =
            kept.filter(|(opened, kept)| opened.has_attempt() || kept.sent.length() <= MAX_WITHOUT_ATTEMPT);
        let too_long = kept.is_none();
        let (mut secure, mut shown, mut answers) = (false, Shown::default(), Vec::new());
        if let Some((opened, Kept { sent, heard, .. })) = kept {
            let signed = Signed::of(&heard, &mut redactor);
            let (tickets, handles) = (opened.tickets(), opened.handles(&auth));
            (secure, shown) = (sent.secure, sent.shown(&auth, &opened, &mut redactor));
            let values = opened.values.into_iter();
            let sealed = |(kind, value)| Sealed::redacted(kind, value, &handles, &mut redactor);
            shown.sealed = values.map(sealed).collect();
            for (at, (now, heard)) in heard.into_iter().enumerate() {
                let what = match heard {
                    Heard::Answered(answered) => answered.shown(at, &signed, &mut redactor),
                    Heard::Found(row, revoked) => {
                        What::Found(Row::shown(&auth, &tickets, (&row, revoked), &mut redactor))
                    }
                    Heard::Told(what) => what,
                };
                answers.push(Answer { now, what });
            }
        }
        let actions = actions.into_iter().map(|outline| outline.redacted(&auth, &mut redactor).to_string());
        let actions = actions.collect();
        let Shown { method, target, headers, body, sealed } = shown;
        Transcript {
            version: VERSION,
            now,
            too_long,
            secure,
            method,
            target,
            headers,
            body,
            sealed,
            answers,
            actions,
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recorder(..)")
    }
}

impl Answered {
    /// Redacts the answer of this number.
    fn shown(&self, at: usize, signed: &Signed, redactor: &mut Redactor) -> What {
        let mut field = |value: &Option<HeaderValue>| {
            let text = String::from_utf8_lossy(value.as_ref()?.as_bytes());
            Some(redactor.text(Space::Data, &text))
        };
        let of = match self.asked {
            Asked::Token => Json::Claims,
            Asked::Discovery | Asked::Keys | Asked::Other => Json::Other,
        };
        let (content_type, dpop_nonce, challenge) =
            (field(&self.content_type), field(&self.dpop_nonce), field(&self.challenge));
        let body = match (signed.published(at), StrictObject::parse(&self.body)) {
            (Some(published), _) => published.clone(),
            (None, Ok(object)) => redactor.json(of, object.into_members().into()).to_string(),
            (None, Err(_)) => redactor.text(Space::Data, &String::from_utf8_lossy(&self.body)),
        };
        What::Answered {
            status: self.status,
            content_type,
            dpop_nonce,
            challenge,
            body: signed.anew(at, body),
        }
    }
}
