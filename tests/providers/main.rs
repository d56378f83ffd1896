//! What does each built-in provider get to see, and which user does its answer give? A file a provider, in
//! `golden/providers`: the requests to the last byte, and the answers in the shape that the provider documents. Of an OpenID
//! Provider that is its configuration and the claims of its ID tokens, too, which are signed here.
#![cfg(test)]

mod oauth;
mod openid;
mod recorded;
mod sign_in;
mod signer;
