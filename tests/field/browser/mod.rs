//! What pages, browsers and proxies send.

/// Callbacks and the attempts that they belong to.
mod callbacks;
