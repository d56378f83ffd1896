//! Secret values of sign-ins: redacted in `Debug`, compared in constant time, zeroized on drop.

pub use aura_session::{Salt, Secret};
pub use aura_types::{AccessToken, IdToken, RefreshToken};

use aura_types::secret_text;
use serde::{Deserialize, Deserializer};

secret_text! {
    /// A client's secret at a provider (RFC 6749 section 2.3.1).
    ///
    /// ```
    /// let secret = aura_proto::ClientSecret::new("s3cret");
    /// assert_eq!(format!("{secret:?}"), "ClientSecret(..)");
    /// assert_eq!(secret.expose(), "s3cret");
    /// ```
    pub ClientSecret
}
impl<'de> Deserialize<'de> for ClientSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

secret_text! {
    /// The proof key of one attempt (RFC 7636 section 4.1).
    pub CodeVerifier
}
secret_text! {
    /// The value that binds a callback to its attempt (RFC 6749 section 10.12).
    pub State
}
secret_text! {
    /// The value that binds an ID token to its attempt (OpenID Connect Core 1.0 section 15.5.2).
    pub Nonce
}
secret_text! {
    /// The one-time code of a callback (RFC 6749 section 4.1.2).
    pub AuthorizationCode
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt;

    aura_types::has_none_of!(
        ClientSecret, CodeVerifier, State, Nonce, AuthorizationCode, AccessToken, RefreshToken, IdToken;
        (fmt::Display, Copy, serde::Serialize, std::ops::Deref, AsRef<str>, AsRef<[u8]>, std::hash::Hash, Ord)
    );

    /// Takes the field out of each type, and compiles only if dropping it overwrites it.
    #[test]
    fn se_11_what_a_secret_holds_is_overwritten_when_it_is_dropped() {
        fn overwritten<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        macro_rules! check {
            ($($name:ident),+) => {
                $({
                    let $name(text) = $name::new("text");
                    overwritten(&text);
                    assert_eq!(text.as_str(), "text");
                })+
            };
        }
        check!(ClientSecret, CodeVerifier, State, Nonce, AuthorizationCode);
    }

    #[test]
    fn secrets_compare_by_value_and_never_print() {
        let code = AuthorizationCode::new("c0de");
        assert_eq!(code, AuthorizationCode::new("c0de"));
        assert_ne!(code, AuthorizationCode::new("c0de2"));
        assert_eq!(format!("{code:?}"), "AuthorizationCode(..)");
    }
}
