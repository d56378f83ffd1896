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
#[error("no algorithm has this name; names are those of RFC 7518 section 3.1, such as HS256")]
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
