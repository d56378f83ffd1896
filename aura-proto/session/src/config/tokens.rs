//! The protection of session tokens.

use super::ConfigError;
use crate::session::protection::{KeyPairs, Mode, SignatureConfig, TokenConfig};
use crate::tables::setters;
use aura_jose::{KeyIds, MacAlgorithm, SigningAlgorithm, SigningKey, VerificationKey};
use std::sync::Arc;

/// How session tokens are protected: by default, sealed with keys of the secret.
///
/// Tokens are the wire contract's, byte for byte. Reading is stricter than there: a token with another spelling of
/// base64url, with a name twice, with text that is not UTF-8, with times that are no whole seconds, without `jti`, or
/// that names a key that is not configured, is refused. RSA and ECDSA key pairs verify, but do not sign: see
/// [`SigningKey`]. Encryption is `dir` with `A256GCM` (RFC 7518 sections 4.5 and 5.3), and nothing else.
///
/// ```
/// use aura_proto::{SessionTokenFormat, SigningAlgorithm};
/// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// # let builder = aura_proto::Auth::builder(secret, salt);
/// # let (now, entropy) = (aura_proto::UnixTime::from_secs(1_790_000_000), aura_proto::Entropy::from_os_bytes([7; 32]));
/// let format = SessionTokenFormat::sealed().signing_algorithm(SigningAlgorithm::Hs512);
/// let auth = builder.session_token_format(format).build()?;
/// // The application's own tokens have the same algorithm, whose signature is 64 bytes.
/// let token = auth.jose().sign(&serde_json::json!({ "order": 4711 }), now, entropy)?;
/// assert_eq!(token.rsplit('.').next().map(str::len), Some(86));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to Builder::session_token_format"]
pub struct SessionTokenFormat {
    mode: Mode,
    signing: Signing,
    earlier: Vec<VerificationKey>,
    key_ids: KeyIds,
}

/// The signing method of session tokens; the last call wins.
#[derive(Clone, Debug)]
enum Signing {
    Algorithm(SigningAlgorithm),
    Key(SigningKey),
}

impl Default for SessionTokenFormat {
    fn default() -> Self {
        Self::sealed()
    }
}

impl SessionTokenFormat {
    /// Signs the claims and encrypts the result (RFC 7519 section 11.2): the default.
    pub fn sealed() -> Self {
        Self::new(Mode::Sealed)
    }

    /// Signs the claims (RFC 7515). The holder of the cookie can read them.
    pub fn signed() -> Self {
        Self::new(Mode::Signed)
    }

    /// Encrypts the claims (RFC 7516), which authenticates them too.
    pub fn encrypted() -> Self {
        Self::new(Mode::Encrypted)
    }

    fn new(mode: Mode) -> Self {
        Self {
            mode,
            signing: Signing::Algorithm(SigningAlgorithm::Hs256),
            earlier: Vec::new(),
            key_ids: KeyIds::Omitted,
        }
    }

    setters! {
        /// Chooses the hash that tokens are signed with by a key of the secret; by default HS256.
        ///
        /// The application's own tokens have the same hash. Other algorithms need a [`signing_key`](Self::signing_key).
        pub fn signing_algorithm(algorithm: SigningAlgorithm) { signing = Signing::Algorithm(algorithm) }

        /// Signs tokens with a key pair instead of a key of the secret.
        pub fn signing_key(key: SigningKey) { signing = Signing::Key(key) }

        /// Writes into the header of each token which secret protects it (`kid`, RFC 7515 section 4.1.4), so that a site
        /// with several secrets opens it at the first try. By default tokens have no `kid`, as in the wire contract,
        /// and each secret is tried; other implementations of the contract read tokens with an id all the same.
        ///
        /// A key pair writes an id of its own, if it has one. Either way a token that names an unknown key is refused.
        pub fn key_ids() { key_ids = KeyIds::Written }
    }

    /// Adds a key whose tokens are accepted beside those of the [`signing_key`](Self::signing_key). Any number of
    /// times.
    pub fn previous_key(mut self, key: VerificationKey) -> Self {
        self.earlier.push(key);
        self
    }

    /// Checks the keys and the algorithm.
    #[doc(hidden)]
    pub fn check(self) -> Result<TokenConfig, ConfigError> {
        let signature = match self.signing {
            Signing::Algorithm(_) if !self.earlier.is_empty() => return Err(ConfigError::UnusedTokenKey),
            Signing::Key(_) if self.mode == Mode::Encrypted => return Err(ConfigError::UnusedTokenKey),
            Signing::Algorithm(algorithm) => SignatureConfig::Secret(check_hash(algorithm)?),
            Signing::Key(key) => SignatureConfig::KeyPairs(Arc::new(KeyPairs::new(key, self.earlier))),
        };
        Ok(TokenConfig { mode: self.mode, signature, key_ids: self.key_ids })
    }
}

fn check_hash(algorithm: SigningAlgorithm) -> Result<MacAlgorithm, ConfigError> {
    MacAlgorithm::try_from(algorithm).map_err(|_| {
        let remedy = if algorithm == SigningAlgorithm::EdDsa {
            "it signs with a key pair; give one with signing_key"
        } else if algorithm == SigningAlgorithm::Es512 {
            "the cryptography library lacks it; give an EdDSA key with signing_key, or use HS512"
        } else {
            "it signs with a key pair; give one with signing_key, made by the host"
        };
        ConfigError::Algorithm { algorithm: algorithm.name(), remedy }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        let jwk = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        SigningKey::from_jwk(SigningAlgorithm::EdDsa, jwk).unwrap()
    }

    fn refused(tokens: SessionTokenFormat) -> ConfigError {
        tokens.check().unwrap_err()
    }

    #[test]
    fn each_algorithm_that_cannot_be_used_is_refused_by_its_name() {
        for name in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
        {
            let error = refused(SessionTokenFormat::sealed().signing_algorithm(name.parse().unwrap()));
            assert!(matches!(error, ConfigError::Algorithm { algorithm, .. } if algorithm == name), "{name}");
        }
        for name in ["HS256", "HS384", "HS512"] {
            assert!(
                SessionTokenFormat::sealed().signing_algorithm(name.parse().unwrap()).check().is_ok(),
                "{name}"
            );
        }
    }

    #[test]
    fn a_key_that_nothing_would_use_is_a_mistake() {
        let public = || key().verification_key().clone();
        for tokens in [
            SessionTokenFormat::encrypted().signing_key(key()),
            SessionTokenFormat::sealed().previous_key(public()),
            SessionTokenFormat::encrypted().signing_key(key()).previous_key(public()),
        ] {
            assert_eq!(refused(tokens), ConfigError::UnusedTokenKey);
        }
        assert!(SessionTokenFormat::sealed().signing_key(key()).previous_key(public()).check().is_ok());
    }

    #[test]
    fn se_07_a_configuration_prints_no_key() {
        let printed = format!("{:?}", SessionTokenFormat::signed().signing_key(key()));
        assert!(!printed.contains("nWGx") && !printed.contains("157"), "{printed}");
    }
}
