//! Tokens: those of sessions, those of providers, and forged ones.
#![cfg(test)]

mod jose;
mod provider_tokens;
mod session_tokens;
