//! Events, their log records, and error codes.

mod codes;
mod names;
mod openid;
mod operation;
mod outside;
mod recorded;
mod reported;
