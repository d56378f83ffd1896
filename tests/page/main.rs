//! The page of the demo: its client `aura-client.js` in node, and the page itself in a real browser.
#![cfg(test)]

mod chromium;
mod demo;
mod errors;
mod script;
