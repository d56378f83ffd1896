//! Event names of the contract: each is reported here with its severity, or is left out for a reason.

use super::codes::every_error;
use aura_proto::Severity::{self, Critical, Debug, Error as Failure, Info, Notice, Warning};
use aura_proto::{DisplayClaim, Error, Event, HttpSign, IssuerDifference, PublishedIssuer, Purpose, Quoted};
use std::collections::BTreeMap;

/// Treatment of an event of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// An event of ours has the name.
    Reported,
    /// The host's access log tells it, or the outcome does: a record of each would hide the others.
    Step,
    /// A finer event of ours tells it.
    Finer(&'static str),
    /// A finding when the configuration is built, before there is any request.
    Construction,
    /// The contract defines it, and nothing raises it there either.
    NeverRaised,
    /// Needs a feature that OAuth 2.0 with stateless sessions does not have.
    OtherFeature,
    /// The types leave no room for it.
    Impossible,
}

use Standing::{Construction, Finer, Impossible, NeverRaised, OtherFeature, Reported, Step};

/// Name, severity, and what it is to us. The `STATEFUL_` families are other features as a whole.
#[rustfmt::skip]
const EVENTS: &[(&str, Severity, Standing)] = &[
    // Facility 10.
    ("ROUTER_INTERNAL_ERROR", Failure, NeverRaised),
    ("SERVER_ERROR", Failure, Reported),
    ("OAUTH_AUTHORIZATION_ERROR", Failure, Reported),
    ("INVALID_OAUTH_CONFIGURATION", Failure, Reported),
    ("INVALID_OAUTH_ACCESS_TOKEN_RESPONSE", Failure, Reported),
    ("OAUTH_ACCESS_TOKEN_ERROR", Failure, Reported),
    ("OAUTH_ACCESS_TOKEN_REQUEST_FAILED", Failure, Reported),
    ("OAUTH_USERINFO_INVALID_RESPONSE", Failure, Reported),
    ("OAUTH_USERINFO_ERROR", Failure, Reported),
    ("OAUTH_USERINFO_REQUEST_FAILED", Failure, Reported),
    ("OAUTH_INVALID_CONTENT_TYPE", Failure, Reported),
    ("INVALID_URL", Failure, NeverRaised),
    ("UNTRUSTED_ORIGIN", Failure, Reported),
    ("AUTH_SECURITY_ERROR", Failure, NeverRaised),
    ("INVALID_REQUEST", Warning, Reported),
    ("OAUTH_PROTOCOL_ERROR", Warning, Reported),
    ("COOKIE_SECURE_DISABLED", Warning, Construction),
    ("COOKIE_SAMESITE_NONE_WITHOUT_SECURE", Warning, Construction),
    ("COOKIE_HTTPONLY_DISABLED", Critical, Construction),
    ("COOKIE_WILDCARD_DOMAIN", Critical, Construction),
    ("COOKIE_INSECURE_IN_PRODUCTION", Critical, Construction),
    ("COOKIE_HOST_STRATEGY_INSECURE", Critical, Construction),
    ("OAUTH_ACCESS_TOKEN_SUCCESS", Info, Reported),
    ("OAUTH_USERINFO_SUCCESS", Info, Reported),
    ("OAUTH_ACCESS_TOKEN_REQUEST_INITIATED", Debug, Step),
    ("OAUTH_USERINFO_REQUEST_INITIATED", Debug, Step),
    // Facility 4, general.
    ("MISMATCHING_STATE", Critical, Reported),
    ("POTENTIAL_OPEN_REDIRECT_ATTACK_DETECTED", Critical, Reported),
    ("CSRF_TOKEN_INVALID", Failure, Reported),
    ("IDENTITY_VALIDATION_FAILED", Failure, NeverRaised),
    ("CREDENTIALS_SIGN_IN_FAILED", Failure, OtherFeature),
    ("SESSION_NOT_FOUND", Failure, Finer("SESSION_TOKEN_MISSING")),
    ("OAUTH_UNLINKED_ACCOUNT_ERROR", Failure, OtherFeature),
    ("OAUTH_ACCOUNT_USER_MISMATCH", Failure, Reported),
    ("SIGN_UP_ERROR", Failure, OtherFeature),
    ("ACCESS_TOKEN_ERROR", Failure, Finer("STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR")),
    ("GET_PROVIDER_TOKENS_ERROR", Failure, Reported),
    // Every failure there has a name of its own.
    ("OAUTH_PROVIDER_CONNECTED_ERROR", Failure, Finer("STATELESS_GET_PROVIDER_TOKENS_NO_SESSION")),
    ("REFRESH_USER_INFO_ERROR", Failure, Reported),
    ("REVOKE_TOKEN_ERROR", Failure, Reported),
    ("AUTH_SIGN_IN_FAILED", Failure, Reported),
    ("SIGN_OUT_FAILED", Failure, Finer("CSRF_TOKEN_INVALID")),
    ("UPDATE_SESSION_INVALID", Failure, Reported),
    ("OPEN_REDIRECT_ATTACK", Warning, Reported),
    ("SESSION_TOKEN_MISSING", Warning, Reported),
    ("CSRF_TOKEN_MISSING", Warning, Reported),
    ("CSRF_HEADER_MISSING", Warning, Reported),
    ("INVALID_JWT_TOKEN", Warning, Finer("AUTH_SESSION_INVALID")),
    ("IDENTITY_VALIDATION_DISABLED", Warning, Impossible),
    ("INVALID_CREDENTIALS", Warning, OtherFeature),
    ("AUTH_SESSION_INVALID", Notice, Reported),
    ("OAUTH_CALLBACK_SUCCESS", Info, Reported),
    ("SIGN_IN_INITIATED", Info, Reported),
    ("SIGN_OUT_CSRF_VERIFIED", Info, NeverRaised),
    ("SIGN_OUT_SUCCESS", Info, Reported),
    // Front ends request the session in every tab each minute. Its other events report its changes.
    ("AUTH_SESSION_VALID", Info, Step),
    ("SESSION_REFRESHED", Info, Reported),
    // The event of the operation that needed the token is reported.
    ("CSRF_TOKEN_VERIFIED", Info, Step),
    ("CREDENTIALS_SIGN_IN_SUCCESS", Info, OtherFeature),
    ("SIGN_UP_SUCCESS", Info, OtherFeature),
    ("SIGN_IN_PROVIDER_TYPE_DETECTED", Info, Impossible),
    // The configuration is looked up in every flow, and mostly kept; what fails is told.
    ("OIDC_PROVIDER_RESOLVED", Info, Step),
    ("STATELESS_REVOKE_SESSION_NOOP", Info, Impossible),
    ("SIGN_OUT_ATTEMPT", Debug, NeverRaised),
    ("SIGN_OUT_REDIRECT", Debug, NeverRaised),
    ("CSRF_TOKEN_REQUESTED", Debug, Step),
    ("CSRF_TOKEN_ISSUED", Debug, Reported),
    // Facility 4, tokens of providers.
    ("STATELESS_GET_PROVIDER_TOKENS_NO_SESSION", Warning, Reported),
    ("STATELESS_GET_PROVIDER_TOKENS_SESSION_INVALID", Warning, Reported),
    ("STATELESS_GET_PROVIDER_TOKENS_OAUTH_ACCOUNT_NOT_FOUND", Warning, OtherFeature),
    ("STATELESS_GET_PROVIDER_TOKENS_PROVIDER_NOT_FOUND", Warning, Finer("INVALID_REQUEST")),
    ("STATELESS_GET_PROVIDER_TOKENS_NO_COOKIE", Warning, Reported),
    ("STATELESS_GET_PROVIDER_TOKENS_SESSION_FOUND", Debug, Step),
    ("STATELESS_GET_PROVIDER_TOKENS_OAUTH_ACCOUNT_FOUND", Debug, OtherFeature),
    ("STATELESS_GET_PROVIDER_TOKENS_TOKENS_EXTRACTED", Debug, Step),
    ("STATELESS_GET_PROVIDER_TOKENS_TOKENS_DECODED", Debug, Step),
    ("STATELESS_GET_PROVIDER_TOKENS_PROVIDER_FOUND", Debug, Step),
    ("STATELESS_GET_PROVIDER_TOKENS_COOKIE_FOUND", Debug, Step),
    ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_CHECK", Debug, Step),
    ("STATELESS_GET_PROVIDER_TOKENS_REFRESHING", Info, Finer("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS")),
    ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS", Info, Reported),
    ("STATELESS_GET_PROVIDER_TOKENS_OAUTH_ACCOUNT_UPDATED", Info, OtherFeature),
    ("STATELESS_GET_PROVIDER_TOKENS_COOKIE_UPDATED", Info, Finer("STATELESS_GET_PROVIDER_TOKENS_REFRESH_SUCCESS")),
    ("STATELESS_GET_PROVIDER_TOKENS_REFRESH_ERROR", Failure, Reported),
];

/// Events that the contract has no name for.
const OURS: [(&str, Severity); 30] = [
    ("MISMATCHING_PROVIDER", Critical),
    ("OAUTH_AUTHORIZATION_DENIED", Notice),
    ("OAUTH_CALLBACK_REPEATED", Info),
    ("OAUTH_CLAIM_IGNORED", Notice),
    ("OAUTH_EMAIL_UNREAD", Notice),
    ("OAUTH_ID_TOKEN_DROPPED", Notice),
    ("OAUTH_ISSUER_IGNORED", Info),
    ("OAUTH_PROVIDER_REFUSED", Warning),
    ("OAUTH_PUSHED_REQUEST_FAILED", Failure),
    ("OAUTH_REFRESH_FAILED", Warning),
    ("OIDC_BACKCHANNEL_LOGOUT", Info),
    ("OIDC_BACKCHANNEL_LOGOUT_REFUSED", Warning),
    ("OIDC_DISCOVERY_FAILED", Failure),
    ("OIDC_ENDPOINT_IGNORED", Warning),
    ("OIDC_ENDPOINT_REFUSED", Failure),
    ("OIDC_ID_TOKEN_INVALID", Failure),
    ("OIDC_ISSUER_DIFFERS", Failure),
    ("OIDC_JWKS_FAILED", Failure),
    ("PROVIDER_DISCONNECTED", Info),
    ("RATE_LIMIT_EXCEEDED", Warning),
    ("RATE_LIMIT_UNCHECKED", Warning),
    ("REQUEST_HOST_DIFFERS", Notice),
    ("REQUEST_HOST_UNKNOWN", Warning),
    ("REQUEST_OVER_HTTP", Warning),
    ("REQUEST_PROVIDER_UNKNOWN", Warning),
    ("REVOKE_TOKEN_SUCCESS", Info),
    ("SESSION_ENDED", Notice),
    ("SESSION_NOT_ALLOWED", Notice),
    ("SESSION_UPDATED", Info),
    ("USER_NOT_ADMITTED", Warning),
];

/// Every event there is, with every error there is.
fn every_event() -> Vec<Event> {
    let provider = || "dev".to_owned();
    let sub = || "ada".to_owned();
    let mut events = vec![
        Event::SignInInitiated { provider: provider() },
        Event::TokenGranted { provider: provider() },
        Event::UserInfoReceived { provider: provider() },
        Event::SignedIn { provider: provider(), sub: sub() },
        Event::RedirectRefused,
        Event::SealedRedirectRefused { provider: provider() },
        Event::CallbackRepeated { provider: provider() },
        Event::IssuerIgnored { provider: provider() },
        Event::ClaimIgnored { provider: provider(), claim: DisplayClaim::Name },
        Event::IdTokenDropped { provider: provider() },
        Event::SignedOut { sub: None },
        Event::LoggedOutByProvider {
            provider: provider(),
            issuer: "https://idp.test".to_owned(),
            sub: Some(sub()),
            sid: None,
            jti: "1".to_owned(),
        },
        Event::SessionRenewed { sub: sub() },
        Event::SessionUpdated { sub: sub() },
        Event::SessionEnded { sub: sub(), refusal: None },
        Event::TokensRefreshed { provider: provider() },
        Event::TokensRevoked { provider: provider() },
        Event::ProviderDisconnected { provider: provider() },
        Event::CsrfTokenIssued,
        Event::ProviderRefused { provider: provider(), endpoint: Purpose::Token, status: 401, word: None },
        Event::EndpointIgnored { provider: provider(), member: "userinfo_endpoint" },
        Event::HostUnknown { host: Quoted::new("evil.test") },
        Event::HostDiffers { host: Quoted::new("127.0.0.1") },
        Event::OverHttp { host: Quoted::new("app.test"), sign: HttpSign::Proxy },
        Event::ProviderUnknown { id: Quoted::new("githbu") },
        Event::LimitUnchecked { rule: "signIn".to_owned() },
        Event::EndpointRefused { provider: provider(), member: "jwks_uri" },
        Event::IssuerDiffers {
            provider: provider(),
            configured: "https://idp.test".to_owned(),
            published: PublishedIssuer::Malformed,
            difference: IssuerDifference::Other,
        },
    ];
    for error in every_error() {
        let error = || -> Error { error.clone() };
        events.push(Event::SignInFailed { provider: provider(), error: error() });
        events.push(Event::ProviderRequestFailed { provider: provider(), error: error() });
        events.push(Event::RefreshFailed { provider: provider(), error: error() });
        events.push(Event::EmailUnread { provider: provider(), error: error() });
        events.push(Event::LogoutRefused { provider: provider(), error: error() });
        events.push(Event::SessionRejected { error: error() });
        events.push(Event::RequestRefused { error: error() });
    }
    events
}

#[test]
fn every_event_of_the_contract_is_reported_or_its_absence_has_a_reason() {
    let mut reported = BTreeMap::new();
    for event in every_event() {
        let known = reported.insert(event.name(), event.severity());
        assert!(known.is_none_or(|severity| severity == event.severity()), "{}", event.name());
    }
    let contract: BTreeMap<_, _> =
        EVENTS.iter().map(|&(name, severity, standing)| (name, (severity, standing))).collect();
    assert_eq!(contract.len(), EVENTS.len(), "each stands there once");
    for (&name, &(severity, standing)) in &contract {
        let expected = (standing == Reported).then_some(&severity);
        assert_eq!(reported.get(name), expected, "{name}");
        if let Finer(other) = standing {
            assert!(reported.contains_key(other), "{name} is said to be {other}");
        }
    }
    reported.retain(|name, _| !contract.contains_key(name));
    assert_eq!(reported.into_iter().collect::<Vec<_>>(), OURS);
}
