//! Tests of the configuration from the environment.

use super::*;
use aura_proto::{Action, Entropy, UnixTime};
use aura_providers::GITHUB;
use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;

const SECRET: (&str, &str) = ("AURA_AUTH_SECRET", "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK");
const SALT: (&str, &str) = ("AURA_AUTH_SALT", "q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d");

fn read(variables: &[(&str, &str)]) -> Result<Builder, EnvError> {
    let all = [variables, &[SECRET, SALT]].concat();
    let lookup =
        |name: &str| all.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    Environment::new(&lookup).rows(&[GITHUB]).builder()
}

#[test]
fn each_mistake_names_its_variable_and_the_remedy() {
    let name = |name: &str| name.to_owned();
    for (variables, error) in [
        (
            [("AURA_AUTH_SECRET", ""), ("SECRET", SECRET.1)],
            EnvError::Weak { variable: name("AURA_AUTH_SECRET"), weakness: WeakSecret::TooShort },
        ),
        (
            [("AURA_AUTH_SALT", "mysecretmysecretmysecretmysecret"), SECRET],
            EnvError::Weak { variable: name("AURA_AUTH_SALT"), weakness: WeakSecret::TooPredictable },
        ),
        (
            [("PREVIOUS_SECRETS", "Zt5mWq8LrC3vYn7BxK1dHf9GsJ2pUe6TaQo4NiRcVbE, short"), SECRET],
            EnvError::Weak { variable: name("PREVIOUS_SECRETS"), weakness: WeakSecret::TooShort },
        ),
        (
            [("AUTH_BASE_URL", "example.com"), SECRET],
            EnvError::BaseUrl { variable: name("AUTH_BASE_URL"), value: name("example.com") },
        ),
        (
            [("TRUSTED_ORIGINS", "https://a.test; *"), SECRET],
            EnvError::TrustedOrigin { variable: name("TRUSTED_ORIGINS"), value: name("*") },
        ),
        (
            [("AURA_GITHUB_CLIENT_ID", "id"), ("GITHUB_CLIENT_SECRET", "")],
            EnvError::HalfCredentials {
                variable: name("GITHUB_CLIENT_SECRET"),
                present: name("AURA_GITHUB_CLIENT_ID"),
            },
        ),
    ] {
        let found = read(&variables).unwrap_err();
        assert_eq!(found, error);
        let sentence = found.to_string();
        assert!(sentence.starts_with(error.variable()) && sentence.contains("; "), "{sentence}");
    }
}

#[test]
fn a_secret_is_required_and_a_pem_key_is_none() {
    let only = |name: &'static str| move |other: &str| (other == name).then(|| "a key".to_owned());
    let missing = EnvError::Missing { variable: "AURA_AUTH_SECRET".to_owned() };
    assert_eq!(builder(&|_| None).unwrap_err(), missing);
    let pem = EnvError::PemKey { variable: "AUTH_SIGNING_PRIVATE_KEY".to_owned() };
    assert_eq!(builder(&only("AUTH_SIGNING_PRIVATE_KEY")).unwrap_err(), pem);
}

/// Where a sign-in comes back to: the origin in its `redirect_uri`. `None` where the request is refused.
fn origin(builder: Builder, forwarded_host: &str) -> Option<String> {
    let auth = builder.provider(GITHUB.with_client("id", ClientSecret::new("secret"))).build().unwrap();
    let request = Request::get("/auth/signIn/github")
        .header("host", "localhost")
        .header("forwarded", format!("proto=https;host={forwarded_host}"))
        .body(Bytes::new())
        .unwrap();
    let (now, entropy) = (UnixTime::from_secs(1_790_000_000), Entropy::from_os_bytes([7; 32]));
    let Action::Redirect(redirect) = auth.handle(request, now, entropy) else { return None };
    let location = percent_decode_str(redirect.location.as_str()).decode_utf8().unwrap();
    let (_, redirect_uri) = location.split_once("redirect_uri=").unwrap();
    Some(redirect_uri.split_once("/auth/callback").unwrap().0.to_owned())
}

#[test]
fn the_first_name_that_is_defined_counts() {
    let names = ["AURA_AUTH_BASE_URL", "AURA_BASE_URL", "AUTH_BASE_URL", "BASE_URL"];
    for first in 0..names.len() {
        let hosts = ["https://0.test", "https://1.test", "https://2.test", "https://3.test"];
        let variables: Vec<_> = names.into_iter().zip(hosts).skip(first).collect();
        assert_eq!(origin(read(&variables).unwrap(), "").as_deref(), Some(hosts[first]));
    }
    let hidden = [("AURA_BASE_URL", ""), ("BASE_URL", "https://a.test")];
    assert_eq!(origin(read(&hidden).unwrap(), "").as_deref(), Some("http://localhost"));
}

#[test]
fn the_environment_wins_over_what_was_set_before_where_it_says_something() {
    let before = || {
        let builder = Auth::builder(Secret::new(SECRET.1).unwrap(), Salt::new(SALT.1).unwrap());
        builder.trusted_origins(["https://before.test"]).trusted_proxy_headers()
    };
    let with = |builder: Builder, variables: &[(&str, &str)]| {
        let lookup = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        Environment::new(&lookup).complete(builder).unwrap()
    };
    let silent = [("BASE_URL", "/"), ("TRUSTED_ORIGINS", " ; ,")];
    assert_eq!(origin(with(before(), &silent), "before.test").unwrap(), "https://before.test");
    let based = || before().base_url("https://base.test");
    assert_eq!(origin(with(based(), &silent), "before.test").unwrap(), "https://base.test");
    let other = [("BASE_URL", "https://env.test")];
    assert_eq!(origin(with(based(), &other), "before.test").unwrap(), "https://env.test");
    let origins = [("TRUSTED_ORIGINS", "https://a.test;https://b.test")];
    for (host, found) in
        [("a.test", Some("https://a.test")), ("b.test", Some("https://b.test")), ("before.test", None)]
    {
        assert_eq!(origin(with(before(), &origins), host).as_deref(), found, "{host}");
    }
    let distrust = [("TRUSTED_PROXY_HEADERS", "no")];
    assert_eq!(origin(with(before(), &distrust), "before.test").unwrap(), "http://localhost");
}

#[test]
fn the_proxys_headers_are_those_that_the_environment_names() {
    let address = |fields: &str| {
        let proxy = [("TRUSTED_PROXY_HEADERS", "yes"), ("TRUSTED_ORIGINS", "https://app.test")];
        let auth = read(&[&proxy[..], &[("FORWARDED_FIELDS", fields)]].concat())?.build().unwrap();
        let request = http::Request::get("/").header("forwarded", "for=192.0.2.1");
        let request = request.header("x-forwarded-for", "192.0.2.2").body(()).unwrap();
        Ok::<_, EnvError>(auth.client_address(&request).unwrap().to_string())
    };
    assert_eq!(address("x_forwarded").unwrap(), "192.0.2.2");
    assert_eq!(address(" forwarded ").unwrap(), "192.0.2.1");
    assert_eq!(address("either").unwrap(), "192.0.2.1");
    assert!(address("nginx").unwrap_err().to_string().contains("x_forwarded"));
}

#[test]
fn any_openid_provider_is_one_by_its_issuer() {
    let credentials = [("OIDC_CLIENT_ID", "id"), ("OIDC_CLIENT_SECRET", "secret")];
    let providers = |further: &[(&str, &str)]| {
        let auth = read(&[&credentials, further].concat()).unwrap().base_url("https://app.test").build();
        auth.map(|auth| auth.providers().map(|(id, name)| format!("{id} {name}")).collect::<Vec<_>>())
    };
    let issuer = ("OIDC_ISSUER", "https://id.example.com");
    assert_eq!(providers(&[issuer]).unwrap(), ["oidc OpenID Connect"]);
    assert_eq!(providers(&[issuer, ("OIDC_NAME", "Work")]).unwrap(), ["oidc Work"]);
    assert!(providers(&[]).unwrap_err().to_string().contains("oidc"));
}
