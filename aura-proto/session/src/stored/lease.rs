//! The lease of a stored session's refresh token, and what precedes the tokens in a row's body.

use super::ticket::ProviderSession;
use crate::entropy::{Draw, Entropy};
use aura_jose::Refused;
use aura_types::UnixTime;
use std::fmt;

const BY: usize = 16;
/// Bits of the first byte: what follows it.
const ELSEWHERE: u8 = 1;
const LEASED: u8 = 2;

/// The right of one request to spend the refresh token, until a moment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// When it ends.
    pub until: UnixTime,
    /// Which request has it.
    by: [u8; BY],
}

impl Lease {
    /// Draws a lease that ends at a moment.
    pub fn draw(entropy: &mut Entropy, until: UnixTime) -> Self {
        Self { until, by: entropy.draw(Draw::Lease) }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").field("until", &self.until).finish_non_exhaustive()
    }
}

/// What precedes the tokens. The column has the name of the session at the provider under one key alone, so it is named anew from
/// here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The session at the provider.
    pub elsewhere: Option<ProviderSession>,
    /// The lease.
    pub lease: Option<Lease>,
}

impl Start {
    /// Writes it.
    pub fn write(self, plain: &mut Vec<u8>) {
        let bit = |is_there, bit| if is_there { bit } else { 0 };
        plain.push(bit(self.elsewhere.is_some(), ELSEWHERE) | bit(self.lease.is_some(), LEASED));
        plain.extend(self.elsewhere.iter().flat_map(|session| session.as_bytes()));
        if let Some(Lease { until, by }) = self.lease {
            plain.extend(until.as_millis().to_be_bytes());
            plain.extend(by);
        }
    }

    /// Reads it, and returns it with what follows.
    pub fn read(plain: &[u8]) -> Result<(Self, &[u8]), Refused> {
        let (first, mut rest) = plain.split_first().ok_or(Refused)?;
        if first & !(ELSEWHERE | LEASED) != 0 {
            return Err(Refused);
        }
        let (mut elsewhere, mut lease) = (None, None);
        if first & ELSEWHERE != 0 {
            elsewhere = Some(ProviderSession::from_bytes(take(&mut rest)?));
        }
        if first & LEASED != 0 {
            let until = UnixTime::from_millis(u64::from_be_bytes(take(&mut rest)?));
            lease = Some(Lease { until, by: take(&mut rest)? });
        }
        Ok((Self { elsewhere, lease }, rest))
    }
}

fn take<const N: usize>(plain: &mut &[u8]) -> Result<[u8; N], Refused> {
    let (taken, rest) = plain.split_first_chunk().ok_or(Refused)?;
    *plain = rest;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_precedes_the_tokens_round_trips_and_nothing_else_is_read() {
        let elsewhere = ProviderSession::new("https://idp.test", "s");
        let lease =
            Lease::draw(&mut Entropy::from_os_bytes([7; 32]), UnixTime::from_millis(1_790_000_000_123));
        for (elsewhere, lease, length) in [
            (None, None, 1),
            (Some(elsewhere), None, 33),
            (None, Some(lease), 25),
            (Some(elsewhere), Some(lease), 57),
        ] {
            let (mut plain, start) = (Vec::new(), Start { elsewhere, lease });
            start.write(&mut plain);
            assert_eq!(plain.len(), length);
            plain.extend(b"tokens");
            assert_eq!(Start::read(&plain).unwrap(), (start, &b"tokens"[..]));
            assert!(Start::read(&plain[..length - 1]).is_err());
        }
        assert!([&[][..], &[4], &[255; 64]].iter().all(|plain| Start::read(plain).is_err()));
    }
}
