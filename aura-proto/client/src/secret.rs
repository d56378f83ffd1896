//! The text of a CSRF token: redacted in `Debug`, compared in constant time, zeroized on drop.

use aura_types::secret_text;

secret_text! {
    /// A CSRF token as a client presents it: a JWS.
    pub(crate) CsrfText
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CsrfToken;

    /// Fails to compile where a type has one of the traits: then the item exists twice, and none is meant.
    macro_rules! has_none_of {
        ($type:ty: $($trait:path),+) => {
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

    has_none_of!(CsrfText: std::fmt::Display, Copy, std::ops::Deref, AsRef<str>, AsRef<[u8]>, std::hash::Hash, Ord);
    has_none_of!(CsrfToken: std::fmt::Display, Copy, std::ops::Deref, AsRef<str>, AsRef<[u8]>, std::hash::Hash, Ord);

    #[test]
    fn se_11_the_text_of_a_csrf_token_is_overwritten_when_it_is_dropped() {
        fn overwritten<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let CsrfText(text) = CsrfText::new("h.p.s");
        overwritten(&text);
        assert_eq!(text.as_str(), "h.p.s");
    }
}
