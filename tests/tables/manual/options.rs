//! The page of options: the setters of the configuration and of the driver, with the defaults of `options.toml`.

use super::source::{cell, plain, read, sentence};
use super::{compare_part, data};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The types with options, and the files of their setters.
const TYPES: [(&str, &str, &[&str]); 11] = [
    ("Builder", "The configuration: what [`Auth::builder`] begins", &["aura-proto/src/config/builder.rs"]),
    (
        "SessionPolicy",
        "Sessions: [`SessionPolicy`], for `Builder::session`",
        &["aura-proto/session/src/session/policy.rs"],
    ),
    (
        "SessionTokenFormat",
        "Session tokens: for `Builder::session_token_format`",
        &["aura-proto/session/src/config/tokens.rs"],
    ),
    (
        "Cookies",
        "Cookies: [`Cookies`], for `Builder::cookies`",
        &["aura-proto/session/src/config/cookies.rs"],
    ),
    (
        "CookieOverride",
        "One cookie: for `Cookies::session` and `Cookies::access_token`",
        &["aura-proto/session/src/config/cookies.rs"],
    ),
    (
        "BoundCookieOverride",
        "One cookie that is bound to the host: for `Cookies::state` and `Cookies::csrf_token`",
        &["aura-proto/session/src/config/cookies.rs"],
    ),
    ("Limits", "Limits: [`Limits`], for `Builder::limits`", &["aura-proto/session/src/limits/mod.rs"]),
    (
        "Provider",
        "A provider: [`Provider`], for `Builder::provider`",
        &["aura-proto/oauth/src/provider/overrides.rs", "aura-proto/oauth/src/provider/openid.rs"],
    ),
    (
        "Profile",
        "The members of a profile: for `Provider::profile`",
        &["aura-proto/oauth/src/provider/profile.rs"],
    ),
    (
        "Driver",
        "The driver: [`Driver`]",
        &["adapters/http/src/driver.rs", "adapters/host/src/options.rs", "adapters/http/src/limiter.rs"],
    ),
    ("Guard", "A guard of pages: of `Driver::guard`", &["adapters/http/src/guard.rs"]),
];

#[test]
fn every_option_is_on_the_page_with_its_default() {
    let mut defaults = data::parse(include_str!("options.toml"));
    let mut page = String::new();
    for (kind, title, files) in TYPES {
        let mut of_type = defaults.remove(kind).unwrap_or_default();
        write!(page, "\n## {title}\n\n| Option | Effect | Default |\n|---|---|---|\n").unwrap();
        for (name, effect) in files.iter().flat_map(|file| setters(&read(file), kind)) {
            let default =
                of_type.remove(&name).unwrap_or_else(|| panic!("options.toml: [{kind}] has no {name}"));
            writeln!(page, "| `{name}` | {} | {} |", cell(&effect), cell(&default.concat())).unwrap();
        }
        assert_eq!(of_type, BTreeMap::new(), "options.toml: [{kind}] has options that do not exist");
    }
    assert_eq!(defaults, BTreeMap::new(), "options.toml has types that are not listed");
    compare_part("options.md", "options", &format!("{page}\n"));
}

#[test]
fn setters_are_told_from_other_methods() {
    let source = "impl A {\n/// Sets [`a`](b). More.\npub fn a(a: u8) { a = a }\n/// Hidden.\n#[doc(hidden)]\npub fn c() {}\n/// Returns it.\npub fn get(\n&self) {}\n}\nimpl B {\n/// No.\npub fn b() {}\n}";
    assert_eq!(setters(source, "A"), [("a".to_owned(), "Sets `a`.".to_owned())]);
}

/// The setters of a type that are not hidden, with the first sentence of their documentation. A macro of options is of the driver.
fn setters(source: &str, kind: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let (mut of, mut docs, mut is_hidden) = ("Driver", Vec::new(), false);
    let lines: Vec<_> =
        source.lines().map(str::trim).take_while(|line| !line.starts_with("mod tests")).collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(rest) = line.strip_prefix("impl ") {
            of = rest.split([' ', '<', '{']).next().unwrap_or_default();
        }
        if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.trim().to_owned());
        } else if line.starts_with("#[") {
            is_hidden |= *line == "#[doc(hidden)]";
        } else {
            let (docs, is_hidden) = (std::mem::take(&mut docs), std::mem::take(&mut is_hidden));
            let declared = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("pub const fn "));
            let Some(declared) = declared.filter(|_| of == kind && !is_hidden) else { continue };
            let signature = lines[at..].iter().take(6).copied().collect::<Vec<_>>().join(" ");
            let signature = signature.split('{').next().unwrap_or_default();
            let name = declared.split(['(', '<']).next().unwrap_or_default();
            if name != "new" && !signature.contains("&self") {
                let paragraph: Vec<_> = docs.into_iter().take_while(|line| !line.is_empty()).collect();
                found.push((name.to_owned(), sentence(&plain(&paragraph.join(" ")))));
            }
        }
    }
    found
}
