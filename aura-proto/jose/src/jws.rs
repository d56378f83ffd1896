//! The compact serialization of JWS (RFC 7515 section 7.1).

use crate::base64url::{self, Codec};
use aura_types::Refused;
use aura_types::StrictObject;
use std::fmt;

/// Longest token that is read, in bytes: 20 KiB, which is five cookies of 4,096 bytes.
pub const MAX_TOKEN: usize = 5 * 4096;
/// Longest token of another party that is read, in bytes: 64 KiB. Some have a picture, or hundreds of groups.
pub const MAX_FOREIGN_TOKEN: usize = 64 * 1024;

/// The three parts of a compact JWS (RFC 7515 section 7.1), of which nothing is verified.
///
/// ```
/// use aura_jose::{CompactJws, Refused};
/// let jws = CompactJws::split("eyJhbGciOiJub25lIn0.e30.AQID")?;
/// assert_eq!((jws.header, jws.payload), ("eyJhbGciOiJub25lIn0", "e30"));
/// assert_eq!(jws.signed, "eyJhbGciOiJub25lIn0.e30");
/// assert_eq!(jws.signature, [1, 2, 3]);
/// # Ok::<(), Refused>(())
/// ```
#[non_exhaustive]
pub struct CompactJws<'a> {
    /// Header and payload as they were signed: the signing input.
    pub signed: &'a str,
    /// The header in base64url.
    pub header: &'a str,
    /// The payload in base64url. A dot too many is left in it, and does not decode.
    pub payload: &'a str,
    /// The signature, decoded.
    pub signature: Vec<u8>,
}

impl<'a> CompactJws<'a> {
    /// Splits a token of at most [`MAX_TOKEN`] bytes.
    ///
    /// # Errors
    /// [`Refused`] if it is longer, has fewer than three parts, or a signature that is not base64url.
    ///
    /// ```
    /// use aura_jose::{CompactJws, MAX_TOKEN};
    /// assert!(CompactJws::split("e30.e30.").is_ok());
    /// assert!(CompactJws::split("e30.e30").is_err());
    /// assert!(CompactJws::split(&format!("e30.{}.", "A".repeat(MAX_TOKEN))).is_err());
    /// ```
    pub fn split(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_TOKEN { Err(Refused) } else { Self::split_foreign(token) }
    }

    /// Splits a token of another party, of at most [`MAX_FOREIGN_TOKEN`] bytes.
    ///
    /// # Errors
    /// Those of [`split`](Self::split).
    ///
    /// ```
    /// use aura_jose::{CompactJws, MAX_FOREIGN_TOKEN, MAX_TOKEN};
    /// let long = format!("e30.{}.", "A".repeat(MAX_TOKEN));
    /// assert!(CompactJws::split_foreign(&long).is_ok());
    /// assert!(CompactJws::split_foreign(&format!("e30.{}.", "A".repeat(MAX_FOREIGN_TOKEN))).is_err());
    /// ```
    pub fn split_foreign(token: &'a str) -> Result<Self, Refused> {
        if token.len() > MAX_FOREIGN_TOKEN {
            return Err(Refused);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refused)?;
        let (header, payload) = signed.split_once('.').ok_or(Refused)?;
        Ok(Self { signed, header, payload, signature: base64url::decode(signature)? })
    }

    /// Reads the claims of a token that was verified elsewhere: nothing is verified here.
    ///
    /// # Errors
    /// [`Refused`] if the payload is not base64url of one JSON object.
    ///
    /// ```
    /// use aura_jose::{CompactJws, Refused};
    /// let forged = CompactJws::split("e30.eyJzdWIiOiJhZGEifQ.")?;
    /// assert_eq!(forged.unverified_claims()?.get("sub"), Some(&"ada".into()));
    /// # Ok::<(), Refused>(())
    /// ```
    pub fn unverified_claims(&self) -> Result<StrictObject, Refused> {
        StrictObject::parse(&base64url::decode(self.payload)?)
    }
}

impl fmt::Debug for CompactJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompactJws(..)")
    }
}

/// Writes header, in base64url, and payload of a compact JWS, which are what is signed.
pub(crate) fn signing_input(header: &str, payload: &[u8], codec: &Codec) -> Vec<u8> {
    // Four characters for three bytes, and room for two dots and the signature.
    let room = payload.len().saturating_mul(4).div_ceil(3).saturating_add(header.len()).saturating_add(96);
    let mut token = Vec::with_capacity(room);
    token.extend_from_slice(header.as_bytes());
    token.push(b'.');
    codec.encode_into(&mut token, payload);
    token
}

/// Completes a compact JWS.
pub(crate) fn add_signature(mut token: Vec<u8>, signature: impl AsRef<[u8]>) -> String {
    token.push(b'.');
    base64url::encode_into(&mut token, signature);
    base64url::to_text(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_as_long_as_its_limit_and_no_longer() {
        let token = |length: usize| format!("e30.{}.", "A".repeat(length - "e30..".len()));
        assert!(CompactJws::split(&token(MAX_TOKEN)).is_ok());
        assert_eq!(CompactJws::split(&token(MAX_TOKEN + 1)).err(), Some(Refused));
        assert!(CompactJws::split_foreign(&token(MAX_FOREIGN_TOKEN)).is_ok());
        assert_eq!(CompactJws::split_foreign(&token(MAX_FOREIGN_TOKEN + 1)).err(), Some(Refused));
    }
}
