//! Comparison of our cookies with those that the reference wrote.

use super::set::{Attributes, Priority, SameSite, SetCookie, WrittenAttributes};
use crate::config::{CookieOverride, Cookies};
use crate::origin::Scheme;
use crate::{Salt, Secret, Sessions};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How a recorded row and ours compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// Both refuse it; ours at `build()`.
    BothRefuse,
    /// Ours has the same attributes, and those that every cookie of this crate has.
    NothingLeftOut,
    /// The reference encodes what is no token; our values are base64url and dots, and are never encoded.
    ValuesAreTokens,
    /// The reference sets a date beside the age, once at its start (D-10); only clearing has a date here.
    AgeWithoutDate,
    /// An age of zero is not an age to configure; it is how a cookie is cleared, which drops the value too.
    ZeroIsClearing,
    /// The reference writes a leading dot, which browsers ignore; ours drops it.
    LeadingDotDropped,
}

/// Attributes that every cookie has, so that a row that does not name them is written with them all the same.
const ALWAYS: [&str; 5] = ["Max-Age=60", "Path=/", "HttpOnly", "Secure", "SameSite=Lax"];

#[test]
fn every_recorded_cookie_is_written_alike_or_differs_for_a_named_reason() {
    let golden: Value = serde_json::from_str(include_str!("../../../../tests/golden/cookies.json")).unwrap();
    let mut verdicts = BTreeMap::new();
    for row in golden["cookie_serialize"].as_array().unwrap() {
        *verdicts.entry(compare(row)).or_insert(0) += 1;
    }
    assert_eq!(
        verdicts,
        BTreeMap::from([
            (Verdict::BothRefuse, 4),
            (Verdict::NothingLeftOut, 5),
            (Verdict::ValuesAreTokens, 1),
            (Verdict::AgeWithoutDate, 1),
            (Verdict::ZeroIsClearing, 1),
            (Verdict::LeadingDotDropped, 1),
        ])
    );
}

fn compare(row: &Value) -> Verdict {
    let (name, value) = (row["name"].as_str().unwrap(), row["value"].as_str().unwrap());
    let Some(recorded) = row["result"].as_str() else {
        assert!(!builds(row), "{row}");
        return Verdict::BothRefuse;
    };
    let options = &row["options"];
    let recorded: Vec<_> = recorded.split("; ").collect();
    if options["maxAge"] == 0 {
        assert!(!builds(row), "{row}");
        let cleared = write(&SetCookie::clear(name.to_owned(), &attributes(options)));
        assert!(cleared.starts_with("a=; Max-Age=0; ") && recorded == ["a=b", "Max-Age=0"]);
        return Verdict::ZeroIsClearing;
    }
    assert!(builds(row), "{row}");
    let written = write(&SetCookie::set(name.to_owned(), value.to_owned(), &attributes(options)));
    let ours: Vec<_> = written.split("; ").collect();
    if let Some(domain) = options["domain"].as_str().filter(|domain| domain.starts_with('.')) {
        assert!(ours.contains(&format!("Domain={}", &domain[1..]).as_str()), "{row}");
        return Verdict::LeadingDotDropped;
    }
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    if !value.bytes().all(is_token) {
        assert_ne!(recorded[0], format!("{name}={value}"));
        return Verdict::ValuesAreTokens;
    }
    let dateless: Vec<_> = recorded.iter().copied().filter(|part| !part.starts_with("Expires=")).collect();
    let said: Vec<_> =
        ours.iter().copied().filter(|part| recorded.contains(part) || !ALWAYS.contains(part)).collect();
    assert_eq!(said, dateless, "{row}");
    if dateless.len() < recorded.len() { Verdict::AgeWithoutDate } else { Verdict::NothingLeftOut }
}

fn write(cookie: &SetCookie) -> String {
    String::from_utf8(cookie.to_header_value().as_bytes().to_vec()).unwrap()
}

/// Tells whether a row's name and options could be configured.
fn builds(row: &Value) -> bool {
    let options = &row["options"];
    let mut session = CookieOverride::default().name(row["name"].as_str().unwrap());
    if let Some(age) = options["maxAge"].as_f64() {
        session = session.max_age(Duration::from_secs_f64(age));
    }
    if let Some(path) = options["path"].as_str() {
        session = session.path(path);
    }
    if let Some(domain) = options["domain"].as_str() {
        session = session.domain(domain);
    }
    let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK").unwrap();
    let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
    Sessions::builder(secret, salt).cookies(Cookies::default().session(session)).build().is_ok()
}

fn attributes(options: &Value) -> Arc<WrittenAttributes> {
    let same_site = match options["sameSite"].as_str() {
        Some("none") => SameSite::None,
        None if options["sameSite"] == true => SameSite::Strict,
        Some(_) | None => SameSite::Lax,
    };
    let max_age = Duration::from_secs(options["maxAge"].as_u64().unwrap_or(60));
    let attributes = Attributes {
        domain: options["domain"].as_str().map(|domain| domain.trim_start_matches('.').to_owned()),
        path: options["path"].as_str().unwrap_or("/").to_owned(),
        partitioned: options["partitioned"] == true,
        priority: (options["priority"] == "high").then_some(Priority::High),
        ..Attributes::of_host(max_age, same_site, Scheme::Https)
    };
    attributes.written()
}
