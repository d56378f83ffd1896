//! Private keys that sign tokens: Ed25519, and keys that sign elsewhere.

use crate::algorithm::SigningAlgorithm;
use crate::error::{KeyError, Refused};
use crate::jwk::Jwk;
use crate::public_key::PublicKey;
use crate::verification_key::VerificationKey;
use crate::{header, jws, pem};
use ring::signature::{Ed25519KeyPair, KeyPair};
use std::fmt;
use std::sync::Arc;

/// A private key that signs tokens. The core itself signs with Ed25519, which needs no randomness (RFC 8032), so that
/// equal inputs give equal tokens; with every other algorithm the host signs, through [`SigningKey::external`].
///
/// ```
/// use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
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
    /// use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
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
    /// use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
    /// let error = SigningKey::from_jwk(SigningAlgorithm::EdDsa, "{}").unwrap_err();
    /// assert_eq!(error, KeyError::Malformed);
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

    /// Makes an Ed25519 key pair of 32 secret bytes (RFC 8032 section 5.1.5).
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
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
    /// use aura_jose::{SigningKey, VerificationKey};
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
    /// # fn name(key: aura_jose::SigningKey) {
    /// assert_eq!(key.with_kid("2026-11").verification_key().kid(), Some("2026-11"));
    /// # }
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.public = self.public.with_kid(kid);
        self
    }

    /// Tells whether what this key signs is verified by a public key: signs once to find out.
    ///
    /// ```
    /// use aura_jose::{SigningKey, VerificationKey};
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
    /// # fn publish(key: &aura_jose::SigningKey) {
    /// assert_eq!(key.verification_key().algorithm(), aura_jose::SigningAlgorithm::EdDsa);
    /// # }
    /// ```
    pub fn verification_key(&self) -> &VerificationKey {
        &self.public
    }

    /// Signs claims, given as JSON: a compact JWS that names the key, where it has an id.
    pub fn sign_jwt(&self, claims: &[u8]) -> Result<String, Refused> {
        let members = format!(r#""alg":"{}","typ":"JWT""#, self.public.algorithm());
        let token = jws::signing_input(&header::write(&members, self.public.kid()), claims);
        let signature = self.sign(token.as_bytes())?;
        Ok(jws::add_signature(token, signature))
    }

    /// Signs any text, and returns the signature in the form that JWS gives it.
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>, Refused> {
        match &self.signer {
            Signer::Core(pair) => Ok(pair.sign(text).as_ref().to_vec()),
            Signer::Host(sign) => sign(text).ok_or(Refused),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.public.kid()).finish_non_exhaustive()
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
