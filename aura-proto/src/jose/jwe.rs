//! How is a token encrypted? As a compact JWE with `dir` and A256GCM (RFC 7516 section 7.1, RFC 7518 sections 4.5, 5.3).

use super::header::{Header, KeyIds};
use super::{MAX_TOKEN, Refused, base64url};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};

const TAG_LEN: usize = 16;

/// Claims that a header may repeat (RFC 7519 section 5.3). No reader here compares them, so none may be there.
const REPLICATED: [&str; 3] = ["iss", "sub", "aud"];

/// A key of a secret that encrypts, and the header of what it encrypts.
#[derive(Clone)]
pub(crate) struct ContentKey {
    key: LessSafeKey,
    kid: String,
    header: String,
}

impl ContentKey {
    /// The key by itself.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn raw(&self) -> &LessSafeKey {
        &self.key
    }

    pub(crate) fn new(key: LessSafeKey, kid: &str, ids: KeyIds) -> Self {
        let header = ids.header(r#""alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT""#, kid);
        Self { key, kid: kid.to_owned(), header }
    }

    /// Encrypts claims or a compact JWS. The IV must be fresh: one key never meets the same IV twice.
    pub(crate) fn seal(&self, iv: [u8; NONCE_LEN], plaintext: &[u8]) -> Result<String, Refused> {
        let mut ciphertext = plaintext.to_vec();
        let (nonce, header) = (Nonce::assume_unique_for_key(iv), self.header.as_str());
        let sealed = self.key.seal_in_place_separate_tag(nonce, Aad::from(header), &mut ciphertext);
        let tag = sealed.map_err(|_| Refused)?;
        // Four characters for three bytes, and room for dots, IV and tag.
        let room = ciphertext.len().saturating_mul(4).div_ceil(3).saturating_add(header.len());
        let mut token = String::with_capacity(room.saturating_add(64));
        token.push_str(header);
        token.push('.');
        for part in [&iv, ciphertext.as_slice(), tag.as_ref()] {
            token.push('.');
            base64url::encode_into(&mut token, part);
        }
        Ok(token)
    }

    /// Opens a compact JWE. Its header is authenticated by the decryption before anything is read from it.
    pub(crate) fn open(&self, token: &str) -> Result<Vec<u8>, Refused> {
        if token.len() > MAX_TOKEN {
            return Err(Refused);
        }
        let mut parts = token.split('.');
        let mut next = || parts.next().ok_or(Refused);
        let (header, encrypted_key, iv, ciphertext, tag) = (next()?, next()?, next()?, next()?, next()?);
        if parts.next().is_some() || !encrypted_key.is_empty() {
            return Err(Refused);
        }
        let iv: [u8; NONCE_LEN] = base64url::decode_array(iv)?;
        let tag: [u8; TAG_LEN] = base64url::decode_array(tag)?;
        let mut sealed = base64url::decode(ciphertext)?;
        sealed.extend_from_slice(&tag);
        let nonce = Nonce::assume_unique_for_key(iv);
        let opened = self.key.open_in_place(nonce, Aad::from(header), &mut sealed);
        let plaintext = opened.map_err(|_| Refused)?.len();
        if header != self.header {
            self.check_header(header)?;
        }
        sealed.truncate(plaintext);
        Ok(sealed)
    }

    /// Accepts any spelling of the one header: `alg` dir, `enc` A256GCM, of this key or of none by name (RFC 8725
    /// section 3.1).
    fn check_header(&self, header: &str) -> Result<(), Refused> {
        let header = Header::parse(header)?;
        if header.is("alg", "dir")
            && header.is("enc", "A256GCM")
            && header.is_jwt("cty")
            && header.kid()?.is_none_or(|kid| kid == self.kid)
            && !REPLICATED.iter().any(|claim| header.contains(claim))
        {
            return Ok(());
        }
        Err(Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::aead::{AES_256_GCM, UnboundKey};

    fn key() -> ContentKey {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[1; 32]).unwrap());
        ContentKey::new(key, "own-id", KeyIds::Omitted)
    }

    fn with_header(header: &str) -> String {
        let header = base64url::encode(header);
        let mut ciphertext = b"a.b.c".to_vec();
        let iv = Nonce::assume_unique_for_key([4; 12]);
        let tag = key().key.seal_in_place_separate_tag(iv, Aad::from(&header), &mut ciphertext).unwrap();
        let [iv, ciphertext, tag] = [&[4; 12], ciphertext.as_slice(), tag.as_ref()].map(base64url::encode);
        format!("{header}..{iv}.{ciphertext}.{tag}")
    }

    #[test]
    fn what_is_sealed_opens() {
        let token = key().seal([4; 12], b"a.b.c").unwrap();
        assert_eq!(key().open(&token), Ok(b"a.b.c".to_vec()));
        assert!(
            token.starts_with(&base64url::encode(r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#))
        );
    }

    #[test]
    fn the_header_may_have_another_order() {
        assert!(key().open(&with_header(r#"{"typ":"JWT","cty":"JWT","enc":"A256GCM","alg":"dir"}"#)).is_ok());
    }

    #[test]
    fn jo_21_22_23_24_25_28_other_headers_are_refused_even_when_authentic() {
        for header in [
            r#"{"alg":"DIR","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"none","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":"A128GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT","zip":"DEF"}"#,
            r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT","crit":[]}"#,
            r#"{"alg":"dir","enc":"A256GCM","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"A256KW","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"PBES2-HS256+A128KW","p2c":2147483647,"enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"PBES2-HS256+A128KW","p2c":4294967296,"enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"PBES2-HS256+A128KW","p2c":1000000000000000,"enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"RSA1_5","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"ECDH-ES","epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},"enc":"A256GCM","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":null,"cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":"a256gcm","cty":"JWT","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":"A256GCM","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":"A256GCM","cty":"JWT"}"#,
            r#"{"alg":"dir","enc":"A256GCM","cty":"text/plain","typ":"JWT"}"#,
            r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT","kid":"a"}"#,
            r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT","iss":"a"}"#,
            "null",
        ] {
            assert_eq!(key().open(&with_header(header)), Err(Refused), "{header}");
        }
    }

    #[test]
    fn jo_19_20_23_short_tags_odd_ivs_and_encrypted_keys_are_refused() {
        let token = key().seal([4; 12], b"a.b.c").unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let joined = |at: usize, part: &str| {
            let mut parts = parts.clone();
            parts[at] = part;
            parts.join(".")
        };
        let tag = base64url::decode(parts[4]).unwrap();
        for length in [0, 1, 4, 8, 12, 15] {
            assert_eq!(key().open(&joined(4, &base64url::encode(&tag[..length]))), Err(Refused));
        }
        assert_eq!(key().open(&joined(4, &base64url::encode([&tag[..], &[0]].concat()))), Err(Refused));
        for length in [0, 8, 11, 13, 16, 32] {
            assert_eq!(key().open(&joined(2, &base64url::encode(vec![4; length]))), Err(Refused));
        }
        assert_eq!(key().open(&joined(1, "AAAA")), Err(Refused));
        assert_eq!(key().open(&format!("{token}.")), Err(Refused));
        assert_eq!(key().open(parts[..4].join(".").as_str()), Err(Refused));
        assert_eq!(key().open(&format!("{token}=")), Err(Refused));
    }

    #[test]
    fn ck_01_every_altered_character_is_refused() {
        let token = key().seal([4; 12], b"a.b.c").unwrap();
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key().open(&String::from_utf8(altered).unwrap()), Err(Refused), "{at}");
        }
    }

    #[test]
    fn jo_18_a_token_is_as_long_as_a_set_of_cookies_at_most() {
        let of = |length: usize| key().seal([4; 12], &vec![b' '; length]).unwrap();
        let longest = (0..MAX_TOKEN).rev().find(|length| of(*length).len() <= MAX_TOKEN).unwrap();
        assert_eq!(of(longest).len(), MAX_TOKEN);
        assert!(key().open(&of(longest)).is_ok());
        assert_eq!(key().open(&of(longest + 1)), Err(Refused));
    }
}
