//! Properties of every answer of a server, and of every request to one.

use super::tests::{client, csrf_token, json_answer};
use super::{Cookies, PageSession, SessionChanges};
use crate::oauth::token::TokenType;
use crate::provider_tokens::{self, ProviderTokens};
use crate::query::Parameters;
use crate::route::{ProviderRoute, Route};
use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::session::{Session, SessionPolicy, User};
use aura_types::UnixTime;
use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Reads a response as the answer to every call, and says how many take it.
fn read_as_everything(response: &Response<Bytes>) -> usize {
    let (client, token) = (client(), csrf_token());
    let provider = client.provider("dev").unwrap();
    [
        client.get_session().read(response.clone()).outcome.is_ok(),
        client.csrf_token().read(response.clone()).outcome.is_ok(),
        client.sign_out(&token).read(response.clone()).outcome.is_ok(),
        client.update_session(&token, &SessionChanges::default()).read(response.clone()).outcome.is_ok(),
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

    #[test]
    fn our_own_session_reads_the_same(
        sub in "\\PC{1,20}", name in proptest::option::of("\\PC{0,20}"), email in proptest::option::of("\\PC{0,20}"),
        role in "\\PC{0,20}", now in 0_u64..4_000_000_000,
    ) {
        let policy = SessionPolicy::default().public_claims(["role"]);
        let mut user = User::new(sub);
        (user.name, user.email) = (name, email);
        let mut session = Session::begin(user.clone(), "dev".to_owned(), UnixTime::from_secs(now), &policy);
        session.claims.insert("role".to_owned(), role.into());
        let expected = PageSession { user, claims: session.claims.clone(), expires_at: session.expires_at };
        let body = json!({ "success": true, "session": session.to_json(&policy) }).to_string();
        prop_assert_eq!(client().get_session().read(json_answer(200, &body)).outcome, Ok(Some(expected.clone())));
        let body = session.to_json(&policy).to_string();
        prop_assert_eq!(client().get_session().read(json_answer(200, &body)).outcome, Ok(Some(expected)));
    }

    #[test]
    fn our_own_tokens_read_the_same(
        texts in proptest::array::uniform3("\\PC{1,20}"), ends in proptest::option::of(1..u64::MAX),
        scopes in proptest::collection::vec("[!-~]{1,9}", 0..4), issued_at in any::<u64>(), full in any::<bool>(),
    ) {
        let [access_token, refresh_token, id_token] = texts;
        let mut tokens = ProviderTokens::new(AccessToken::new(access_token), UnixTime::from_secs(issued_at));
        tokens.expires_at = ends.map(UnixTime::from_secs);
        tokens.refresh_token = full.then(|| RefreshToken::new(refresh_token));
        tokens.refresh_token_expires_at = ends.filter(|_| full).map(UnixTime::from_secs);
        tokens.id_token = full.then(|| IdToken::new(id_token));
        tokens.scopes = scopes;
        let shown = provider_tokens::to_json(&tokens, TokenType::Bearer);
        let body = json!({ "success": true, "tokens": shown }).to_string();
        let read = client().provider("dev").unwrap().tokens().read(json_answer(200, &body)).outcome;
        prop_assert_eq!(read, Ok(tokens));
    }

    #[test]
    fn every_request_has_a_uri_whatever_it_is_about(id in "\\PC{1,60}", target in "\\PC{0,200}") {
        let client = client();
        let Ok(provider) = client.provider(&id) else { return Ok(()) };
        let request = provider.sign_in().redirect_to(&target).unwrap().request(&Cookies::default());
        let prefix = "/auth/signIn/";
        prop_assert!(request.uri().path().starts_with(prefix), "{}", request.uri());
        let route = Route::of("/auth", request.uri().path());
        prop_assert_eq!(route, Some(Route::Provider(ProviderRoute::SignIn, id)));
        let query = request.uri().query().unwrap();
        let read = Parameters::parse(query.as_bytes());
        prop_assert_eq!((read.last("redirectTo"), read.last("redirect")), (Some(target.as_str()), Some("false")));
    }
}
