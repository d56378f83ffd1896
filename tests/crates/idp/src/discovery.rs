//! Provider metadata (OpenID Connect Discovery section 3).

use serde_json::{Map, Value, json};

use crate::behaviour::PushedAuthorizationRequests;
use crate::id_token::OTHER_ISSUER;
use crate::idp::Idp;
use crate::lie::Lie;
use crate::reply;
use crate::response::{self, Response};

/// The link-local address at which clouds answer with credentials.
const PRIVATE_ORIGIN: &str = "http://169.254.169.254";
/// The endpoints that servers call, not browsers.
const CALLED_BY_SERVERS: [&str; 4] =
    ["token_endpoint", "userinfo_endpoint", "jwks_uri", "pushed_authorization_request_endpoint"];

type Members = Map<String, Value>;

/// A lie, and what it does to the honest document.
type Bend = (Lie, fn(&mut Members, &Idp));

const BENT: [Bend; 7] = [
    (Lie::DiscoveryOtherIssuer, |members, _| set(members, "issuer", json!(OTHER_ISSUER))),
    (Lie::DiscoveryIssuerWithTrailingSlash, |members, idp| {
        set(members, "issuer", json!(format!("{}/", idp.issuer())));
    }),
    (Lie::DiscoveryHttpEndpoints, |members, idp| move_endpoints(members, idp, &insecure_origin(idp))),
    (Lie::DiscoveryPrivateAddress, |members, idp| {
        for name in CALLED_BY_SERVERS {
            move_endpoint(members, name, idp, PRIVATE_ORIGIN);
        }
    }),
    (Lie::DiscoveryWithoutJwksUri, |members, _| remove(members, "jwks_uri")),
    (Lie::DiscoveryWithoutAuthorizationEndpoint, |members, _| remove(members, "authorization_endpoint")),
    (Lie::DiscoveryWithoutTokenEndpoint, |members, _| remove(members, "token_endpoint")),
];

/// Answers `GET .well-known/openid-configuration`.
pub(crate) fn answer(idp: &Idp) -> Response {
    if idp.tells(Lie::DiscoveryNotFound) {
        return response::not_found();
    }
    if idp.tells(Lie::DiscoveryNotJson) {
        return response::html_instead();
    }
    let mut members = honest(idp);
    for (_, bend) in BENT.iter().filter(|(lie, _)| idp.tells(*lie)) {
        bend(&mut members, idp);
    }
    let mut document = Value::Object(members).to_string();
    if idp.tells(Lie::DiscoveryDuplicateMembers) {
        document.truncate(document.len().saturating_sub(1));
        document.push_str(&format!(",\"issuer\":{}}}", json!(OTHER_ISSUER)));
    }
    response::success_text("application/json", document)
}

fn honest(idp: &Idp) -> Members {
    let behaviour = idp.current_behaviour();
    let alg = behaviour.signing_algorithm.name();
    let requires_par = behaviour.pushed_authorization_requests == PushedAuthorizationRequests::Required;
    let members = [
        ("issuer", json!(idp.issuer())),
        ("authorization_endpoint", json!(idp.authorization_endpoint())),
        ("token_endpoint", json!(idp.token_endpoint())),
        ("userinfo_endpoint", json!(idp.userinfo_endpoint())),
        ("jwks_uri", json!(idp.jwks_uri())),
        ("end_session_endpoint", json!(idp.end_session_endpoint())),
        ("pushed_authorization_request_endpoint", json!(idp.pushed_authorization_request_endpoint())),
        ("require_pushed_authorization_requests", json!(requires_par)),
        ("authorization_response_iss_parameter_supported", json!(reply::promises_iss(idp))),
        ("scopes_supported", json!(["openid", "profile", "email", "offline_access"])),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("prompt_values_supported", json!(["none", "login", "consent", "select_account"])),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!([alg])),
        ("userinfo_signing_alg_values_supported", json!([alg])),
        (
            "token_endpoint_auth_methods_supported",
            json!([
                "client_secret_basic",
                "client_secret_post",
                "client_secret_jwt",
                "private_key_jwt",
                "none"
            ]),
        ),
        ("token_endpoint_auth_signing_alg_values_supported", json!(["HS256", "RS256", "ES256", "EdDSA"])),
        ("dpop_signing_alg_values_supported", json!(["ES256", "EdDSA"])),
        (
            "claims_supported",
            json!(["sub", "auth_time", "acr", "name", "picture", "email", "email_verified", "sid"]),
        ),
        ("claims_parameter_supported", json!(false)),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        ("backchannel_logout_supported", json!(true)),
        ("backchannel_logout_session_supported", json!(true)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The same host without TLS; a host that has none already is replaced by one that is not loopback.
fn insecure_origin(idp: &Idp) -> String {
    let origin = idp.origin();
    origin
        .strip_prefix("https")
        .map_or_else(|| "http://insecure.example".to_owned(), |rest| format!("http{rest}"))
}

fn move_endpoints(members: &mut Members, idp: &Idp, origin: &str) {
    move_endpoint(members, "authorization_endpoint", idp, origin);
    move_endpoint(members, "end_session_endpoint", idp, origin);
    for name in CALLED_BY_SERVERS {
        move_endpoint(members, name, idp, origin);
    }
}

fn move_endpoint(members: &mut Members, name: &str, idp: &Idp, origin: &str) {
    let honest = members.get(name).and_then(Value::as_str).unwrap_or_default();
    let moved = format!("{origin}{}", honest.strip_prefix(idp.origin()).unwrap_or_default());
    set(members, name, json!(moved));
}

fn set(members: &mut Members, name: &str, value: Value) {
    members.insert(name.to_owned(), value);
}

fn remove(members: &mut Members, name: &str) {
    members.remove(name);
}
