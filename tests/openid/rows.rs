//! Every built-in OpenID Provider: where its configuration is read, what it is asked for, and which user its claims give.

use crate::{asked, parameter};
use aura_proto::ClientSecret;
use aura_proto::provider::{
    APPLE, AUTHENTIK, GOOGLE, HUGGING_FACE, KEYCLOAK, LINE, MICROSOFT_ENTRA_ID, Provider, ROWS, Row,
    RowProtocol,
};
use aura_tests::forge::{encode, jwk, sign};
use aura_tests::{Fault, OpenId, Pair};
use http::Method;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use url::Url;

/// A row, what an application completes it with, and what comes of it.
struct Case {
    row: Row,
    complete: fn(Provider) -> Provider,
    discovery: &'static str,
    /// The issuer as it is published, and as the tokens name it.
    issuers: (&'static str, &'static str),
    scope: &'static str,
    /// What the claims hold beyond those of every ID token.
    claims: Value,
    fetched: &'static [&'static str],
    user: Value,
}

const BY_ID_TOKEN: &[&str] = &["openid-configuration", "token", "jwks"];
const USUAL: &[&str] = &["openid-configuration", "token", "jwks", "userinfo"];

fn ada() -> Value {
    json!({ "sub": "1", "name": "Ada Lovelace", "email": "ada@example.test", "image": "https://img.test/a.png" })
}

fn claims() -> Value {
    json!({ "name": "Ada Lovelace", "email": "ada@example.test", "picture": "https://img.test/a.png" })
}

fn cases() -> Vec<Case> {
    let usual = |row, complete, discovery, issuer| Case {
        row,
        complete,
        discovery,
        issuers: (issuer, issuer),
        scope: "openid profile email",
        claims: claims(),
        fetched: USUAL,
        user: ada(),
    };
    let authentik = "https://authentik.company/application/o/my-app/";
    vec![
        Case {
            fetched: BY_ID_TOKEN,
            ..usual(
                GOOGLE,
                |row| row,
                "https://accounts.google.com/.well-known/openid-configuration",
                "https://accounts.google.com",
            )
        },
        usual(
            HUGGING_FACE,
            |row| row,
            "https://huggingface.co/.well-known/openid-configuration",
            "https://huggingface.co",
        ),
        usual(
            AUTHENTIK,
            |row| row.issuer_parameter("application_slug", "my-app"),
            "https://authentik.company/application/o/my-app/.well-known/openid-configuration",
            authentik,
        ),
        Case {
            issuers: (
                "https://login.microsoftonline.com/{tenantid}/v2.0",
                "https://login.microsoftonline.com/t-1/v2.0",
            ),
            claims: json!({ "tid": "t-1", "preferred_username": "ada@example.test" }),
            fetched: BY_ID_TOKEN,
            user: json!({ "sub": "1", "name": "ada@example.test" }),
            ..usual(
                MICROSOFT_ENTRA_ID,
                |row| row.issuer_parameter("tenant", "common"),
                "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
                "",
            )
        },
        Case {
            scope: "openid name email",
            claims: json!({ "email": "ada@example.test" }),
            fetched: BY_ID_TOKEN,
            user: json!({ "sub": "1", "name": "Ada Lovelace", "email": "ada@example.test" }),
            ..usual(
                APPLE,
                |row| row,
                "https://appleid.apple.com/.well-known/openid-configuration",
                "https://appleid.apple.com",
            )
        },
        usual(
            KEYCLOAK,
            |row| row.issuer("https://id.test/realms/main"),
            "https://id.test/realms/main/.well-known/openid-configuration",
            "https://id.test/realms/main",
        ),
        Case {
            fetched: &["openid-configuration", "token"],
            ..usual(
                LINE,
                |row| row,
                "https://access.line.me/.well-known/openid-configuration",
                "https://access.line.me",
            )
        },
    ]
}

#[test]
fn every_openid_row_has_its_case() {
    let rows = ROWS.iter().filter(|row| matches!(row.protocol, RowProtocol::OpenId(_)));
    let cases = cases();
    assert_eq!(
        cases.iter().map(|case| case.row.id).collect::<BTreeSet<_>>(),
        rows.map(|row| row.id).collect()
    );
}

#[test]
fn every_openid_row_is_asked_for_what_it_gives_and_signs_its_user_in() {
    for case in cases() {
        let id = case.row.id;
        let provider = (case.complete)(case.row.with_client("client", ClientSecret::new("secret")));
        let mut pair = OpenId::new().configure(|builder| builder.provider(provider)).pair();
        pair.app.discovery_fault = Some(Fault::json(200, &configuration(&case).to_string()));
        let authorize = pair.begin(id, "/");
        assert_eq!(pair.app.fetches, [format!("GET {}", case.discovery)]);
        assert_eq!(parameter(&authorize, "scope").as_deref(), Some(case.scope), "{id}");
        let form = (id == "apple").then(|| "form_post".to_owned());
        assert_eq!(parameter(&authorize, "response_mode"), form, "{id}");

        let answer = arrive(&mut pair, &case, &authorize);
        assert_eq!(answer, case.user, "{id}");
        assert_eq!(asked(&pair), case.fetched, "{id}");
    }
}

/// Publishes what a row's flow needs, below its own issuer.
fn configuration(case: &Case) -> Value {
    let base = case.discovery.strip_suffix("/.well-known/openid-configuration").unwrap();
    json!({
        "issuer": case.issuers.0,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "jwks_uri": format!("{base}/jwks"),
        "id_token_signing_alg_values_supported": ["EdDSA"],
    })
}

/// Comes back with everything signed as the row wants it; returns the session's user.
fn arrive(pair: &mut Pair, case: &Case, authorize: &Url) -> Value {
    let now = pair.browser.now;
    let mut claims = case.claims.clone();
    for (name, value) in [
        ("iss", json!(case.issuers.1)),
        ("aud", json!("client")),
        ("sub", json!("1")),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(600))),
        ("nonce", json!(parameter(authorize, "nonce"))),
    ] {
        claims[name] = value;
    }
    let id_token = if case.row.id == "line" {
        let text = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode(claims.to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"secret"), text.as_bytes());
        format!("{text}.{}", encode(tag))
    } else {
        sign(r#"{"alg":"EdDSA","kid":"a"}"#, &claims.to_string())
    };
    let granted = json!({ "access_token": "at", "token_type": "Bearer", "id_token": id_token });
    pair.app.token_fault = Some(Fault::json(200, &granted.to_string()));
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": [jwk("a")] }).to_string()));
    pair.app.userinfo_fault = Some(Fault::json(200, r#"{"sub":"1"}"#));
    let user = "%7B%22name%22%3A%7B%22firstName%22%3A%22Ada%22%2C%22lastName%22%3A%22Lovelace%22%7D%7D";
    let state = parameter(authorize, "state").unwrap();
    let path = format!("/auth/callback/{}?code=c&state={state}&user={user}", case.row.id);
    let page = pair.visit(&path);
    assert_eq!(page.status, 200, "{}: {}", case.row.id, page.text());
    let user = pair.fetch(Method::GET, "/auth/session", &[], "").json["user"].clone();
    let members = user.as_object().unwrap().clone();
    members.into_iter().filter(|(_, value)| !value.is_null()).collect::<serde_json::Map<_, _>>().into()
}
