//! Error reasons that occur only with OpenID Connect, each produced by a sign-in or its callback.

use aura_proto::FetchError;
use aura_proto::provider::{Provider, PushedRequests};
use aura_test_idp::{Behaviour, Lie, SigningAlgorithm, UserinfoFormat};
use aura_tests::forge::{jwk, sign};
use aura_tests::{Answer, Fault, OpenId, Pair};
use serde_json::{Value, json};
use url::Url;

/// A sign-in's end: reason, status, code, and how it comes about.
type Ending = (&'static str, u16, &'static str, How);

/// How a sign-in is brought to an end.
pub(crate) enum How {
    /// The provider lies.
    Lie(Lie),
    /// Nothing comes of an endpoint.
    Lost(Endpoint, FetchError),
    /// An endpoint answers otherwise.
    Answered(Endpoint, Fault),
    /// In a way of its own.
    By(fn() -> Answer),
}

#[derive(Clone, Copy)]
pub(crate) enum Endpoint {
    Discovery,
    Jwks,
    PushedRequest,
    UserInfo,
}

use Endpoint::{Discovery, Jwks, PushedRequest, UserInfo};
use FetchError::{Encoded, TooLarge, Unreachable};
use How::{Answered, By, Lost};

/// Errors of discovery metadata, of signed tokens, and of pushed requests.
#[rustfmt::skip]
pub(crate) fn endings() -> Vec<Ending> {
    const NETWORK: &str = "OIDC_DISCOVERY_NETWORK_FAILED";
    const KEYS: &str = "OIDC_JWKS_INVALID_RESPONSE";
    const PUSHED: &str = "AUTH_SIGN_IN_FAILED";
    const INVALID: &str = "OIDC_ID_TOKEN_INVALID";
    const MALFORMED: &str = "JWT_MALFORMED";
    const SIGNATURE: &str = "JWT_INVALID_SIGNATURE";
    let untrusted = Fault::answered(200, "application/jwt", "x");
    vec![
        ("discovery_unreachable", 504, NETWORK, Lost(Discovery, Unreachable)),
        ("discovery_too_large", 504, NETWORK, Lost(Discovery, TooLarge)),
        ("discovery_encoded", 504, NETWORK, Lost(Discovery, Encoded)),
        ("discovery_algorithms", 502, "OIDC_DISCOVERY_INVALID_SCHEMA", By(by_no_algorithm_of_ours)),
        ("discovery_status", 502, "OIDC_DISCOVERY_INVALID_RESPONSE", How::Lie(Lie::DiscoveryNotFound)),
        ("discovery_redirected", 502, "OIDC_DISCOVERY_INVALID_RESPONSE", How::Lie(Lie::DiscoveryRedirects)),
        ("discovery_not_json", 502, "OIDC_DISCOVERY_INVALID_FORMAT_RESPONSE", How::Lie(Lie::DiscoveryNotJson)),
        ("discovery_malformed", 502, "OIDC_DISCOVERY_INVALID_SCHEMA", How::Lie(Lie::DiscoveryWithoutJwksUri)),
        ("discovery_issuer", 502, "OIDC_DISCOVERY_ISSUER_MISMATCH", How::Lie(Lie::DiscoveryOtherIssuer)),
        ("discovery_endpoint", 502, "OIDC_DISCOVERY_INVALID_SCHEMA", How::Lie(Lie::DiscoveryHttpEndpoints)),
        ("jwks_unreachable", 502, KEYS, Lost(Jwks, Unreachable)),
        ("jwks_too_large", 502, KEYS, Lost(Jwks, TooLarge)),
        ("jwks_encoded", 502, KEYS, Lost(Jwks, Encoded)),
        ("jwks_status", 502, KEYS, How::Lie(Lie::JwksRedirects)),
        ("jwks_malformed", 502, "OIDC_JWKS_INVALID_SCHEMA", How::Lie(Lie::JwksNotJson)),
        ("pushed_request_unreachable", 502, PUSHED, Lost(PushedRequest, Unreachable)),
        ("pushed_request_too_large", 502, PUSHED, Lost(PushedRequest, TooLarge)),
        ("pushed_request_encoded", 502, PUSHED, Lost(PushedRequest, Encoded)),
        ("pushed_request_status", 502, PUSHED, By(refused_though_required)),
        ("pushed_request_malformed", 502, PUSHED, Answered(PushedRequest, Fault::json(201, "{}"))),
        ("token_invalid_client_basic", 502, "INVALID_OAUTH_ACCESS_TOKEN_RESPONSE", By(a_secret_that_encoding_changes)),
        ("userinfo_unauthorized", 502, "INVALID_OAUTH_USER_INFO_RESPONSE", Answered(UserInfo, Fault::json(401, "{}"))),
        ("id_token_missing", 401, INVALID, How::Lie(Lie::IdTokenMissing)),
        ("id_token_malformed", 401, MALFORMED, How::Lie(Lie::IdTokenNotAJwt)),
        ("id_token_encrypted", 401, MALFORMED, How::Lie(Lie::IdTokenEncryptedLooking)),
        ("id_token_algorithm", 401, "JWT_ALGORITHM_MISMATCH", How::Lie(Lie::IdTokenAlgNone)),
        ("id_token_unknown_key", 401, SIGNATURE, How::Lie(Lie::IdTokenUnknownKid)),
        ("id_token_signature", 401, SIGNATURE, How::Lie(Lie::IdTokenBadSignature)),
        ("id_token_claim_type", 401, MALFORMED, How::Lie(Lie::IdTokenSubNumber)),
        ("id_token_issuer", 401, INVALID, How::Lie(Lie::IdTokenOtherIss)),
        ("id_token_tenant", 401, INVALID, By(of_another_tenant)),
        ("id_token_audience", 401, INVALID, How::Lie(Lie::IdTokenOtherAud)),
        ("id_token_trusted_audiences", 401, INVALID, How::Lie(Lie::IdTokenSeveralAudWithoutAzp)),
        ("id_token_authorized_party", 401, INVALID, How::Lie(Lie::IdTokenOtherAzp)),
        ("id_token_expired", 401, "JWT_EXPIRED", How::Lie(Lie::IdTokenExpired)),
        ("id_token_issued_at", 401, INVALID, How::Lie(Lie::IdTokenIssuedInTheFuture)),
        ("id_token_not_yet_valid", 401, INVALID, How::Lie(Lie::IdTokenNotYetValid)),
        ("id_token_nonce", 400, "OIDC_NONCE_MISMATCH", How::Lie(Lie::IdTokenOtherNonce)),
        ("id_token_authentication_time", 401, INVALID, By(authenticated_long_ago)),
        ("id_token_acr", 401, INVALID, By(authenticated_otherwise)),
        ("id_token_session_expiry", 401, INVALID, By(signed_out_at_the_provider)),
        ("id_token_access_token_hash", 401, INVALID, How::Lie(Lie::IdTokenOtherAtHash)),
        ("id_token_subject", 401, INVALID, How::Lie(Lie::IdTokenWithoutSub)),
        ("userinfo_other_subject", 502, "OIDC_USERINFO_INVALID_SCHEMA", How::Lie(Lie::UserinfoOtherSub)),
        ("userinfo_untrusted_signature", 502, "OIDC_USERINFO_INVALID_SCHEMA", Answered(UserInfo, untrusted)),
        ("interaction_required", 403, "AUTH_PROVIDER_REJECTED", By(told_to_ask_nothing)),
    ]
}

impl How {
    /// Signs in as far as it goes.
    pub(crate) fn produce(&self) -> Answer {
        let honest = Behaviour::default();
        let (mut pair, fault) = match self {
            Self::Lie(lie) => (OpenId::new().behaviour(honest.lie(*lie)).pair(), None),
            Self::Lost(endpoint, error) => (Pair::openid(), Some((*endpoint, Fault::Lost(*error)))),
            Self::Answered(endpoint, fault) => (
                OpenId::new().behaviour(honest.userinfo_format(UserinfoFormat::SignedJwt)).pair(),
                Some((*endpoint, fault.clone())),
            ),
            Self::By(produce) => return produce(),
        };
        if let Some((endpoint, fault)) = fault {
            let fault = Some(fault);
            match endpoint {
                Discovery => pair.app.discovery_fault = fault,
                Jwks => pair.app.jwks_fault = fault,
                PushedRequest => pair.app.pushed_request_fault = fault,
                UserInfo => pair.app.userinfo_fault = fault,
            }
        }
        sign_in(pair)
    }
}

fn sign_in(mut pair: Pair) -> Answer {
    let page = pair.visit("/auth/signIn/dev");
    let page = match page.left_for {
        None => page,
        Some(authorize) => {
            let callback = pair.approve("dev", &authorize, "ada");
            pair.visit(&callback)
        }
    };
    assert_eq!(pair.session().status, 401);
    let json = serde_json::from_slice(&page.body).unwrap_or_default();
    Answer { status: page.status, headers: page.headers, json }
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(own, _)| own == name).expect("a parameter").1.into_owned()
}

/// Ends a sign-in, which a URL began, with an ID token and the key of this test.
fn arrive(mut pair: Pair, authorize: &Url, id_token: &str) -> Answer {
    let granted = json!({ "access_token": "at", "token_type": "Bearer", "id_token": id_token });
    pair.app.token_fault = Some(Fault::json(200, &granted.to_string()));
    pair.app.jwks_fault = Some(Fault::json(200, &json!({ "keys": [jwk("a")] }).to_string()));
    let redirect_uri = Url::parse(&parameter(authorize, "redirect_uri")).expect("a URL");
    let callback = format!("{}?code=c&state={}", redirect_uri.path(), parameter(authorize, "state"));
    let answer = pair.fetch(http::Method::GET, &callback, &[], "");
    assert_eq!(pair.session().status, 401);
    answer
}

fn claims(pair: &Pair, authorize: &Url, issuer: &str) -> Value {
    let (now, client) = (pair.browser.now, parameter(authorize, "client_id"));
    json!({
        "iss": issuer, "aud": client, "sub": "ada", "iat": now, "exp": now.saturating_add(600),
        "nonce": parameter(authorize, "nonce"),
    })
}

/// A user of an organization that is not listed, at a provider that has an issuer for each.
fn of_another_tenant() -> Answer {
    let mut pair = Pair::with_tenants(|row| row.tenants(["t-1"]));
    let authorize = pair.begin("entra", "/");
    let mut claims = claims(&pair, &authorize, "https://login.test/t-2/v2.0");
    claims["tid"] = "t-2".into();
    arrive(pair, &authorize, &sign(r#"{"alg":"EdDSA"}"#, &claims.to_string()))
}

fn by_no_algorithm_of_ours() -> Answer {
    let mut pair = Pair::openid();
    let document = json!({
        "issuer": "https://idp.test",
        "authorization_endpoint": "https://idp.test/authorize",
        "token_endpoint": "https://idp.test/token",
        "jwks_uri": "https://idp.test/jwks",
        "id_token_signing_alg_values_supported": ["ES512", "HS256", "none"],
    });
    pair.app.discovery_fault = Some(Fault::json(200, &document.to_string()));
    sign_in(pair)
}

fn authenticated_otherwise() -> Answer {
    let mut pair = OpenId::new().behaviour(Behaviour::default().lie(Lie::IdTokenOtherAcr)).pair();
    let authorize = pair.visit("/auth/signIn/dev?acrValues=gold").left_for.expect("the provider");
    let callback = pair.approve("dev", &authorize, "ada");
    pair.fetch(http::Method::GET, &callback, &[], "")
}

fn signed_out_at_the_provider() -> Answer {
    sign_in(OpenId::new().behaviour(Behaviour::default().session_lifetime(0)).pair())
}

fn authenticated_long_ago() -> Answer {
    let behaviour = Behaviour::default().signing_algorithm(SigningAlgorithm::EdDsa);
    let shape =
        |row: Provider| row.pushed_requests(PushedRequests::Never).authorization_parameter("max_age", "60");
    let mut pair = OpenId::new().behaviour(behaviour).provider(shape).pair();
    let authorize = pair.begin("dev", "/");
    let mut claims = claims(&pair, &authorize, "https://idp.test");
    claims["auth_time"] = pair.browser.now.saturating_sub(121).into();
    arrive(pair, &authorize, &sign(r#"{"alg":"EdDSA"}"#, &claims.to_string()))
}

fn refused_though_required() -> Answer {
    let required = aura_test_idp::PushedAuthorizationRequests::Required;
    let behaviour = Behaviour::default().pushed_authorization_requests(required);
    let mut pair = OpenId::new().behaviour(behaviour).pair();
    pair.app.pushed_request_fault = Some(Fault::json(400, "{}"));
    sign_in(pair)
}

fn a_secret_that_encoding_changes() -> Answer {
    let shape = |row: Provider| {
        let row = row.client_secret(aura_proto::ClientSecret::new("a/b+c=~"));
        row.pushed_requests(PushedRequests::Never)
    };
    let mut pair = OpenId::new().provider(shape).pair();
    pair.app.token_fault = Some(Fault::json(401, "{}"));
    sign_in(pair)
}

fn told_to_ask_nothing() -> Answer {
    let shape =
        |row: Provider| row.pushed_requests(PushedRequests::Never).authorization_parameter("prompt", "none");
    let mut pair = OpenId::new().provider(shape).pair();
    let authorize = pair.begin("dev", "/");
    let answer = pair.at_provider("dev", &authorize);
    let back = answer.headers()["location"].to_str().expect("a URL").to_owned();
    pair.fetch(http::Method::GET, back.strip_prefix("https://app.test").expect("this site"), &[], "")
}
