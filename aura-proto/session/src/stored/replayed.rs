//! Tickets and rows of transcripts: what `aura-replay` opens of a recorded one, and makes again under other keys.

use super::lease::{Lease, Start};
use super::questions::{LoadSession, SessionKey, SessionRow};
use super::row;
use super::ticket::{ProviderSession, Ticket};
use crate::entropy::Entropy;
use crate::keyring::Keyring;
use aura_types::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use zeroize::Zeroizing;

/// What a row holds under its ticket.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a transcript shows every member")]
pub struct RowContents {
    /// The claims of the session.
    pub claims: Value,
    /// The tokens of its provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Value>,
    /// Until when a request may spend the refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leased_until: Option<UnixTime>,
    /// Whether the session at the provider is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
}

impl fmt::Debug for RowContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowContents(..)")
    }
}

/// Opens and seals tickets and rows with the keys of a configuration.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is made by one crate")]
pub struct Recorded<'a> {
    /// The keys.
    pub keyring: &'a Keyring,
    /// The names of the cookies that a ticket may be in, over `http` and `https`.
    pub names: [&'a str; 2],
}

impl<'a> Recorded<'a> {
    /// Opens a ticket, and names the cookie that it is for.
    pub fn ticket(&self, text: &str) -> Option<(Ticket, &'a str)> {
        let of = |name: &'a str| Some((Ticket::open(self.keyring, name, text.as_bytes()).ok()?.0, name));
        self.names.into_iter().find_map(of)
    }

    /// Returns what a CSRF token names a session by, as its claim `sub`.
    pub fn handle(&self, text: &str) -> Option<String> {
        Some(self.ticket(text)?.0.handle())
    }

    fn of_row<'t>(&self, texts: impl IntoIterator<Item = &'t str>, key: SessionKey) -> Option<Ticket> {
        texts.into_iter().find_map(|text| Some(self.ticket(text)?.0).filter(|ticket| ticket.key() == key))
    }

    /// Opens the row of a session, by whichever of the tickets it belongs to.
    pub fn open_row<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t str>,
        row: &SessionRow,
    ) -> Option<RowContents> {
        let (ticket, keyring) = (self.of_row(texts, row.key)?, self.keyring);
        let aad = row::body_aad(row.key, row.version);
        let plain = row::open(keyring, |keys| row::body_key(keys, &ticket), &aad, &row.body);
        let plain = Zeroizing::new(plain.ok()?);
        let (length, rest) = plain.split_first_chunk::<4>()?;
        let (claims, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        let (Start { elsewhere, lease }, tokens) = Start::read(rest).ok()?;
        Some(RowContents {
            claims: serde_json::from_slice(claims).ok()?,
            tokens: if tokens.is_empty() { None } else { Some(serde_json::from_slice(tokens).ok()?) },
            leased_until: lease.map(|lease| lease.until),
            elsewhere: elsewhere.is_some(),
        })
    }

    /// Makes the row that a question is about, of version 0, for whichever of the tickets it belongs to. It was seen and ends at the
    /// moments that are given. A caller can make a session of anyone, so it is for configurations of tests.
    pub fn seal_row<'t>(
        &self,
        texts: impl IntoIterator<Item = &'t str>,
        question: LoadSession,
        (seen, ends): (UnixTime, UnixTime),
        contents: &RowContents,
        entropy: &mut Entropy,
    ) -> Option<SessionRow> {
        let key = question.key;
        let ticket = self.of_row(texts, key)?;
        let claims = serde_json::to_vec(&contents.claims).ok()?;
        let mut plain = [&u32::try_from(claims.len()).ok()?.to_be_bytes()[..], &claims].concat();
        let lease = contents.leased_until.map(|until| Lease::draw(entropy, until));
        let elsewhere = contents.elsewhere.then(|| ProviderSession::from_bytes([0; ProviderSession::LEN]));
        Start { elsewhere, lease }.write(&mut plain);
        if let Some(tokens) = &contents.tokens {
            plain.extend(serde_json::to_vec(tokens).ok()?);
        }
        let mut row = SessionRow::new(key, question.owner, seen, ends);
        let (keys, aad) = (self.keyring.newest(), row::body_aad(key, row.version));
        row.body = row::seal(keys, &row::body_key(keys, &ticket).ok()?, entropy, &aad, plain).ok()?;
        Some(row)
    }
}
