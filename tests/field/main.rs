//! Reports from the field: inputs that sign-in libraries meet at real providers, browsers and proxies, each with its guard.
//!
//! `rows.md` has a row for each report. Tests carry its id: `fr_04_..` for row 4, `p_03_..` for row P3, `au_02_..` for row F2.
#![cfg(test)]

/// What providers answer: keys, tokens, claims, documents.
mod answers;
/// What pages, browsers and proxies send.
mod browser;
/// Provider tokens that the browser keeps, and what hosts share between requests.
mod kept;
/// Which options providers need.
mod options;
/// The table of reports.
mod table;
