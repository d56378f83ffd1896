//! Both ends of a sign-in in memory, with a clock that tests set and no socket.
//!
//! A [`Pair`] is a [`browser`](aura_test_idp::browser), a site that runs [`aura_proto::Auth`], and two providers of
//! `aura-test-idp`. A whole sign-in is one line:
//! ```
//! use aura_tests::Pair;
//!
//! let mut pair = Pair::new();
//! let page = pair.sign_in("dev", "ada");
//! assert_eq!(page.url.as_str(), "https://app.test/");
//! assert_eq!(pair.session().json["user"]["name"], "Ada Lovelace");
//! ```
#![forbid(unsafe_code)]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that is set up wrongly must fail loudly"
)]

pub mod app;
pub mod cache;
mod client;
mod drive;
pub mod fault;
pub mod forge;
mod message;
mod openid;
mod pair;
pub mod transcript;

pub use app::App;
pub use drive::{Outcome, World, answer, drive, json_answer};
pub use fault::Fault;
pub use message::{CookieMap, location, parameter, read_json, set_cookies, text};
pub use openid::OpenId;
pub use pair::{Answer, Pair, SALT, SECRET, bare_builder, builder};
pub use transcript::Transcript;
