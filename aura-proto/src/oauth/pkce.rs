//! How is a code bound to the one who asked for it? By a proof key (RFC 7636).

use crate::entropy::{Draw, Entropy};
use crate::jose::base64url;
use crate::secret::CodeVerifier;
use ring::digest;

/// Draws a verifier: 32 random bytes in 43 characters (RFC 7636 section 4.1).
pub(crate) fn code_verifier(entropy: &mut Entropy) -> CodeVerifier {
    CodeVerifier::new(base64url::encode(entropy.draw::<32>(Draw::CodeVerifier)))
}

/// Makes the S256 challenge of a verifier (RFC 7636 section 4.2).
pub(crate) fn code_challenge(verifier: &CodeVerifier) -> String {
    base64url::encode(digest::digest(&digest::SHA256, verifier.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_appendix_b() {
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn pk_02_a_verifier_has_43_unreserved_characters() {
        let verifier = code_verifier(&mut Entropy::from_os_bytes([5; 32]));
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        assert_eq!(verifier.expose().len(), 43);
        assert!(verifier.expose().bytes().all(unreserved));
    }
}
