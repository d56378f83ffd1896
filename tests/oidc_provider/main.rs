//! Sign-in at a foreign provider: the certified `oidc-provider` of npm, over loopback sockets.
//!
//! Each scenario runs on every host of [`hosts::HOSTS`]. The browser is the model browser of this crate, with its
//! cookie rules, over real connections. The site and the provider have different hosts, so the browser treats them as
//! different sites.
#![cfg(test)]

mod authentication;
mod authorization;
#[path = "../chromium.rs"]
mod chromium;
mod demo;
mod form;
mod hosts;
mod log;
mod logout;
mod network;
mod provider;
mod scene;
mod tokens;
