//! Secret keys that encrypt tokens: compact JWE, `dir` with A256GCM (RFC 7516 section 7.1, RFC 7518 sections 4.5 and 5.3).

use crate::base64url::{self, Codec};
use crate::header::{self, Header, KeyIds};
use crate::jws::MAX_TOKEN;
use aura_types::Refused;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;

/// The members of the one header, but for the key's id.
const MEMBERS: &str = r#""alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT""#;

/// Lengths of IV and tag in base64url, and of the tag in bytes.
const IV_CHARACTERS: usize = 16;
const TAG_CHARACTERS: usize = 22;
const TAG_LEN: usize = 16;

/// Claims that a header may repeat (RFC 7519 section 5.3). No reader here compares them, so none may be there.
const REPLICATED: [&str; 3] = ["iss", "sub", "aud"];

/// A secret key that encrypts tokens and decrypts them: `dir` with A256GCM, and nothing else (RFC 7518 sections 4.5 and 5.3).
///
/// What it encrypts is authentic, too: only a holder of the key can have made it.
///
/// ```
/// use aura_jose::{ContentKey, MacAlgorithm, MacKey, Refused};
///
/// let (content, mac) = (ContentKey::new(&[1; 32])?, MacKey::new(MacAlgorithm::Hs256, &[2; 32]));
/// let iv = [3; 12]; // Random, and another one for each token.
/// let token = content.encrypt(iv, mac.sign_jwt(br#"{"sub":"ada"}"#).as_bytes())?;
/// let signed = String::from_utf8(content.decrypt(&token)?).map_err(|_| Refused)?;
/// assert_eq!(mac.verify_jwt(&signed)?, br#"{"sub":"ada"}"#);
/// # Ok::<(), Refused>(())
/// ```
#[derive(Clone)]
pub struct ContentKey {
    key: LessSafeKey,
    kid: Option<String>,
    /// The header of what it encrypts.
    header: String,
    codec: Codec,
}

impl ContentKey {
    /// Makes a key of 32 secret random bytes, which tokens do not name.
    ///
    /// # Errors
    /// [`Refused`] if the cryptography library refuses the bytes, of which no case is known.
    ///
    /// ```
    /// use aura_jose::{ContentKey, Refused};
    /// let (key, other) = (ContentKey::new(&[1; 32])?, ContentKey::new(&[2; 32])?);
    /// let token = key.encrypt([3; 12], b"{}")?;
    /// assert_eq!(key.decrypt(&token)?, b"{}");
    /// assert_eq!(other.decrypt(&token), Err(Refused));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn new(secret: &[u8; 32]) -> Result<Self, Refused> {
        let key = UnboundKey::new(&AES_256_GCM, secret).map_err(|_| Refused)?;
        let (header, codec) = (header::write(MEMBERS, None), Codec::default());
        Ok(Self { key: LessSafeKey::new(key), kid: None, header, codec })
    }

    /// Sets the key's id, the `kid` of its tokens (RFC 7516 section 4.1.6). A token that names another key is refused.
    ///
    /// ```
    /// use aura_jose::{ContentKey, KeyIds, Refused, key_id};
    /// let key = ContentKey::new(&[1; 32])?.with_kid("a", KeyIds::Written);
    /// let token = key.encrypt([3; 12], b"{}")?;
    /// assert_eq!(key_id(&token)?.as_deref(), Some("a"));
    /// assert!(key.clone().with_kid("b", KeyIds::Written).decrypt(&token).is_err());
    /// # Ok::<(), Refused>(())
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(self, kid: impl Into<String>, ids: KeyIds) -> Self {
        let kid = kid.into();
        Self { header: header::write(MEMBERS, ids.written(&kid)), kid: Some(kid), ..self }
    }

    /// Encrypts claims, given as JSON, or a compact JWS: a compact JWE of the header `alg`, `enc`, `cty` JWT, `typ` JWT and,
    /// where it is written, `kid`.
    ///
    /// The IV is fresh for each token: random, or a counter. Two tokens under one IV tell their contents, and how to forge
    /// others (NIST SP 800-38D section 8).
    ///
    /// # Errors
    /// [`Refused`] if the plaintext is longer than the cipher takes: 64 GiB.
    ///
    /// ```
    /// use aura_jose::{ContentKey, Refused};
    /// let token = ContentKey::new(&[1; 32])?.encrypt([3; 12], b"{}")?;
    /// let parts: Vec<_> = token.split('.').collect();
    /// assert_eq!((parts.len(), parts[1]), (5, ""), "dir has no encrypted key");
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn encrypt(&self, iv: [u8; 12], plaintext: impl Into<Vec<u8>>) -> Result<String, Refused> {
        let mut ciphertext = plaintext.into();
        let (nonce, header) = (Nonce::assume_unique_for_key(iv), self.header.as_str());
        let sealed = self.key.seal_in_place_separate_tag(nonce, Aad::from(header), &mut ciphertext);
        let tag = sealed.map_err(|_| Refused)?;
        // Four characters for three bytes, and room for dots, IV and tag.
        let room = ciphertext.len().saturating_mul(4).div_ceil(3).saturating_add(header.len());
        let mut token = Vec::with_capacity(room.saturating_add(64));
        token.extend_from_slice(header.as_bytes());
        token.push(b'.');
        for part in [&iv, ciphertext.as_slice(), tag.as_ref()] {
            token.push(b'.');
            self.codec.encode_into(&mut token, part);
        }
        Ok(base64url::to_text(token))
    }

    /// Decrypts a compact JWE, and returns its plaintext (RFC 7516 section 5.2).
    ///
    /// The decryption authenticates the header before anything is read from it. The header has `dir`, A256GCM, `cty` JWT, `typ`
    /// JWT, this key's id or none, and no replicated claim (RFC 7519 section 5.3).
    ///
    /// # Errors
    /// [`Refused`] for every other token.
    ///
    /// ```
    /// use aura_jose::{ContentKey, Refused};
    /// let key = ContentKey::new(&[1; 32])?;
    /// let token = key.encrypt([3; 12], b"{}")?;
    /// assert_eq!(key.decrypt(&token), Ok(b"{}".to_vec()));
    /// assert_eq!(key.decrypt(&format!("{token}A")), Err(Refused));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn decrypt(&self, token: impl AsRef<[u8]>) -> Result<Vec<u8>, Refused> {
        let token = token.as_ref();
        if token.len() > MAX_TOKEN {
            return Err(Refused);
        }
        // `dir` has no encrypted key. IV and tag have one length each, so that their dots need not be searched: a dot elsewhere
        // is no base64url.
        let (header, rest) = header::split(token, &self.header)?;
        let rest = rest.strip_prefix(b".").ok_or(Refused)?;
        let (iv, rest) = rest.split_at_checked(IV_CHARACTERS).ok_or(Refused)?;
        let middle = rest.len().checked_sub(TAG_CHARACTERS).ok_or(Refused)?;
        let (ciphertext, tag) = rest.split_at_checked(middle).ok_or(Refused)?;
        let ciphertext =
            ciphertext.strip_prefix(b".").and_then(|rest| rest.strip_suffix(b".")).ok_or(Refused)?;
        let iv: [u8; NONCE_LEN] = base64url::decode_array(iv)?;
        // Decoded and opened in one buffer, whose room spares a second allocation.
        let mut sealed = Vec::with_capacity(rest.len());
        self.codec.decode_into(&mut sealed, ciphertext)?;
        sealed.extend_from_slice(&base64url::decode_array::<TAG_LEN>(tag)?);
        let nonce = Nonce::assume_unique_for_key(iv);
        let opened = self.key.open_in_place(nonce, Aad::from(header), &mut sealed);
        let plaintext = opened.map_err(|_| Refused)?.len();
        if header != self.header.as_bytes() {
            self.check_header(str::from_utf8(header).map_err(|_| Refused)?)?;
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
            && header.may_mean(self.kid.as_deref())?
            && !REPLICATED.iter().any(|claim| header.contains(claim))
        {
            return Ok(());
        }
        Err(Refused)
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ContentKey {
        ContentKey::new(&[1; 32]).unwrap().with_kid("own-id", KeyIds::Omitted)
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
        let token = key().encrypt([4; 12], b"a.b.c").unwrap();
        assert_eq!(key().decrypt(&token), Ok(b"a.b.c".to_vec()));
        assert!(
            token.starts_with(&base64url::encode(r#"{"alg":"dir","enc":"A256GCM","cty":"JWT","typ":"JWT"}"#))
        );
    }

    #[test]
    fn the_header_may_have_another_order() {
        assert!(
            key().decrypt(with_header(r#"{"typ":"JWT","cty":"JWT","enc":"A256GCM","alg":"dir"}"#)).is_ok()
        );
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
            assert_eq!(key().decrypt(with_header(header)), Err(Refused), "{header}");
        }
    }

    #[test]
    fn jo_19_20_23_short_tags_odd_ivs_and_encrypted_keys_are_refused() {
        let token = key().encrypt([4; 12], b"a.b.c").unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let joined = |at: usize, part: &str| {
            let mut parts = parts.clone();
            parts[at] = part;
            parts.join(".")
        };
        let tag = base64url::decode(parts[4]).unwrap();
        for length in [0, 1, 4, 8, 12, 15] {
            assert_eq!(key().decrypt(joined(4, &base64url::encode(&tag[..length]))), Err(Refused));
        }
        assert_eq!(key().decrypt(joined(4, &base64url::encode([&tag[..], &[0]].concat()))), Err(Refused));
        for length in [0, 8, 11, 13, 16, 32] {
            assert_eq!(key().decrypt(joined(2, &base64url::encode(vec![4; length]))), Err(Refused));
        }
        assert_eq!(key().decrypt(joined(1, "AAAA")), Err(Refused));
        assert_eq!(key().decrypt(format!("{token}.")), Err(Refused));
        assert_eq!(key().decrypt(parts[..4].join(".").as_str()), Err(Refused));
        assert_eq!(key().decrypt(format!("{token}=")), Err(Refused));
    }

    #[test]
    fn ck_01_every_altered_character_is_refused() {
        let token = key().encrypt([4; 12], b"a.b.c").unwrap();
        for at in 0..token.len() {
            let mut altered = token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key().decrypt(String::from_utf8(altered).unwrap()), Err(Refused), "{at}");
        }
    }

    #[test]
    fn jo_18_a_token_is_as_long_as_a_set_of_cookies_at_most() {
        let of = |length: usize| key().encrypt([4; 12], vec![b' '; length]).unwrap();
        let longest = (0..MAX_TOKEN).rev().find(|length| of(*length).len() <= MAX_TOKEN).unwrap();
        assert_eq!(of(longest).len(), MAX_TOKEN);
        assert!(key().decrypt(of(longest)).is_ok());
        assert_eq!(key().decrypt(of(longest + 1)), Err(Refused));
    }
}
