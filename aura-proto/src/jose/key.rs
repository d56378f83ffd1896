//! With which key pairs are tokens signed and verified? Keys that were read, checked, and fit their algorithm.

use super::algorithm::SigningAlgorithm;
use super::public_key::PublicKey;
use super::{KeyError, Refused, jwk, pem};
use ring::signature::{self, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde_json::Value;
use std::fmt;
use std::sync::Arc;

/// A private key that signs tokens. The core itself signs with Ed25519, which needs no randomness (RFC 8032), so that
/// equal inputs give equal tokens; with every other algorithm the host signs, through [`SigningKey::external`].
///
/// ```
/// use aura_proto::{KeyError, SigningAlgorithm, SigningKey};
///
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"2026-11",
///     "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let key = SigningKey::from_jwk(SigningAlgorithm::EdDsa, jwk)?;
/// assert_eq!(key.verification_key().kid(), Some("2026-11"));
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    signer: Signer,
    public: VerificationKey,
}

/// Who signs.
#[derive(Clone)]
enum Signer {
    Core(Arc<Ed25519KeyPair>),
    Host(Arc<SignByHost>),
}

type SignByHost = dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync;

impl SigningKey {
    /// Reads a private key from a PEM block `PRIVATE KEY`, which is PKCS#8 (RFC 5208).
    ///
    /// # Errors
    /// [`KeyError`]; for RSA and ECDSA always [`KeyError::CannotSign`].
    ///
    /// ```
    /// use aura_proto::{KeyError, SigningAlgorithm, SigningKey};
    /// let error = SigningKey::from_pem(SigningAlgorithm::Rs256, "").unwrap_err();
    /// assert_eq!(error, KeyError::CannotSign { algorithm: SigningAlgorithm::Rs256 });
    /// ```
    pub fn from_pem(algorithm: SigningAlgorithm, pem: &str) -> Result<Self, KeyError> {
        check_signs(algorithm)?;
        let der = pem::block(pem, "PRIVATE KEY")?;
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
        Self::new(algorithm, pair.map_err(|_| KeyError::Unsuitable { algorithm })?, None)
    }

    /// Reads a private key from a JWK with `d` and `x` (RFC 8037 section 2). Its `kid` goes into each token.
    ///
    /// # Errors
    /// [`KeyError`], as for [`from_pem`](Self::from_pem).
    ///
    /// ```
    /// use aura_proto::{KeyError, SigningAlgorithm, SigningKey};
    /// let error = SigningKey::from_jwk(SigningAlgorithm::EdDsa, "{}").unwrap_err();
    /// assert_eq!(error, KeyError::Malformed);
    /// ```
    pub fn from_jwk(algorithm: SigningAlgorithm, jwk: &str) -> Result<Self, KeyError> {
        check_signs(algorithm)?;
        let jwk = jwk::Jwk::parse(jwk)?;
        let PublicKey::Ed25519(x) = jwk.public_key(algorithm, "sign")? else {
            return Err(KeyError::Unsuitable { algorithm });
        };
        let pair = Ed25519KeyPair::from_seed_and_public_key(&jwk.private_bytes()?, &x);
        Self::new(algorithm, pair.map_err(|_| KeyError::Unsuitable { algorithm })?, jwk.kid()?)
    }

    /// Makes an Ed25519 key pair of 32 secret bytes (RFC 8032 section 5.1.5).
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError::Malformed)?;
        Self::new(SigningAlgorithm::EdDsa, pair, None)
    }

    fn new(algorithm: SigningAlgorithm, pair: Ed25519KeyPair, kid: Option<String>) -> Result<Self, KeyError> {
        let public = PublicKey::Ed25519(pair.public_key().as_ref().to_vec());
        let public = VerificationKey::new(algorithm, public, kid)?;
        Ok(Self { signer: Signer::Core(Arc::new(pair)), public })
    }

    /// Delegates signing to a callback: for RSA and ECDSA, whose signatures take randomness, or for a key that a device keeps.
    ///
    /// The function gets the signing input and returns the signature as JWS has it: for ECDSA both numbers in fixed
    /// length, one after the other (RFC 7518 section 3.4). Without a signature no session begins. `aura-http` makes such
    /// keys of PEM.
    ///
    /// ```
    /// use aura_proto::{SigningKey, VerificationKey};
    ///
    /// fn kept_by_a_device(public: VerificationKey, sign: fn(&[u8]) -> Option<Vec<u8>>) -> SigningKey {
    ///     SigningKey::external(public, sign)
    /// }
    /// # let _ = kept_by_a_device;
    /// ```
    pub fn external(
        public: VerificationKey,
        sign: impl Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        Self { signer: Signer::Host(Arc::new(sign)), public }
    }

    /// Gives the key an id, which goes into each token, so that readers find the key without trying.
    ///
    /// ```
    /// # fn name(key: aura_proto::SigningKey) {
    /// assert_eq!(key.with_kid("2026-11").verification_key().kid(), Some("2026-11"));
    /// # }
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.public.kid = Some(kid.into());
        self
    }

    /// Tells whether what this key signs is verified by a public key: signs once to find out.
    ///
    /// ```
    /// use aura_proto::{SigningKey, VerificationKey};
    /// fn check(key: &SigningKey, public: &VerificationKey) {
    ///     assert!(key.is_pair_of(public), "the halves of two pairs");
    /// }
    /// # let _ = check;
    /// ```
    pub fn is_pair_of(&self, public: &VerificationKey) -> bool {
        let text = b"is-pair-of";
        self.sign(text).is_ok_and(|signature| public.verify(text, &signature).is_ok())
    }

    /// Returns the public half, under the same id.
    ///
    /// ```
    /// # fn publish(key: &aura_proto::SigningKey) {
    /// assert_eq!(key.verification_key().algorithm(), aura_proto::SigningAlgorithm::EdDsa);
    /// # }
    /// ```
    pub fn verification_key(&self) -> &VerificationKey {
        &self.public
    }

    pub(crate) fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Refused> {
        match &self.signer {
            Signer::Core(pair) => Ok(pair.sign(text).as_ref().to_vec()),
            Signer::Host(sign) => sign(text).ok_or(Refused),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.public.kid).finish_non_exhaustive()
    }
}

/// Ring takes a random source for every signature of RSA and ECDSA, even where PKCS#1 v1.5 makes no use of it, and lets
/// nobody write one: the core would have to name the system's, which it must not touch and not every target has.
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

/// A public key that verifies tokens, of one algorithm (RFC 8725 section 3.1).
///
/// ```
/// use aura_proto::{KeyError, SigningAlgorithm, VerificationKey};
///
/// let pem = "-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----";
/// let key = VerificationKey::from_pem(SigningAlgorithm::EdDsa, pem)?;
/// assert_eq!(
///     VerificationKey::from_pem(SigningAlgorithm::Es256, pem).unwrap_err(),
///     KeyError::Unsuitable { algorithm: SigningAlgorithm::Es256 },
/// );
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationKey {
    algorithm: SigningAlgorithm,
    kid: Option<String>,
    key: PublicKey,
}

impl VerificationKey {
    /// Reads a public key from a PEM block `PUBLIC KEY`, which is a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`KeyError`] if it is malformed, too weak, or not one for the algorithm.
    ///
    /// ```
    /// use aura_proto::{KeyError, SigningAlgorithm, VerificationKey};
    /// assert_eq!(VerificationKey::from_pem(SigningAlgorithm::Ps256, ""), Err(KeyError::Malformed));
    /// ```
    pub fn from_pem(algorithm: SigningAlgorithm, pem: &str) -> Result<Self, KeyError> {
        let der = pem::block(pem, "PUBLIC KEY")?;
        Self::new(algorithm, pem::public_key(&der)?, None)
    }

    /// Reads a public key from a JWK (RFC 7517). The algorithm is the caller's; a JWK that names another is refused.
    ///
    /// # Errors
    /// [`KeyError`], as for [`from_pem`](Self::from_pem).
    ///
    /// ```
    /// use aura_proto::{SigningAlgorithm, VerificationKey};
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert_eq!(VerificationKey::from_jwk(SigningAlgorithm::EdDsa, jwk)?.kid(), Some("a"));
    /// # Ok::<(), aura_proto::KeyError>(())
    /// ```
    pub fn from_jwk(algorithm: SigningAlgorithm, jwk: &str) -> Result<Self, KeyError> {
        Self::of_jwk(algorithm, &jwk::Jwk::parse(jwk)?)
    }

    pub(crate) fn of_jwk(algorithm: SigningAlgorithm, jwk: &jwk::Jwk) -> Result<Self, KeyError> {
        if jwk.is_private() {
            return Err(KeyError::Unsuitable { algorithm });
        }
        Self::new(algorithm, jwk.public_key(algorithm, "verify")?, jwk.kid()?)
    }

    fn new(algorithm: SigningAlgorithm, key: PublicKey, kid: Option<String>) -> Result<Self, KeyError> {
        use SigningAlgorithm as A;
        let suits = match algorithm {
            A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
                matches!(key, PublicKey::Rsa { .. })
            }
            A::Es256 => matches!(key, PublicKey::P256(_)),
            A::Es384 => matches!(key, PublicKey::P384(_)),
            A::EdDsa => matches!(key, PublicKey::Ed25519(_)),
            A::Es512 | A::Hs256 | A::Hs384 | A::Hs512 => return Err(KeyError::Unsupported { algorithm }),
        };
        if !suits {
            return Err(KeyError::Unsuitable { algorithm });
        }
        if key.is_weak() {
            return Err(KeyError::Weak { algorithm });
        }
        Ok(Self { algorithm, kid, key })
    }

    /// Gives the key the id by which tokens name it. A key with an id still verifies tokens that name none.
    ///
    /// ```
    /// # fn name(key: aura_proto::VerificationKey) {
    /// assert_eq!(key.with_kid("2026-10").kid(), Some("2026-10"));
    /// # }
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Returns the id by which tokens name the key (RFC 7515 section 4.1.4).
    ///
    /// ```
    /// # fn list(key: &aura_proto::VerificationKey) {
    /// println!("{} {:?}", key.algorithm(), key.kid());
    /// # }
    /// ```
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Writes the key as a JWK, without its id.
    pub(crate) fn to_jwk(&self) -> Value {
        self.key.to_jwk()
    }

    /// Returns the one algorithm that the key is for.
    ///
    /// ```
    /// # fn list(key: &aura_proto::VerificationKey) {
    /// println!("{} {:?}", key.algorithm(), key.kid());
    /// # }
    /// ```
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Tells whether it is the same key as another, whatever id or algorithm it goes by.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Verifies a signature in the form that JWS gives it: ECDSA's as r and s of fixed length (RFC 7518 section 3.4).
    pub(crate) fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), Refused> {
        let algorithm: &'static dyn signature::VerificationAlgorithm = match (&self.key, self.algorithm) {
            (PublicKey::Rsa { n, e }, algorithm) => {
                let components = signature::RsaPublicKeyComponents { n, e };
                let parameters = rsa_parameters(algorithm)?;
                return components.verify(parameters, text, signature).map_err(|_| Refused);
            }
            (PublicKey::P256(_), _) => &signature::ECDSA_P256_SHA256_FIXED,
            (PublicKey::P384(_), _) => &signature::ECDSA_P384_SHA384_FIXED,
            (PublicKey::Ed25519(_), _) => &signature::ED25519,
        };
        UnparsedPublicKey::new(algorithm, self.key.point()).verify(text, signature).map_err(|_| Refused)
    }
}

fn rsa_parameters(algorithm: SigningAlgorithm) -> Result<&'static signature::RsaParameters, Refused> {
    match algorithm {
        SigningAlgorithm::Rs256 => Ok(&signature::RSA_PKCS1_2048_8192_SHA256),
        SigningAlgorithm::Rs384 => Ok(&signature::RSA_PKCS1_2048_8192_SHA384),
        SigningAlgorithm::Rs512 => Ok(&signature::RSA_PKCS1_2048_8192_SHA512),
        SigningAlgorithm::Ps256 => Ok(&signature::RSA_PSS_2048_8192_SHA256),
        SigningAlgorithm::Ps384 => Ok(&signature::RSA_PSS_2048_8192_SHA384),
        SigningAlgorithm::Ps512 => Ok(&signature::RSA_PSS_2048_8192_SHA512),
        SigningAlgorithm::Hs256
        | SigningAlgorithm::Hs384
        | SigningAlgorithm::Hs512
        | SigningAlgorithm::Es256
        | SigningAlgorithm::Es384
        | SigningAlgorithm::Es512
        | SigningAlgorithm::EdDsa => Err(Refused),
    }
}
