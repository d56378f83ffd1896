//! Authentic tokens that are refused, because a token has exactly one encoding and one meaning.

use super::{
    JWE, JWS, NOW, auth, builder, claims, derive, encode, encrypt, mint, session, sign, signed_by_secret,
};
use aura_proto::{Builder, Entropy, Secret, SessionError, SessionTokenFormat, TokenError};
use aura_tests::SECRET;
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn ck_15_a_secret_rotated_three_times_keeps_every_session() {
    let secrets: Vec<String> = (0..4).map(|number| format!("{number}{}", &SECRET[1..])).collect();
    for mode in 0..3 {
        for kept in 0..4 {
            let (tokens, _) = mint(&secrets[3])[mode].clone();
            let earlier = secrets[..3].iter().rev().take(kept).map(|secret| Secret::new(secret).unwrap());
            let configured = earlier.fold(builder(&secrets[3]), Builder::previous_secret);
            let auth = configured.session_token_format(tokens()).build().unwrap();
            let opened = |secret: &&String| session(&auth, &mint(secret)[mode].1).is_ok();
            let listed: Vec<_> = secrets.iter().rev().map(|secret| opened(&secret)).collect();
            let expected: Vec<_> = (0..4).map(|age| age <= kept).collect();
            assert_eq!(listed, expected, "mode {mode}, {kept} kept");
        }
    }
}

/// Every reader of a token that is there, by the name of what it reads.
fn read(kind: &str, token: &str) -> bool {
    let auth = signed_by_secret();
    let jose = auth.jose();
    match kind {
        "verify" => jose.verify::<Value>(token, NOW).is_ok(),
        "decrypt" => jose.decrypt::<Value>(token, NOW).is_ok(),
        "decode" => jose.decode::<Value>(token, NOW).is_ok(),
        "sealed" => session(&super::auth(SessionTokenFormat::sealed()), token).is_ok(),
        "signed" => session(&auth, token).is_ok(),
        _ => session(&super::auth(SessionTokenFormat::encrypted()), token).is_ok(),
    }
}

/// One good token of each kind.
fn good() -> [(&'static str, String); 6] {
    let auth = auth(SessionTokenFormat::sealed());
    let (jose, claims) = (auth.jose(), json!({ "sub": "ada" }));
    let entropy = || Entropy::from_os_bytes([7; 32]);
    let [(_, sealed), (_, signed), (_, encrypted)] = mint(SECRET);
    [
        ("verify", jose.sign(&claims, NOW, entropy()).unwrap()),
        ("decrypt", jose.encrypt(&claims, NOW, entropy()).unwrap()),
        ("decode", jose.encode(&claims, NOW, entropy()).unwrap()),
        ("sealed", sealed),
        ("signed", signed),
        ("encrypted", encrypted),
    ]
}

#[test]
fn jo_11_12_13_14_a_token_has_one_spelling() {
    for (kind, token) in good() {
        assert!(read(kind, &token), "{kind}");
        let parts: Vec<&str> = token.split('.').collect();
        let mut spelled = vec![
            format!("{token}."),
            format!(".{token}"),
            format!("{token}.AAAA"),
            token.replace('.', ".."),
            parts[..parts.len() - 1].join("."),
            parts[..2].join("."),
            parts[0].to_owned(),
            String::new(),
            ".".repeat(parts.len() - 1),
            format!("{token}.{token}"),
            format!("\"{token}\""),
            format!("Bearer {token}"),
            format!(r#"{{"payload":"{}","protected":"{}","signature":"{}"}}"#, parts[1], parts[0], parts[2]),
        ];
        for at in 0..parts.len() {
            let altered = |part: String| {
                let mut parts = parts.clone();
                parts[at] = &part;
                parts.join(".")
            };
            for odd in ["=", "==", " ", "\n", "\r\n", "\t", "\0", "+", "/", "\u{212a}", "?", "A"] {
                spelled.push(altered(format!("{}{odd}", parts[at])));
                spelled.push(altered(format!("{odd}{}", parts[at])));
            }
        }
        for spelling in spelled {
            // What no header can carry, no cookie can; the application's tokens come from anywhere.
            let sendable = spelling.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            let trimmed = ["sealed", "signed", "encrypted"].contains(&kind) && spelling.trim() == token;
            let unquoted = spelling.trim_matches('"') == token;
            if sendable && !trimmed && !unquoted || ["verify", "decrypt", "decode"].contains(&kind) {
                assert!(!read(kind, &spelling), "{kind}: {spelling:?}");
            }
        }
    }
}

#[test]
fn jo_15_unused_bits_are_zero() {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (kind, token) in good() {
        let parts: Vec<&str> = token.split('.').collect();
        let mut tried = 0;
        for at in 0..parts.len() {
            let Some(&last) = parts[at].as_bytes().last() else { continue };
            if parts[at].len().is_multiple_of(4) {
                continue;
            }
            let value = alphabet.iter().position(|letter| *letter == last).unwrap();
            let sibling = char::from(alphabet[value + 1]);
            let part = format!("{}{sibling}", &parts[at][..parts[at].len() - 1]);
            let mut parts = parts.clone();
            parts[at] = &part;
            assert!(!read(kind, &parts.join(".")), "{kind} {at}");
            tried += 1;
        }
        assert!(tried > 0, "{kind}");
    }
}

#[test]
fn jo_06_19_20_every_altered_byte_and_length_is_refused() {
    for (kind, token) in good() {
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(!read(kind, &String::from_utf8(altered).unwrap()), "{kind} {at}");
            assert!(!read(kind, &token[..at]), "{kind} {at}");
        }
        assert!(!read(kind, &format!("{token}{}", "A".repeat(30_000))), "{kind}");
    }
}

/// Puts a payload into a token of each kind, as the holder of the keys would.
fn protect(payload: &str) -> [(&'static str, String); 6] {
    let [signing, encryption, app_signing, app_encryption] =
        ["aura:signing", "aura:encryption", "aura:app-signing", "aura:app-encryption"]
            .map(|label| derive(SECRET, label));
    [
        ("verify", sign(&app_signing, JWS, payload)),
        ("decrypt", encrypt(&app_encryption, JWE, payload)),
        ("decode", encrypt(&app_encryption, JWE, &sign(&app_signing, JWS, payload))),
        ("sealed", encrypt(&encryption, JWE, &sign(&signing, JWS, payload))),
        ("signed", sign(&signing, JWS, payload)),
        ("encrypted", encrypt(&encryption, JWE, payload)),
    ]
}

#[test]
fn jo_16_17_18_26_authentic_tokens_with_odd_claims_are_refused() {
    let good = claims();
    let member = |member: &str| good.replacen('{', &format!("{{{member},"), 1);
    let times =
        |exp: &str, nbf: &str| format!(r#"{{"sub":"ada","iat":1,"nbf":{nbf},"exp":{exp},"jti":"j"}}"#);
    for (kind, token) in protect(&good) {
        assert!(read(kind, &token), "{kind}");
    }
    for payload in [
        member(r#""sub":"eve""#),
        member(r#""exp":9999999999"#),
        times("1", "1"),
        times("1795500000", "1"),
        times("1795500060", "1795500006"),
        times("\"1795500060\"", "1"),
        times("1795500060.5", "-0.5"),
        times("1795499999.9", "1"),
        times("1e400", "1"),
        times("-1", "1"),
        times("null", "1"),
        times("[1795500060]", "1"),
        times("1795500060", "\"1\""),
        times("1795500060", "null"),
        r#"{"sub":"ada","iat":1,"nbf":1,"jti":"j"}"#.to_owned(),
        format!("[{good}]"),
        format!("{good}{good}"),
        format!("{good}x"),
        format!("/**/{good}"),
        format!("\u{feff}{good}"),
        good[..good.len() - 1].to_owned(),
        r#""ada""#.to_owned(),
        "null".to_owned(),
        "1".to_owned(),
        String::new(),
        good.replace("ada\"", &format!("ada\",\"deep\":{}1{}", "[".repeat(3000), "]".repeat(3000))),
    ] {
        for (kind, token) in protect(&payload) {
            assert!(!read(kind, &token), "{kind}: {payload}");
        }
    }
}

#[test]
fn jo_26_what_is_sealed_is_signed_too_and_by_the_right_key() {
    let [signing, encryption, other] =
        ["aura:signing", "aura:encryption", "aura:app-signing"].map(|label| derive(SECRET, label));
    let unsecured = format!("{}.{}.", encode(r#"{"alg":"none","typ":"JWT"}"#), encode(claims()));
    let sealed =
        |inner: &str| session(&auth(SessionTokenFormat::sealed()), &encrypt(&encryption, JWE, inner));
    assert_eq!(sealed(&sign(&signing, JWS, &claims())).as_deref(), Ok("ada"));
    for inner in [
        sign(&other, JWS, &claims()),
        sign(&encryption, JWS, &claims()),
        unsecured,
        claims(),
        encrypt(&encryption, JWE, &sign(&signing, JWS, &claims())),
    ] {
        assert_eq!(sealed(&inner), Err(SessionError::Invalid), "{inner}");
    }
}

#[test]
fn jo_33_no_two_tokens_share_an_iv() {
    let auth = auth(SessionTokenFormat::sealed());
    let iv = |seed: u8| {
        let token = auth.jose().encrypt(&json!({ "a": 1 }), NOW, Entropy::from_os_bytes([seed; 32])).unwrap();
        token.split('.').nth(2).unwrap().to_owned()
    };
    let ivs: std::collections::BTreeSet<_> = (0..=255).map(iv).collect();
    assert_eq!(ivs.len(), 256);
}

#[test]
fn application_tokens_are_for_their_issuer_audience_and_time() {
    let auth = auth(SessionTokenFormat::sealed());
    let entropy = || Entropy::from_os_bytes([7; 32]);
    let own = auth.jose().issuer("a").audience("b");
    let token = own.sign(&json!({ "x": 1 }), NOW, entropy()).unwrap();
    let claims: Value = own.verify(&token, NOW).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"], &claims["x"]), (&json!("a"), &json!("b"), &json!(1)));
    let refused = |jose: aura_proto::Jose<'_>, now| jose.verify::<Value>(&token, now).unwrap_err();
    assert_eq!(refused(auth.jose().issuer("A").audience("b"), NOW), TokenError::Issuer);
    assert_eq!(refused(auth.jose().issuer("a").audience("c"), NOW), TokenError::Audience);
    assert_eq!(refused(auth.jose().issuer("a"), NOW), TokenError::Audience);
    let end = NOW.saturating_add(std::time::Duration::from_secs(15 * 24 * 3600));
    assert_eq!(refused(own.clone(), end), TokenError::Expired);
    assert_eq!(
        refused(own.clone(), aura_proto::UnixTime::from_secs(NOW.as_secs() - 1)),
        TokenError::NotYetValid
    );
    assert_eq!(own.verify::<Vec<u8>>(&token, NOW), Err(TokenError::Claims));
    let listed = auth.jose().sign(&json!({ "aud": ["c", "b"] }), NOW, entropy()).unwrap();
    assert!(auth.jose().audience("b").verify::<Value>(&listed, NOW).is_ok());
    assert_eq!(auth.jose().audience("d").verify::<Value>(&listed, NOW), Err(TokenError::Audience));
    for claims in
        [json!([1]), json!("a"), json!(null), json!({}), json!({ "exp": "2h" }), json!({ "iat": 1.5 })]
    {
        assert_eq!(own.sign(&claims, NOW, entropy()), Err(TokenError::Claims), "{claims}");
    }
    let large = json!({ "x": "x".repeat(20_000) });
    assert_eq!(own.sign(&large, NOW, entropy()), Err(TokenError::TooLarge));
    assert_eq!(own.encode(&large, NOW, entropy()), Err(TokenError::TooLarge));
}

proptest! {
    #[test]
    fn jo_32_random_texts_are_no_tokens(
        text in any::<String>(),
        parts in proptest::collection::vec("[A-Za-z0-9_-]{0,40}", 0..7),
    ) {
        let jose = auth(SessionTokenFormat::sealed());
        for token in [text, parts.join(".")] {
            prop_assert!(jose.jose().verify::<Value>(&token, NOW).is_err());
            prop_assert!(jose.jose().decrypt::<Value>(&token, NOW).is_err());
            prop_assert!(jose.jose().decode::<Value>(&token, NOW).is_err());
        }
    }

    #[test]
    fn what_is_written_reads_back_in_every_kind(
        name: String,
        number: u64,
        ratio in proptest::num::f64::NORMAL,
        now in 0_u64..200_000_000_000,
    ) {
        let auth = auth(SessionTokenFormat::sealed());
        let (jose, now) = (auth.jose(), aura_proto::UnixTime::from_secs(now));
        let claims = json!({ "name": name, "number": number, "ratio": ratio });
        let entropy = || Entropy::from_os_bytes([7; 32]);
        let signed = jose.verify::<Value>(&jose.sign(&claims, now, entropy()).unwrap(), now);
        let encrypted = jose.decrypt::<Value>(&jose.encrypt(&claims, now, entropy()).unwrap(), now);
        let sealed = jose.decode::<Value>(&jose.encode(&claims, now, entropy()).unwrap(), now);
        for read in [signed, encrypted, sealed] {
            let read = read.unwrap();
            for name in ["name", "number", "ratio"] {
                prop_assert_eq!(&read[name], &claims[name]);
            }
        }
    }
}

#[test]
fn an_application_token_is_good_to_its_last_moment() {
    let auth = auth(SessionTokenFormat::default());
    let last = NOW.as_secs() + 50;
    let claims = serde_json::json!({ "sub": "1", "exp": last + 50, "mexp": last });
    let token = auth.jose().sign(&claims, NOW, Entropy::from_os_bytes([9; 32])).unwrap();
    let verify =
        |now| auth.jose().verify::<serde_json::Value>(&token, aura_proto::UnixTime::from_secs(now)).map(drop);
    assert_eq!((verify(last), verify(last + 1)), (Ok(()), Err(TokenError::Expired)));
}
