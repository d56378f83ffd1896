//! Sessions: their lifetime, their cookies, and the rotation of the secret.
#![cfg(test)]

mod began;
mod beside;
mod checks;
mod claims;
mod cookies;
mod lifetime;
mod pages;
mod ready;
mod rotation;
mod stored;
