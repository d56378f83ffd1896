//! Values that are too long for one cookie, in chunks: `name`, `name.1`, `name.2`, each as full as browsers keep.
//!
//! Every chunk but the last is full: name and value have 4,096 bytes. So a chunk that is not full ends its value, and
//! stale chunks of an earlier, longer value are ignored. If a name has several different values, each is tried:
//! [`super::parse`] bounds the values of one name, and [`MAX_JOINED`] the joined values. The caller opens the joined
//! values, of which exactly one may authenticate.

use super::parse::Cookies;
use super::set::{Attributes, MAX_COOKIE, SetCookie, WrittenAttributes};
use super::{CookieTable, OurCookie};
use aura_jose::MAX_TOKEN;
use std::borrow::Cow;
use std::sync::Arc;

/// How many cookies one value may fill.
pub const MAX_CHUNKS: usize = 5;
/// How many ways of joining the chunks of one request are tried.
pub const MAX_JOINED: usize = 16;
/// How many cookies of one kind are cleared at once that this library cannot have set; the rest expire.
const MAX_STALE: usize = 20;
/// How many attempt cookies of one request are read. This library leaves at most five; others expire.
const MAX_ATTEMPT_COOKIES: usize = 50;

const _: () =
    assert!(MAX_CHUNKS.saturating_mul(MAX_COOKIE) <= MAX_TOKEN, "a full set of chunks is one token");

/// A value needs more than [`MAX_CHUNKS`] cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// The names of this site's cookies that the browser sent, and that a later answer may have to clear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Those of attempts.
    pub attempts: Vec<String>,
    /// Those of sessions and their snapshots.
    pub session: Vec<String>,
    access_tokens: Vec<String>,
}

impl Sent {
    /// Collects every name that this library can have set, and a bounded number of similar names, so that cookies planted by a
    /// sibling site do not prevent the clearing of this library's.
    pub fn new(cookies: Cookies<'_>, table: &CookieTable, is_provider: impl Fn(&str) -> bool) -> Self {
        let mut sent = Self::default();
        for (name, _) in cookies.pairs() {
            let (names, most) = if table.is_attempt(name) {
                (&mut sent.attempts, MAX_ATTEMPT_COOKIES)
            } else if name == table.session.name || name == table.snapshot.name {
                (&mut sent.session, usize::MAX)
            } else if let Some(index) = table.session.chunk_of(name).or_else(|| table.snapshot.chunk_of(name))
            {
                (&mut sent.session, if index < MAX_CHUNKS { usize::MAX } else { MAX_STALE })
            } else if let Some((provider, index)) = table.provider_of(name) {
                let is_ours = index < MAX_CHUNKS && is_provider(provider);
                (&mut sent.access_tokens, if is_ours { usize::MAX } else { MAX_STALE })
            } else {
                continue;
            };
            if names.len() < most && !names.iter().any(|one| one == name) {
                names.push(name.to_owned());
            }
        }
        sent
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.session.iter().chain(&self.access_tokens)
    }
}

impl OurCookie {
    /// Sets the value in as many cookies as it needs. The surplus chunks of an earlier value are cleared first, so that a browser
    /// never holds more chunks than the longer value needs.
    pub fn set_chunks(&self, value: &str, sent: &Sent) -> Result<Vec<SetCookie>, TooLong> {
        let mut set = Vec::new();
        let mut rest = value;
        while !rest.is_empty() {
            if set.len() == MAX_CHUNKS {
                return Err(TooLong);
            }
            let name = self.chunk_name(set.len());
            let room = MAX_COOKIE.saturating_sub(name.len()).min(rest.len());
            // Cannot fail for our tokens, which are ASCII; a value that cannot be cut here is refused.
            let (chunk, after) = rest.split_at_checked(room).filter(|_| room > 0).ok_or(TooLong)?;
            set.push(SetCookie::set(name, chunk.to_owned(), &self.attributes));
            rest = after;
        }
        let mut cookies = self.clear_from(set.len(), sent);
        cookies.extend(self.clear_unadorned(sent));
        cookies.append(&mut set);
        Ok(cookies)
    }

    /// Clears the cookie and every chunk of it that the browser sent.
    pub fn clear_chunks(&self, sent: &Sent) -> Vec<SetCookie> {
        let mut cookies = vec![self.clear()];
        cookies.extend(self.clear_from(1, sent));
        cookies.extend(self.clear_unadorned(sent));
        cookies
    }

    /// Clears the cookies of these names without domain, path and partition, which an earlier configuration may have set.
    /// Browsers store them separately, and two sessions would be refused as ambiguous.
    fn clear_unadorned(&self, sent: &Sent) -> Vec<SetCookie> {
        let Some(unadorned) = self.unadorned() else { return Vec::new() };
        let names = sent.names().filter(|name| **name == self.name || self.chunk_of(name).is_some());
        names.map(|name| SetCookie::clear(name.clone(), &unadorned)).collect()
    }

    /// Returns the attributes without the configured domain, path and partition, if there are any.
    fn unadorned(&self) -> Option<Arc<WrittenAttributes>> {
        let Attributes { max_age, domain, path, scheme, partitioned, same_site, .. } = &**self.attributes;
        let is_adorned = path != "/" || domain.is_some() || *partitioned;
        is_adorned.then(|| Attributes::of_host(*max_age, *same_site, *scheme).written())
    }

    /// Returns the values that the cookies of this name can be joined to, or `None` if there are too many.
    pub fn read<'a>(&self, cookies: Cookies<'a>) -> Option<Vec<Cow<'a, str>>> {
        let mut values = Vec::new();
        // The joined values so far that end in a full chunk: the next chunk may continue them.
        let mut begun = vec![Cow::Borrowed("")];
        for index in 0..MAX_CHUNKS {
            let name = self.chunk_name(index);
            let mut full = Vec::new();
            for chunk in cookies.values(&name)? {
                let is_full = name.len().saturating_add(chunk.len()) == MAX_COOKIE;
                for begun in &begun {
                    let value = match index {
                        0 => Cow::Borrowed(chunk),
                        _ => Cow::Owned([begun.as_ref(), chunk].concat()),
                    };
                    if is_full {
                        full.push(value.clone());
                    }
                    values.push(value);
                }
                if values.len() > MAX_JOINED {
                    return None;
                }
            }
            if full.is_empty() {
                break;
            }
            begun = full;
        }
        Some(values)
    }

    fn clear_from(&self, first: usize, sent: &Sent) -> Vec<SetCookie> {
        let stale = sent.names().filter(|name| self.chunk_of(name).is_some_and(|index| index >= first));
        stale.map(|name| SetCookie::clear(name.clone(), &self.attributes)).collect()
    }

    fn chunk_name(&self, index: usize) -> String {
        match index {
            0 => self.name.clone(),
            _ => format!("{}.{index}", self.name),
        }
    }

    /// Returns the index of the chunk with this name; `None` for the first chunk, whose name has no index.
    fn chunk_of(&self, name: &str) -> Option<usize> {
        index(name.strip_prefix(&self.name)?.strip_prefix('.')?)
    }
}

impl CookieTable {
    /// Clears every provider-token cookie that the browser sent, with its chunks.
    pub fn clear_access_tokens(&self, sent: &Sent) -> Vec<SetCookie> {
        let unadorned = self.access_tokens.unadorned();
        let clear = |name: &String| {
            let variants = [Some(&self.access_tokens.attributes), unadorned.as_ref()];
            let cleared = |attributes| SetCookie::clear(name.clone(), attributes);
            variants.into_iter().flatten().map(cleared).collect::<Vec<_>>()
        };
        sent.access_tokens.iter().flat_map(clear).collect()
    }
}

/// Reads the index of a chunk: canonical, of one or two digits.
pub fn index(text: &str) -> Option<usize> {
    let canonical =
        text.len() <= 2 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::set::{Attributes, SameSite};
    use super::*;
    use crate::origin::Scheme;
    use http::HeaderMap;
    use http::header::COOKIE;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::time::Duration;

    fn cookie(name: &str) -> OurCookie {
        let attributes = Attributes::of_host(Duration::from_secs(60), SameSite::Lax, Scheme::Https);
        OurCookie::new(name.to_owned(), attributes)
    }

    fn table() -> CookieTable {
        CookieTable {
            session: cookie("s"),
            snapshot: cookie("s.snapshot"),
            csrf: cookie("c"),
            attempts: cookie("t"),
            access_tokens: cookie("a"),
        }
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let field: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        HeaderMap::from_iter([(COOKIE, field.join("; ").parse().unwrap())])
    }

    fn read(pairs: &[(&str, &str)]) -> Option<Vec<String>> {
        let headers = headers(pairs);
        let values = table().session.read(Cookies::new(&headers))?;
        Some(values.into_iter().map(Cow::into_owned).collect())
    }

    /// Name and value of what is kept, and the names of what is dropped.
    fn written(cookies: &[SetCookie]) -> (Vec<(String, String)>, Vec<String>) {
        let pair = |cookie: &SetCookie| {
            let header = cookie.to_header_value();
            let (name, value) = header.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        let (cleared, set): (Vec<_>, Vec<_>) = cookies.iter().partition(|cookie| cookie.clears());
        (set.into_iter().map(pair).collect(), cleared.iter().map(|cookie| cookie.name().to_owned()).collect())
    }

    #[test]
    fn a_value_fills_its_cookies_to_the_last_byte() {
        let session = table().session;
        let rooms = [4095, 4093, 4093, 4093, 4093];
        for (chunks, room) in rooms
            .iter()
            .scan(0, |sum, room| {
                *sum += room;
                Some(*sum)
            })
            .enumerate()
        {
            let set = |length| session.set_chunks(&"x".repeat(length), &Sent::default());
            let (kept, _) = written(&set(room).unwrap());
            assert_eq!(kept.len(), chunks + 1);
            assert!(kept.iter().all(|(name, value)| name.len() + value.len() == MAX_COOKIE));
            match set(room + 1) {
                Ok(cookies) => assert_eq!(cookies.len(), chunks + 2),
                Err(error) => assert_eq!((chunks, error), (MAX_CHUNKS - 1, TooLong)),
            }
        }
    }

    #[test]
    fn a_value_that_fills_its_last_cookie_is_read_beside_a_stale_one() {
        for length in [4095, 4095 + 4093, 4095 + 4 * 4093] {
            let value = "x".repeat(length);
            let (mut kept, _) = written(&table().session.set_chunks(&value, &Sent::default()).unwrap());
            kept.push((format!("s.{}", kept.len()), "stale".to_owned()));
            let pairs: Vec<_> = kept.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert!(read(&pairs).unwrap().contains(&value), "{length}");
        }
    }

    #[test]
    fn sixteen_ways_to_join_chunks_are_tried_and_no_more() {
        let joined = |full: usize, second: usize| {
            // Four values of the plain name, some of which fill their cookie, and some of the next.
            let first = (0..4).map(|n| n.to_string().repeat(if n < full { 4095 } else { 9 }));
            let pairs = first.map(|value| ("s", value)).chain((0..second).map(|n| ("s.1", format!("x{n}"))));
            let pairs: Vec<_> = pairs.collect();
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
            read(&pairs).map(|values| values.len())
        };
        assert_eq!((joined(3, 4), joined(4, 3), joined(4, 4)), (Some(16), Some(16), None));
    }

    #[test]
    fn ck_12_chunks_are_named_canonically() {
        assert_eq!([index("1"), index("4"), index("99")], [Some(1), Some(4), Some(99)]);
        for other in ["", "0", "01", "1.", "+1", "-1", "1a", "100", " 1", "\u{661}", "00"] {
            assert_eq!(index(other), None, "{other}");
        }
    }

    #[test]
    fn ck_12_what_an_earlier_value_left_behind_is_not_looked_at() {
        let full = "f".repeat(4095);
        let next = "g".repeat(4093);
        assert_eq!(read(&[("s", "whole"), ("s.1", "stale")]), Some(vec!["whole".into()]));
        let joined = format!("{full}end");
        assert_eq!(read(&[("s.2", "stale"), ("s.1", "end"), ("s", &full)]), Some(vec![full.clone(), joined]));
        assert_eq!(read(&[("s", &full), ("s.2", &next)]), Some(vec![full.clone()]), "a gap");
        assert_eq!(read(&[("s", &full), ("s.01", &next)]), Some(vec![full]));
        assert_eq!(read(&[("s.1", "b"), ("S", "a"), ("s.", "a")]), Some(Vec::new()));
    }

    #[test]
    fn ck_12_the_ways_of_joining_are_bounded() {
        let full: Vec<_> = (0..3).map(|n| format!("{n}{}", "f".repeat(4094))).collect();
        let next: Vec<_> = (0..4).map(|n| format!("{n}{}", "g".repeat(4092))).collect();
        let ends = ["1", "2", "3", "4"];
        let pairs = |first: usize, second: usize, third: usize| {
            let mut pairs: Vec<_> = full.iter().take(first).map(|value| ("s", value.as_str())).collect();
            pairs.extend(next.iter().take(second).map(|value| ("s.1", value.as_str())));
            pairs.extend(ends.iter().take(third).map(|&value| ("s.2", value)));
            read(&pairs).map(|values| values.len())
        };
        assert_eq!(pairs(2, 2, 2), Some(2 + 4 + 8));
        assert_eq!(pairs(1, 4, 4), None);
        assert_eq!(pairs(3, 4, 1), None);
        assert_eq!(pairs(3, 4, 0), Some(3 + 12));
    }

    #[test]
    fn so_12_clearing_takes_every_chunk_that_was_sent_and_a_bounded_number() {
        let many: Vec<_> = (0..500).map(|n| format!("s.{n}")).collect();
        let pairs: Vec<_> = many.iter().map(|name| (name.as_str(), "x")).collect();
        let sent = Sent::new(Cookies::new(&headers(&pairs)), &table(), |id| id == "github");
        let (_, cleared) = written(&table().session.clear_chunks(&sent));
        assert_eq!(cleared.len(), 1 + MAX_STALE);
        assert_eq!(cleared[..3], ["s", "s.1", "s.2"]);
        let pairs: Vec<_> = pairs.into_iter().rev().collect();
        let backwards = headers(&pairs);
        let sent = Sent::new(Cookies::new(&backwards), &table(), |id| id == "github");
        let (_, cleared) = written(&table().session.clear_chunks(&sent));
        assert_eq!(
            cleared[cleared.len() - 4..],
            ["s.4", "s.3", "s.2", "s.1"],
            "decoys in front change nothing"
        );

        let pairs =
            [("a.github", "x"), ("a.github.1", "x"), ("a.github.01", "x"), ("s.1", "x"), ("a.b.c", "x")];
        let sent = Sent::new(Cookies::new(&headers(&pairs)), &table(), |id| id == "github");
        let (_, cleared) = written(&table().clear_access_tokens(&sent));
        assert_eq!(cleared, ["a.github", "a.github.1"]);
        let (_, cleared) = written(&table().access_token("github").clear_chunks(&sent));
        assert_eq!(cleared, ["a.github", "a.github.1"]);
    }

    #[test]
    fn so_12_planted_names_do_not_crowd_out_the_tokens_of_a_provider() {
        let mut planted: Vec<_> = (0..500).map(|n| format!("a.decoy{n}")).collect();
        planted.push("a.github.4".to_owned());
        let pairs: Vec<_> = planted.iter().map(|name| (name.as_str(), "x")).collect();
        let headers = headers(&pairs);
        let sent = Sent::new(Cookies::new(&headers), &table(), |id| id == "github");
        let (_, cleared) = written(&table().clear_access_tokens(&sent));
        assert_eq!(cleared.len(), MAX_STALE + 1);
        assert_eq!(cleared.last().map(String::as_str), Some("a.github.4"));
    }

    proptest! {
        #[test]
        fn any_sequence_of_sizes_round_trips_and_leaves_nothing(
            sizes in prop::collection::vec(100_usize..=20_467, 1..8),
        ) {
            let mut jar: BTreeMap<String, String> = BTreeMap::new();
            let session = table().session;
            for size in sizes {
                let pairs: Vec<_> = jar.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let before = headers(&pairs);
                let cookies = session.set_chunks(&"v".repeat(size), &Sent::new(Cookies::new(&before), &table(), |id| id == "github"));
                let (set, cleared) = written(&cookies.unwrap());
                cleared.iter().for_each(|name| { jar.remove(name); });
                jar.extend(set.iter().cloned());
                prop_assert_eq!(jar.len(), set.len());
                let pairs: Vec<_> = jar.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let after = headers(&pairs);
                let values = session.read(Cookies::new(&after)).unwrap();
                prop_assert_eq!(values.last().map(|value| value.len()), Some(size));
            }
        }

        #[test]
        fn any_cookies_are_read_within_bounds(
            pairs in prop::collection::vec(("s(\\.[0-9]{1,2})?", "[a-c]{1}", prop::bool::ANY), 0..30),
        ) {
            let pairs: Vec<_> = pairs
                .into_iter()
                .map(|(name, value, full)| {
                    let length = if full { MAX_COOKIE.saturating_sub(name.len()) } else { 3 };
                    (name, value.repeat(length))
                })
                .collect();
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if let Some(values) = read(&pairs) {
                prop_assert!(values.len() <= MAX_JOINED);
                prop_assert!(values.iter().all(|value| value.len() <= MAX_CHUNKS * MAX_COOKIE));
            }
        }
    }
}
