//! The ticket: what the cookie of a stored session holds, and the names that are derived from it.
//!
//! It is base64url of 64 bytes: 32 random, the 16 of [`OwnerKey`], and 16 of an authentication code over both and the cookie's
//! name. A ticket that this site did not make is refused before the store is asked.

use super::questions::{OwnerKey, ProviderSessionKey, SessionKey};
use crate::entropy::{Draw, Entropy, derive};
use crate::keyring::{Age, Keyring, Keys};
use aura_jose::{Refused, base64url};
use ring::{digest, hkdf, hmac};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of the random part. It is a pseudo-random key of HKDF (RFC 5869 section 3.3).
pub(super) const RANDOM: usize = 32;
/// Length of the codes, of which 128 bits are kept.
const CODE: usize = 16;

/// A ticket of this site.
#[derive(Clone)]
pub struct Ticket {
    random: Zeroizing<[u8; RANDOM]>,
    /// The user, as the store knows one.
    pub owner: OwnerKey,
}

impl Ticket {
    /// Makes the ticket of a session that begins.
    pub fn draw(entropy: &mut Entropy, owner: OwnerKey) -> Self {
        Self { random: Zeroizing::new(entropy.draw(Draw::Ticket)), owner }
    }

    /// Makes the same ticket for a user who is named otherwise: under a newer key.
    pub fn of_owner(&self, owner: OwnerKey) -> Self {
        Self { owner, ..self.clone() }
    }

    /// Writes the ticket for the cookie of this name.
    pub fn write(&self, keys: &Keys, cookie: &str) -> String {
        let code = code_of(keys, &self.random, self.owner, cookie);
        base64url::encode([self.random.as_slice(), self.owner.as_bytes(), code.as_slice()].concat())
    }

    /// Opens the ticket in the cookie of this name with any key of the ring.
    pub fn open(keyring: &Keyring, cookie: &str, text: &[u8]) -> Result<(Self, Age), Refused> {
        // 64 bytes have 86 characters: what is longer is not decoded.
        if text.len() != 86 {
            return Err(Refused);
        }
        let bytes = Zeroizing::new(base64url::decode(text)?);
        let (random, rest) = bytes.split_first_chunk::<RANDOM>().ok_or(Refused)?;
        let (owner, code) = rest.split_first_chunk::<CODE>().ok_or(Refused)?;
        let (random, owner) = (Zeroizing::new(*random), OwnerKey::from_bytes(*owner));
        let is_ours = |keys: &Keys| bool::from(code_of(keys, &random, owner, cookie).as_slice().ct_eq(code));
        let (_, age) = keyring.open(None, |keys| if is_ours(keys) { Ok(()) } else { Err(Refused) })?;
        Ok((Self { random, owner }, age))
    }

    /// Returns what no other ticket has, and what stays when the ticket is written under a newer key. Beside a key of the server's,
    /// the key of the session's body is made of it.
    pub(super) fn identity(&self) -> &[u8; RANDOM] {
        &self.random
    }

    /// Derives the address of the session, by four blocks of SHA-256, of the nine that opening a session takes.
    pub fn key(&self) -> SessionKey {
        SessionKey::from_bytes(derived(&self.random, b"aura:session-key"))
    }

    /// Returns what a list of devices calls the session. It leads nowhere.
    pub fn handle(&self) -> String {
        base64url::encode(derived::<16>(&self.random, b"aura:session-handle"))
    }
}

fn derived<const N: usize>(random: &[u8; RANDOM], label: &[u8]) -> [u8; N] {
    derive(&hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, random), &[label])
}

fn code_of(keys: &Keys, random: &[u8; RANDOM], owner: OwnerKey, cookie: &str) -> [u8; CODE] {
    code(&keys.ticket, &[random, owner.as_bytes(), cookie.as_bytes()])
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(..)")
    }
}

/// Names a user: equal for all sessions of one, and meaningless without the keys.
pub fn owner(keys: &Keys, provider: &str, sub: &str) -> OwnerKey {
    OwnerKey::from_bytes(name(&keys.owner, provider, sub))
}

/// Names a user under every key of the ring.
pub fn owners(keyring: &Keyring, provider: &str, sub: &str) -> Vec<OwnerKey> {
    keyring.all().map(|keys| owner(keys, provider, sub)).collect()
}

/// A session at a provider: a digest of its issuer and `sid`, from which its name is made under each key. In the place of a session
/// that has no `sid` it is the user there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProviderSession([u8; Self::LEN]);

impl ProviderSession {
    /// The length of the name, in bytes.
    pub const LEN: usize = 32;

    /// Names a session by its issuer and its id there.
    pub fn new(issuer: &str, sid: &str) -> Self {
        Self::digest(&[], issuer, sid)
    }

    /// Names a user by their issuer and their subject there.
    pub fn of_user(issuer: &str, sub: &str) -> Self {
        // No issuer is so long that its length would begin a session's digest like this.
        Self::digest(&[u8::MAX; 8], issuer, sub)
    }

    fn digest(prefix: &[u8], issuer: &str, id: &str) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        // The length separates the two, as in `name`.
        for part in [prefix, &issuer.len().to_be_bytes(), issuer.as_bytes(), id.as_bytes()] {
            context.update(part);
        }
        // A digest of SHA-256 has 32 bytes.
        Self(context.finish().as_ref().try_into().unwrap_or_default())
    }

    /// Takes a name that was stored.
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// Names the session for a store.
    pub fn name(&self, keys: &Keys) -> ProviderSessionKey {
        ProviderSessionKey::from_bytes(code(&keys.elsewhere, &[&self.0]))
    }
}

impl fmt::Debug for ProviderSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProviderSession(..)")
    }
}

fn name(key: &hmac::Key, first: &str, second: &str) -> [u8; CODE] {
    // The length separates the two: neither can be lengthened at the other's cost.
    code(key, &[&first.len().to_be_bytes(), first.as_bytes(), second.as_bytes()])
}

/// Makes the authentication code of what the parts are together.
pub fn code(key: &hmac::Key, parts: &[&[u8]]) -> [u8; CODE] {
    let mut context = hmac::Context::with_key(key);
    parts.iter().for_each(|part| context.update(part));
    let tag = context.sign();
    // A tag of SHA-256 has 32 bytes.
    tag.as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::{Salt, Secret};

    fn keys(secret: &str) -> Keys {
        let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d").unwrap();
        Keys::derive(&Secret::new(secret).unwrap(), &salt).unwrap()
    }

    const SECRET: &str = "Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK";
    const EARLIER: &str = "aK8pQ2vX7mLr4TnB9wYc1HsD6eGjU3Zk";
    const NAME: &str = "__Host-aura-auth.session_token";

    fn ticket(keys: &Keys) -> Ticket {
        Ticket::draw(&mut Entropy::from_os_bytes([7; 32]), owner(keys, "dev", "ada"))
    }

    #[test]
    fn a_ticket_opens_in_the_cookie_that_it_was_written_for_and_nowhere_else() {
        let keys = keys(SECRET);
        let text = ticket(&keys).write(&keys, NAME);
        assert_eq!(text.len(), 86);
        let ring = Keyring::new(keys, Vec::new());
        let (opened, age) = Ticket::open(&ring, NAME, text.as_bytes()).unwrap();
        assert_eq!((opened.owner, age), (ticket(ring.newest()).owner, Age::Newest));
        assert!(Ticket::open(&ring, "other", text.as_bytes()).is_err());
    }

    #[test]
    fn no_change_of_a_character_is_accepted() {
        let keys = keys(SECRET);
        let text = ticket(&keys).write(&keys, NAME);
        let ring = Keyring::new(keys, Vec::new());
        for at in 0..text.len() {
            for other in [b'A', b'-', b'=', b'.'] {
                let mut changed = text.clone().into_bytes();
                if changed[at] != other {
                    changed[at] = other;
                    assert!(Ticket::open(&ring, NAME, &changed).is_err(), "{at}");
                }
            }
        }
        for cut in [0, 1, 85] {
            assert!(Ticket::open(&ring, NAME, &text.as_bytes()[..cut]).is_err());
        }
        assert!(Ticket::open(&ring, NAME, format!("{text}A").as_bytes()).is_err());
    }

    #[test]
    fn an_earlier_key_opens_a_ticket_and_says_so() {
        let ring = Keyring::new(keys(SECRET), vec![keys(EARLIER)]);
        let text = ticket(&keys(EARLIER)).write(&keys(EARLIER), NAME);
        assert_eq!(Ticket::open(&ring, NAME, text.as_bytes()).unwrap().1, Age::Earlier);
        assert_eq!(owners(&ring, "dev", "ada").len(), 2);
    }

    #[test]
    fn what_is_derived_from_a_ticket_differs_by_its_use() {
        let ticket = ticket(&keys(SECRET));
        assert_ne!(ticket.key().as_bytes(), ticket.identity());
        assert_ne!(base64url::encode(&ticket.key().as_bytes()[..16]), ticket.handle());
    }

    #[test]
    fn a_user_has_one_name_for_each_provider_and_secret() {
        let (one, other) = (keys(SECRET), keys(EARLIER));
        assert_eq!(owner(&one, "dev", "ada"), owner(&one, "dev", "ada"));
        for (keys, provider, sub) in [(&other, "dev", "ada"), (&one, "de", "vada"), (&one, "dev", "adb")] {
            assert_ne!(owner(keys, provider, sub), owner(&one, "dev", "ada"));
        }
    }

    #[test]
    fn a_session_at_a_provider_has_one_name_for_each_issuer_sid_and_secret() {
        let (one, other) = (keys(SECRET), keys(EARLIER));
        let session = ProviderSession::new("dev", "ada");
        assert_eq!(session.name(&one), ProviderSession::new("dev", "ada").name(&one));
        assert_ne!(session.name(&one), session.name(&other));
        for (issuer, sid) in [("de", "vada"), ("dev", "adb"), ("deva", "da")] {
            assert_ne!(ProviderSession::new(issuer, sid), session);
            assert_ne!(ProviderSession::of_user(issuer, sid), ProviderSession::of_user("dev", "ada"));
        }
        assert_ne!(ProviderSession::of_user("dev", "ada"), session);
        assert_ne!(session.name(&one).as_bytes(), owner(&one, "dev", "ada").as_bytes());
        assert_eq!(ProviderSession::from_bytes(*session.as_bytes()), session);
    }
}
