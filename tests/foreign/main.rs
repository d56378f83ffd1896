//! Sign-in at providers that are not ours, over loopback sockets.
#![cfg(test)]

mod certified;
#[path = "../page/chromium.rs"]
mod chromium;
mod log;
mod network;
mod others;

use aura_test_idp::browser::Page;

/// Returns the reason that the error page was sent for.
pub(crate) fn failure(page: &Page) -> Option<String> {
    assert_eq!(page.url.path(), "/auth/error");
    assert!(String::from_utf8_lossy(&page.body).contains("Sign-in failed"));
    page.url.query_pairs().find(|(name, _)| name == "reason").map(|(_, reason)| reason.into_owned())
}
