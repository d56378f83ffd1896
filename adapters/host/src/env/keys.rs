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
mod tests {
    use super::*;
    use serde_json::Value;

    /// A pair of the recorded data: its public half and its private one.
    fn pem(id: &str) -> [String; 2] {
        let golden: Value = serde_json::from_str(include_str!("../../../../tests/golden/jose.json")).unwrap();
        let cases = golden["asymmetric"].as_array().unwrap();
        let case = cases.iter().find(|case| case["id"] == id).unwrap();
        ["publicKey", "privateKey"].map(|half| case["keys_pem"][half].as_str().unwrap().to_owned())
    }

    fn read(variables: &[(&str, &str)]) -> Result<Option<Signature>, EnvError> {
        let lookup = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        signature(&lookup, &read_key)
    }

    /// The algorithm that the environment asks for; `None` where it leaves that to the configuration.
    fn algorithm(variables: &[(&str, &str)]) -> Option<&'static str> {
        Some(match read(variables).unwrap()? {
            Signature::Key(key) => key.verification_key().algorithm().name(),
            Signature::Hash(algorithm) => algorithm.name(),
        })
    }

    fn pair<'a>(public: &'a str, private: &'a str, algorithm: &'a str) -> [(&'a str, &'a str); 3] {
        [("SIGNING_PUBLIC_KEY", public), ("AUTH_SIGNING_PRIVATE_KEY", private), ("SIGNING_ALG", algorithm)]
    }

    fn name(name: &str) -> String {
        name.to_owned()
    }

    #[test]
    fn a_key_pair_beside_a_secret_signs_sessions() {
        let [public, private] = pem("signed EdDSA");
        let on_one_line = private.replace('\n', "\\n");
        for private in [&private, &on_one_line] {
            for prefix in PREFIXES {
                let names = ["SIGNING_PUBLIC_KEY", "SIGNING_PRIVATE_KEY", "SIGNING_ALG"];
                let [of_public, of_private, of_algorithm] = names.map(|name| format!("{prefix}{name}"));
                let variables =
                    [(&*of_public, &*public), (&*of_private, &**private), (&*of_algorithm, " EdDSA ")];
                assert_eq!(algorithm(&variables), Some("EdDSA"));
            }
            let one =
                [("AURA_PUBLIC_KEY", &*public), ("AURA_PRIVATE_KEY", &**private), ("AUTH_ALG", "EdDSA")];
            assert_eq!(algorithm(&one), Some("EdDSA"));
        }
    }

    #[test]
    fn without_a_pair_the_algorithm_is_the_hash_of_the_secrets_key() {
        assert_eq!(algorithm(&[]), None);
        for hash in ["HS256", "HS384", "HS512"] {
            for key in ["SIGNING_ALG", "SIGNING_ALGORITHM", "AURA_AUTH_ALGORITHM", "AURA_ALG"] {
                assert_eq!(algorithm(&[(key, hash)]), Some(hash), "{key}");
            }
        }
        let [all, one] = ["HS384", "HS512"];
        assert_eq!(algorithm(&[("SIGNING_ALG", all), ("SIGNING_ALGORITHM", one)]), Some(all));
        assert_eq!(algorithm(&[("SIGNING_ALGORITHM", all), ("AURA_ALGORITHM", one)]), Some(all));
        assert_eq!(algorithm(&[("AURA_ALGORITHM", all), ("AURA_ALG", one)]), Some(all));
        assert_eq!(algorithm(&[("AURA_SIGNING_ALG", ""), ("SIGNING_ALG", one)]), None, "defined, and empty");
        assert_eq!(algorithm(&[("ENCRYPTION_ALG", "dir")]), None);
    }

    #[test]
    fn bare_names_that_are_anybodys_are_not_looked_at() {
        let bare =
            [("PRIVATE_KEY", "of something else"), ("PUBLIC_KEY", "-"), ("ALG", "lzma"), ("ALGORITHM", "x")];
        assert_eq!(algorithm(&bare), None);
    }

    #[test]
    fn ck_17_each_mistake_names_its_variable_and_the_remedy_and_quotes_no_key() {
        let [public, private] = pem("signed EdDSA");
        let [rsa_public, rsa_private] = pem("signed RS256");
        let refused = |error| EnvError::Key { variable: name("AUTH_SIGNING_PRIVATE_KEY"), error };
        let algorithm =
            |key: &str, value: &str| EnvError::Algorithm { variable: name(key), value: name(value) };
        let half = |variable: &str, present: &str| EnvError::HalfKeyPair {
            variable: name(variable),
            present: name(present),
        };
        let (rs256, eddsa) = (SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa);
        for (variables, expected) in [
            (&pair(&rsa_public, &rsa_private, "")[..], refused(KeyError::CannotSign { algorithm: rs256 })),
            (&pair(&rsa_public, &private, "EdDSA"), refused(KeyError::Unsuitable { algorithm: eddsa })),
            (&pair(&public, "-----BEGIN", "EdDSA"), refused(KeyError::Malformed)),
            (
                &pair(&public, &private, "HS256"),
                refused(KeyError::Unsupported { algorithm: SigningAlgorithm::Hs256 }),
            ),
            (&pair(&public, &private, "none"), algorithm("SIGNING_ALG", "none")),
            (
                &[("AUTH_SIGNING_PRIVATE_KEY", &*private)],
                half("AURA_AUTH_SIGNING_PUBLIC_KEY", "AUTH_SIGNING_PRIVATE_KEY"),
            ),
            (
                &[("SIGNING_PUBLIC_KEY", &*public)],
                half("AURA_AUTH_SIGNING_PRIVATE_KEY", "SIGNING_PUBLIC_KEY"),
            ),
            (&[("AURA_PRIVATE_KEY", &*private)], half("AURA_AUTH_PUBLIC_KEY", "AURA_PRIVATE_KEY")),
            (&[("SIGNING_ALG", "EdDSA")], half("AURA_AUTH_SIGNING_PRIVATE_KEY", "SIGNING_ALG")),
            (&[("AURA_ALG", "hs256")], algorithm("AURA_ALG", "hs256")),
            (&[("ENCRYPTION_ALGORITHM", "RSA-OAEP-256")], algorithm("ENCRYPTION_ALGORITHM", "RSA-OAEP-256")),
            (
                &[("AURA_ENCRYPTION_PUBLIC_KEY", &*rsa_public)],
                EnvError::EncryptionKey { variable: name("AURA_ENCRYPTION_PUBLIC_KEY") },
            ),
            (
                &[("ENCRYPTION_PRIVATE_KEY", &*rsa_private), ("ENCRYPTION_PUBLIC_KEY", &*rsa_public)],
                EnvError::EncryptionKey { variable: name("ENCRYPTION_PRIVATE_KEY") },
            ),
        ] {
            let error = read(variables).unwrap_err();
            assert_eq!(error, expected);
            let sentence = error.to_string();
            assert!(sentence.starts_with(error.variable()) && sentence.contains("; "), "{sentence}");
            assert!(!sentence.contains("BEGIN"), "{sentence}");
        }
    }

    #[test]
    fn the_reader_that_a_host_gives_is_asked_and_nobody_else() {
        let lookup = |name: &str| match name {
            "SIGNING_PUBLIC_KEY" => Some("public".to_owned()),
            "SIGNING_PRIVATE_KEY" => Some("private".to_owned()),
            _ => None,
        };
        let reader = |algorithm, public: &str, private: &str| {
            assert_eq!((algorithm, public, private), (SigningAlgorithm::Rs256, "public", "private"));
            Err(KeyError::Weak { algorithm })
        };
        let asked = signature(&lookup, &reader).unwrap_err();
        let error = KeyError::Weak { algorithm: SigningAlgorithm::Rs256 };
        assert_eq!(asked, EnvError::Key { variable: name("SIGNING_PRIVATE_KEY"), error });
    }
}
