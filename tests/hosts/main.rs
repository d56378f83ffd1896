//! Hosts on loopback sockets: all four side by side, axum in detail, the certificates that the default clients accept,
//! and the demo behind nginx.
#![cfg(test)]

mod adapters;
mod axum;
mod certificates;
mod nginx;
mod refresh;
