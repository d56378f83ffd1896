//! Which options providers need.

mod clients;
mod discovery;
mod endpoints;
mod parameters;
mod proofs;
mod proxy;
mod pushed_requests;
mod refusals;
mod sign_out;
mod site;
