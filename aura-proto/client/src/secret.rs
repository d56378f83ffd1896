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

    aura_types::has_none_of!(
        CsrfText, CsrfToken;
        (std::fmt::Display, Copy, std::ops::Deref, AsRef<str>, AsRef<[u8]>, std::hash::Hash, Ord)
    );

    #[test]
    fn se_11_the_text_of_a_csrf_token_is_overwritten_when_it_is_dropped() {
        fn overwritten<T: zeroize::ZeroizeOnDrop>(_: &T) {}
        let CsrfText(text) = CsrfText::new("h.p.s");
        overwritten(&text);
        assert_eq!(text.as_str(), "h.p.s");
    }
}
