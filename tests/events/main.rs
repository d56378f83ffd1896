//! What an operator and a program hear of what happened: events, their records, and codes.
#![cfg(test)]

mod codes;
mod names;
mod openid;
mod recorded;
mod reported;
