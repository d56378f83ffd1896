//! Error codes of the contract: each is produced here with its status, or belongs to a feature that is not offered.

use aura_proto::{
    Error, FetchError, HostError, IdTokenError as I, ProviderError as P, Quota, RequestError as R, Throttled,
    TokenRefusal as T, UnixTime,
};
use std::collections::BTreeSet;
use std::time::Duration;

/// Treatment of a code of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// An error of ours has it.
    Raised,
    /// `ConfigError` reports it before any request.
    Construction,
    /// Needs a flow that is not configured with stateless sessions.
    Stateful,
    Credentials,
    /// Belongs to the client library.
    Client,
    /// A more specific code replaces it.
    Finer(&'static str),
    /// The types leave no room for it.
    Impossible,
}

use Standing::{Client, Construction, Credentials, Finer, Impossible, Raised, Stateful};

/// Code, status, type (empty where the catalogue has none), and what it is to us.
#[rustfmt::skip]
const CATALOGUE: [(&str, u16, &str, Standing); 94] = [
    ("JWT_EXPIRED", 401, "AUTH_FLOW", Raised),
    ("JWT_INVALID_SIGNATURE", 401, "AUTH_FLOW", Raised),
    ("JWT_MALFORMED", 401, "VALIDATION", Raised),
    ("JWT_ALGORITHM_MISMATCH", 401, "VALIDATION", Raised),
    ("JWT_INVALID_MODE", 500, "VALIDATION", Impossible),
    ("CSRF_TOKEN_MISSING", 403, "AUTH_FLOW", Raised),
    ("CSRF_TOKEN_MISMATCH", 403, "AUTH_FLOW", Raised),
    ("CSRF_DOUBLE_SUBMIT_FAILED", 403, "AUTH_FLOW", Raised),
    ("INVALID_CSRF_TOKEN", 403, "AUTH_FLOW", Finer("CSRF_TOKEN_MISMATCH")),
    ("SESSION_NOT_FOUND", 401, "AUTH_FLOW", Raised),
    ("SESSION_INVALID", 401, "AUTH_FLOW", Raised),
    ("UPDATE_SESSION_INVALID", 400, "AUTH_FLOW", Raised),
    ("INVALID_SESSION_STRATEGY", 500, "VALIDATION", Impossible),
    ("MISSING_ADAPTER_IN_STATEFUL_STRATEGY", 500, "INTERNAL", Stateful),
    ("INVALID_SLIDING_THRESHOLD_CONFIG_VALUE", 500, "VALIDATION", Construction),
    ("COOKIE_NOT_FOUND", 401, "AUTH_FLOW", Raised),
    ("COOKIE_INVALID_VALUE", 401, "AUTH_FLOW", Raised),
    ("AUTH_CREDENTIALS_INVALID", 401, "AUTH_FLOW", Credentials),
    ("USER_CREATION_FAILED", 500, "INTERNAL", Credentials),
    ("EMAIL_ALREADY_REGISTERED", 409, "AUTH_FLOW", Credentials),
    ("AUTH_BASIC_CREDENTIALS_INVALID", 401, "AUTH_FLOW", Construction),
    ("INVALID_AUTH_CONFIGURATION", 500, "VALIDATION", Finer("INVALID_TRUSTED_ORIGIN")),
    ("INVALID_TRUSTED_ORIGIN", 400, "VALIDATION", Raised),
    // The sign-in goes on to `/`, and the event of this name tells the operator.
    ("POTENTIAL_OPEN_REDIRECT_ATTACK_DETECTED", 400, "VALIDATION", Impossible),
    ("AUTH_INVALID_PROXY_HEADERS_CONFIG", 500, "VALIDATION", Construction),
    ("JOSE_INITIALIZATION_SECRET_MISSING", 500, "VALIDATION", Construction),
    ("JOSE_INITIALIZATION_SALT_MISSING", 500, "VALIDATION", Construction),
    ("INVALID_SALT_SECRET_VALUE", 500, "VALIDATION", Construction),
    ("INVALID_PEM_KEY_PAIR_MODE_MISMATCH", 500, "VALIDATION", Construction),
    ("INVALID_PEM_KEY_PAIR_SINGLE_MISMATCH", 500, "VALIDATION", Construction),
    ("UNSUPPORTED_OAUTH_CONFIGURATION", 400, "VALIDATION", Finer("UNPROCESSABLE_ENTITY")),
    ("INVALID_OAUTH_ACCESS_TOKEN_RESPONSE", 502, "PROTOCOL", Raised),
    ("INVALID_OAUTH_ACCESS_TOKEN_RES_FORMAT", 502, "PROTOCOL", Raised),
    ("UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR", 502, "PROTOCOL", Raised),
    ("OAUTH_INVALID_CONTENT_TYPE", 502, "PROTOCOL", Raised),
    ("INVALID_USER_INFO", 502, "PROTOCOL", Raised),
    ("INVALID_OAUTH_USER_INFO_RESPONSE", 502, "PROTOCOL", Raised),
    ("INVALID_OAUTH_USER_INFO_RES_FORMAT", 502, "PROTOCOL", Raised),
    ("UNKNOWN_OAUTH_USER_INFO_ERROR", 502, "PROTOCOL", Raised),
    // Mappers are tables, and the application's own decision cannot throw.
    ("UNKNOWN_CUSTOM_USER_INFO_ERROR", 502, "PROTOCOL", Impossible),
    ("AUTH_MISMATCHING_STATE", 400, "PROTOCOL", Raised),
    ("AUTH_TRANSACTION_EXPIRED", 400, "PROTOCOL", Raised),
    ("AUTH_PROVIDER_MISMATCH", 400, "PROTOCOL", Raised),
    ("INVALID_OAUTH_PROVIDER_URL_CONFIG", 500, "VALIDATION", Construction),
    ("INVALID_OAUTH_PROVIDER_SCHEMA_CONFIG", 500, "VALIDATION", Construction),
    ("DUPLICATED_OAUTH_PROVIDER_ID", 500, "VALIDATION", Construction),
    ("INVALID_ENVIRONMENT_CONFIGURATION", 500, "VALIDATION", Construction),
    ("PKCE_VERIFIER_INVALID", 400, "PROTOCOL", Impossible),
    // Without a refresh token nothing is renewed, and the tokens are given as they are.
    ("OAUTH_INVALID_REFRESH_TOKEN_CONFIG", 500, "VALIDATION", Impossible),
    ("OAUTH_INVALID_REFRESH_TOKEN_RESPONSE", 401, "PROTOCOL", Raised),
    ("OAUTH_INVALID_REVOKE_TOKEN_CONFIG", 500, "VALIDATION", Raised),
    ("OAUTH_INVALID_REVOKE_TOKEN_RESPONSE", 400, "PROTOCOL", Raised),
    // Every 2xx means that the token is revoked.
    ("OAUTH_INVALID_REVOKE_TOKEN_PROCESS", 502, "PROTOCOL", Impossible),
    ("INVALID_ACCESS_TOKEN", 401, "PROTOCOL", Raised),
    ("INVALID_ACCESS_TOKEN_RETRIEVING_REFRESH_USER_INFO", 401, "VALIDATION", Finer("COOKIE_INVALID_VALUE")),
    ("DATABASE_TOKEN_HASH_NOT_FOUND", 401, "AUTH_FLOW", Stateful),
    ("OAUTH_UNLINKED_ACCOUNT_ERROR", 400, "AUTH_FLOW", Stateful),
    ("OAUTH_ACCOUNT_USER_MISMATCH", 409, "AUTH_FLOW", Raised),
    ("SCHEMA_UNSUPPORTED", 500, "VALIDATION", Impossible),
    ("SCHEMA_PARSER_FAILED", 500, "VALIDATION", Impossible),
    ("OIDC_DISCOVERY_NETWORK_FAILED", 504, "NETWORK", Raised),
    ("OIDC_DISCOVERY_INVALID_RESPONSE", 502, "PROTOCOL", Raised),
    ("OIDC_DISCOVERY_INVALID_FORMAT_RESPONSE", 502, "PROTOCOL", Raised),
    ("OIDC_DISCOVERY_INVALID_SCHEMA", 502, "VALIDATION", Raised),
    ("OIDC_DISCOVERY_ISSUER_MISMATCH", 502, "PROTOCOL", Raised),
    ("OIDC_NONCE_MISMATCH", 400, "PROTOCOL", Raised),
    ("OIDC_ID_TOKEN_INVALID", 401, "PROTOCOL", Raised),
    ("OIDC_USERINFO_INVALID_SCHEMA", 502, "VALIDATION", Raised),
    ("OIDC_JWKS_INVALID_RESPONSE", 502, "PROTOCOL", Raised),
    ("OIDC_JWKS_INVALID_SCHEMA", 502, "VALIDATION", Raised),
    ("OIDC_INVALID_ISSUER_PARAMS", 502, "VALIDATION", Construction),
    ("CLIENT_BASE_URL_MISSING", 500, "VALIDATION", Client),
    ("GET_SESSION_FAILED", 401, "", Finer("SESSION_NOT_FOUND")),
    ("AUTH_SIGN_IN_FAILED", 500, "", Raised),
    ("CREDENTIALS_SIGN_IN_ERROR", 401, "", Credentials),
    ("SIGN_UP_ERROR", 400, "", Credentials),
    ("SIGN_OUT_FAILED", 400, "", Impossible),
    ("PROVIDER_TOKENS_ERROR", 400, "", Raised),
    ("ACCESS_TOKEN_ERROR", 500, "", Finer("UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR")),
    ("UNKNOWN_REFRESH_USER_INFO_ERROR", 400, "", Finer("UNKNOWN_OAUTH_USER_INFO_ERROR")),
    ("UNKNOWN_REVOKE_TOKEN_ERROR", 400, "", Raised),
    ("OAUTH_PROVIDER_CONNECTED_ERROR", 400, "", Finer("SESSION_NOT_FOUND")),
    ("RATE_LIMIT_EXCEEDED", 429, "", Raised),
    ("NOT_FOUND", 404, "ROUTER_FLOW", Raised),
    ("METHOD_NOT_ALLOWED", 405, "ROUTER_FLOW", Raised),
    ("UNPROCESSABLE_ENTITY", 422, "VALIDATION", Raised),
    ("UNPROCESSABLE_BODY_ENTITY", 400, "VALIDATION", Raised),
    ("UNKNOWN_SCHEMA_ERROR", 500, "VALIDATION", Impossible),
    // Declared, and never raised elsewhere.
    ("CSRF_ORIGIN_REJECTED", 403, "", Raised),
    ("AUTH_PROVIDER_REJECTED", 502, "", Raised),
    ("AUTH_CALLBACK_MISSING_PARAMETERS", 400, "", Raised),
    ("AUTH_CALLBACK_STATE_INVALID", 400, "", Finer("AUTH_MISMATCHING_STATE")),
    ("SESSION_EXPIRED", 401, "", Finer("SESSION_INVALID")),
    ("NETWORK_TIMEOUT", 504, "", Finer("UNKNOWN_OAUTH_ACCESS_TOKEN_ERROR")),
];

/// Declared in the contract, and never raised.
#[rustfmt::skip]
const DECLARED: [&str; 17] = [
    "JWT_KEY_ROTATION_FAILED", "JWT_SEAL_FAILED", "JWT_UNSEAL_FAILED", "SESSION_REVOKED", "AUTH_MFA_REQUIRED",
    "AUTH_MFA_CODE_INVALID", "SESSION_STRATEGY_MISMATCH", "CONFIG_INVALID", "CONFIG_MISSING_REQUIRED",
    "CONFIG_BASE_URL_MISSING", "INVALID_ACCESS_TOKEN_OAUTH_CONFIG", "INVALID_CUSTOM_USER_INFO_ERROR",
    "SCHEMA_INVALID_MODE", "SESSION_STORE_UNAVAILABLE", "NETWORK_REQUEST_FAILED",
    "INVALID_REFRESH_USER_INFO_RESPONSE", "INVALID_REFRESH_USER_INFO_NETWORK",
];

/// Where the status is another than the catalogue's: reason, the catalogue's, ours.
const DIFFERENCES: [(&str, u16, u16); 13] = [
    // HTTP has a status of its own for each.
    ("body_too_large", 400, 413),
    ("body_timed_out", 400, 408),
    // The user or the application refused. This is not a defect.
    ("access_denied", 502, 403),
    ("interaction_required", 502, 403),
    ("not_admitted", 500, 403),
    ("tokens_not_readable", 400, 403),
    // The provider erred, not the browser.
    ("revocation_unreachable", 400, 502),
    ("revocation_status", 400, 502),
    ("pushed_request_unreachable", 500, 502),
    ("pushed_request_too_large", 500, 502),
    ("pushed_request_encoded", 500, 502),
    ("pushed_request_status", 500, 502),
    ("pushed_request_malformed", 500, 502),
];

/// Reasons whose code the catalogue does not list: `NOT_ALLOWED` and `INSUFFICIENT_USER_AUTHENTICATION` of guards, and
/// `SERVER_ERROR` of every other.
const OURS: [&str; 17] = [
    "not_allowed",
    "authentication_too_old",
    "acr_not_met",
    "step_up_unsupported",
    "acr_conflict",
    "claims_mismatch",
    "no_entropy",
    "attempt_too_long",
    "admitted_without_id",
    "no_signature",
    "claims_unwritable",
    "claims_too_large",
    "admission_unavailable",
    "session_check_unavailable",
    "session_needs_check",
    "tokens_busy",
    "unreachable",
];

const FETCH_ERRORS: [FetchError; 5] = [
    FetchError::TimedOut,
    FetchError::Unreachable,
    FetchError::Untrusted,
    FetchError::TooLarge,
    FetchError::Encoded,
];

#[rustfmt::skip]
pub(crate) fn every_error() -> Vec<Error> {
    let quota = Quota::new(1, Duration::from_secs(60));
    let throttled = Throttled::new(quota, Duration::from_secs(60), UnixTime::from_secs(1_795_500_000));
    let request = [
        R::NotFound, R::MethodNotAllowed, R::UnknownProvider, R::InvalidParameters(Vec::new()), R::UntrustedHost,
        R::ForwardedMalformed, R::MalformedBody, R::BodyTooLarge, R::BodyTimedOut, R::CsrfCookieMissing,
        R::CsrfTokenMissing, R::CsrfTokenMismatch, R::CrossSite, R::NoCookie, R::NoAttempt, R::StateUnknown,
        R::AttemptUnreadable, R::AttemptExpired, R::OtherProvider, R::IssuerMismatch, R::IssuerMissing, R::StateMissing, R::StateDropped,
        R::AccessDenied, R::InteractionRequired, R::NotAdmitted,
        R::SessionMissing, R::SessionInvalid, R::SessionNotYet, R::SessionEnded, R::NotAllowed, R::AuthenticationTooOld, R::AcrNotMet, R::StepUpUnsupported, R::AcrConflict, R::ClaimsMismatch, R::TokensMissing, R::TokensInvalid,
        R::TokensNotReadable, R::RefreshRefused, R::OtherUser, R::SessionTooLarge, R::TooManyRequests(throttled),
    ];
    let provider = [
        P::AuthorizationFailed, P::TokenStatus, P::TokenContentType, P::TokenErrorAnswer, P::TokenNotJson,
        P::TokenMalformed, P::UserInfoStatus, P::UserInfoUnauthorized, P::UserInfoContentType, P::UserInfoNotJson, P::UserInfoMalformed,
        P::UserInfoWithoutId, P::UserInfoOtherSubject, P::UserInfoUntrusted, P::RevocationStatus, P::TokensTooLarge,
        P::ProfileTooLarge, P::DiscoveryStatus, P::DiscoveryRedirected, P::DiscoveryNotJson, P::DiscoveryMalformed, P::DiscoveryIssuer,
        P::DiscoveryEndpoint, P::DiscoveryAlgorithms, P::JwksStatus, P::JwksMalformed, P::PushedRequestStatus, P::PushedRequestMalformed,
    ];
    let id_token = [
        I::Missing, I::Malformed, I::Encrypted, I::Algorithm, I::UnknownKey, I::Signature, I::ClaimType, I::Issuer,
        I::Tenant, I::Audience, I::AuthorizedParty, I::UntrustedAudience, I::Expired, I::IssuedAt, I::NotYetValid, I::Nonce,
        I::AuthenticationTime, I::Acr, I::SessionExpiry, I::AccessTokenHash, I::Subject, I::OtherSubject, I::Event,
    ];
    let refused = [
        T::InvalidRequest, T::InvalidClient, T::InvalidClientBasic, T::InvalidGrant, T::UnauthorizedClient,
        T::UnsupportedGrantType, T::InvalidScope, T::InvalidTarget, T::InvalidDpopProof, T::Unavailable,
    ];
    let host = [
        HostError::NoEntropy, HostError::AttemptTooLong, HostError::NoRevocationEndpoint, HostError::AdmittedWithoutId,
        HostError::NoSignature, HostError::ClaimsUnwritable, HostError::ClaimsTooLarge, HostError::AdmissionUnavailable,
        HostError::SessionCheckUnavailable, HostError::SessionNeedsCheck, HostError::TokensBusy, HostError::Unreachable,
    ];
    let unreachable = [
        P::TokenUnreachable, P::UserInfoUnreachable, P::RevocationUnreachable, P::DiscoveryUnreachable,
        P::JwksUnreachable, P::PushedRequestUnreachable,
    ];
    let unreachable = unreachable.into_iter().flat_map(|error| FETCH_ERRORS.map(error));
    let provider = provider.into_iter().chain(id_token.map(P::IdToken)).chain(refused.map(P::TokenRefused)).chain(unreachable).map(Error::from);
    request.into_iter().map(Error::from).chain(provider).chain(host.map(Error::from)).collect()
}

#[test]
fn every_error_has_the_status_and_type_of_the_catalogue_or_is_a_named_difference() {
    let mut differences = Vec::new();
    let mut ours = Vec::new();
    for error in every_error() {
        let Some((code, status, kind, standing)) =
            CATALOGUE.iter().find(|(code, ..)| *code == error.code()).copied()
        else {
            ours.push(error.reason());
            continue;
        };
        assert_eq!(standing, Raised, "{code}");
        assert!(kind.is_empty() || kind == error.kind(), "{code}: {}", error.kind());
        if error.status() != status {
            differences.push((error.reason(), status, error.status().as_u16()));
        }
    }
    let sorted = |rows: &[(&'static str, u16, u16)]| rows.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(sorted(&differences), sorted(&DIFFERENCES));
    assert_eq!(ours, OURS);
}

#[test]
fn every_code_of_the_catalogue_is_raised_or_its_absence_has_a_reason() {
    let raised: BTreeSet<_> = every_error().iter().map(Error::code).collect();
    let mut codes = BTreeSet::new();
    for (code, _, _, standing) in CATALOGUE {
        assert!(codes.insert(code), "{code} stands there twice");
        assert_eq!(raised.contains(code), standing == Raised, "{code}");
        if let Finer(other) = standing {
            assert!(raised.contains(other), "{code} is said to be {other}");
        }
    }
    for code in DECLARED {
        assert!(codes.insert(code) && !raised.contains(code), "{code}");
    }
}

#[test]
fn a_reason_tells_every_cause_apart_and_a_fault_has_the_status_of_its_side() {
    let mut reasons = BTreeSet::new();
    for error in every_error() {
        let unique = reasons.insert(error.reason());
        // Who cannot be reached is one reason, whatever the cause.
        assert!(unique || error.reason().ends_with("_unreachable"), "{error:?}");
        // What is wrong with an ID token is the provider's fault, or that of whoever sits between: the catalogue answers it
        // by the 4xx of whoever is not authenticated.
        let is_4xx = matches!(error, Error::Request(_) | Error::Provider(P::IdToken(_)));
        let side = if is_4xx { 4 } else { 5 };
        assert_eq!(error.status().as_u16() / 100, side, "{error:?}");
    }
}
