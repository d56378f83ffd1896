//! CSRF protection: double submit of a signed token that is bound to the signed-in user, and the checks of `Origin` and
//! `Sec-Fetch-Site`.

use crate::entropy::{Draw, Entropy};
use crate::json::{Object, PlainMembers};
use crate::keyring::{Age, Keyring};
use crate::origin::{Origin, TrustedOrigins};
use crate::secret::CsrfValue;
use crate::session::Session;
use crate::stored::presented::Presented;
use crate::stored::ticket::Ticket;
use aura_jose::StrictObject;
use aura_jose::{Refused, base64url};
use aura_types::UnixTime;
use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue};
use std::time::Duration;

/// How long a token lives.
pub const MAX_AGE: Duration = Duration::from_secs(15 * 24 * 60 * 60);

/// The content of a CSRF token.
#[expect(missing_debug_implementations, reason = "it holds what no log may show")]
pub struct CsrfToken {
    token: CsrfValue,
    bound: Bound,
    /// The token's claims, if an earlier key signed it.
    earlier: Option<Vec<u8>>,
}

/// Whom a token is bound to: the identity that was signed in when it was made, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    sub: Option<String>,
    provider: Option<String>,
}

impl Bound {
    /// Binds a token to a session, or to nobody.
    pub fn to(session: Option<&Session>) -> Self {
        Self {
            sub: session.map(|session| session.user().sub().to_owned()),
            provider: session.and_then(|session| session.provider().map(str::to_owned)),
        }
    }

    /// Binds a token to a stored session, which need not be looked up for it.
    pub fn to_ticket(ticket: &Ticket) -> Self {
        Self { sub: Some(ticket.handle()), provider: None }
    }

    /// Binds a token to whom the session cookie names, or to nobody.
    pub fn to_presented(presented: Option<&Presented>) -> Self {
        match presented {
            Some(Presented::Ticket(ticket, _)) => Self::to_ticket(ticket),
            Some(Presented::Sealed(opened)) => Self::to(Some(&opened.session)),
            None => Self::to(None),
        }
    }
}

/// Makes a token for whoever is signed in.
pub fn issue(keyring: &Keyring, entropy: &mut Entropy, bound: &Bound, now: UnixTime) -> String {
    let mut payload = Vec::with_capacity(256);
    Object::begin(&mut payload)
        .text("token", &base64url::encode(entropy.draw::<32>(Draw::Csrf)))
        .optional_text("sub", bound.sub.as_deref())
        .optional_text("provider", bound.provider.as_deref())
        .value("iat", &now)
        .value("nbf", &now)
        .value("exp", &now.saturating_add(MAX_AGE))
        .text("jti", &base64url::encode(entropy.draw::<32>(Draw::Jti)))
        .end();
    keyring.newest().csrf.sign_jwt(&payload)
}

impl CsrfToken {
    /// Opens a token with any key of the ring, if it is live.
    pub fn open(keyring: &Keyring, token: &str, now: UnixTime) -> Result<Self, Refused> {
        let (payload, age) = keyring.open_token(token, |keys| keys.csrf.verify_jwt(token))?;
        let claims = Claims::read(&payload)?;
        if now.as_secs() >= claims.exp
            || UnixTime::from_secs(claims.nbf).is_ahead_of(now)
            || claims.token.is_empty()
        {
            return Err(Refused);
        }
        let token = CsrfValue::new(claims.token);
        let earlier = match age {
            Age::Newest => None,
            Age::Earlier => Some(payload),
        };
        Ok(Self { token, bound: claims.bound, earlier })
    }

    /// Signs the claims of a token of an earlier key with the newest one: pages that hold the earlier token stay valid.
    pub fn signed_anew(&self, keyring: &Keyring) -> Option<String> {
        self.earlier.as_ref().map(|payload| keyring.newest().csrf.sign_jwt(payload))
    }

    /// Tells whether the token belongs to this user. Without a session there is nothing to protect.
    pub fn belongs_to(&self, session: Option<&Presented>) -> bool {
        session.is_none() || self.is_bound(&Bound::to_presented(session))
    }

    /// Tells whether the token is bound to exactly this user, or is bound to none and there is none.
    pub fn is_bound(&self, bound: &Bound) -> bool {
        self.bound == *bound
    }
}

/// The claims of a token.
#[derive(Debug, PartialEq)]
struct Claims {
    token: String,
    bound: Bound,
    nbf: u64,
    exp: u64,
}

impl Claims {
    fn read(payload: &[u8]) -> Result<Self, Refused> {
        str::from_utf8(payload).ok().and_then(Self::plain).map_or_else(|| Self::strict(payload), Ok)
    }

    /// Reads what [`issue`] writes, unless a text has escapes: by 1,300 instructions instead of 6,000.
    fn plain(payload: &str) -> Option<Self> {
        let mut members = PlainMembers::begin(payload)?;
        let token = members.text("token")??.to_owned();
        let [sub, provider] =
            [members.text("sub")?, members.text("provider")?].map(|text| text.map(str::to_owned));
        members.seconds("iat")??;
        let (nbf, exp) = (members.seconds("nbf")??, members.seconds("exp")??);
        members.text("jti")??;
        members.end().then_some(Self { token, bound: Bound { sub, provider }, nbf, exp })
    }

    fn strict(payload: &[u8]) -> Result<Self, Refused> {
        let mut claims = StrictObject::parse(payload)?;
        Ok(Self {
            token: claims.take_text("token")?.ok_or(Refused)?,
            bound: Bound { sub: claims.take_text("sub")?, provider: claims.take_text("provider")? },
            nbf: claims.take_seconds("nbf")?.ok_or(Refused)?,
            exp: claims.take_seconds("exp")?.ok_or(Refused)?,
        })
    }
}

/// Why a request that changes state is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum CsrfRefused {
    /// The request has no cookie with a token.
    CookieMissing,
    /// The request has no token beside its cookie.
    TokenMissing,
    /// The token differs from the cookie's, or belongs to another session.
    TokenMismatch,
    /// The request comes from another site.
    CrossSite,
}

/// Checks the double submit: the presented token is the cookie's, and both belong to the signed-in user.
pub fn check(
    keyring: &Keyring,
    cookies: &[&str],
    presented: Option<&str>,
    session: Option<&Presented>,
    now: UnixTime,
) -> Result<(), CsrfRefused> {
    if cookies.is_empty() {
        return Err(CsrfRefused::CookieMissing);
    }
    let presented = presented.ok_or(CsrfRefused::TokenMissing)?;
    let mismatch = CsrfRefused::TokenMismatch;
    let Ok(presented) = CsrfToken::open(keyring, presented, now) else { return Err(mismatch) };
    let matches = |cookie: &&str| {
        CsrfToken::open(keyring, cookie, now).is_ok_and(|cookie| cookie.token == presented.token)
    };
    if !presented.belongs_to(session) || !cookies.iter().any(matches) {
        return Err(mismatch);
    }
    Ok(())
}

/// How a state-changing request to the application's own routes proves that a page of this site sent it.
///
/// ```
/// use aura_proto::{Auth, CsrfProtection, Salt, Secret, UnixTime};
/// let secret = Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
/// let salt = Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
/// let auth = Auth::builder(secret, salt)
///     .base_url("https://example.com")
///     .csrf_protection(CsrfProtection::FetchMetadata)
///     .build()?;
/// let now = UnixTime::from_secs(1_790_000_000);
/// let post = |site: &str| http::Request::post("/notes").header("sec-fetch-site", site).body(());
/// assert!(auth.check_csrf(&post("same-origin")?, now).is_ok());
/// assert!(auth.check_csrf(&post("cross-site")?, now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsrfProtection {
    /// By the token of `GET /csrfToken`. What the browser sends of Fetch Metadata and `Origin` must agree with it.
    #[default]
    Token,
    /// By Fetch Metadata alone, where the browser sends `Sec-Fetch-Site: same-origin` (Fetch Metadata section 2.3), which no
    /// page can write. Browsers that send none need the token. The routes under the base path always need it.
    FetchMetadata,
}

impl CsrfProtection {
    /// Tells whether Fetch Metadata alone proves that a page of this origin sent a request.
    #[doc(hidden)]
    pub fn is_satisfied_by(self, headers: &HeaderMap) -> bool {
        let mut sites = headers.get_all("sec-fetch-site").iter().peekable();
        self == Self::FetchMetadata
            && sites.peek().is_some()
            && sites.all(|site| site.as_bytes() == b"same-origin")
    }
}

/// Tells whether a browser asks ahead of a visit, which may never come.
pub fn is_prefetch(headers: &HeaderMap) -> bool {
    let mut purposes = ["sec-purpose", "purpose"].into_iter().flat_map(|name| headers.get_all(name));
    purposes.any(|purpose| purpose.as_bytes().starts_with(b"prefetch"))
}

/// Checks by Fetch Metadata (section 2) that a request may begin a sign-in. A navigation may. A subresource, such as an image, may not. A
/// frame of another site may if the site's cookies are for frames. A script may from this site and from trusted origins. Without Fetch
/// Metadata, every request may.
pub fn check_visit(
    headers: &HeaderMap,
    own: &Origin,
    trusted: &TrustedOrigins,
    in_frames: bool,
) -> Result<(), CsrfRefused> {
    let values = |name| headers.get_all(name).iter().map(HeaderValue::as_bytes);
    let is_cross_site = || values("sec-fetch-site").any(|site| site == b"cross-site");
    // What a service worker passes on has the destination `empty`.
    let leads = |dest: &[u8]| match dest {
        b"document" | b"empty" => true,
        b"iframe" | b"frame" => in_frames || !is_cross_site(),
        _ => false,
    };
    if !values("sec-fetch-dest").all(leads) || values("sec-fetch-mode").any(|mode| mode == b"no-cors") {
        return Err(CsrfRefused::CrossSite);
    }
    if values("sec-fetch-mode").any(|mode| mode == b"cors") {
        check_site(headers, own, trusted)
    } else {
        Ok(())
    }
}

/// Checks what the browser says about where the request comes from (Fetch Metadata, and RFC 6454 section 7).
pub fn check_site(headers: &HeaderMap, own: &Origin, trusted: &TrustedOrigins) -> Result<(), CsrfRefused> {
    let sites = || headers.get_all("sec-fetch-site").iter();
    let same = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
    let is_foreign = !sites().all(same);
    // A page under `Referrer-Policy: no-referrer` posts its own form with `Origin: null` (Fetch, "append a request Origin
    // header"). No page can set Fetch Metadata, which identifies the site.
    let is_own_form = sites().next().is_some() && sites().all(|site| site.as_bytes() == b"same-origin");
    let mut origins = headers.get_all(ORIGIN).iter().peekable();
    if is_foreign && origins.peek().is_none() {
        return Err(CsrfRefused::CrossSite);
    }
    // If Fetch Metadata names another site, an `Origin` of this site does not override it.
    let accepted = |text: &str| {
        let url = crate::origin::parse_http_url(text);
        url.is_some_and(|url| trusted.contains(&url) || (!is_foreign && own.is_origin_of(&url)))
    };
    let is_sound = |origin: &HeaderValue| match origin.as_bytes() {
        b"null" => is_own_form,
        _ => origin.to_str().is_ok_and(accepted),
    };
    if origins.all(is_sound) {
        return Ok(());
    }
    Err(CsrfRefused::CrossSite)
}
