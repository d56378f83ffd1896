//! Tables that the code must agree with: threats, conformance modules, reasons, events, examples, packages and limits of the source.
#![cfg(test)]

mod conformance;
mod events;
mod manual;
mod packages;
mod purity;
mod readme;
mod reasons;
mod structure;
mod threats;
