//! Which stories end badly? Explores, breadth first, everything that a victim, an attacker and two providers can do to the
//! real core in a few moves.
//!
//! The core is a pure function, so it is its own model: a [`World`](world::World) holds what lies outside of it (two
//! browsers' cookies, what the providers remember, what the attacker has seen, the clock, the deployment's secret), and a
//! [`Move`](moves::Move) is something that somebody does. Every move is carried out by [`Auth::handle`], every reachable
//! world is visited once, and [`properties`] judge each move. The first story that breaks one is the shortest there is.
//!
//! That the search can fail is shown with faults that are seeded into the core, one a run, by builds with
//! `--cfg aura_faults`, which nothing that ships is.
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

pub mod deployment;
pub mod jar;
pub mod moves;
pub mod properties;
pub mod provider;
pub mod search;
pub mod site;
pub mod world;
