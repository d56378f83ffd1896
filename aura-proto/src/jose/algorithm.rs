//! Which algorithms have a name here? Those of the wire contract, whether or not they can be used (RFC 7518).

use std::fmt;
use std::str::FromStr;

/// A name that no algorithm of the wire contract has.
///
/// ```
/// use aura_proto::{SigningAlgorithm, UnknownAlgorithm};
/// assert_eq!("none".parse::<SigningAlgorithm>(), Err(UnknownAlgorithm));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no algorithm has this name; names are those of RFC 7518, such as HS256, dir or A256GCM")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to say beyond its type")]
pub struct UnknownAlgorithm;

/// Declares a table of algorithms: a variant and its registered name a row.
macro_rules! algorithms {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$row])* $variant,)+
        }

        impl $name {
            /// Returns the registered name (RFC 7518, RFC 8037); the example of the type shows it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownAlgorithm;

            fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
                match name {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownAlgorithm),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

algorithms! {
    /// How a token is signed (RFC 7518 section 3.1, RFC 8037 section 3.1).
    ///
    /// ```
    /// use aura_proto::SigningAlgorithm;
    /// assert_eq!("EdDSA".parse(), Ok(SigningAlgorithm::EdDsa));
    /// assert_eq!(SigningAlgorithm::EdDsa.name(), "EdDSA");
    /// ```
    SigningAlgorithm {
        /// HMAC with SHA-256, by a key derived from the secret.
        Hs256 = "HS256",
        /// HMAC with SHA-384, by a key derived from the secret.
        Hs384 = "HS384",
        /// HMAC with SHA-512, by a key derived from the secret.
        Hs512 = "HS512",
        /// RSA PKCS#1 v1.5 with SHA-256: verified, not signed with.
        Rs256 = "RS256",
        /// RSA PKCS#1 v1.5 with SHA-384: verified, not signed with.
        Rs384 = "RS384",
        /// RSA PKCS#1 v1.5 with SHA-512: verified, not signed with.
        Rs512 = "RS512",
        /// RSA-PSS with SHA-256: verified, not signed with.
        Ps256 = "PS256",
        /// RSA-PSS with SHA-384: verified, not signed with.
        Ps384 = "PS384",
        /// RSA-PSS with SHA-512: verified, not signed with.
        Ps512 = "PS512",
        /// ECDSA on P-256 with SHA-256: verified, not signed with.
        Es256 = "ES256",
        /// ECDSA on P-384 with SHA-384: verified, not signed with.
        Es384 = "ES384",
        /// ECDSA on P-521 with SHA-512: refused.
        Es512 = "ES512",
        /// Ed25519: signed with and verified.
        EdDsa = "EdDSA",
    }
}

algorithms! {
    /// How the key of the content is agreed on (RFC 7518 section 4.1). Only `dir` can be used.
    ///
    /// ```
    /// use aura_proto::KeyAlgorithm;
    /// assert_eq!("dir".parse(), Ok(KeyAlgorithm::Dir));
    /// assert_eq!(KeyAlgorithm::RsaOaep256.name(), "RSA-OAEP-256");
    /// ```
    KeyAlgorithm {
        /// The key derived from the secret is the content's key.
        Dir = "dir",
        /// AES key wrap, 128 bits: refused.
        A128Kw = "A128KW",
        /// AES key wrap, 192 bits: refused.
        A192Kw = "A192KW",
        /// AES key wrap, 256 bits: refused.
        A256Kw = "A256KW",
        /// Elliptic curve Diffie-Hellman: refused.
        EcdhEs = "ECDH-ES",
        /// Elliptic curve Diffie-Hellman with key wrap, 128 bits: refused.
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        /// Elliptic curve Diffie-Hellman with key wrap, 256 bits: refused.
        EcdhEsA256Kw = "ECDH-ES+A256KW",
        /// RSA-OAEP with SHA-1: refused.
        RsaOaep = "RSA-OAEP",
        /// RSA-OAEP with SHA-256: refused.
        RsaOaep256 = "RSA-OAEP-256",
    }
}

algorithms! {
    /// How the content is encrypted (RFC 7518 section 5.1). Only `A256GCM` can be used.
    ///
    /// ```
    /// use aura_proto::ContentEncryption;
    /// assert_eq!("A256GCM".parse(), Ok(ContentEncryption::A256Gcm));
    /// assert_eq!(ContentEncryption::A256Gcm.name(), "A256GCM");
    /// ```
    ContentEncryption {
        /// AES-256-GCM.
        A256Gcm = "A256GCM",
        /// AES-128-GCM: refused, the derived key has 256 bits.
        A128Gcm = "A128GCM",
        /// AES-192-GCM: refused.
        A192Gcm = "A192GCM",
        /// AES-128-CBC with HMAC-SHA-256: refused.
        A128CbcHs256 = "A128CBC-HS256",
        /// AES-192-CBC with HMAC-SHA-384: refused.
        A192CbcHs384 = "A192CBC-HS384",
        /// AES-256-CBC with HMAC-SHA-512: refused.
        A256CbcHs512 = "A256CBC-HS512",
    }
}
