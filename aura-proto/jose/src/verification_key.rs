//! Public keys that verify tokens, each of one algorithm.

use crate::algorithm::SigningAlgorithm;
use crate::error::KeyError;
use crate::header::Header;
use crate::jwk::Jwk;
use crate::jws::CompactJws;
use crate::public_key::PublicKey;
use crate::{base64url, pem};
use aura_types::Refused;
use ring::signature::{self, UnparsedPublicKey};
use serde_json::Value;

/// A public key that verifies tokens, of one algorithm (RFC 8725 section 3.1).
///
/// RSA keys have 2,048 to 8,192 bits; curves are P-256, P-384 and Ed25519. Weak keys are refused when they are read.
///
/// ```
/// use aura_jose::{KeyError, SigningAlgorithm, VerificationKey};
///
/// // The public key of RFC 8037 appendix A.
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
    /// Reads a public key from a PEM block `PUBLIC KEY` of at most 16 KiB, which is a `SubjectPublicKeyInfo` (RFC 7468 section
    /// 13, RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`KeyError`] if it is malformed, too weak, or not one for the algorithm.
    ///
    /// ```
    /// use aura_jose::{KeyError, SigningAlgorithm, VerificationKey};
    ///
    /// // The public key of RFC 8410 section 10.1.
    /// let pem = "-----BEGIN PUBLIC KEY-----
    /// MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
    /// -----END PUBLIC KEY-----";
    /// assert!(VerificationKey::from_pem(SigningAlgorithm::EdDsa, pem).is_ok());
    /// let beside_it = format!("a comment\n{pem}");
    /// assert_eq!(VerificationKey::from_pem(SigningAlgorithm::EdDsa, &beside_it), Err(KeyError::Malformed));
    /// ```
    pub fn from_pem(algorithm: SigningAlgorithm, pem: &str) -> Result<Self, KeyError> {
        let der = pem::block(pem, "PUBLIC KEY")?;
        Self::new(algorithm, pem::public_key(&der)?, None)
    }

    /// Reads a public key from a JWK of at most 16 KiB (RFC 7517 section 4). The algorithm is the caller's; a JWK that names
    /// another, another use or another operation is refused.
    ///
    /// # Errors
    /// [`KeyError`], as for [`from_pem`](Self::from_pem); [`KeyError::Unsuitable`] for a private or symmetric JWK.
    ///
    /// ```
    /// use aura_jose::{KeyError, SigningAlgorithm, VerificationKey};
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert_eq!(VerificationKey::from_jwk(SigningAlgorithm::EdDsa, jwk)?.kid(), Some("a"));
    ///
    /// let to_encrypt_with = jwk.replace(r#""kid":"a""#, r#""use":"enc""#);
    /// let error = VerificationKey::from_jwk(SigningAlgorithm::EdDsa, &to_encrypt_with).unwrap_err();
    /// assert_eq!(error, KeyError::Unsuitable { algorithm: SigningAlgorithm::EdDsa });
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_jwk(algorithm: SigningAlgorithm, jwk: &str) -> Result<Self, KeyError> {
        Self::from_parsed_jwk(algorithm, &Jwk::parse(jwk)?)
    }

    /// Reads a public key from a JWK that was read as JSON, as [`from_jwk`](Self::from_jwk) does.
    ///
    /// # Errors
    /// [`KeyError`], as for [`from_jwk`](Self::from_jwk).
    ///
    /// ```
    /// # use aura_jose::{Jwk, KeyError, SigningAlgorithm, SigningKey, VerificationKey};
    /// let published = SigningKey::from_seed(&[7; 32])?.verification_key().to_jwk();
    /// let jwk = Jwk::parse(&published.to_string())?;
    /// assert!(VerificationKey::from_parsed_jwk(SigningAlgorithm::EdDsa, &jwk).is_ok());
    /// assert!(VerificationKey::from_parsed_jwk(SigningAlgorithm::Es256, &jwk).is_err());
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_parsed_jwk(algorithm: SigningAlgorithm, jwk: &Jwk) -> Result<Self, KeyError> {
        if jwk.is_private() {
            return Err(KeyError::Unsuitable { algorithm });
        }
        Self::new(algorithm, jwk.public_key(algorithm, "verify")?, jwk.kid()?)
    }

    pub(crate) fn new(
        algorithm: SigningAlgorithm,
        key: PublicKey,
        kid: Option<String>,
    ) -> Result<Self, KeyError> {
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

    /// Sets the key's id, the `kid` of its tokens (RFC 7515 section 4.1.4). A key with an id still verifies tokens that name
    /// none.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey};
    /// let unnamed = SigningKey::from_seed(&[7; 32])?;
    /// let key = unnamed.verification_key().clone().with_kid("2026-10");
    /// assert!(key.verify_jwt(&unnamed.sign_jwt(b"{}")?).is_ok());
    /// assert!(key.verify_jwt(&unnamed.with_kid("2026-11").sign_jwt(b"{}")?).is_err());
    /// # Ok::<(), KeyError>(())
    /// ```
    #[must_use = "the key is returned with its id"]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// Returns the id by which tokens name the key (RFC 7515 section 4.1.4).
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// assert_eq!(key.verification_key().kid(), None);
    /// assert_eq!(key.with_kid("a").verification_key().kid(), Some("a"));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Writes the key as a JWK of the members that its thumbprint has, without id (RFC 7638 section 3.2, RFC 8037 section 2).
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningAlgorithm, VerificationKey};
    /// let jwk = r#"{"crv":"Ed25519","kid":"a","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let key = VerificationKey::from_jwk(SigningAlgorithm::EdDsa, jwk)?;
    /// assert_eq!(key.to_jwk().to_string(), jwk.replace(r#""kid":"a","#, ""));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn to_jwk(&self) -> Value {
        self.key.to_jwk()
    }

    /// Returns the one algorithm that the key is for.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningAlgorithm, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// assert_eq!(key.verification_key().algorithm(), SigningAlgorithm::EdDsa);
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Tells whether it is the same key as another, whatever id or algorithm it goes by.
    ///
    /// ```
    /// # use aura_jose::{KeyError, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// let renamed = key.verification_key().clone().with_kid("a");
    /// assert!(renamed.is_same_key(key.verification_key()));
    /// assert_ne!(&renamed, key.verification_key());
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Verifies a compact JWS, and returns its payload (RFC 7515 section 5.2).
    ///
    /// Its header has this key's algorithm, `typ` JWT, no `cty`, and this key's id or none. Its claims are not checked.
    ///
    /// # Errors
    /// [`Refused`] for every other token.
    ///
    /// ```
    /// # use aura_jose::{KeyError, Refused, SigningKey, base64url};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// let token = key.sign_jwt(br#"{"sub":"ada"}"#)?;
    /// assert_eq!(key.verification_key().verify_jwt(&token)?, br#"{"sub":"ada"}"#);
    ///
    /// let payload = token.split('.').nth(1).unwrap_or_default();
    /// let unsigned = format!("{}.{payload}.", base64url::encode(r#"{"alg":"none","typ":"JWT"}"#));
    /// assert_eq!(key.verification_key().verify_jwt(&unsigned), Err(Refused));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn verify_jwt(&self, token: &str) -> Result<Vec<u8>, Refused> {
        let jws = CompactJws::split(token)?;
        self.verify_under(&Header::parse(jws.header)?, &jws)
    }

    /// Verifies what was split, whose header was read.
    pub(crate) fn verify_under(&self, header: &Header, jws: &CompactJws<'_>) -> Result<Vec<u8>, Refused> {
        if !header.is("alg", self.algorithm.name())
            || header.contains("cty")
            || !header.may_mean(self.kid.as_deref())?
        {
            return Err(Refused);
        }
        self.verify(jws.signed.as_bytes(), &jws.signature)?;
        base64url::decode(jws.payload)
    }

    /// Verifies a signature in the form that JWS gives it: ECDSA's as r and s of fixed length (RFC 7518 section 3.4).
    ///
    /// # Errors
    /// [`Refused`] if the key did not make it for this text.
    ///
    /// ```
    /// # use aura_jose::{KeyError, Refused, SigningKey};
    /// let key = SigningKey::from_seed(&[7; 32])?;
    /// let signature = key.sign(b"text")?;
    /// assert_eq!(key.verification_key().verify(b"text", &signature), Ok(()));
    /// assert_eq!(key.verification_key().verify(b"Text", &signature), Err(Refused));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn verify(&self, text: &[u8], signature: &[u8]) -> Result<(), Refused> {
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
