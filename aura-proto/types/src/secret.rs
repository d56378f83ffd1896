//! Secret texts: redacted in `Debug`, compared in constant time, zeroized on drop.

/// Declares a secret text: redacted `Debug`, no `Display`, constant-time `==`, zeroized on drop.
///
/// ```
/// aura_types::secret_text! {
///     /// A secret of this example.
///     pub Pin
/// }
/// let pin = Pin::new("1234");
/// assert_eq!(format!("{pin:?}"), "Pin(..)");
/// assert!(pin == Pin::new("1234") && pin.expose() == "1234");
/// ```
#[macro_export]
macro_rules! secret_text {
    ($(#[$doc:meta])* $visibility:vis $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        $visibility struct $name($crate::Zeroizing<String>);

        #[allow(dead_code, reason = "each secret has the same few methods, used or not")]
        impl $name {
            /// Takes the secret.
            $visibility fn new(text: impl Into<String>) -> Self {
                Self($crate::Zeroizing::new(text.into()))
            }

            /// Reads the secret, to put it where the protocol wants it and nowhere else.
            $visibility fn expose(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $crate::ConstantTimeEq::ct_eq(self.0.as_bytes(), other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}
    };
}

/// Fails to compile where a type has one of the traits: then the item exists twice, and none is meant. For tests of secrets.
#[doc(hidden)]
#[macro_export]
macro_rules! has_none_of {
    ($($type:ty),+; $traits:tt) => {
        $($crate::has_none_of!(@one $type; $traits);)+
    };
    (@one $type:ty; ($($trait:path),+)) => {
        const _: fn() = || {
            trait Ambiguous<T> {
                fn item() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            $({
                struct Has;
                impl<T: ?Sized + $trait> Ambiguous<Has> for T {}
            })+
            let _ = <$type as Ambiguous<_>>::item;
        };
    };
}

secret_text! {
    /// The token that opens a provider's resources (RFC 6749 section 1.4, RFC 6750).
    ///
    /// ```
    /// let token = aura_types::AccessToken::new("gho_x");
    /// assert_eq!(format!("{token:?}"), "AccessToken(..)");
    /// assert_eq!(token.expose(), "gho_x");
    /// ```
    pub AccessToken
}
secret_text! {
    /// The token that gets new access tokens (RFC 6749 section 1.5).
    pub RefreshToken
}
secret_text! {
    /// The token that describes the user (OpenID Connect Core section 2).
    pub IdToken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes the field out of each type, and compiles only if dropping it overwrites it.
    #[test]
    fn se_11_what_a_token_holds_is_overwritten_when_it_is_dropped() {
        fn overwritten<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let (AccessToken(access), RefreshToken(refresh), IdToken(id)) =
            (AccessToken::new("text"), RefreshToken::new("text"), IdToken::new("text"));
        for text in [access, refresh, id] {
            overwritten(&text);
            assert_eq!(text.as_str(), "text");
        }
    }
}
