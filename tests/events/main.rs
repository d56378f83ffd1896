//! Events, their log records, and error codes.
#![cfg(test)]

mod codes;
mod names;
mod openid;
mod recorded;
mod reported;
