//! Whole conversations with the provider, as a browser and a client have them.

#![cfg(test)]

mod common;
mod oauth;
mod openid;
mod relying_party;
