//! The options of sessions, all checked once.

mod cookie_table;
mod cookies;
mod error;
mod options;
mod site;
mod tokens;

pub use cookies::{BoundCookieOverride, CookieOverride, Cookies, SecureStrategy};
pub use error::{ConfigError, ConfigProblem};
pub use options::{CheckedOptions, Options, check_base_path};
pub use site::{Issuers, Site};
pub use tokens::SessionTokenFormat;
