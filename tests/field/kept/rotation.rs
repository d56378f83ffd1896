//! Tokens that are bound to a key, over a rotation of the secret.

use aura_proto::provider::{Provider, TokenRetention};
use aura_proto::{Auth, ClientSecret, Salt, Secret};
use aura_test_idp::{Behaviour, DpopNonce};
use aura_tests::{Answer, OpenId, Pair, SALT, SECRET};
use http::Method;

fn bound(provider: Provider) -> Provider {
    provider.dpop().tokens(TokenRetention::Kept).scope("openid profile email offline_access")
}

/// Makes the site under another secret, with the first one listed or not.
fn rotated(pair: &mut Pair, previous: &[&str]) -> Auth {
    let issuer = pair.app.provider("dev").idp.issuer().to_owned();
    let provider = Provider::openid("dev", issuer, "dev-client");
    let provider = provider.client_secret(ClientSecret::new("dev-client-secret"));
    let secret = |text: &str| Secret::new(text).unwrap();
    let builder = Auth::builder(secret(&format!("9{}", &SECRET[1..])), Salt::new(SALT).unwrap());
    let builder = previous.iter().fold(builder, |builder, text| builder.previous_secret(secret(text)));
    builder.base_url("https://app.test").provider(bound(provider)).build().unwrap()
}

fn refresh_user(pair: &mut Pair) -> Answer {
    let token = pair.csrf_token();
    pair.fetch(Method::POST, "/auth/providers/dev/user/refresh", &[("x-csrf-token", &token)], "")
}

#[test]
fn au_04_tokens_that_are_bound_to_an_earlier_key_serve_while_its_secret_is_listed() {
    let behaviour = Behaviour::default().dpop_nonce(DpopNonce::NotRequired);
    let mut pair = OpenId::new().behaviour(behaviour).provider(bound).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    assert_eq!(refresh_user(&mut pair).status, 200);

    pair.app.auth = rotated(&mut pair, &[SECRET]);
    // The visit moves session and tokens to the new secret; the access token stays bound to the earlier key.
    assert_eq!(pair.session().status, 200);
    for _ in 0..2 {
        let answer = refresh_user(&mut pair);
        assert_eq!(answer.status, 200, "{}", answer.json);
    }
    // A refresh binds the next access token to the new key, so that the earlier secret can go.
    pair.browser.advance(3590);
    assert_eq!(refresh_user(&mut pair).status, 200);
    pair.app.auth = rotated(&mut pair, &[]);
    assert_eq!(refresh_user(&mut pair).status, 200);
}

#[test]
fn au_04_where_the_earlier_secret_is_gone_the_user_signs_in_again() {
    let mut pair = OpenId::new().provider(bound).pair();
    assert_eq!(pair.sign_in("dev", "ada").status, 200);
    pair.app.auth = rotated(&mut pair, &[SECRET]);
    assert_eq!(pair.session().status, 200);
    pair.app.auth = rotated(&mut pair, &[]);
    let answer = refresh_user(&mut pair);
    assert_eq!((answer.status.as_u16(), answer.json["reason"].as_str()), (401, Some("refresh_refused")));
}
