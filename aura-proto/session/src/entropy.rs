//! The random values of a request, drawn from 32 bytes that the host supplies.

#[cfg(test)]
#[path = "entropy_vector_tests.rs"]
mod vector_tests;

use ring::{hkdf, hmac};
use std::fmt;
use zeroize::Zeroizing;

/// The only randomness of one request: 32 bytes of the operating system's random source.
///
/// Every random value is drawn from it by HKDF-SHA-256 (RFC 5869) under the name of its use and a running number, so
/// that no two draws are equal and equal seeds give equal values.
///
/// ```
/// use aura_session::Entropy;
/// let entropy = Entropy::from_os_bytes([7; 32]);
/// assert_eq!(format!("{entropy:?}"), "Entropy(..)");
/// ```
pub struct Entropy {
    seed: Zeroizing<[u8; 32]>,
    /// Made at the first draw: most requests draw nothing. A box, because its 220 bytes would be moved with every request.
    drawn: Option<Box<Drawn>>,
}

/// What draws are made from.
struct Drawn {
    prk: hmac::Key,
    draws: Draws,
}

const SALT: &[u8] = b"aura:entropy";

/// The purpose of a random value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum Draw {
    /// A state.
    State,
    /// A proof key.
    CodeVerifier,
    /// An initialization vector.
    Iv,
    /// The id of a token.
    Jti,
    /// The value of a CSRF token.
    Csrf,
    /// A nonce.
    Nonce,
    /// The id of a client assertion.
    Assertion,
    /// The id of a proof.
    Proof,
    /// A ticket.
    Ticket,
    /// The holder of a lease.
    Lease,
    /// The length of a pause.
    Pause,
}

impl Draw {
    /// Returns what the info of each draw begins with.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::State => b"aura:entropy:state:",
            Self::CodeVerifier => b"aura:entropy:code_verifier:",
            Self::Iv => b"aura:entropy:iv:",
            Self::Jti => b"aura:entropy:jti:",
            Self::Csrf => b"aura:entropy:csrf:",
            Self::Nonce => b"aura:entropy:nonce:",
            Self::Assertion => b"aura:entropy:assertion:",
            Self::Proof => b"aura:entropy:proof:",
            Self::Ticket => b"aura:entropy:ticket:",
            Self::Lease => b"aura:entropy:lease:",
            Self::Pause => b"aura:entropy:pause:",
        }
    }
}

/// How many values of each use have been drawn.
#[derive(Default)]
struct Draws {
    state: u32,
    code_verifier: u32,
    iv: u32,
    jti: u32,
    csrf: u32,
    nonce: u32,
    assertion: u32,
    proof: u32,
    ticket: u32,
    lease: u32,
    pause: u32,
}

impl Draws {
    const fn of(&mut self, draw: Draw) -> &mut u32 {
        match draw {
            Draw::State => &mut self.state,
            Draw::CodeVerifier => &mut self.code_verifier,
            Draw::Iv => &mut self.iv,
            Draw::Jti => &mut self.jti,
            Draw::Csrf => &mut self.csrf,
            Draw::Nonce => &mut self.nonce,
            Draw::Assertion => &mut self.assertion,
            Draw::Proof => &mut self.proof,
            Draw::Ticket => &mut self.ticket,
            Draw::Lease => &mut self.lease,
            Draw::Pause => &mut self.pause,
        }
    }
}

impl Entropy {
    /// Takes 32 fresh bytes from the operating system's random source; never use the same bytes twice.
    pub fn from_os_bytes(bytes: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(bytes), drawn: None }
    }

    /// Makes what nothing is drawn from: a reading that writes nothing needs no random value.
    #[doc(hidden)]
    pub fn unused() -> Self {
        Self::from_os_bytes([0; 32])
    }

    /// Draws the next value for a use. The draws of each use are numbered, so none repeats, and a new use changes no value
    /// of another.
    #[doc(hidden)]
    pub fn draw<const N: usize>(&mut self, draw: Draw) -> [u8; N] {
        let Drawn { prk, draws } = &mut **self.drawn.get_or_insert_with(|| {
            let extracted = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SALT), self.seed.as_slice());
            let prk = hmac::Key::new(hmac::HMAC_SHA256, extracted.as_ref());
            Box::new(Drawn { prk, draws: Draws::default() })
        });
        let drawn = draws.of(draw);
        let number = *drawn;
        *drawn = number.wrapping_add(1);
        // The first block that HKDF expands to (RFC 5869 section 2.3), by 950 instructions. [`derive`] takes 1,300.
        let mut block = hmac::Context::with_key(prk);
        block.update(draw.label());
        let [a, b, c, d] = number.to_be_bytes();
        block.update(&[a, b, c, d, 1]);
        let mut out = [0; N];
        const { assert!(N <= 32, "one block has 32 bytes") };
        out.iter_mut().zip(block.sign().as_ref()).for_each(|(out, byte)| *out = *byte);
        out
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// Expands a pseudo-random key to `N` bytes (RFC 5869 section 2.3).
pub fn derive<const N: usize>(prk: &hkdf::Prk, info: &[&[u8]]) -> [u8; N] {
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
    fn a_draw_is_what_hkdf_derives() {
        let mut entropy = Entropy::from_os_bytes([7; 32]);
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"aura:entropy").extract(&[7; 32]);
        for number in 0..300_u32 {
            let info = |label| ["aura:entropy:".as_bytes(), label, b":", &number.to_be_bytes()].concat();
            assert_eq!(entropy.draw(Draw::CodeVerifier), derive::<32>(&prk, &[&info(b"code_verifier")]));
            assert_eq!(entropy.draw(Draw::Iv), derive::<12>(&prk, &[&info(b"iv")]));
        }
    }

    #[test]
    fn a_draw_for_one_use_changes_no_value_of_another() {
        let mut alone = Entropy::from_os_bytes([1; 32]);
        let mut beside = Entropy::from_os_bytes([1; 32]);
        let _: [u8; 32] = beside.draw(Draw::State);
        assert_eq!(alone.draw::<32>(Draw::Iv), beside.draw::<32>(Draw::Iv));
        assert_eq!(alone.draw::<32>(Draw::Iv), beside.draw::<32>(Draw::Iv));
    }

    #[test]
    fn equal_seeds_give_equal_values_and_other_seeds_give_others() {
        let draw = |seed| Entropy::from_os_bytes([seed; 32]).draw::<32>(Draw::Jti);
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
