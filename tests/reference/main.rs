//! Recordings in `golden`: what the core does equals what was recorded, or the difference has a name.
#![cfg(test)]

mod cookies;
mod flows;
mod functions;
mod providers;
