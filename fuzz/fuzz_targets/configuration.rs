//! Invariant: no environment and no provider written as data makes the configuration panic.
//!
//! The text of a refusal quotes no secret. An accepted configuration sends browsers only to an endpoint that it names,
//! over https or on this machine.
#![no_main]

use arbitrary::Arbitrary;
use aura_fuzz::{NOW, builder, entropy};
use aura_host::env;
use aura_proto::{Action, Builder};
use aura_providers::{Provider, ROWS};
use bytes::Bytes;
use http::Request;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use url::Url;

const NAMES: [&str; 28] = [
    "AURA_AUTH_SECRET",
    "SECRET",
    "AURA_AUTH_SALT",
    "SALT",
    "PREVIOUS_SECRETS",
    "BASE_URL",
    "TRUSTED_ORIGINS",
    "TRUSTED_PROXY_HEADERS",
    "AURA_ALG",
    "SIGNING_ALG",
    "SIGNING_PRIVATE_KEY",
    "SIGNING_PUBLIC_KEY",
    "AURA_PRIVATE_KEY",
    "AURA_PUBLIC_KEY",
    "ENCRYPTION_PRIVATE_KEY",
    "ENCRYPTION_PUBLIC_KEY",
    "ENCRYPTION_ALG",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "KEYCLOAK_CLIENT_ID",
    "KEYCLOAK_CLIENT_SECRET",
    "KEYCLOAK_ISSUER",
    "AUTHENTIK_CLIENT_ID",
    "AUTHENTIK_CLIENT_SECRET",
    "AUTHENTIK_APPLICATION_SLUG",
    "MICROSOFT_ENTRA_ID_CLIENT_ID",
    "MICROSOFT_ENTRA_ID_CLIENT_SECRET",
    "MICROSOFT_ENTRA_ID_TENANT",
];
const STRONG: [&str; 2] = ["Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK", "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d"];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Whether secret and salt are strong, so that what follows counts.
    strong: bool,
    variables: Vec<(u8, &'a str)>,
    provider: &'a str,
}

/// Suffix of every secret except keys in PEM.
const MARK: &str = "b2Yw8JrQzT5mKx";

/// Whether a variable's value is a secret.
fn is_secret(name: &str) -> bool {
    name.contains("SECRET") || name.ends_with("SALT") || name.contains("PRIVATE_KEY")
}

/// Whether a text shows what every secret ends with.
fn shows_a_secret(shown: &str) -> bool {
    shown.contains(MARK) || STRONG.iter().any(|secret| shown.contains(secret))
}

fn name(at: u8) -> &'static str {
    NAMES[usize::from(at) % NAMES.len()]
}

fn read_environment(input: &Input<'_>) {
    // What is public is shown, whatever it is.
    let is_published = |(at, value): &(u8, &str)| !is_secret(name(*at)) && shows_a_secret(value);
    if input.variables.iter().any(is_published) {
        return;
    }
    let value = |wanted: &str| {
        let strong = match wanted {
            "AURA_AUTH_SECRET" => Some(STRONG[0]),
            "AURA_AUTH_SALT" => Some(STRONG[1]),
            _ => None,
        };
        let given = input.variables.iter().find(|(at, _)| name(*at) == wanted).map(|(_, value)| *value);
        let mark = if is_secret(wanted) && !given.unwrap_or_default().contains("BEGIN") { MARK } else { "" };
        let marked = given.map(|given| format!("{given}{mark}"));
        strong.filter(|_| input.strong).map(str::to_owned).or(marked)
    };
    let builder = match env::builder(&value) {
        Ok(builder) => builder,
        Err(error) => {
            assert!(!shows_a_secret(&format!("{error} {error:?}")), "{error}");
            return;
        }
    };
    build(builder, None);
}

/// Builds, and begins a sign-in at every provider.
fn build(builder: Builder, endpoint: Option<&str>) {
    let auth = match builder.build() {
        Ok(auth) => auth,
        Err(error) => {
            assert!(!shows_a_secret(&format!("{error} {error:?}")), "{error}");
            return;
        }
    };
    let shown = format!("{auth:?} {:?}", auth.findings(ROWS));
    assert!(!shows_a_secret(&shown), "{shown}");
    let ids: Vec<_> = auth.providers().map(|(id, _)| id.to_owned()).collect();
    for id in ids {
        let uri = format!("{}/signIn/{id}", auth.base_path());
        let request = Request::get(uri).header("host", "localhost").body(Bytes::new()).expect("a request");
        if let Action::Redirect(redirect) = auth.handle(request, NOW, entropy(1)) {
            judge(redirect.location.as_str(), endpoint.filter(|_| id == "custom"));
        }
    }
}

fn judge(location: &str, endpoint: Option<&str>) {
    let location = Url::parse(location).expect("a URL");
    let is_here = location.host_str().is_some_and(|host| {
        host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]"
    });
    assert!(location.scheme() == "https" || (location.scheme() == "http" && is_here), "{location}");
    assert!(location.query_pairs().filter(|(name, _)| name == "state").count() == 1, "{location}");
    if let Some(endpoint) = endpoint {
        let endpoint = Url::parse(endpoint).expect("it was accepted");
        assert_eq!((location.origin(), location.path()), (endpoint.origin(), endpoint.path()));
    }
}

fuzz_target!(|input: Input<'_>| {
    // The fuzzer discovers the mark, and puts it where no secret is.
    let parts =
        |text: &str| MARK.as_bytes().windows(6).any(|part| text.as_bytes().windows(6).any(|own| own == part));
    if parts(input.provider) || input.variables.iter().any(|(_, value)| parts(value)) {
        return;
    }
    read_environment(&input);
    for kind in ["oauth", "oidc"] {
        let Some(members) = input.provider.trim_start().strip_prefix('{') else { return };
        let data = format!(r#"{{"kind":"{kind}",{members}"#);
        let Ok(custom) = serde_json::from_str::<Provider>(&data) else { continue };
        let endpoint = serde_json::from_str::<Value>(&data).ok();
        let endpoint = endpoint.as_ref().and_then(|data| data["authorize_url"].as_str());
        build(builder().provider(custom.with_id("custom")), endpoint);
    }
});
