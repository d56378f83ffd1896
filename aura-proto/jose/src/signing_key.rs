//! Private keys that sign tokens: Ed25519, and external keys, by a callback.

use crate::algorithm::SigningAlgorithm;
use crate::base64url::Codec;
use crate::error::KeyError;
use crate::jwk::Jwk;
use crate::public_key::PublicKey;
use crate::verification_key::VerificationKey;
use crate::{header, jws, pem};
use aura_types::Refused;
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::fmt;
use std::sync::Arc;

/// A private key that signs tokens (RFC 7515).
///
/// Ed25519 signs here, without randomness (RFC 8032 section 5.1.6), so that equal inputs give equal tokens. Every other
/// algorithm of a key pair signs through [`external`](Self::external).
///
/// ```
/// use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
///
/// // The key pair of RFC 8037 appendix A.
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"2026-11",
///     "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, jwk)?;
/// let token = key.sign_jwt(b"{}")?;
/// assert_eq!(key.verification_key().verify_jwt(&token)?, b"{}");
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    signer: Signer,
    public: VerificationKey,
}

/// The signer.
#[derive(Clone)]
enum Signer {
    Ed25519(Arc<Ed25519KeyPair>),
    External(Arc<External>),
}

type External = dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync;

impl SigningKey {
    /// Reads a private key of Ed25519 from a PEM block `PRIVATE KEY` of at most 16 KiB, which is PKCS#8 (RFC 5208, RFC 8410).
    ///
    /// # Errors
    /// [`KeyError`]; for RSA and ECDSA always [`KeyError::CannotSign`].
    ///
    /// ```
    /// use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
    ///
    /// // The private key of RFC 8410 section 10.3.
    /// let pem = "-----BEGIN PRIVATE KEY-----
    /// MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
    /// -----END PRIVATE KEY-----";
    /// let key = SigningKey::from_pem(SigningAlgorithm::EdDsa, pem)?;
    /// assert_eq!(key.verification_key().algorithm(), SigningAlgorithm::EdDsa);
    ///
    /// let error = SigningKey::from_pem(SigningAlgorithm::Rs256, pem).unwrap_err();
    /// assert_eq!(error, KeyError::CannotSign { algorithm: SigningAlgorithm::Rs256 });
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_pem(algorithm: SigningAlgorithm, pem: &str) -> Result<Self, KeyError> {
        check_signs(algorithm)?;
        let der = pem::block(pem, "PRIVATE KEY")?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
        Self::new(algorithm, pair.map_err(|_| KeyError::Unsuitable { algorithm })?, None)
    }

    /// Reads a private key of Ed25519 from a JWK of at most 16 KiB with `d` and `x` (RFC 8037 section 2). Its `kid` goes into
    /// each token.
    ///
    /// # Errors
    /// [`KeyError`], as for [`from_pem`](Self::from_pem); [`KeyError::Unsuitable`] if `d` and `x` are halves of two pairs.
    ///
    /// ```
    /// use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
    /// let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    /// let jwk = |d: &str| format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"a","d":"{d}","x":"{x}"}}"#);
    /// let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))?;
    /// assert_eq!(key.verification_key().kid(), Some("a"));
    ///
    /// let error = SigningKey::from_jwk(SigningAlgorithm::EdDsa, &jwk(x)).unwrap_err();
    /// assert_eq!(error, KeyError::Unsuitable { algorithm: SigningAlgorithm::EdDsa });
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_jwk(algorithm: SigningAlgorithm, jwk: &str) -> Result<Self, KeyError> {
        check_signs(algorithm)?;
        let jwk = Jwk::parse(jwk)?;
        let PublicKey::Ed25519(x) = jwk.public_key(algorithm, "sign")? else {
            return Err(KeyError::Unsuitable { algorithm });
        };
        let pair = Ed25519KeyPair::from_seed_and_public_key(&jwk.private_bytes()?, &x);
        Self::new(algorithm, pair.map_err(|_| KeyError::Unsuitable { algorithm })?, jwk.kid()?)
    }

    /// Makes an Ed25519 key of 32 secret random bytes (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// [`KeyError`] if the cryptography library refuses the bytes, of which no case is known.
    ///
    /// ```
    /// use aura_jose::{KeyError, SigningKey};
    /// let (key, same, other) =
    ///     (SigningKey::from_seed(&[7; 32])?, SigningKey::from_seed(&[7; 32])?, SigningKey::from_seed(&[8; 32])?);
    /// assert!(key.is_pair_of(same.verification_key()));
    /// assert!(!key.is_pair_of(other.verification_key()));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Malformed)?;
        Self::new(SigningAlgorithm::EdDsa, pair, None)
    }

    fn new(algorithm: SigningAlgorithm, pair: Ed25519KeyPair, kid: Option<String>) -> Result<Self, KeyError> {
        let public = PublicKey::Ed25519(pair.public_key().as_ref().to_vec());
        let public = VerificationKey::new(algorithm, public, kid)?;
        Ok(Self { signer: Signer::Ed25519(Arc::new(pair)), public })
    }

    /// Delegates signing to a callback: for RSA and ECDSA, whose signatures take randomness, or for a key that a device keeps.
    ///
    /// The callback gets the signing input and returns the signature as JWS has it: for ECDSA both numbers in fixed length, one
    /// after the other (RFC 7518 section 3.4). Where it returns `None`, signing fails. Whether its signatures verify is not
    /// checked: [`is_pair_of`](Self::is_pair_of) tells.
    ///
    /// ```
    /// use aura_jose::{KeyError, Refused, SigningKey};
    ///
    /// let device = SigningKey::from_seed(&[7; 32])?;
    /// let public = device.verification_key().clone();
    /// let key = SigningKey::external(public.clone(), move |text| device.sign(text).ok());
    /// assert!(public.verify_jwt(&key.sign_jwt(b"{}")?).is_ok());
    ///
    /// let unplugged = SigningKey::external(public, |_| None);
    /// assert_eq!(unplugged.sign_jwt(b"{}"), Err(Refused));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn external(
        public: VerificationKey,
        sign: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self { signer: Signer::External(Arc::new(sign)), public }
    }

    /// Sets the key's id, the `kid` of its tokens (RFC 7515 section 4.1.4).
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?.with_kid("2026-11");
    /// assert_eq!(key.verification_key().kid(), Some("2026-11"));
    /// assert_eq!(aura_jose::key_id(&key.sign_jwt(b"{}")?)?.as_deref(), Some("2026-11"));
    /// # Ok::<(), KeyError>(())
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.public = self.public.with_kid(kid);
        self
    }

    /// Tells whether a public key verifies what this key signs. It signs once to find out.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// let mixed_up = SigningKey::external(SigningKey::from_seed(&[8; 32])?.verification_key().clone(), {
    ///     let key = key.clone();
    ///     move |text| key.sign(text).ok()
    /// });
    /// assert!(key.is_pair_of(key.verification_key()));
    /// assert!(!mixed_up.is_pair_of(mixed_up.verification_key()));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn is_pair_of(&self, public: &VerificationKey) -> bool {
        let text = b"is-pair-of";
        self.sign(text).is_ok_and(|signature| public.verify(text, &signature).is_ok())
    }

    /// Returns the public half, under the same id.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// let published = key.verification_key().to_jwk().to_string();
    /// assert!(key.is_pair_of(&aura_jose::VerificationKey::from_jwk(SigningAlgorithm::EdDsa, &published)?));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn verification_key(&self) -> &VerificationKey {
        &self.public
    }

    /// Signs claims, given as JSON: a compact JWS of the header `alg`, `typ` JWT and, where the key has an id, `kid` (RFC 7515
    /// section 7.1, RFC 7519 section 7.1).
    ///
    /// # Errors
    /// [`Refused`] if an [`external`](Self::external) key gives no signature.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey, base64url};
    /// let token = SigningKey::from_seed(&[7; 32])?.sign_jwt(br#"{"sub":"ada"}"#)?;
    /// let header = base64url::decode(token.split('.').next().unwrap_or_default())?;
    /// assert_eq!(header, br#"{"alg":"EdDSA","typ":"JWT"}"#);
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn sign_jwt(&self, claims: &[u8]) -> Result<String, Refused> {
        let members = format!(r#""alg":"{}","typ":"JWT""#, self.public.algorithm());
        let token =
            jws::signing_input(&header::write(&members, self.public.kid()), claims, &Codec::default());
        let signature = self.sign(&token)?;
        Ok(jws::add_signature(token, signature))
    }

    /// Signs any text, and returns the signature in the form that JWS gives it (RFC 7518 section 3, RFC 8037 section 3.1).
    ///
    /// It makes tokens with headers of the caller's own; [`sign_jwt`](Self::sign_jwt) makes the usual ones.
    ///
    /// # Errors
    /// [`Refused`] if an [`external`](Self::external) key gives no signature.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey, base64url};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// let text = format!("{}.{}", base64url::encode(r#"{"alg":"EdDSA","typ":"at+jwt"}"#), base64url::encode("{}"));
    /// let signature = key.sign(text.as_bytes())?;
    /// assert_eq!(signature.len(), 64);
    /// assert!(key.verification_key().verify(text.as_bytes(), &signature).is_ok());
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Refused> {
        match &self.signer {
            Signer::Ed25519(pair) => Ok(pair.sign(text).as_ref().to_vec()),
            Signer::External(sign) => sign(text).ok_or(Refused),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.public.kid()).finish_non_exhaustive()
    }
}

/// Ring takes its own random source for every signature of RSA and ECDSA, even where PKCS#1 v1.5 makes no use of it, and lets
/// no other crate write one. That source is the system's, which not every target has, and equal inputs would give other tokens.
fn check_signs(algorithm: SigningAlgorithm) -> Result<(), KeyError> {
    match algorithm {
        SigningAlgorithm::EdDsa => Ok(()),
        SigningAlgorithm::Rs256
        | SigningAlgorithm::Rs384
        | SigningAlgorithm::Rs512
        | SigningAlgorithm::Ps256
        | SigningAlgorithm::Ps384
        | SigningAlgorithm::Ps512
        | SigningAlgorithm::Es256
        | SigningAlgorithm::Es384 => Err(KeyError::CannotSign { algorithm }),
        SigningAlgorithm::Es512
        | SigningAlgorithm::Hs256
        | SigningAlgorithm::Hs384
        | SigningAlgorithm::Hs512 => Err(KeyError::Unsupported { algorithm }),
    }
}
