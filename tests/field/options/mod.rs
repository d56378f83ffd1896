//! Which options providers need.

mod clients;
mod discovery;
mod endpoints;
mod parameters;
mod pushed_requests;
mod sign_out;
mod site;
