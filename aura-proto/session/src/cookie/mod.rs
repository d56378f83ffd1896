//! The cookies of this site: their names, and how they are set and cleared.

pub(crate) mod add;
pub(crate) mod chunks;
#[cfg(test)]
mod golden_tests;
pub(crate) mod parse;
pub(crate) mod set;

use memchr::memmem::Finder;
use set::{Attributes, SameSite, SetCookie, WrittenAttributes};
use std::sync::Arc;
use std::time::Duration;

/// How long an attempt and its cookie live by default.
pub const ATTEMPT_LIFETIME: Duration = Duration::from_secs(600);
/// How long an attempt and its cookie may live at most.
pub const LONGEST_ATTEMPT: Duration = Duration::from_secs(60 * 60);
/// How many attempts one browser may have under way.
pub const MAX_ATTEMPTS: usize = 5;
/// How many characters of the state name an attempt's cookie.
pub const STATE_CHARACTERS: usize = 8;

/// One cookie: its whole name, and the attributes with which it is set and cleared.
#[derive(Clone, Debug)]
pub struct OurCookie {
    /// The whole name.
    pub name: String,
    /// Finds the name among a request's cookies, if it is known before one arrives. To make one takes 3,000 instructions.
    finder: Option<Finder<'static>>,
    /// The attributes, as they are written.
    pub attributes: Arc<WrittenAttributes>,
}

impl OurCookie {
    /// Makes a cookie with a name, which is searched for in requests, and the attributes that it is set with.
    pub fn new(name: String, attributes: Attributes) -> Self {
        Self { finder: Some(Finder::new(&name).into_owned()), name, attributes: attributes.written() }
    }

    /// Sets the cookie, without chunks.
    pub fn set(&self, value: String) -> SetCookie {
        SetCookie::set(self.name.clone(), value, &self.attributes)
    }

    /// Clears the cookie without its chunks; see `clear_chunks`.
    pub fn clear(&self) -> SetCookie {
        SetCookie::clear(self.name.clone(), &self.attributes)
    }

    /// Tells whether browsers send the cookie to this host alone (RFC 6265bis section 5.7).
    pub fn is_host_only(&self) -> bool {
        self.attributes.domain.is_none()
    }

    /// Tells whether browsers send the cookie in a frame of another site.
    pub fn is_for_frames(&self) -> bool {
        self.attributes.same_site == SameSite::None
    }

    /// Returns the one value that there is, whole in one cookie, as most browsers send it; `None` where [`read`](Self::read) has
    /// to tell. It allocates nothing.
    pub fn read_sole<'a>(&self, cookies: parse::Cookies<'a>) -> Option<Option<&'a [u8]>> {
        let is_whole = |value: &[u8]| self.name.len().saturating_add(value.len()) != set::MAX_COOKIE;
        cookies.sole(self.finder.as_ref()?).filter(|sole| sole.is_none_or(is_whole))
    }

    /// Returns a cookie with the same attributes and the name `{name}.{rest}`.
    fn followed_by(&self, rest: &str) -> Self {
        let name = [&self.name, ".", rest].concat();
        Self { name, finder: None, attributes: Arc::clone(&self.attributes) }
    }
}

/// This library's cookies on one scheme.
#[derive(Clone, Debug)]
pub struct CookieTable {
    /// Holds the session token, in chunks where it is long.
    pub session: OurCookie,
    /// Holds a copy of a stored session, in chunks where it is long.
    pub snapshot: OurCookie,
    /// Holds the CSRF token.
    pub csrf: OurCookie,
    /// The attempts' cookies: each name begins with this one, then a dot.
    pub attempts: OurCookie,
    /// The cookies of provider tokens: each name begins with this one, then a dot.
    pub access_tokens: OurCookie,
}

impl CookieTable {
    /// The cookie of the attempt that has this state.
    pub fn attempt(&self, state: &str) -> OurCookie {
        let end = state.char_indices().nth(STATE_CHARACTERS).map_or(state.len(), |(end, _)| end);
        self.attempts.followed_by(state.get(..end).unwrap_or(state))
    }

    /// Clears the cookie of an attempt, by its whole name.
    pub fn clear_attempt(&self, name: &str) -> SetCookie {
        SetCookie::clear(name.to_owned(), &self.attempts.attributes)
    }

    /// Tells whether a cookie's name is one that [`Self::attempt`] could have given.
    pub fn is_attempt(&self, name: &str) -> bool {
        let rest = name.strip_prefix(&self.attempts.name).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| {
            rest.len() == STATE_CHARACTERS
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
    }

    /// The cookie that keeps the tokens of one provider, in chunks where they are long.
    pub fn access_token(&self, provider: &str) -> OurCookie {
        self.access_tokens.followed_by(provider)
    }

    /// Reads the provider and the index of the chunk out of the name of a provider-token cookie.
    pub fn provider_of<'a>(&self, name: &'a str) -> Option<(&'a str, usize)> {
        let rest = name.strip_prefix(&self.access_tokens.name)?.strip_prefix('.')?;
        let (provider, index) = match rest.split_once('.') {
            Some((provider, index)) => (provider, chunks::index(index)?),
            None => (rest, 0),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        ((1..=64).contains(&provider.len()) && provider.bytes().all(plain)).then_some((provider, index))
    }

    /// Returns the longest `Cookie` header of these cookies, in bytes, without provider tokens, for a session token of this
    /// length. `Auth::findings` compares it with what servers accept.
    pub fn budget(&self, session: usize) -> usize {
        // The length of a CSRF token or an attempt whose user id and target are of usual length.
        const TOKEN: usize = 800;
        let one = |name: &str, value: usize| name.len().saturating_add(value).saturating_add("=; ".len());
        let room = set::MAX_COOKIE.saturating_sub(self.session.name.len()).saturating_sub(".1".len());
        let chunks = session.div_ceil(room.max(1)).max(1);
        let attempt = one(&self.attempts.name, TOKEN.saturating_add(STATE_CHARACTERS).saturating_add(1));
        one(&self.csrf.name, TOKEN)
            .saturating_add(attempt.saturating_mul(MAX_ATTEMPTS))
            .saturating_add(one(&self.session.name, 2).saturating_mul(chunks))
            .saturating_add(session)
    }
}

#[cfg(test)]
mod tests {
    use super::set::{MAX_COOKIE, SameSite};
    use super::*;
    use crate::origin::Scheme;

    fn table() -> CookieTable {
        let cookie = |name: &str| {
            let attributes = Attributes::of_host(Duration::from_secs(60), SameSite::Lax, Scheme::Https);
            OurCookie::new(format!("__Host-aura-auth.{name}"), attributes)
        };
        CookieTable {
            session: cookie("session_token"),
            snapshot: cookie("session_token.snapshot"),
            csrf: cookie("csrf_token"),
            attempts: cookie("state"),
            access_tokens: cookie("access_token"),
        }
    }

    #[test]
    fn ck_03_an_attempt_s_name_is_exact() {
        let table = table();
        assert!(table.is_attempt(&table.attempt("abcdefgh-rest").name));
        for name in
            ["", ".", ".abcdefg", ".abcdefghi", "abcdefgh", ".abcdefg%", ".abcdefg\u{e9}", "x.abcdefgh"]
        {
            assert!(!table.is_attempt(&format!("__Host-aura-auth.state{name}")), "{name}");
        }
        assert!(!table.is_attempt("__host-aura-auth.state.abcdefgh"));
    }

    #[test]
    fn a_provider_token_s_name_is_a_provider_s_id_and_maybe_a_chunk() {
        let read = |rest: &str| {
            let name = format!("__Host-aura-auth.access_token{rest}");
            table().provider_of(&name).map(|(provider, index)| (provider.to_owned(), index))
        };
        for (rest, provider, index) in [
            (".github", "github", 0),
            (".git-hub_1", "git-hub_1", 0),
            (".github.1", "github", 1),
            (".1.12", "1", 12),
        ] {
            assert_eq!(read(rest), Some((provider.to_owned(), index)));
        }
        for rest in ["", ".", "..1", ".github.01", ".github.1.1", ".github.x", ".git hub", "github"] {
            assert_eq!(read(rest), None, "{rest}");
        }
    }

    #[test]
    fn the_budget_is_what_a_browser_with_everything_would_send() {
        let (table, token) = (table(), "t".repeat(800));
        for session in [500_usize, 4096, 9_000, 20_000] {
            let mut pairs = vec![format!("{}={token}", table.csrf.name)];
            let states = (0..MAX_ATTEMPTS).map(|n| n.to_string().repeat(8));
            pairs.extend(states.map(|state| format!("{}={token}", table.attempt(&state).name)));
            let value = "s".repeat(session);
            let chunks = table.session.set_chunks(&value, &chunks::Sent::default()).unwrap();
            let pair = |cookie: &SetCookie| {
                cookie.to_header_value().to_str().unwrap().split(';').next().unwrap().to_owned()
            };
            assert!(chunks.iter().all(|cookie| pair(cookie).len() <= MAX_COOKIE + 1));
            pairs.extend(chunks.iter().map(pair));
            let (sent, budget) = (pairs.join("; ").len(), table.budget(session));
            assert!((sent..sent + 64).contains(&budget), "{session}: {budget} for {sent}");
        }
    }
}
