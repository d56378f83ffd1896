//! Where do random values come from? From 32 bytes that the host supplies with each request.

use ring::hkdf;
use std::fmt;

/// The only randomness of one request: 32 bytes of the operating system's random source.
///
/// Every random value is drawn from it by HKDF-SHA-256 (RFC 5869) under the name of its use and a running number, so
/// that no two draws are equal and equal seeds give equal values.
///
/// ```
/// use aura_proto::Entropy;
/// let entropy = Entropy::from_os_bytes([7; 32]);
/// assert_eq!(format!("{entropy:?}"), "Entropy(..)");
/// ```
pub struct Entropy {
    prk: hkdf::Prk,
    draws: u32,
}

/// What a random value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    State,
    CodeVerifier,
    Iv,
    Jti,
    Csrf,
    Nonce,
    Assertion,
    Proof,
}

impl Draw {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::State => b"state",
            Self::CodeVerifier => b"code_verifier",
            Self::Iv => b"iv",
            Self::Jti => b"jti",
            Self::Csrf => b"csrf",
            Self::Nonce => b"nonce",
            Self::Assertion => b"assertion",
            Self::Proof => b"proof",
        }
    }
}

impl Entropy {
    /// Takes 32 fresh bytes from the operating system's random source; never use the same bytes twice.
    ///
    /// ```
    /// let mut bytes = [0; 32];
    /// // getrandom::fill(&mut bytes)?;
    /// let entropy = aura_proto::Entropy::from_os_bytes(bytes);
    /// # let _ = entropy;
    /// ```
    pub fn from_os_bytes(bytes: [u8; 32]) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"aura:entropy").extract(&bytes);
        Self { prk, draws: 0 }
    }

    /// Draws the next value for a use. Each draw has a number of its own, so none repeats.
    pub(crate) fn draw<const N: usize>(&mut self, draw: Draw) -> [u8; N] {
        let number = self.draws.to_be_bytes();
        self.draws = self.draws.wrapping_add(1);
        derive(&self.prk, &[b"aura:entropy:", draw.label(), b":", &number])
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// Expands a pseudo-random key to `N` bytes (RFC 5869 section 2.3).
pub(crate) fn derive<const N: usize>(prk: &hkdf::Prk, info: &[&[u8]]) -> [u8; N] {
    struct Len(usize);
    impl hkdf::KeyType for Len {
        fn len(&self) -> usize {
            self.0
        }
    }
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 gives 8,160 bytes at most") };
    let mut out = [0; N];
    // Cannot fail: N is within HKDF's limit, and `out` has the length asked for.
    let filled = prk.expand(info, Len(N)).and_then(|okm| okm.fill(&mut out));
    debug_assert!(filled.is_ok());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_draws_of_one_request_are_equal() {
        let mut entropy = Entropy::from_os_bytes([1; 32]);
        let first: [u8; 32] = entropy.draw(Draw::State);
        let second: [u8; 32] = entropy.draw(Draw::State);
        let other: [u8; 32] = entropy.draw(Draw::CodeVerifier);
        assert_ne!(first, second);
        assert_ne!(second, other);
    }

    #[test]
    fn equal_seeds_give_equal_values_and_other_seeds_give_others() {
        let draw = |seed| Entropy::from_os_bytes([seed; 32]).draw::<32>(Draw::Jti);
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
