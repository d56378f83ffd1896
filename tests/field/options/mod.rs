//! Which options providers need.

mod clients;
mod discovery;
mod site;
