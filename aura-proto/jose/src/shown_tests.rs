//! What `Debug` shows of keys and tokens: their names, so that a log tells what was there.

use super::base64url::Codec;
use super::{CompactJws, ContentKey, Jwk, MacAlgorithm, MacKey, SigningAlgorithm, SigningKey, UnverifiedJws};

#[test]
fn a_key_and_an_unread_token_are_shown_by_their_names() {
    let signing = SigningKey::from_seed(&[7; 32]).unwrap();
    let token = signing.sign_jwt(b"{}").unwrap();
    let unverified = UnverifiedJws::parse(&token, &["jwt"], &[SigningAlgorithm::EdDsa]).unwrap();
    for (shown, expected) in [
        (format!("{:?}", Codec::default()), "Codec(..)"),
        (format!("{:?}", MacKey::new(MacAlgorithm::Hs256, &[7; 32])), "MacKey { kid: None, .. }"),
        (format!("{:?}", ContentKey::new(&[7; 32]).unwrap()), "ContentKey { kid: None, .. }"),
        (format!("{signing:?}"), "SigningKey { kid: None, .. }"),
        (format!("{:?}", CompactJws::split(&token).unwrap()), "CompactJws(..)"),
        (format!("{unverified:?}"), "UnverifiedJws { algorithm: EdDsa, .. }"),
        (format!("{:?}", Jwk::parse(r#"{"kty":"oct"}"#).unwrap()), "Jwk(..)"),
    ] {
        assert_eq!(shown, expected);
    }
}
