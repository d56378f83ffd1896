//! What proves the site to a provider: dates of proofs, nonces of servers, and keys that nobody may read in a log.

use super::clients::assertion;
use super::site::{ISSUER, Site, builder, document, logged, work};
use aura_proto::provider::Provider;
use aura_proto::{ClientSecret, Error, Event, FetchError, Purpose};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::error::Error as _;

/// The claims of the DPoP proof of each request for a purpose.
fn proofs(site: &Site, purpose: Purpose) -> Vec<Value> {
    let asked = site.asked.iter().filter(|(asked, _)| *asked == purpose);
    let claims = |request: &http::Request<bytes::Bytes>| {
        let proof = request.headers()["dpop"].to_str().unwrap().split('.').nth(1).unwrap().to_owned();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(proof).unwrap()).unwrap()
    };
    asked.map(|(_, request)| claims(request)).collect()
}

/// A provider that binds tokens, whose token endpoint and userinfo each want a nonce of their own.
fn with_nonces(userinfo: &str) -> Site {
    let mut document = document(ISSUER);
    document["userinfo_endpoint"] = userinfo.into();
    let mut site = Site::new(work(ISSUER).dpop()).publishing(document);
    site.nonces = vec![(Purpose::Token, "of-the-token-endpoint"), (Purpose::UserInfo, "of-userinfo")];
    site
}

#[test]
fn p_03_proofs_and_assertions_are_dated_five_seconds_back() {
    let mut site =
        Site::new(work(ISSUER).client_secret(ClientSecret::new("secret")).client_secret_jwt().dpop());
    site.bound = true;
    assert_eq!(site.sign_in().status, 302);
    let now = site.now();
    let claims = assertion(&site, Purpose::Token);
    assert_eq!(claims["iat"], now - 5);
    assert_eq!(claims["exp"], now + 120, "its end stays");
    for purpose in [Purpose::Token, Purpose::UserInfo] {
        assert_eq!(proofs(&site, purpose)[0]["iat"], now - 5);
    }
}

#[test]
fn p_03_each_proof_is_another_all_the_same() {
    let mut site = with_nonces("https://api.test/userinfo");
    site.sign_in();
    let all = [proofs(&site, Purpose::Token), proofs(&site, Purpose::UserInfo)].concat();
    let ids: std::collections::BTreeSet<_> = all.iter().map(|proof| proof["jti"].to_string()).collect();
    assert_eq!((all.len(), ids.len()), (4, 4));
}

#[test]
fn au_12_each_server_may_want_its_own_nonce_once() {
    for userinfo in ["https://api.test/userinfo", "https://id.test/userinfo"] {
        let mut site = with_nonces(userinfo);
        let end = site.sign_in();
        assert_eq!((end.status, end.location.as_deref()), (302, Some("/")), "{end:?}");
        let nonces =
            |purpose| proofs(&site, purpose).iter().map(|proof| proof["nonce"].clone()).collect::<Vec<_>>();
        assert_eq!(nonces(Purpose::Token), [Value::Null, "of-the-token-endpoint".into()]);
        // A nonce goes to the server that gave it, and to no other.
        let first = if userinfo.contains("api") { Value::Null } else { "of-the-token-endpoint".into() };
        assert_eq!(nonces(Purpose::UserInfo), [first, "of-userinfo".into()]);
        assert!(site.asked.len() <= 8);
    }
}

#[test]
fn au_12_a_server_that_wants_a_nonce_for_ever_is_asked_twice() {
    for (purpose, reason) in [(Purpose::Token, "token_status"), (Purpose::UserInfo, "userinfo_unauthorized")]
    {
        let mut site = with_nonces("https://api.test/userinfo");
        site.insatiable = Some(purpose);
        assert_eq!(site.sign_in().reason(), reason);
        assert_eq!(site.count(purpose), 2);
    }
}

#[test]
fn i_04_whoever_cannot_be_reached_is_one_reason_and_the_event_has_the_difference() {
    for (purpose, reason, status) in [
        (Purpose::Discovery, "discovery_unreachable", 504),
        (Purpose::Token, "token_unreachable", 502),
        (Purpose::Jwks, "jwks_unreachable", 502),
        (Purpose::UserInfo, "userinfo_unreachable", 502),
    ] {
        let ends: Vec<_> = [FetchError::TimedOut, FetchError::Unreachable, FetchError::Untrusted]
            .into_iter()
            .map(|cause| {
                let mut site = Site::new(work(ISSUER)).answering(purpose, Err(cause));
                let end = site.sign_in();
                let Some(Event::SignInFailed { error: Error::Provider(error), .. }) = site.events.last()
                else {
                    panic!("{:?}", site.events)
                };
                let kept = error.source().and_then(|source| source.downcast_ref());
                assert_eq!(kept, Some(&cause));
                (end.status, end.json)
            })
            .collect();
        assert_eq!((ends[0].0, ends[0].1["reason"].as_str()), (status, Some(reason)));
        assert!(ends.iter().all(|end| *end == ends[0]), "the browser reads no difference: {ends:?}");
    }
    for (cause, text) in [
        (FetchError::TimedOut, "no answer within the time allowed"),
        (FetchError::Unreachable, "no connection"),
        (FetchError::Untrusted, "the certificate is not trusted"),
    ] {
        let log = logged(work(ISSUER), Err(cause));
        assert!(log.contains("discovery_unreachable") && log.contains(text), "{log}");
    }
}

#[test]
fn i_05_a_header_of_userinfo_is_sent_and_not_shown() {
    let own = Provider::oauth("work", "client")
        .authorization_endpoint("https://id.test/authorize")
        .token_endpoint("https://id.test/token")
        .userinfo_endpoint("https://id.test/userinfo")
        .userinfo_header("X-Api-Key", "s3cret-{client_id}");
    assert!(!format!("{own:?}").contains("s3cret"));
    let auth = builder().provider(own).build().unwrap();
    assert!(!format!("{auth:?}").contains("s3cret"));
    let mut site = Site::of(auth);
    assert_eq!(site.sign_in().status, 302);
    let (_, request) = site.asked.last().unwrap();
    assert_eq!(request.headers()["x-api-key"], "s3cret-client");
    assert!(!format!("{request:?}").contains("s3cret"));
}
