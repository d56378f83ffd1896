//! What pages, browsers and proxies send.

/// Callbacks and the attempts that they belong to.
mod callbacks;
/// Names of cookies, and cookies in frames of other sites.
mod cookies;
/// A proxy that takes a path off.
mod prefix;
/// What requests of pages and proxies say: origins, schemes, targets.
mod requests;
/// Sessions that pages read and change, and sessions that begin later.
mod sessions;
/// Sign-ins that take long, and the page that lets people try again.
mod waiting;
