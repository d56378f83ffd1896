//! Errors of the environment: the variable, and the remedy.

use aura_proto::{KeyError, WeakSecret};
use std::fmt;

/// What is wrong with the environment: the variable, and the remedy. No secret is in it. `Debug` writes the remedy, too, because
/// a `main` that returns the error prints it so.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// A variable that is required is not set.
    #[error("{variable} is not set; make a value with: openssl rand -base64 32")]
    Missing {
        /// The variable.
        variable: String,
    },
    /// A PEM key is set in place of a secret.
    #[error(
        "{variable} is set, but AURA_AUTH_SECRET is not, and key pairs do no more than sign sessions; set it, too, to what openssl rand -base64 32 says"
    )]
    PemKey {
        /// The variable.
        variable: String,
    },
    /// Half of a key pair is there, or an algorithm for one, and nothing else of it.
    #[error("{variable} is not set, but {present} is; set both halves of a pair, as PEM, or neither")]
    HalfKeyPair {
        /// The variable that is missing.
        variable: String,
        /// The variable that is set.
        present: String,
    },
    /// A key pair is given to encrypt with, which none can here.
    #[error("{variable} is set, but sessions are encrypted with a key of AURA_AUTH_SECRET alone; remove it")]
    EncryptionKey {
        /// The variable.
        variable: String,
    },
    /// A key pair cannot be used.
    #[error("{variable} is refused: {error}")]
    Key {
        /// The variable of its private half.
        variable: String,
        /// Why.
        #[source]
        error: KeyError,
    },
    /// An algorithm cannot be used, or is none.
    #[error(
        "{variable} is {value:?}, which cannot be used; give HS256, HS384 or HS512, an algorithm of the key pair, or dir to encrypt with"
    )]
    Algorithm {
        /// The variable.
        variable: String,
        /// The value given.
        value: String,
    },
    /// A secret or salt is too weak.
    #[error("{variable}: {weakness}")]
    Weak {
        /// The variable.
        variable: String,
        /// In what.
        #[source]
        weakness: WeakSecret,
    },
    /// A base URL is not an origin.
    #[error(
        "{variable} is {value:?}, which is not an origin; give scheme and host, as in https://example.com"
    )]
    BaseUrl {
        /// The variable.
        variable: String,
        /// The value given.
        value: String,
    },
    /// An entry is not an origin or a pattern of one.
    #[error(
        "{variable} has {value:?}; give origins such as https://example.com, https://*.example.com or https://example.com:*"
    )]
    TrustedOrigin {
        /// The variable.
        variable: String,
        /// The entry.
        value: String,
    },
    /// An option is none of its words.
    #[error("{variable} is {value:?}, which it cannot be; give {words}")]
    Word {
        /// The variable.
        variable: String,
        /// The value given.
        value: String,
        /// What it can be.
        words: &'static str,
    },
    /// A provider has a client id or a client secret, but not both.
    #[error("{variable} is not set, but {present} is; set both or none")]
    HalfCredentials {
        /// The variable that is missing.
        variable: String,
        /// The variable that is set.
        present: String,
    },
}

impl fmt::Debug for EnvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl EnvError {
    /// Returns the variable to look at.
    ///
    /// ```
    /// let error = aura_host::env::builder(&|_| None).unwrap_err();
    /// assert_eq!(error.variable(), "AURA_AUTH_SECRET");
    /// ```
    pub fn variable(&self) -> &str {
        match self {
            Self::Missing { variable }
            | Self::PemKey { variable }
            | Self::HalfKeyPair { variable, .. }
            | Self::EncryptionKey { variable }
            | Self::Key { variable, .. }
            | Self::Algorithm { variable, .. }
            | Self::Weak { variable, .. }
            | Self::BaseUrl { variable, .. }
            | Self::TrustedOrigin { variable, .. }
            | Self::Word { variable, .. }
            | Self::HalfCredentials { variable, .. } => variable,
        }
    }
}
