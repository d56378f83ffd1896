//! Tests of the command `aura`: an environment and input in, an exit status and output out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod binary;
mod check;
mod sessions;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod stores;
mod token;
mod transcripts;

use aura_blocking::store::BlockingSessionStore;
use aura_blocking::{Client, Driver, FetchError, UnixTime};
use aura_cli::{World, run};
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The present.
const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
const SECRET: &str = "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK";
const SALT: &str = "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d";

/// The variables of a site where nothing is wrong.
const SITE: [(&str, &str); 5] = [
    ("AURA_AUTH_SECRET", SECRET),
    ("AURA_AUTH_SALT", SALT),
    ("BASE_URL", "https://example.com"),
    ("GITHUB_CLIENT_ID", "github-client"),
    ("GITHUB_CLIENT_SECRET", "planted-client-secret"),
];

/// What a run left.
struct Ran {
    status: u8,
    output: String,
    errors: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.output).unwrap_or_else(|error| panic!("{error}: {}", self.output))
    }
}

/// Runs the command where the site's variables are set, and these: an empty value takes one away.
fn aura(arguments: &[&str], changes: &[(&str, &str)], input: &str) -> Ran {
    aura_with(arguments, changes, input, NOW, &|_| Err(FetchError::Unreachable))
}

fn aura_with(
    arguments: &[&str],
    changes: &[(&str, &str)],
    input: &str,
    now: UnixTime,
    client: &(impl Client + Clone),
) -> Ran {
    let mut variables = BTreeMap::from(SITE);
    variables.extend(changes.iter().copied());
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    // Each draw has other bytes than the one before.
    let drawn = Cell::new(0_u8);
    let world = World {
        variable: &|name| {
            variables.get(name).filter(|value| !value.is_empty()).map(|value| (*value).to_owned())
        },
        input: &mut input.as_bytes(),
        output: &mut output,
        errors: &mut errors,
        now,
        random: &|buffer| {
            drawn.set(drawn.get().wrapping_add(1));
            let bytes = (0_u8..).map(|index| index.wrapping_mul(91) ^ drawn.get().wrapping_mul(37));
            buffer.iter_mut().zip(bytes).for_each(|(byte, drawn)| *byte = drawn);
            true
        },
        client: &|| Box::new(client.clone()),
    };
    let arguments = std::iter::once("aura").chain(arguments.iter().copied()).map(Into::into);
    let status = run(arguments, world);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status, output: text(output), errors: text(errors) }
}

/// Writes a file of this name for a test.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Signs a user of GitHub in at the site, and returns the `Cookie` header of the browser.
fn sign_in(store: Option<impl BlockingSessionStore>) -> String {
    sign_in_at(store, NOW)
}

fn sign_in_at(store: Option<impl BlockingSessionStore>, now: UnixTime) -> String {
    let variables = BTreeMap::from(SITE);
    let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
    let builder = aura_blocking::env::builder(&lookup).unwrap();
    let builder = match store {
        Some(_) => builder.change_session(|policy| policy.stored()),
        None => builder,
    };
    let github = |request: Request<Bytes>| {
        Ok::<_, FetchError>(Response::new(Bytes::from(match request.uri().path() {
            "/login/oauth/access_token" => r#"{"access_token":"planted-token","token_type":"bearer"}"#,
            _ => r#"{"id":583231,"login":"ada","name":"Ada\u009b Lovelace"}"#,
        })))
    };
    let auth = builder.build().unwrap();
    let driver = match store {
        Some(store) => Driver::with_session_store(auth, github, store),
        None => Driver::new(auth, github).unwrap(),
    };
    let driver = driver.clock(move || now);
    let get = |uri: &str, cookie: &str| {
        driver.answer(Request::get(uri).header("cookie", cookie).body(std::io::empty()).unwrap())
    };
    let cookies = |response: &Response<Bytes>| -> String {
        let set = response.headers().get_all("set-cookie").iter();
        let pairs = set.map(|field| field.to_str().unwrap().split(';').next().unwrap());
        pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
    };
    let begun = get("/auth/signIn/github", "x=y");
    let location = begun.headers()["location"].to_str().unwrap();
    assert!(
        location.contains("redirect_uri=https%3A%2F%2Fexample.com%2Fauth%2Fcallback%2Fgithub"),
        "{location}"
    );
    let state = location.split_once("state=").unwrap().1.split('&').next().unwrap();
    let done = get(&format!("/auth/callback/github?code=c0de&state={state}"), &cookies(&begun));
    assert_eq!(done.status(), 302);
    cookies(&done)
}

#[test]
fn a_secret_and_its_salt_are_good_enough_for_a_site_and_differ_each_time() {
    let ran = aura(&["secret"], &[], "");
    let values: Vec<_> = ran.output.lines().filter_map(|line| line.split_once('=')).collect();
    let [("AURA_AUTH_SECRET", secret), ("AURA_AUTH_SALT", salt)] = values[..] else {
        panic!("{}", ran.output)
    };
    assert_eq!(ran.status, 0);
    assert_ne!(secret, salt);
    let site = [("AURA_AUTH_SECRET", secret), ("AURA_AUTH_SALT", salt)];
    assert_eq!(aura(&["check"], &site, "").status, 0);
}

#[test]
fn a_random_source_that_fails_or_repeats_makes_no_secret() {
    for random in [(&|_: &mut [u8]| false) as &dyn Fn(&mut [u8]) -> bool, &|bytes| {
        bytes.fill(7);
        true
    }] {
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let world = World {
            variable: &|_| None,
            input: &mut std::io::empty(),
            output: &mut output,
            errors: &mut errors,
            now: NOW,
            random,
            client: &|| Box::new(|_| Err(FetchError::Unreachable)),
        };
        assert_eq!(run(["aura", "secret"].map(Into::into), world), 2);
        assert!(output.is_empty());
    }
}

#[test]
fn every_built_in_provider_is_a_line_and_its_variables_make_it_one_of_the_site() {
    let listed = aura(&["providers", "--json"], &[], "").json();
    assert_eq!(listed.as_array().unwrap().len(), aura_providers::ROWS.len());
    assert_eq!(aura(&["providers"], &[], "").output.lines().count(), aura_providers::ROWS.len() + 1);
    for row in listed.as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        let names: Vec<_> =
            row["variables"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let value = |name: &str| if name.ends_with("_ISSUER") { "https://id.example.com" } else { "given" };
        let set: Vec<_> = names.iter().map(|name| (*name, value(name))).collect();
        let ran = aura(&["check", "--json"], &set, "");
        assert_eq!(ran.status, 0, "{id}: {}", ran.output);
        assert!(ran.json()["providers"].as_array().unwrap().iter().any(|provider| provider["id"] == id));
    }
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = aura(&["completions", shell], &[], "");
        assert_eq!(ran.status, 0);
        assert!(
            ["secret", "check", "token", "replay", "sessions"].iter().all(|name| ran.output.contains(name))
        );
    }
}

#[test]
fn a_reader_that_has_gone_is_a_failure() {
    struct Gone;
    impl std::io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let world = World {
        variable: &|_| None,
        input: &mut std::io::empty(),
        output: &mut Gone,
        errors: &mut Vec::new(),
        now: NOW,
        random: &|_| false,
        client: &|| Box::new(|_| Err(FetchError::Unreachable)),
    };
    assert_eq!(run(["aura", "providers"].map(Into::into), world), 2);
}
