//! Internals for fuzz targets: parsers, and keys to make tokens with. Not part of the API.

pub use crate::cookie::chunks::Sent;
pub use crate::cookie::parse::Cookies;
pub use crate::cookie::set::Attributes;
pub use crate::cookie::{CookieTable, OurCookie};
pub use crate::flow::attempt::{Attempt, Expected, PURPOSE};
pub use crate::forwarded::{Forwarded, client};
pub use crate::keyring::sealed::seal;
pub use crate::keyring::{Keyring, Keys};
pub use crate::oauth::authorization::{AuthorizationResponse, ExpectedIssuer, Outcome};
pub use crate::oauth::token::{TokenResponse, TokenType};
pub use crate::oidc::discovery::Metadata;
pub use crate::oidc::id_token::{MaxAge, Occasion, Parties, SignedBy, validate};
pub use crate::oidc::issuer::Issuer;
pub use crate::origin::TrustedOrigins;
pub use crate::redirect::RedirectTo;
pub use crate::secret::{AuthorizationCode, CodeVerifier, Nonce, State};
pub use crate::session::token::OpenedSession;

use crate::entropy::Draw;
use crate::provider_tokens::ProviderTokens;
use crate::store::{OwnerKey, SessionKey, SessionRow};
use crate::stored::lease::Start;
use crate::stored::row::StoredSession;
use crate::stored::snapshot;
use crate::stored::ticket::{self, Ticket};
use crate::{Auth, Entropy, Session, SessionPolicy, UnixTime};
use aura_jose::Refused;
use std::time::Duration;

/// The cookie that holds the ticket of a row here.
const TICKET: &str = "session_token";

/// Returns the keys of a configuration.
pub fn keyring(auth: &Auth) -> &Keyring {
    &auth.config().keyring
}

/// Writes a session as a token, under the default policy.
pub fn seal_session(session: &Session, keys: &Keys, entropy: &mut Entropy) -> Result<String, Refused> {
    session.seal(keys, &SessionPolicy::default(), entropy)
}

/// Writes the ticket of a new session of a user, for the cookie of this name.
pub fn write_ticket(
    auth: &Auth,
    entropy: &mut Entropy,
    cookie: &str,
    provider: &str,
    sub: &str,
) -> (String, SessionKey, OwnerKey) {
    let keys = keyring(auth).newest();
    let ticket = Ticket::draw(entropy, ticket::owner(keys, provider, sub));
    (ticket.write(keys, cookie), ticket.key(), ticket.owner)
}

/// Opens the ticket in the cookie of this name.
pub fn open_ticket(auth: &Auth, cookie: &str, text: &[u8]) -> Option<(SessionKey, OwnerKey)> {
    let (ticket, _) = Ticket::open(keyring(auth), cookie, text).ok()?;
    Some((ticket.key(), ticket.owner))
}

/// Stores a new session, and returns its ticket and its row.
pub fn write_row(
    auth: &Auth,
    entropy: &mut Entropy,
    session: Session,
    tokens: Option<ProviderTokens>,
    device: &str,
) -> Option<(String, SessionRow)> {
    let keys = keyring(auth).newest();
    let stored = StoredSession::begin(keys, entropy, session, tokens, device, None).ok()?;
    let row = stored.first(keys, &SessionPolicy::default(), entropy).ok()?;
    Some((stored.write_ticket(keys, TICKET), row))
}

/// Opens what a store answers for a ticket.
pub fn open_row(
    auth: &Auth,
    ticket: &str,
    row: SessionRow,
    generation: u64,
    now: UnixTime,
) -> Option<(Session, Option<ProviderTokens>)> {
    let keyring = keyring(auth);
    let (ticket, age) = Ticket::open(keyring, TICKET, ticket.as_bytes()).ok()?;
    let (policy, key) = (SessionPolicy::default(), ticket.key());
    let stored = StoredSession::open(keyring, &policy, (ticket, age, key), row, generation, now).ok()?;
    Some((stored.session, stored.tokens))
}

/// Writes a ticket and a snapshot of its session, as of the moment when it was issued.
pub fn write_snapshot(auth: &Auth, entropy: &mut Entropy, session: Session) -> Option<(String, String)> {
    let (keys, policy) = (keyring(auth).newest(), SessionPolicy::default());
    let stored = StoredSession::begin(keys, entropy, session, None, "", None).ok()?;
    let text = snapshot::write((keys, &policy), entropy.draw(Draw::Iv), &stored).ok()?;
    Some((stored.write_ticket(keys, TICKET), text))
}

/// Reads the session of a ticket in a snapshot that is less than a minute old.
pub fn open_snapshot(auth: &Auth, ticket: &str, text: &str, now: UnixTime) -> Option<Session> {
    let (keyring, policy, minute) = (keyring(auth), SessionPolicy::default(), Duration::from_secs(60));
    let (ticket, _) = Ticket::open(keyring, TICKET, ticket.as_bytes()).ok()?;
    snapshot::open((keyring, &policy), &ticket, text, minute, now).ok()
}

/// Reads what precedes the tokens in a row's body, and writes it again in front of what follows.
pub fn reread_start(plain: &[u8]) -> Option<Vec<u8>> {
    let (start, rest) = Start::read(plain).ok()?;
    let mut written = Vec::new();
    start.write(&mut written);
    written.extend_from_slice(rest);
    Some(written)
}
