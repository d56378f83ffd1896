//! Properties of every answer of a server.

use crate::SessionChanges;
use crate::tests::{client, csrf_token};
use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use proptest::prelude::*;
use serde_json::Value;

/// Reads a response as the answer to every call, and says how many take it.
fn read_as_everything(response: &Response<Bytes>) -> usize {
    let (client, token) = (client(), csrf_token());
    let provider = client.provider("dev").unwrap();
    [
        client.get_session().read(response.clone()).outcome.is_ok(),
        client.csrf_token().read(response.clone()).outcome.is_ok(),
        client.sign_out(&token).read(response.clone()).outcome.is_ok(),
        client.update_session(&token, &SessionChanges::default()).read(response.clone()).outcome.is_ok(),
        client.sessions().read(response.clone()).outcome.is_ok(),
        client.end_session("k3", &token).unwrap().read(response.clone()).outcome.is_ok(),
        client.end_other_sessions(&token).read(response.clone()).outcome.is_ok(),
        client.end_all_sessions(&token).read(response.clone()).outcome.is_ok(),
        provider.sign_in().read(response.clone()).outcome.is_ok(),
        provider.is_connected().read(response.clone()).outcome.is_ok(),
        provider.disconnect(&token).read(response.clone()).outcome.is_ok(),
        provider.tokens().read(response.clone()).outcome.is_ok(),
        provider.revoke_tokens(&token).read(response.clone()).outcome.is_ok(),
        provider.refresh_user(&token).read(response.clone()).outcome.is_ok(),
    ]
    .into_iter()
    .filter(|is_ok| *is_ok)
    .count()
}

/// JSON with the members that the readers look at, right and wrong.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        "(/|//|https://a\\.test/|javascript:|2026-10-06T14:13:20Z|Bearer|\\PC){0,3}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("success"),
        Just("authenticated"),
        Just("session"),
        Just("user"),
        Just("sub"),
        Just("name"),
        Just("expires"),
        Just("csrfToken"),
        Just("signInURL"),
        Just("redirectURL"),
        Just("connected"),
        Just("id"),
        Just("current"),
        Just("provider"),
        Just("device"),
        Just("createdAt"),
        Just("lastSeenAt"),
        Just("tokens"),
        Just("accessToken"),
        Just("tokenType"),
        Just("scopes"),
        Just("issuedAt"),
        Just("error"),
        Just("message"),
        Just("details"),
        Just("code"),
    ];
    leaf.prop_recursive(4, 64, 12, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..12)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_server_answers_is_read_or_refused(
        status in 100_u16..1000,
        content_type in prop_oneof![Just("application/json".to_owned()), Just("a/b+json".to_owned()), "[ -~]{0,20}"],
        location in proptest::option::of("[ -~]{0,20}"),
        body in prop_oneof![
            any_json().prop_map(|value| value.to_string().into_bytes()),
            proptest::collection::vec(any::<u8>(), 0..200),
        ],
    ) {
        let mut response = Response::builder().status(status).header(CONTENT_TYPE, content_type);
        if let Some(location) = location {
            response = response.header(LOCATION, location).header(RETRY_AFTER, "9").header(SET_COOKIE, "a=b");
        }
        let taken = read_as_everything(&response.body(Bytes::from(body)).unwrap());
        prop_assert!(taken == 0 || (200..300).contains(&status) || matches!(status, 302 | 401));
    }
}
