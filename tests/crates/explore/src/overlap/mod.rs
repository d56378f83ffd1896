//! Requests that overlap, on two instances with one store: every order of their steps, and a store that fails.
//!
//! A request may stop at any question while others run. It is kept as what it was given so far, and rebuilt from that by the
//! real core, so that a world can be copied. A question to the store is answered, or lost before or after the store carries it out.
//! The store is a model of its contract whose index of users has lost sessions; it can make a [`Mistake`] of a known store.
//!
//! At rest, each browser asks for its session: one whose end was answered is refused, and no other is lost. No refresh token is
//! spent twice, and what a refresh was granted is there.
#![expect(clippy::wildcard_enum_match_arm, reason = "most actions and requests are alike here")]

mod judge;
mod scene;
mod search;
mod store;
mod world;

pub use judge::Wrong;
pub use scene::Scene;
pub use search::{Bounds, Fate, Move, Report, explore};
pub use store::Mistake;
pub use world::Kind;
