//! Whole conversations with the provider, as a browser and a client have them.

#![cfg(test)]

mod client_authentication;
mod common;
mod dpop;
mod form_post;
mod id_token_lies;
mod lies;
mod oauth;
mod openid;
mod par;
mod refresh;
mod relying_party;
mod sign_out;
mod signer;
