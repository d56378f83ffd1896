//! SHA-256 digests of secrets, and their comparison in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq as _;

/// `BASE64URL-ENCODE(SHA256(ASCII(text)))`, the S256 transformation (RFC 7636 section 4.2).
pub(crate) fn s256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

/// Stands for a secret where only recognising it is needed: its digest, which may be shown and ordered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fingerprint(String);

impl Fingerprint {
    pub(crate) fn of(secret: &str) -> Self {
        Self(s256(secret))
    }

    /// Compares in a time that does not depend on where the two differ.
    pub(crate) fn matches(&self, secret: &str) -> bool {
        self.0.as_bytes().ct_eq(s256(secret).as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s256_gives_the_example_of_rfc_7636_appendix_b() {
        let challenge = s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_fingerprint_matches_its_secret_and_no_other() {
        let fingerprint = Fingerprint::of("secret");
        assert!(fingerprint.matches("secret"));
        assert!(!fingerprint.matches("secret "));
        assert!(!fingerprint.matches(""));
    }
}
