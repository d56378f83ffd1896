//! Hosts on loopback sockets: all six side by side, axum, tower and actix-web in detail, and the certificates that the default clients accept.
#![cfg(test)]

mod actix;
mod adapters;
mod axum;
mod certificates;
mod nginx;
mod refresh;
mod tower;
