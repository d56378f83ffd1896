//! Signing in at a provider that is not ours: the certified `oidc-provider` of npm, over sockets on loopback.
//!
//! Each scenario runs on every host of [`hosts::HOSTS`]; the browser is the model browser of this crate, with its rules for
//! cookies, over real connections. Site and provider have different hosts, so that they are different sites to it.
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
