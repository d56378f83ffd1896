//! Hosts on loopback sockets: all four side by side, axum in detail, and the certificates that the default clients accept.
#![cfg(test)]

mod adapters;
mod axum;
mod certificates;
mod nginx;
mod refresh;
