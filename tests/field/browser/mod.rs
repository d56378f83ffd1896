//! Requests of pages, browsers and proxies.
