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

use crate::{Auth, Entropy, Session, SessionPolicy};
use aura_jose::Refused;

/// Returns the keys of a configuration.
pub fn keyring(auth: &Auth) -> &Keyring {
    &auth.config().keyring
}

/// Writes a session as a token, under the default policy.
pub fn seal_session(session: &Session, keys: &Keys, entropy: &mut Entropy) -> Result<String, Refused> {
    session.seal(keys, &SessionPolicy::default(), entropy)
}
