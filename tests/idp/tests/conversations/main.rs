//! Whole conversations with the provider, as a browser and a client have them.

#![cfg(test)]

mod common;
mod id_token_lies;
mod lies;
mod oauth;
mod openid;
mod relying_party;
