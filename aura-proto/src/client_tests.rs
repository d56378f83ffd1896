//! Properties of what the client reads of our own answers, and of what we read of its requests.

use crate::oauth::token::TokenType;
use crate::provider_tokens::{self, ProviderTokens};
use crate::query::Parameters;
use crate::route::{ProviderRoute, Route};
use crate::secret::{AccessToken, IdToken, RefreshToken};
use crate::session::{Session, SessionPolicy, User};
use aura_client::{Client, Cookies};
use aura_types::UnixTime;
use bytes::Bytes;
use http::Response;
use http::header::CONTENT_TYPE;
use proptest::prelude::*;
use serde_json::{Map, json};

fn client() -> Client {
    Client::new("https://app.test/auth").unwrap()
}

fn json_answer(body: &str) -> Response<Bytes> {
    let response = Response::builder().header(CONTENT_TYPE, "application/json; charset=utf-8");
    response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

proptest! {
    #[test]
    fn our_own_session_reads_the_same(
        sub in "\\PC{1,20}", name in proptest::option::of("\\PC{0,20}"), email in proptest::option::of("\\PC{0,20}"),
        role in "\\PC{0,20}", now in 0_u64..4_000_000_000,
    ) {
        let policy = SessionPolicy::default().public_claims(["role"]);
        let user = User::from_claims(&sub, name.as_deref(), None, email.as_deref());
        let session = Session::begin(user.clone(), "dev".to_owned(), UnixTime::from_secs(now), &policy)
            .with_own_claims(Map::from_iter([("role".to_owned(), role.into())]));
        let expected = (user, session.claims().into_owned(), session.expires_at());
        let read = |body: String| {
            let page = client().get_session().read(json_answer(&body)).outcome.unwrap().unwrap();
            (page.user, page.claims, page.expires_at)
        };
        let body = json!({ "success": true, "session": session.to_json(&policy) });
        prop_assert_eq!(read(body.to_string()), expected.clone());
        prop_assert_eq!(read(session.to_json(&policy).to_string()), expected);
    }

    #[test]
    fn our_own_tokens_read_the_same(
        texts in proptest::array::uniform3("\\PC{1,20}"), ends in proptest::option::of(1..u64::MAX / 1000),
        scopes in proptest::collection::vec("[!-~]{1,9}", 0..4), issued_at in 0..u64::MAX / 1000, full in any::<bool>(),
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
        let read = client().provider("dev").unwrap().tokens().read(json_answer(&body)).outcome;
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
