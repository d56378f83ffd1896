//! Which options providers need.

mod discovery;
mod site;
