//! The built-in providers, compared with one recorded file each in `golden/providers`.
//!
//! A file has the expected requests, byte for byte, and answers in the form that the provider documents. For an OpenID
//! Provider it also has the discovery metadata and the claims of the ID tokens, which are signed here.

mod oauth;
mod openid;
mod recorded;
mod sign_in;
mod signer;
