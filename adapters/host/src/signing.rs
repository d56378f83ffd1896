//! RSA and ECDSA signatures, made with the system's random source, which the core does not have.

use aura_proto::{KeyError, SigningAlgorithm, SigningKey, VerificationKey};
use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, RsaEncoding, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;

/// Makes a key that signs session tokens of a PEM pair: `PUBLIC KEY` (SPKI) and `PRIVATE KEY` (PKCS#8, RFC 5958).
///
/// It is a reader of keys for [`Environment::keys_by`](crate::env::Environment::keys_by).
///
/// # Errors
/// [`KeyError`] if one of them cannot be read, does not fit the algorithm, or belongs to another pair.
///
/// ```
/// use aura_host::signing_key;
/// use aura_proto::{KeyError, SigningAlgorithm, SigningKey};
///
/// fn from_files(public: &str, private: &str) -> Result<SigningKey, KeyError> {
///     signing_key(SigningAlgorithm::Rs256, public, private)
/// }
/// assert!(from_files("no key", "no key").is_err());
/// ```
pub fn signing_key(algorithm: SigningAlgorithm, public: &str, private: &str) -> Result<SigningKey, KeyError> {
    let public = VerificationKey::from_pem(algorithm, public)?;
    let der = PrivatePkcs8KeyDer::from_pem_slice(private.as_bytes()).map_err(|_| KeyError::Malformed)?;
    let der = der.secret_pkcs8_der();
    let key = match algorithm {
        SigningAlgorithm::EdDsa => SigningKey::from_pem(algorithm, private)?,
        SigningAlgorithm::Rs256 => rsa(algorithm, public.clone(), der, &signature::RSA_PKCS1_SHA256)?,
        SigningAlgorithm::Rs384 => rsa(algorithm, public.clone(), der, &signature::RSA_PKCS1_SHA384)?,
        SigningAlgorithm::Rs512 => rsa(algorithm, public.clone(), der, &signature::RSA_PKCS1_SHA512)?,
        SigningAlgorithm::Ps256 => rsa(algorithm, public.clone(), der, &signature::RSA_PSS_SHA256)?,
        SigningAlgorithm::Ps384 => rsa(algorithm, public.clone(), der, &signature::RSA_PSS_SHA384)?,
        SigningAlgorithm::Ps512 => rsa(algorithm, public.clone(), der, &signature::RSA_PSS_SHA512)?,
        SigningAlgorithm::Es256 => {
            ecdsa(algorithm, public.clone(), der, &signature::ECDSA_P256_SHA256_FIXED_SIGNING)?
        }
        SigningAlgorithm::Es384 => {
            ecdsa(algorithm, public.clone(), der, &signature::ECDSA_P384_SHA384_FIXED_SIGNING)?
        }
        SigningAlgorithm::Es512
        | SigningAlgorithm::Hs256
        | SigningAlgorithm::Hs384
        | SigningAlgorithm::Hs512
        | _ => return Err(KeyError::Unsupported { algorithm }),
    };
    // A token of this key must open with its public half: halves of two pairs would reject every session.
    if key.is_pair_of(&public) { Ok(key) } else { Err(KeyError::Unsuitable { algorithm }) }
}

fn rsa(
    algorithm: SigningAlgorithm,
    public: VerificationKey,
    der: &[u8],
    encoding: &'static dyn RsaEncoding,
) -> Result<SigningKey, KeyError> {
    let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| KeyError::Unsuitable { algorithm })?;
    Ok(SigningKey::external(public, move |text| {
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), text, &mut signature).ok()?;
        Some(signature)
    }))
}

fn ecdsa(
    algorithm: SigningAlgorithm,
    public: VerificationKey,
    der: &[u8],
    signing: &'static signature::EcdsaSigningAlgorithm,
) -> Result<SigningKey, KeyError> {
    let pair = EcdsaKeyPair::from_pkcs8(signing, der, &SystemRandom::new())
        .map_err(|_| KeyError::Unsuitable { algorithm })?;
    Ok(SigningKey::external(public, move |text| {
        Some(pair.sign(&SystemRandom::new(), text).ok()?.as_ref().to_vec())
    }))
}
