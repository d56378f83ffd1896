//! Tests of `aura check`.

use super::{NOW, SITE, aura, aura_with, file};
use aura_blocking::FetchError;
use bytes::Bytes;
use http::{Request, Response};

/// A wrong configuration: its name, what differs from a good one, the exit status, and the option that is named.
type Wrong = (&'static str, &'static [(&'static str, &'static str)], u8, &'static str);

/// The credentials of an OpenID Provider of any issuer.
const OIDC: [(&str, &str); 2] = [("OIDC_CLIENT_ID", "client"), ("OIDC_CLIENT_SECRET", "planted-oidc-secret")];

const WRONG: &[Wrong] = &[
    ("no secret", &[("AURA_AUTH_SECRET", "")], 2, "AURA_AUTH_SECRET"),
    ("no salt", &[("AURA_AUTH_SALT", "")], 2, "AURA_AUTH_SALT"),
    ("a short secret", &[("AURA_AUTH_SECRET", "planted")], 2, "AURA_AUTH_SECRET"),
    (
        "a salt that repeats",
        &[("AURA_AUTH_SALT", "plantedplantedplantedplantedplanted")],
        2,
        "AURA_AUTH_SALT",
    ),
    ("a short earlier secret", &[("PREVIOUS_SECRETS", "planted")], 2, "PREVIOUS_SECRETS"),
    (
        "a key pair in place of a secret",
        &[("AURA_AUTH_SECRET", ""), ("SIGNING_PRIVATE_KEY", "planted"), ("SIGNING_PUBLIC_KEY", "planted")],
        2,
        "SIGNING_PRIVATE_KEY",
    ),
    ("half a key pair", &[("SIGNING_PRIVATE_KEY", "planted")], 2, "AURA_AUTH_SIGNING_PUBLIC_KEY"),
    (
        "a key pair that is none",
        &[("SIGNING_PRIVATE_KEY", "planted"), ("SIGNING_PUBLIC_KEY", "planted")],
        2,
        "SIGNING_PRIVATE_KEY",
    ),
    ("an algorithm that is none", &[("SIGNING_ALG", "none")], 2, "SIGNING_ALG"),
    ("an algorithm without its key pair", &[("SIGNING_ALG", "ES256")], 2, "AURA_AUTH_SIGNING_PRIVATE_KEY"),
    ("a key pair to encrypt", &[("ENCRYPTION_PRIVATE_KEY", "planted")], 2, "ENCRYPTION_PRIVATE_KEY"),
    ("a base URL without a scheme", &[("BASE_URL", "example.com")], 2, "BASE_URL"),
    ("a base URL with a path", &[("BASE_URL", "https://example.com/app")], 2, "BASE_URL"),
    ("a trusted origin that is none", &[("TRUSTED_ORIGINS", "example.org")], 2, "TRUSTED_ORIGINS"),
    ("headers of an unknown kind", &[("FORWARDED_FIELDS", "x-forwarded")], 2, "FORWARDED_FIELDS"),
    ("names of cookies of an unknown kind", &[("COOKIE_NAMES", "short")], 2, "COOKIE_NAMES"),
    ("a sign-in that is too short", &[("ATTEMPT_LIFETIME", "60")], 2, "ATTEMPT_LIFETIME"),
    ("a session that is too small", &[("SESSION_MAX_SIZE", "10")], 2, "SESSION_MAX_SIZE"),
    ("an editable claim of the token's own", &[("SESSION_EDITABLE", "sub")], 2, "editable"),
    ("a client without a secret", &[("GITHUB_CLIENT_SECRET", "")], 2, "GITHUB_CLIENT_SECRET"),
    ("a secret without a client", &[("GITHUB_CLIENT_ID", "")], 2, "GITHUB_CLIENT_ID"),
    (
        "an unknown method of authentication",
        &[("GITHUB_AUTHENTICATION", "basic")],
        2,
        "GITHUB_AUTHENTICATION",
    ),
    (
        "an unknown rule for callbacks",
        &[("GITHUB_UNSOLICITED_CALLBACKS", "yes")],
        2,
        "GITHUB_UNSOLICITED_CALLBACKS",
    ),
    ("an OpenID Provider without an issuer", &OIDC, 2, "issuer"),
    ("an issuer over http", &[OIDC[0], OIDC[1], ("OIDC_ISSUER", "http://id.example.com")], 2, "issuer"),
    (
        "a back-channel origin that is none",
        &[
            OIDC[0],
            OIDC[1],
            ("OIDC_ISSUER", "https://id.example.com"),
            ("OIDC_BACKCHANNEL_ORIGINS", "keycloak"),
        ],
        2,
        "backchannel_origins",
    ),
    (
        "an issuer that lacks a part",
        &[("AUTHENTIK_CLIENT_ID", "client"), ("AUTHENTIK_CLIENT_SECRET", "planted")],
        2,
        "application_slug",
    ),
    ("a proxy without origins", &[("TRUSTED_PROXY_HEADERS", "true")], 2, "trusted_proxy_headers"),
    ("a public path that is none", &[("AURA_PUBLIC_PATH", "app")], 2, "public_path"),
    ("a prefix that no trusted proxy writes", &[("FORWARDED_PREFIX", "true")], 2, "forwarded_prefix"),
    ("a salt that is the secret", &[("AURA_AUTH_SALT", super::SECRET)], 1, "salt"),
    ("no provider", &[("GITHUB_CLIENT_ID", ""), ("GITHUB_CLIENT_SECRET", "")], 1, "provider"),
    ("a site over http", &[("BASE_URL", "http://example.com")], 1, "base_url"),
    (
        "two names of this machine",
        &[("BASE_URL", "http://localhost:3000"), ("TRUSTED_ORIGINS", "http://127.0.0.1:3000")],
        1,
        "trusted_origins",
    ),
    ("a trusted origin over http", &[("TRUSTED_ORIGINS", "http://example.org")], 1, "trusted_origins"),
    ("a trusted top-level domain", &[("TRUSTED_ORIGINS", "https://*.com")], 1, "trusted_origins"),
    (
        "a proxy whose headers are not said",
        &[("TRUSTED_PROXY_HEADERS", "true"), ("TRUSTED_ORIGINS", "https://example.com")],
        1,
        "forwarded_fields",
    ),
    ("a secret with a line break", &[("GITHUB_CLIENT_SECRET", "planted\n")], 1, "client_secret"),
    ("a client with a blank", &[("GITHUB_CLIENT_ID", " client")], 1, "client_id"),
    ("no base URL", &[("BASE_URL", "")], 0, "base_url"),
    ("a site under a path", &[("AURA_PUBLIC_PATH", "/app")], 0, "cookies"),
];

#[test]
fn each_wrong_configuration_has_its_exit_status_and_the_option_to_look_at() {
    let names: std::collections::BTreeSet<_> = WRONG.iter().map(|(name, ..)| name).collect();
    assert_eq!(names.len(), WRONG.len());
    for (name, changes, status, option) in WRONG {
        let ran = aura(&["check", "--json"], changes, "");
        assert_eq!(ran.status, *status, "{name}: {}", ran.output);
        let (severity, json) = (["notice", "warning", "error"][usize::from(*status)], ran.json());
        let problems = json["problems"].as_array().unwrap();
        let is_it = |problem: &&serde_json::Value| {
            problem["severity"] == severity
                && (problem["option"] == *option || problem["message"].as_str().unwrap().contains(option))
        };
        assert!(problems.iter().any(|problem| is_it(&problem)), "{name}: {problems:?}");
        let text = aura(&["check"], changes, "");
        assert_eq!(text.status, *status, "{name}");
        assert!(text.output.starts_with(severity) && text.output.contains(option), "{name}: {}", text.output);
    }
}

#[test]
fn no_output_shows_a_secret() {
    for (name, changes, ..) in WRONG {
        for arguments in [&["check"][..], &["check", "--json"], &["token", "--token", "a.b"]] {
            let ran = aura(arguments, changes, "");
            let shown = ran.output + &ran.errors;
            for secret in ["planted", super::SECRET, super::SALT] {
                assert!(!shown.contains(secret), "{name}: {shown}");
            }
        }
    }
}

#[test]
fn a_good_configuration_shows_the_urls_to_register() {
    let oidc = [OIDC[0], OIDC[1], ("OIDC_ISSUER", "https://id.example.com")];
    let ran = aura(&["check"], &oidc, "");
    assert_eq!(ran.status, 0);
    let expected = "\
github  callback             https://example.com/auth/callback/github
oidc    callback             https://example.com/auth/callback/oidc
oidc    back-channel logout  https://example.com/auth/backchannelLogout/oidc
";
    assert_eq!(ran.output, expected);
}

#[test]
fn what_the_application_sets_is_in_the_urls() {
    let ran = aura(&["check", "--base-path", "/api/auth"], &[("AURA_PUBLIC_PATH", "/app")], "");
    assert!(ran.output.contains("https://example.com/app/api/auth/callback/github\n"), "{}", ran.output);
    let refused = aura(&["check", "--base-path", "api"], &[], "");
    assert_eq!(refused.status, 2);
    assert!(refused.output.contains("base_path"));
}

#[test]
fn a_provider_is_asked_only_online_and_one_that_cannot_be_used_is_an_error() {
    let oidc = [OIDC[0], OIDC[1], ("OIDC_ISSUER", "https://id.example.com")];
    let never = |_: Request<Bytes>| -> Result<Response<Bytes>, FetchError> { panic!("nobody is asked") };
    assert_eq!(aura_with(&["check"], &oidc, "", NOW, &never).status, 0);
    let unreachable = aura(&["check", "--online", "--json"], &oidc, "");
    assert_eq!((unreachable.status, unreachable.json()["problems"][0]["option"].clone()), (2, "oidc".into()));
    assert_eq!(unreachable.json()["providers"][1]["usable"], false);
    let published = |request: Request<Bytes>| {
        assert_eq!(request.uri(), "https://id.example.com/.well-known/openid-configuration");
        Ok(Response::new(Bytes::from(
            r#"{"issuer":"https://id.example.com","authorization_endpoint":"https://id.example.com/a",
                "token_endpoint":"https://id.example.com/t","jwks_uri":"https://id.example.com/k",
                "userinfo_endpoint":"https://id.example.com/u","response_types_supported":["code"],
                "subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}"#,
        )))
    };
    let usable = aura_with(&["check", "--online"], &oidc, "", NOW, &published);
    assert_eq!(usable.status, 0, "{}", usable.output);
    assert!(usable.output.contains("oidc    configuration        can be used\n"), "{}", usable.output);
}

#[test]
fn a_file_of_variables_replaces_the_environment() {
    let mut text = "# a comment\n\nexport OIDC_ISSUER='https://id.example.com'\n".to_owned();
    for (name, value) in SITE.iter().chain(&OIDC).filter(|(name, _)| !name.starts_with("GITHUB")) {
        text.push_str(&format!("{name} = \"{value}\"\n"));
    }
    let path = file("good.env", &text);
    let ran = aura(&["check", "--env", path.to_str().unwrap(), "--json"], &[("BASE_URL", "no origin")], "");
    assert_eq!(ran.status, 0, "{}", ran.output);
    assert_eq!(ran.json()["providers"].as_array().unwrap().len(), 1);
    assert_eq!(ran.json()["providers"][0]["id"], "oidc");
}

#[test]
fn a_file_that_is_none_of_variables_is_an_error_that_names_the_line_and_shows_no_value() {
    for (text, why) in [
        ("A=b\nplanted", "line 2"),
        ("A=planted\nA=planted", "line 2"),
        ("planted planted=x", "line 1"),
        ("A=\"planted", "line 1"),
        ("=planted", "line 1"),
    ] {
        let path = file("bad.env", text);
        let ran = aura(&["check", "--env", path.to_str().unwrap()], &[], "");
        assert_eq!((ran.status, ran.output.as_str()), (2, ""));
        assert!(ran.errors.contains(why) && !ran.errors.contains("planted"), "{}", ran.errors);
    }
    assert_eq!(aura(&["check", "--env", "/no/such/file"], &[], "").status, 2);
}

#[test]
fn a_key_pair_that_needs_a_reader_is_a_warning_and_one_of_ed25519_is_none() {
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/golden/jose.json")).unwrap();
    for (id, algorithm, status) in [("signed RS256", "RS256", 1), ("signed EdDSA", "EdDSA", 0)] {
        let case = golden["asymmetric"].as_array().unwrap().iter().find(|case| case["id"] == id).unwrap();
        let pem = |half: &str| case["keys_pem"][half].as_str().unwrap();
        let pair = [
            ("SIGNING_PRIVATE_KEY", pem("privateKey")),
            ("SIGNING_PUBLIC_KEY", pem("publicKey")),
            ("SIGNING_ALG", algorithm),
        ];
        let ran = aura(&["check"], &pair, "");
        assert_eq!(ran.status, status, "{id}: {}", ran.output);
        assert_eq!(ran.output.contains("keys_by"), status == 1);
        assert!(!ran.output.contains("PRIVATE KEY-----"));
    }
}
