//! Sign-in at providers that are not ours, over loopback sockets.
#![cfg(test)]

mod certified;
#[path = "../page/chromium.rs"]
mod chromium;
mod log;
mod network;
mod others;
