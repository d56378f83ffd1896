//! Pushed authorization requests that a provider announces and refuses (RFC 9126).

use super::site::{ISSUER, Site, answered, document};
use aura_proto::provider::{Provider, PushedRequests};
use aura_proto::{ErrorWord, Event, FetchError, Purpose};
use serde_json::{Value, json};

/// A provider that announces pushed requests, with one more member in its configuration.
fn announcing(name: &str, value: Value) -> Site {
    let mut document = document(ISSUER);
    document["pushed_authorization_request_endpoint"] = "https://id.test/par".into();
    document[name] = value;
    Site::new(Provider::openid("work", ISSUER, "client")).publishing(document)
}

#[test]
fn fr_32_a_refused_push_goes_on_without_it_where_it_is_not_required() {
    for (status, body, word) in [
        (401, r#"{"error":"invalid_client"}"#, Some(ErrorWord::InvalidClient)),
        (400, r#"{"error":"invalid_request"}"#, Some(ErrorWord::InvalidRequest)),
        (403, r#"{"error":"anything else"}"#, None),
        (404, "", None),
        (405, "<html>", None),
        (500, "{}", None),
    ] {
        for requires in [Value::Null, json!(false)] {
            let site = announcing("require_pushed_authorization_requests", requires);
            let mut site = site.answering(Purpose::PushedRequest, answered(status, body));
            let end = site.sign_in();
            assert_eq!((end.status, end.location.as_deref()), (302, Some("/")), "{status}");
            let (provider, endpoint) = ("work".to_owned(), Purpose::PushedRequest);
            assert_eq!(site.events[0], Event::ProviderRefused { provider, endpoint, status, word });
            assert_eq!(site.count(Purpose::PushedRequest), 1);
        }
    }
    let mut site = announcing("x", Value::Null);
    assert_eq!(site.sign_in().status, 302);
    assert!(!site.events.iter().any(|event| matches!(event, Event::ProviderRefused { .. })));
}

#[test]
fn fr_32_a_refused_push_that_is_required_and_an_answer_that_is_none_end_the_sign_in() {
    let refused = || answered(401, r#"{"error":"invalid_client"}"#);
    let site = announcing("require_pushed_authorization_requests", json!(true));
    let end = site.answering(Purpose::PushedRequest, refused()).sign_in();
    assert_eq!((end.status, end.reason()), (502, "pushed_request_status"));
    for (answer, reason) in [
        (answered(201, "{}"), "pushed_request_malformed"),
        (answered(307, "{}"), "pushed_request_status"),
        (Err(FetchError::Unreachable), "pushed_request_unreachable"),
    ] {
        let mut site = announcing("x", Value::Null).answering(Purpose::PushedRequest, answer);
        assert_eq!(site.sign_in().reason(), reason);
    }
    let end = announcing("require_pushed_authorization_requests", json!("yes")).sign_in();
    assert_eq!(end.reason(), "discovery_malformed");
}

#[test]
fn fr_32_a_site_that_requires_pushed_requests_sends_none_through_the_browser() {
    let requiring = |document: Value| {
        let provider = Provider::openid("work", ISSUER, "client").pushed_requests(PushedRequests::Required);
        Site::new(provider).publishing(document)
    };
    let mut announcing = document(ISSUER);
    announcing["pushed_authorization_request_endpoint"] = "https://id.test/par".into();
    for (status, body) in
        [(401, r#"{"error":"invalid_client"}"#), (400, r#"{"error":"invalid_request"}"#), (429, "")]
    {
        let site = requiring(announcing.clone());
        let end = site.answering(Purpose::PushedRequest, answered(status, body)).sign_in();
        assert_eq!((end.status, end.reason()), (502, "pushed_request_status"), "{status}");
    }
    let end = requiring(document(ISSUER)).sign_in();
    assert_eq!((end.status, end.reason()), (502, "discovery_malformed"), "it is not offered");
}
