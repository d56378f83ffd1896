//! Transcripts of failed sign-ins: recorded without their secrets, and run again as a test.
//!
//! A [`Recorder`] notes what goes into one request. The [`Transcript`] that it makes is text. It shows no secret, so that it
//! can be pasted in public. [`Transcript::replay`] runs it again, under another configuration, and compares the actions.
//!
//! # How it works
//! * Every word that is neither the protocol's nor a public one of the configuration is replaced by a stand-in: letters by letters,
//!   digits by digits, and characters beyond ASCII by one of each length in UTF-8. Escapes stay: a word is also found where it is
//!   percent-encoded, once or twice, or written as `\u00e9`.
//! * A stand-in is drawn at random when its word is first met. The same word has the same stand-in throughout, so a state still
//!   matches its attempt, and JSON is still JSON.
//! * Cookies that open are noted as what they hold. They are sealed again under the keys of the configuration that runs the
//!   transcript.
//! * Of what a store answered, the kind is noted, and of a row that was found, its times, and what it holds under the ticket of the
//!   request. The address of the row, the names of its user and its ciphertext are left out. The ticket becomes a new one, and the row is
//!   sealed again for it.
//! * Of what an OpenID Provider publishes, the members that the core reads are kept. Published keys become keys of the
//!   transcript's own, ten of each set at most. They sign the ID token again where the provider's key did.
//! * Actions are compared by their outlines, which hold no drawn value.
//!
//! Nothing is redacted before [`Recorder::finish`].
//!
//! # What is shown
//! * The public words of the configuration, wherever they occur: base URL, base path, trusted origins, error page and names of
//!   cookies; of each provider its id, client id, tenants, hosts and paths of endpoints, and the names that its profile is read by;
//!   names of parameters that a sign-in may set and of claims that a page may edit. Hosts and paths of published endpoints
//!   likewise. A user's word that equals one of these is shown: of `bob@acme.example`, `acme` where the site is `acme.test`. Look a
//!   transcript over before you paste it where such names are internal.
//! * The shape of everything else: the length of each word and the case of its letters, punctuation, a leading zero of a number,
//!   `true`, `false` and `null`.
//! * What a store answered: whether there was such a session, whether it was ended or replaced, and whether rows were deleted.
//! * Times: of the request, of each answer, of a row, and in attempts, sessions, tokens and token answers where the flow decides by them.
//! * Statuses, and `localhost`, `127.0.0.1` and `[::1]` with their ports.
//! * Which words are equal, within five groups: where the request arrived and redirects lead (path, `Host`, `Origin`, `Referer`,
//!   `Forwarded`, `redirectTo`, and what an attempt keeps of them); states; cookies that do not open; what else the request holds;
//!   what was sealed and what providers answered. An attacker who crafts a link can confirm guesses about other words
//!   of the same group, but not about a session, a token or a profile.
//!
//! # How much is kept
//! 32 KiB of a request, 16 KiB where no sign-in attempt of it opens, and 128 KiB of a request with its answers. Sets of keys do
//! not count. Of more than that only the actions are kept, and [`Transcript::replay`] returns [`Difference::TooLong`].
//!
//! # What does not run again
//! * What the application made of a user beyond admitting them, or read of a profile by a function of its own.
//! * ID tokens that are signed with the client's secret, or were kept from an earlier request.
//! * Signed userinfo, and logout tokens.
//! * A list of a user's sessions, which is empty in a replay. The ids in it are derived from tickets, and a replay has other tickets: a
//!   request that ends one of the listed sessions finds none.
//! * A snapshot of a stored session, which a policy with `recheck` accepts for a while: the replay asks the store.
//! * That a value was protected under an earlier secret, and is protected again.
//! * Whatever depends on the meaning of a name in another alphabet, on the size of a number that is no time, or on an address of
//!   this machine beside the three above.
//!
//! # Example
//! A host records where it performs actions:
//! ```
//! use aura_replay::{Recorder, Transcript};
//! use aura_proto::store::Counted;
//! use aura_proto::{Action, Auth, Entropy, FetchError, SessionDecision, UnixTime};
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
//!             // Only where the policy keeps sessions in a store; `Recorder::stored` notes its answers.
//!             Action::AskStore(_) | Action::Pause(..) | Action::RunToEnd(_) => unreachable!(),
//!             // Only where the configuration has limits; `Recorder::counted` notes what a limit refuses.
//!             Action::CountRequest(question) => question.resume(Ok(Counted::Allowed), now),
//!             Action::CheckSession(question) => {
//!                 let decision = SessionDecision::Continue;
//!                 recorder.decision(&decision, now);
//!                 question.pending.resume(decision, now)
//!             }
//!             Action::AdmitUser(question) => {
//!                 let admission = question.candidate.admit();
//!                 recorder.admission(&admission, now);
//!                 question.pending.resume(admission, now)
//!             }
//!         };
//!     }
//! }
//! # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
//! # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
//! # let work = aura_proto::provider::Provider::openid("work", "https://id.example.com", "client-id");
//! # let auth = Auth::builder(secret, salt).base_url("https://example.com").provider(work).build()?;
//! # let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
//!
//! let request = Request::get("/auth/callback/work?code=c0dec0dec0de&state=s").body(Bytes::new())?;
//! let (response, transcript) = recorded(&auth, request, now, entropy, [8; 32], |_| Err(FetchError::Unreachable));
//! assert_eq!(response.status(), 401);
//! assert!(!transcript.to_string().contains("c0dec0dec0de"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod answer;
mod heard;
mod known;
mod opened;
mod outline;
mod record;
mod redact;
mod sealed;
mod sent;
mod signed;
mod stand_ins;
mod stored;
mod transcript;
mod written;

pub use record::Recorder;
pub use stored::StoreAnswer;
pub use transcript::{Difference, Transcript};
