//! Which stories end badly? Explores, breadth first, everything that a victim, an attacker and two providers can do to the
//! real core in a few moves.
//!
//! The core is a pure function, so it is its own model: a [`World`](world::World) holds what lies outside of it (two
//! browsers' cookies, what the providers remember, what the attacker has seen, the clock, the steps of a rotation), and a
//! [`Move`](moves::Move) is something that somebody does. Every move is carried out by [`Auth::handle`], every reachable
//! world is visited once, and every move is judged by each of the [`properties`]. The first story that breaks one is the
//! shortest there is from its [`Start`](start::Start): some are told from worlds that take nine moves to come to.
//!
//! That the search can fail is shown with seeded faults: each file of `faults` leaves one check out of a function of the core.
//! `aura-mutants` weaves them into a copy of the core and runs the explorer with each. Each is found, and each property is
//! broken by one at least.
//!
//! # What is excused
//!
//! * Over plain http an attempt that a neighbour planted passes for one of the browser's own, and so does the session that it
//!   begins, in whatever browser and however often it is used. Nothing else is excused by what is planted.
//! * Whoever sees a code can write it into another answer, and the site, which remembers nothing, cannot tell: such a code
//!   may go to the provider whose attempt and callback it was written into, and may be exchanged once for each attempt.
//! * At the attacker's provider everybody is who it says.
//! * Of a session whose secret is dropped before its browser came back nothing is expected.
//!
//! # What is not explored
//!
//! * The core's routes for provider tokens, back-channel logout, logout through the provider, `PATCH /session`, callbacks by a
//!   form, pushed requests, DPoP, `HEAD` and prefetching; an error page; values in chunks; applications that refuse users.
//! * Requests that overlap: a request is answered, with all its fetches, before the next one begins. So no sign-out falls
//!   into an exchange that is under way; [`Answers`](deployment::Answers) says what comes of one that overtakes an answer.
//! * What browsers say of where a request comes from, and `SameSite`: these browsers are old ones, and send every cookie with
//!   every request. Cookies do not run out, and none is dropped because a neighbour planted too many.
//! * Authorization requests to the honest provider that leak, and the honest provider's own checks of redirect URIs.
//! * Clocks that run backwards, or differ by more than [`Clocks`](deployment::Clocks) says; further instances, secrets and
//!   providers; a third attempt of a browser within one story, and so the bound of five.
//! * An attacker's provider that lies in other ways than [`How`](moves::How) says: `tests/openid/lies.rs` has those.
//! * Sessions planted by a neighbour, wherever the session's cookie is not bound to the host:
//!   [`PlantedSessions`](deployment::PlantedSessions).
//!
//! [`Auth::handle`]: aura_proto::Auth::handle
#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    reason = "what is wrong in an explorer must end it"
)]

pub mod choices;
pub mod deployment;
pub mod fingerprint;
pub mod jar;
mod judge;
mod ledger;
pub mod making;
pub mod moves;
pub mod properties;
pub mod provider;
pub mod search;
pub mod site;
pub mod start;
pub mod text;
pub mod world;
