//! Sign-in from beginning to end: its routes, the typed client of them, and replays of recorded requests.
#![cfg(test)]

mod admission;
mod client;
mod emails;
mod replay;
mod routes;
