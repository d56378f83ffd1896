//! Sign-in at a foreign provider: the certified `oidc-provider` of npm, over loopback sockets.
//!
//! Each scenario runs on every host of [`hosts::HOSTS`]. The browser is the model browser of this crate, with its
//! cookie rules, over real connections. The site and the provider have different hosts, so the browser treats them as
//! different sites.

mod authentication;
mod authorization;
mod demo;
mod hosts;
mod logout;
mod provider;
mod scene;
mod tokens;
