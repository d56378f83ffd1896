//! Shared code of the example hosts.
//!
//! It has [`Settings`] from the environment, the embedded [`DevProvider`], the files of the demo's [`page`], and the
//! small [`site`] that the other examples serve.
//!
//! ```
//! use aura_examples::Settings;
//! let settings = Settings::read(&|_| None)?;
//! assert_eq!(settings.port, 3000);
//! assert_eq!(settings.auth.providers().next(), Some(("dev", "Dev")));
//! # Ok::<(), aura_examples::SettingsError>(())
//! ```
#![forbid(unsafe_code)]

mod dev_provider;
pub mod page;
mod settings;
pub mod site;
mod start;

pub use dev_provider::{DevProvider, random_text};
pub use settings::{Sessions, Settings, SettingsError, log_filter};
pub use start::run;
