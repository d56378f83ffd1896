//! Keys and algorithms of session tokens from the environment.

use super::{EnvError, Lookup, PREFIXES, variable};
use aura_proto::{KeyError, SessionTokenFormat, SigningAlgorithm, SigningKey, VerificationKey};

/// A reader of key pairs: makes a key that signs of an algorithm, the PEM of its public half, and that of the private
/// one. [`read_key`] and `aura_host::signing_key` are two.
pub type ReadKey<'a> = &'a dyn Fn(SigningAlgorithm, &str, &str) -> Result<SigningKey, KeyError>;

/// Reads a key pair that the core itself signs with: Ed25519.
///
/// # Errors
/// [`KeyError`]: [`KeyError::CannotSign`] where it takes a host to sign.
///
/// ```
/// use aura_host::env::read_key;
/// use aura_proto::{KeyError, SigningAlgorithm};
/// assert_eq!(read_key(SigningAlgorithm::EdDsa, "no", "key").unwrap_err(), KeyError::Malformed);
/// ```
pub fn read_key(algorithm: SigningAlgorithm, public: &str, private: &str) -> Result<SigningKey, KeyError> {
    let key = SigningKey::from_pem(algorithm, private)?;
    let public = VerificationKey::from_pem(algorithm, public)?;
    // A token of this key must open with its public half: halves of two pairs would reject every session.
    if key.is_pair_of(&public) { Ok(key) } else { Err(KeyError::Unsuitable { algorithm }) }
}

/// The signature of session tokens that the environment sets.
#[derive(Clone, Debug)]
pub(super) enum Signature {
    /// A key pair.
    Key(SigningKey),
    /// The key of the secret, with this hash.
    Hash(SigningAlgorithm),
}

impl Signature {
    /// Signs tokens so, and leaves their mode alone.
    pub(super) fn of(self, tokens: SessionTokenFormat) -> SessionTokenFormat {
        match self {
            Self::Key(key) => tokens.signing_key(key),
            Self::Hash(algorithm) => tokens.signing_algorithm(algorithm),
        }
    }
}

/// The variables of one key pair.
struct Names {
    private: &'static str,
    public: &'static str,
    algorithms: [&'static str; 2],
    /// The prefixes of each.
    prefixes: &'static [&'static str],
}

const SIGNING: Names = Names {
    private: "SIGNING_PRIVATE_KEY",
    public: "SIGNING_PUBLIC_KEY",
    algorithms: ["SIGNING_ALG", "SIGNING_ALGORITHM"],
    prefixes: &PREFIXES,
};

const ONE_PAIR: Names = Names {
    private: "PRIVATE_KEY",
    public: "PUBLIC_KEY",
    algorithms: ["ALGORITHM", "ALG"],
    prefixes: PREFIXES.split_at(3).0,
};

const ENCRYPTION: Names = Names {
    private: "ENCRYPTION_PRIVATE_KEY",
    public: "ENCRYPTION_PUBLIC_KEY",
    algorithms: ["ENCRYPTION_ALG", "ENCRYPTION_ALGORITHM"],
    prefixes: &PREFIXES,
};

/// A pair without an algorithm is one of this (contract of the variables).
const USUAL: SigningAlgorithm = SigningAlgorithm::Rs256;

impl Names {
    /// Looks a key up; an empty value counts as absent.
    fn find(&self, lookup: Lookup<'_>, key: &str) -> Option<(String, String)> {
        let defined = self.prefixes.iter().find_map(|prefix| {
            let name = format!("{prefix}{key}");
            lookup(&name).map(|value| (name, value))
        });
        defined.filter(|(_, value)| !value.trim().is_empty())
    }

    /// Finds the algorithm, by its name.
    fn algorithm(&self, lookup: Lookup<'_>) -> Option<(String, String)> {
        let found = self.algorithms.iter().find_map(|key| self.find(lookup, key));
        found.map(|(variable, value)| (variable, value.trim().to_owned()))
    }

    /// Reads the pair, if it is there.
    fn read(&self, lookup: Lookup<'_>, read_key: ReadKey<'_>) -> Result<Option<SigningKey>, EnvError> {
        let missing = |key: &str| format!("AURA_AUTH_{key}");
        let (variable, private, public) =
            match (self.find(lookup, self.private), self.find(lookup, self.public)) {
                (None, None) => return Ok(None),
                (Some((present, _)), None) => {
                    return Err(EnvError::HalfKeyPair { variable: missing(self.public), present });
                }
                (None, Some((present, _))) => {
                    return Err(EnvError::HalfKeyPair { variable: missing(self.private), present });
                }
                (Some((variable, private)), Some((_, public))) => (variable, private, public),
            };
        let algorithm = match self.algorithm(lookup) {
            None => USUAL,
            Some((variable, value)) => value.parse().map_err(|_| EnvError::Algorithm { variable, value })?,
        };
        // Files of variables have one line each; no PEM has a backslash of its own.
        let [public, private] = [public, private].map(|pem| pem.replace("\\n", "\n"));
        read_key(algorithm, &public, &private).map(Some).map_err(|error| EnvError::Key { variable, error })
    }
}

/// Returns what signs session tokens, if the environment sets it.
pub(super) fn signature(lookup: Lookup<'_>, read_key: ReadKey<'_>) -> Result<Option<Signature>, EnvError> {
    for half in [ENCRYPTION.private, ENCRYPTION.public] {
        if let Some((variable, _)) = ENCRYPTION.find(lookup, half) {
            return Err(EnvError::EncryptionKey { variable });
        }
    }
    // RFC 7518 section 4.5: the key of the secret is the content's key. There is no other way here.
    match ENCRYPTION.algorithm(lookup) {
        Some((variable, value)) if value != "dir" => return Err(EnvError::Algorithm { variable, value }),
        Some(_) | None => {}
    }
    for pair in [SIGNING, ONE_PAIR] {
        if let Some(key) = pair.read(lookup, read_key)? {
            return Ok(Some(Signature::Key(key)));
        }
    }
    let Some((variable, value)) = SIGNING.algorithm(lookup).or_else(|| ONE_PAIR.algorithm(lookup)) else {
        return Ok(None);
    };
    let Ok(algorithm) = value.parse::<SigningAlgorithm>() else {
        return Err(EnvError::Algorithm { variable, value });
    };
    use SigningAlgorithm::{Hs256, Hs384, Hs512};
    if !matches!(algorithm, Hs256 | Hs384 | Hs512) {
        let missing = format!("AURA_AUTH_{}", SIGNING.private);
        return Err(EnvError::HalfKeyPair { variable: missing, present: variable });
    }
    Ok(Some(Signature::Hash(algorithm)))
}

/// Replaces the error of a missing secret by one that names a PEM key, if there is one.
pub(super) fn pem_key(lookup: Lookup<'_>, error: EnvError) -> EnvError {
    let halves = [ONE_PAIR, SIGNING, ENCRYPTION].map(|names| [names.private, names.public]);
    let set = halves.as_flattened().iter().find_map(|key| variable(lookup, key));
    match (error, set) {
        (EnvError::Missing { .. }, Some((variable, _))) => EnvError::PemKey { variable },
        (error, _) => error,
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
