//! The page of the demo: its client `aura-client.js` in node, and the page itself in a real browser.
#![cfg(test)]

mod axe;
mod chromium;
mod demo;
mod emulation;
mod errors;
mod recordings;
mod screenshots;
mod script;
mod sequence;
