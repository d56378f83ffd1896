//! Explorer of attack stories: a breadth-first search for one that ends badly.
//!
//! It tries everything that a victim, an attacker and two providers can do to the real core in a few moves. The core is
//! a pure function, so it is its own model. A [`World`](world::World) holds the state outside of it: two browsers'
//! cookies, the providers' memory, what the attacker has seen, the clock, and the steps of a rotation. A
//! [`Move`](moves::Move) is one action of one participant.
//!
//! [`Auth::handle`] carries out every move. Every reachable world is visited once. Every move is judged by each of the
//! [`properties`]. The first story that breaks a property is the shortest one from its [`Start`](start::Start). Some
//! starts are worlds that take nine moves to reach.
//!
//! Seeded faults show that the search can fail. Each file of `faults` removes one check from a function of the core.
//! `aura-mutants` weaves the faults into a copy of the core and runs the explorer with each. Each fault is found, and
//! each property is broken by at least one fault.
//!
//! # Exceptions
//!
//! * Over plain http, the site cannot distinguish an attempt that a neighbour planted from the browser's own. The
//!   same is true of the session that this attempt begins, in any browser and for any number of uses. This is the
//!   only exception for planted cookies.
//! * Whoever sees a code can put it into another answer, and the site keeps no state to detect that. Such a code
//!   may go to the provider of the attempt and the callback that it was put into. It may be exchanged once for each
//!   attempt.
//! * The attacker's provider may name any of its own users as the one who signed in.
//! * Nothing is expected of a session whose secret was dropped before its browser came back.
//!
//! # Limits
//!
//! These are not explored:
//!
//! * The core's routes for provider tokens, back-channel logout, logout through the provider, `PATCH /session`,
//!   callbacks by a form, pushed requests, DPoP, `HEAD` and prefetching; an error page; values in chunks;
//!   applications that refuse users.
//! * Overlapping requests: a request is answered, with all its fetches, before the next one begins. So no sign-out
//!   happens during an exchange. [`Answers`](deployment::Answers) covers a sign-out that overtakes an answer.
//!   [`overlap`] explores requests that overlap where a store keeps the sessions.
//! * `Sec-Fetch-*`, `Origin` and `SameSite`: the browsers are old ones, and send every cookie with every request.
//!   Cookies do not expire, and none is dropped because a neighbour planted too many.
//! * Leaked authorization requests to the honest provider, and the honest provider's own checks of redirect URIs.
//! * Clocks that run backwards, or differ by more than [`Clocks`](deployment::Clocks) allows; more instances,
//!   secrets and providers; a third attempt of a browser within one story, and so the limit of five attempts.
//! * An attacker's provider that lies in other ways than [`How`](moves::How) lists: `tests/openid/lies.rs` has
//!   those.
//! * Sessions planted by a neighbour, where the session's cookie is not bound to the host:
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
pub mod overlap;
pub mod properties;
pub mod provider;
pub mod search;
pub mod site;
pub mod start;
pub mod text;
pub mod world;
