//! Cookies of sessions of any size and of any configuration.

mod overrides;
mod planted;
mod sizes;
