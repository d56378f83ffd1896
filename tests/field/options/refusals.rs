//! Requests that a provider refuses, and what the browser and the operator are told.

use super::site::{ISSUER, Site, answered, work};
use aura_proto::provider::{ClaimsSource, Provider};
use aura_proto::{ClientSecret, ErrorWord, Event, Purpose};

/// Signs in where one endpoint answers in one way, and returns the reason, the message and the refusal that is reported.
fn refused(
    provider: Provider,
    endpoint: Purpose,
    status: u16,
    body: &str,
) -> (String, String, Option<ErrorWord>) {
    let mut site = Site::new(provider).answering(endpoint, answered(status, body));
    let end = site.sign_in();
    assert_eq!(end.status, 502);
    let refusal = site.events.iter().find_map(|event| {
        let Event::ProviderRefused { endpoint: asked, status, word, .. } = event else { return None };
        (*asked == endpoint).then_some((*status, *word))
    });
    let (said, word) = refusal.expect("an event");
    assert_eq!(said, status);
    (end.reason().to_owned(), end.message().to_owned(), word)
}

fn confidential(secret: &str) -> Provider {
    work(ISSUER).client_secret(ClientSecret::new(secret))
}

#[test]
fn p_04_a_refused_token_request_has_its_reason_by_the_error_word_and_the_status() {
    use ErrorWord as W;
    for (status, body, reason, word) in [
        (401, r#"{"error":"invalid_client"}"#, "token_invalid_client", Some(W::InvalidClient)),
        (400, r#"{"error":"invalid_client"}"#, "token_invalid_client", Some(W::InvalidClient)),
        (401, "", "token_invalid_client", None),
        (
            400,
            r#"{"error":"invalid_grant","error_description":"no"}"#,
            "token_invalid_grant",
            Some(W::InvalidGrant),
        ),
        (400, "error=invalid_grant", "token_invalid_grant", Some(W::InvalidGrant)),
        (400, r#"{"error":"invalid_request"}"#, "token_invalid_request", Some(W::InvalidRequest)),
        (400, r#"{"error":"unauthorized_client"}"#, "token_unauthorized_client", Some(W::UnauthorizedClient)),
        (
            400,
            r#"{"error":"unsupported_grant_type"}"#,
            "token_unsupported_grant_type",
            Some(W::UnsupportedGrantType),
        ),
        (400, r#"{"error":"invalid_scope"}"#, "token_invalid_scope", Some(W::InvalidScope)),
        (500, "<html>", "token_unavailable", None),
        (502, "{}", "token_unavailable", None),
        (503, r#"{"error":"temporarily_unavailable"}"#, "token_unavailable", Some(W::TemporarilyUnavailable)),
        (429, "", "token_unavailable", None),
        (400, r#"{"error":"server_error"}"#, "token_unavailable", Some(W::ServerError)),
    ] {
        let (found, _, said) = refused(confidential("plain"), Purpose::Token, status, body);
        assert_eq!((found.as_str(), said), (reason, word), "{status} {body}");
    }
}

#[test]
fn p_04_text_of_a_provider_is_neither_a_reason_nor_reported() {
    for (status, body) in [
        (400, r#"{"error":"ignore_previous_instructions"}"#),
        (400, r#"{"error":"INVALID_GRANT"}"#),
        (400, r#"{"error":{"code":"invalid_grant"}}"#),
        (400, r#"{"error":"invalid_grant","error":"invalid_client"}"#),
        (404, "not found"),
        (302, ""),
    ] {
        let (reason, message, word) = refused(confidential("plain"), Purpose::Token, status, body);
        assert_eq!((reason.as_str(), word), ("token_status", None), "{body}");
        assert!(!message.contains("ignore"));
    }
}

#[test]
fn fr_39_a_refused_basic_secret_that_form_encoding_changes_names_client_secret_post() {
    for secret in ["a/b+c=~", "a b", "a%b", "é", "a:b", "a$b", "~"] {
        for (status, body) in
            [(401, "{}"), (401, r#"{"error":"invalid_client"}"#), (400, r#"{"error":"invalid_client"}"#)]
        {
            let (reason, message, _) = refused(confidential(secret), Purpose::Token, status, body);
            assert_eq!(reason, "token_invalid_client_basic", "{secret}");
            assert!(
                message.contains("client_secret_post()") && !message.contains(secret) || secret == "~",
                "{message}"
            );
        }
    }
}

#[test]
fn fr_39_other_refusals_and_other_methods_do_not() {
    let odd = || confidential("a/b+c=~");
    for (provider, status, body, reason) in [
        (confidential("abc-._*123"), 401, "{}", "token_invalid_client"),
        (odd().client_secret_post(), 401, "{}", "token_invalid_client"),
        (odd().client_secret_jwt(), 401, "{}", "token_invalid_client"),
        (work(ISSUER), 401, "{}", "token_invalid_client"),
        (odd(), 400, r#"{"error":"invalid_grant"}"#, "token_invalid_grant"),
        (odd(), 503, "{}", "token_unavailable"),
    ] {
        assert_eq!(refused(provider, Purpose::Token, status, body).0, reason);
    }
}

#[test]
fn fr_31_an_access_token_that_userinfo_refuses_ends_the_sign_in_and_the_reason_names_the_option() {
    let body = r#"{"error":{"code":"InvalidAuthenticationToken"}}"#;
    let (reason, message, word) = refused(work(ISSUER), Purpose::UserInfo, 401, body);
    assert_eq!((reason.as_str(), word), ("userinfo_unauthorized", None));
    assert!(message.contains("claims_source: idtoken"), "{message}");
    let (_, _, word) = refused(work(ISSUER), Purpose::UserInfo, 401, r#"{"error":"invalid_token"}"#);
    assert_eq!(word, Some(ErrorWord::InvalidToken));
    for status in [403, 404, 500, 302] {
        assert_eq!(refused(work(ISSUER), Purpose::UserInfo, status, "{}").0, "userinfo_status");
    }
    let site = Site::new(work(ISSUER).claims_source(ClaimsSource::IdToken));
    let mut site = site.answering(Purpose::UserInfo, answered(401, body));
    assert_eq!(site.sign_in().location.as_deref(), Some("/"));
    assert_eq!(site.count(Purpose::UserInfo), 0);
    let plain = Provider::oauth("work", "client")
        .authorization_endpoint("https://id.test/authorize")
        .token_endpoint("https://id.test/token")
        .userinfo_endpoint("https://id.test/userinfo");
    assert_eq!(refused(plain, Purpose::UserInfo, 401, body).0, "userinfo_status", "it has no ID token");
}

#[test]
fn p_04_a_refused_request_for_keys_is_reported_as_others_are() {
    let mut site = Site::new(work(ISSUER).claims_source(ClaimsSource::IdToken))
        .answering(Purpose::Jwks, answered(403, r#"{"error":"access_denied"}"#));
    assert_eq!(site.sign_in().reason(), "jwks_status");
    let (provider, word) = ("work".to_owned(), Some(ErrorWord::AccessDenied));
    let refusal = Event::ProviderRefused { provider, endpoint: Purpose::Jwks, status: 403, word };
    assert_eq!(site.events.iter().filter(|event| **event == refusal).count(), 1);
}
