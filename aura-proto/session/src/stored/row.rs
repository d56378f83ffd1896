//! The contents of a row: what a list shows of a session, under a key of the server's, and the session itself, under a key that
//! also needs the ticket in the browser's cookie.

use super::device;
use super::lease::{Lease, Start};
use super::questions::{Listed, SessionKey, SessionRow};
use super::ticket::{self, ProviderSession, Ticket};
use crate::entropy::{Draw, Entropy};
use crate::keyring::{Age, Keyring, Keys};
use crate::provider_tokens::{self, NoProviderTokens, Owner};
use crate::session::{NoCookies, Session, SessionError, SessionPolicy};
use aura_jose::Refused;
use aura_types::{ProviderTokens, UnixTime};
use bytes::Bytes;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Longest sealed body.
const MAX_BODY: usize = 64 * 1024;
/// Longest name of a device, in characters.
const MAX_DEVICE: usize = 100;
/// Longest id of a provider in a face, in characters.
const MAX_PROVIDER: usize = 100;

/// What a list of devices shows of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Face {
    /// What the list calls the session.
    pub handle: String,
    /// The id of the provider.
    pub provider: String,
    /// The name of the device.
    pub device: String,
}

impl From<NoRow> for NoCookies {
    fn from(reason: NoRow) -> Self {
        match reason {
            NoRow::TooLong => Self::TooLong,
            NoRow::Unsealed => Self::Unsigned,
        }
    }
}

/// A stored session that was opened, or that begins.
#[derive(Clone)]
pub struct StoredSession {
    /// The ticket.
    pub ticket: Ticket,
    /// Which key the ticket was written with.
    pub age: Age,
    /// The session.
    pub session: Session,
    /// The tokens of its provider.
    pub tokens: Option<ProviderTokens>,
    /// Which request refreshes the tokens, if one does.
    pub lease: Option<Lease>,
    face: Bytes,
    /// The name of the device, where an earlier key sealed the face.
    earlier_device: Option<String>,
    elsewhere: Option<ProviderSession>,
    version: u64,
    /// Its generation: that of the user when it began, or a higher one.
    pub generation: u64,
    begun: UnixTime,
    /// When it was last seen.
    pub seen: UnixTime,
    /// When the store was asked.
    pub asked: UnixTime,
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredSession(..)")
    }
}

/// Why a session has no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum NoRow {
    /// It is too long.
    TooLong,
    /// The cryptography library refused a key.
    Unsealed,
}

impl From<Refused> for NoRow {
    fn from(_: Refused) -> Self {
        Self::Unsealed
    }
}

impl StoredSession {
    /// Begins a stored session.
    pub fn begin(
        keys: &Keys,
        entropy: &mut Entropy,
        session: Session,
        tokens: Option<ProviderTokens>,
        device: &str,
        elsewhere: Option<ProviderSession>,
    ) -> Result<Self, NoRow> {
        let provider = session.provider().unwrap_or_default();
        let ticket = Ticket::draw(entropy, ticket::owner(keys, provider, session.user().sub()));
        let face = seal_face(keys, entropy, &ticket, provider, device)?;
        let (begun, age) = (session.issued_at(), Age::Newest);
        Ok(Self {
            ticket,
            age,
            session,
            tokens,
            lease: None,
            face,
            earlier_device: None,
            elsewhere,
            version: 0,
            generation: 0,
            begun,
            seen: begun,
            asked: begun,
        })
    }

    /// Opens what a store holds for a ticket under its address, if it lives. A row that does not open is none.
    pub fn open(
        keyring: &Keyring,
        policy: &SessionPolicy,
        (ticket, age, key): (Ticket, Age, SessionKey),
        row: SessionRow,
        generation: u64,
        now: UnixTime,
    ) -> Result<Box<Self>, SessionError> {
        if row.key != key || row.generation < generation {
            return Err(SessionError::Ended);
        }
        if now.as_secs() >= row.ends.as_secs() {
            return Err(SessionError::Expired);
        }
        let aad = body_aad(row.key, row.version);
        let plain = open(keyring, |keys| body_key(keys, &ticket), &aad, &row.body)?;
        let (length, rest) = plain.split_first_chunk::<4>().ok_or(Refused)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Refused)?;
        let (claims, rest) = rest.split_at_checked(length).ok_or(Refused)?;
        let (Start { elsewhere, lease }, tokens) = Start::read(rest)?;
        let session = Session::read(claims.to_vec(), policy, now)?;
        let tokens = match tokens {
            [] => None,
            tokens => Some(provider_tokens::read(tokens, Owner::of(&session))?),
        };
        let earlier_device = (!row.face.starts_with(keyring.newest().kid.as_bytes())).then(|| {
            open_face(keyring, &row).map_or_else(|_| device::UNKNOWN.to_owned(), |face| face.device)
        });
        let SessionRow { version, generation, begun, seen, face, .. } = row;
        // A box, because results and futures are moved often.
        Ok(Box::new(Self {
            ticket,
            age,
            session,
            tokens,
            lease,
            face,
            earlier_device,
            elsewhere,
            version,
            generation,
            begun,
            seen,
            asked: now,
        }))
    }

    /// Tells whether a request may be spending the refresh token.
    pub fn is_leased(&self, now: UnixTime) -> bool {
        self.lease.is_some_and(|lease| now < lease.until)
    }

    /// Writes the row for the next version, under the newest keys.
    pub fn next(
        &self,
        keys: &Keys,
        policy: &SessionPolicy,
        entropy: &mut Entropy,
        now: UnixTime,
    ) -> Result<SessionRow, NoRow> {
        let version = self.version.checked_add(1).ok_or(NoRow::Unsealed)?;
        Ok(SessionRow { version, seen: now.whole_seconds(), ..self.row(keys, policy, entropy, version)? })
    }

    /// Writes the row of a session that begins.
    pub fn first(
        &self,
        keys: &Keys,
        policy: &SessionPolicy,
        entropy: &mut Entropy,
    ) -> Result<SessionRow, NoRow> {
        self.row(keys, policy, entropy, self.version)
    }

    /// Names the user under the newest keys.
    fn row(
        &self,
        keys: &Keys,
        policy: &SessionPolicy,
        entropy: &mut Entropy,
        version: u64,
    ) -> Result<SessionRow, NoRow> {
        let key = self.ticket.key();
        let claims = self.session.write(policy, &self.ticket.handle());
        let length = u32::try_from(claims.len()).map_err(|_| NoRow::TooLong)?;
        let mut plain = [&length.to_be_bytes()[..], &claims].concat();
        Start { elsewhere: self.elsewhere, lease: self.lease }.write(&mut plain);
        if let Some(tokens) = &self.tokens {
            provider_tokens::write(tokens, Owner::of(&self.session), &mut plain);
        }
        let body = seal(keys, &body_key(keys, &self.ticket)?, entropy, &body_aad(key, version), plain)?;
        if body.len() > MAX_BODY {
            return Err(NoRow::TooLong);
        }
        let provider = self.session.provider().unwrap_or_default();
        let mut row = SessionRow::new(
            key,
            ticket::owner(keys, provider, self.session.user().sub()),
            self.begun,
            self.session.expires_at(),
        );
        row.elsewhere = self.elsewhere.map(|session| session.name(keys));
        (row.version, row.generation) = (version, self.generation);
        row.face = match &self.earlier_device {
            Some(device) => seal_face(keys, entropy, &self.ticket, provider, device)?,
            None => self.face.clone(),
        };
        row.body = body;
        Ok(row)
    }

    /// Writes the ticket for the cookie of this name, with the user's name under these keys: once a secret is gone, no
    /// revocation raises the generation of the name that was made with it.
    pub fn write_ticket(&self, keys: &Keys, cookie: &str) -> String {
        let (provider, sub) = self.session.identity();
        let owner = ticket::owner(keys, provider.unwrap_or_default(), sub);
        self.ticket.of_owner(owner).write(keys, cookie)
    }

    /// Returns the tokens of a provider: the session's own, or none.
    pub fn tokens_of(&self, id: &str) -> Result<ProviderTokens, NoProviderTokens> {
        let is_own = self.session.provider() == Some(id);
        self.tokens.clone().filter(|_| is_own).ok_or(NoProviderTokens::Missing)
    }

    /// Returns the version that was loaded.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Takes note that the row was replaced.
    pub fn replaced(&mut self, row: &SessionRow) {
        (self.version, self.seen) = (row.version, row.seen);
    }
}

/// A session in a list of those of a user.
///
/// ```
/// # fn show(device: &aura_session::DeviceSession) {
/// println!("{}, last seen {:?}", device.device, device.seen_at);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceSession {
    /// What the session is called here and in `DELETE /sessions/:id`. It leads nowhere.
    pub id: String,
    /// Whether it is the session of the request.
    pub is_current: bool,
    /// The id of the provider.
    pub provider: String,
    /// Browser and system, such as `Firefox on Linux`, as the browser reports them: for display only.
    pub device: String,
    /// When it began.
    pub began_at: UnixTime,
    /// When it was last seen, five minutes late at most.
    pub seen_at: UnixTime,
    /// When it ends, unless it is renewed.
    pub expires_at: UnixTime,
    /// Where the store keeps it.
    #[doc(hidden)]
    pub key: SessionKey,
}

impl DeviceSession {
    /// Reads the sessions of a list that live. What does not open is not listed.
    #[doc(hidden)]
    pub fn of(keyring: &Keyring, listed: &Listed, current: Option<SessionKey>, now: UnixTime) -> Vec<Self> {
        let lives = |row: &&SessionRow| row.generation >= listed.generation && row.ends > now;
        let read = |row: &SessionRow| {
            let Face { handle, provider, device } = open_face(keyring, row).ok()?;
            let (began_at, seen_at, expires_at) = (row.begun, row.seen, row.ends);
            let is_current = current == Some(row.key);
            Some(Self {
                id: handle,
                is_current,
                provider,
                device,
                began_at,
                seen_at,
                expires_at,
                key: row.key,
            })
        };
        listed.rows.iter().filter(lives).filter_map(read).collect()
    }

    /// Writes what a page reads.
    #[doc(hidden)]
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id, "current": self.is_current, "provider": self.provider, "device": self.device,
            "createdAt": self.began_at.to_iso8601(), "lastSeenAt": self.seen_at.to_iso8601(),
            "expires": self.expires_at.to_iso8601(),
        })
    }
}

/// Seals what a list shows of a session.
fn seal_face(
    keys: &Keys,
    entropy: &mut Entropy,
    ticket: &Ticket,
    provider: &str,
    device: &str,
) -> Result<Bytes, NoRow> {
    let cut = |text: &str, most: usize| text.chars().take(most).collect();
    let face = Face {
        handle: ticket.handle(),
        provider: cut(provider, MAX_PROVIDER),
        device: cut(device, MAX_DEVICE),
    };
    let json = serde_json::to_vec(&face).map_err(|_| NoRow::Unsealed)?;
    Ok(seal(keys, &keys.face, entropy, ticket.key().as_bytes(), json)?)
}

/// Opens what a list shows of a session.
fn open_face(keyring: &Keyring, row: &SessionRow) -> Result<Face, Refused> {
    let plain = open(keyring, |keys| Ok(keys.face.clone()), row.key.as_bytes(), &row.face)?;
    serde_json::from_slice(&plain).map_err(|_| Refused)
}

pub(super) fn body_aad(key: SessionKey, version: u64) -> Vec<u8> {
    [key.as_bytes().as_slice(), &version.to_be_bytes()].concat()
}

/// Derives the key of a body from a key of the server's and the ticket.
pub(super) fn body_key(keys: &Keys, ticket: &Ticket) -> Result<LessSafeKey, Refused> {
    let key = hmac::sign(&keys.body, ticket.identity());
    UnboundKey::new(&AES_256_GCM, key.as_ref()).map(LessSafeKey::new).map_err(|_| Refused)
}

/// Seals bytes: IV, ciphertext and tag. Each IV is fresh.
pub(super) fn seal(
    keys: &Keys,
    key: &LessSafeKey,
    entropy: &mut Entropy,
    aad: &[u8],
    mut plain: Vec<u8>,
) -> Result<Bytes, Refused> {
    let iv = entropy.draw::<NONCE_LEN>(Draw::Iv);
    let tag = key.seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::from(aad), &mut plain);
    let tag = tag.map_err(|_| Refused)?;
    Ok([keys.kid.as_bytes(), &iv, &plain, tag.as_ref()].concat().into())
}

/// Opens bytes with the key that they name.
pub(super) fn open(
    keyring: &Keyring,
    key: impl Fn(&Keys) -> Result<LessSafeKey, Refused>,
    aad: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, Refused> {
    let kid = sealed.split_at_checked(keyring.newest().kid.len()).ok_or(Refused)?;
    let (kid, sealed) = (str::from_utf8(kid.0).map_err(|_| Refused)?, kid.1);
    let (iv, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Refused)?;
    let (plain, _) = keyring.open(Some(kid), |keys| {
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*iv);
        let plain = key(keys)?.open_in_place(nonce, Aad::from(aad), &mut sealed).map_err(|_| Refused)?.len();
        sealed.truncate(plain);
        Ok(sealed)
    })?;
    Ok(plain)
}
