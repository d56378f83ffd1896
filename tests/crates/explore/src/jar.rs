//! A browser's cookies for one host, each identified by name, domain and path (RFC 6265bis section 5.7).
//!
//! An attacker on a sibling subdomain can add cookies. Such a cookie has a `Domain` attribute, so it is stored beside
//! the host's own cookie of the same name. Setting or clearing the host's cookie does not affect it. Cookies never
//! expire here, because a browser's clock may be late.

use crate::text::Text;
use std::collections::BTreeMap;

/// Origin of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// This host's alone.
    Host,
    /// That of a domain with its subdomains, each of which may set it.
    Domain,
}

/// A cookie but for its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Kept {
    reach: Reach,
    path: Text,
    value: Text,
}

/// Whether a browser took a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tossed {
    /// It is in the jar.
    Taken,
    /// The name's prefix forbids it.
    Refused,
}

/// The cookies of one browser for the site: those of a name in the order in which they are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Jar(BTreeMap<Text, Vec<Kept>>);

impl Jar {
    /// Writes the `Cookie` header of a request for a path.
    pub fn header(&self, path: &str) -> String {
        let mut header = String::new();
        for (name, kept) in &self.0 {
            for cookie in kept.iter().filter(|cookie| covers(&cookie.path, path)) {
                let separator = if header.is_empty() { "" } else { "; " };
                header.extend([separator, name, "=", &cookie.value]);
            }
        }
        header
    }

    /// Applies a response's `Set-Cookie` fields.
    pub fn store<'a>(&mut self, fields: impl IntoIterator<Item = &'a str>) {
        for field in fields {
            let (pair, attributes) = field.split_once(';').unwrap_or((field, ""));
            let (name, value) = pair.split_once('=').expect("the core writes pairs");
            let (mut reach, mut path, mut clears) = (Reach::Host, "/", false);
            for attribute in attributes.split(';').map(str::trim) {
                match attribute.split_once('=') {
                    Some(("Domain", _)) => reach = Reach::Domain,
                    Some(("Path", value)) => path = value,
                    Some(("Max-Age", value)) => clears = value == "0",
                    Some(_) | None => {}
                }
            }
            if clears { self.clear(name, reach, path) } else { self.set(name, reach, path, value) }
        }
    }

    /// Sets a cookie as a page of a sibling subdomain can, for a path. Browsers refuse that for names that are bound to a
    /// host.
    pub fn toss(&mut self, name: &str, path: &str, value: &str) -> Tossed {
        if name.starts_with("__Host-") {
            return Tossed::Refused;
        }
        self.set(name, Reach::Domain, path, value);
        Tossed::Taken
    }

    /// Sets any cookie of the host, as a browser's owner can. Over plain http, a server at another port can do so too.
    pub fn put(&mut self, name: &str, value: &str) {
        self.set(name, Reach::Host, "/", value);
    }

    /// Iterates over the values that a name has in requests for a path.
    pub fn values<'a>(&'a self, name: &str, path: &'a str) -> impl Iterator<Item = &'a str> {
        let kept = self.0.get(name).into_iter().flatten();
        kept.filter(|cookie| covers(&cookie.path, path)).map(|cookie| &*cookie.value)
    }

    /// Finds the first of the host's own cookies whose name begins so.
    pub fn own(&self, name: &str) -> Option<(&str, &str)> {
        self.0.iter().filter(|(other, _)| other.starts_with(name)).find_map(|(name, kept)| {
            let cookie = kept.iter().find(|cookie| cookie.reach == Reach::Host)?;
            Some((&**name, &*cookie.value))
        })
    }

    /// Sets a cookie: in its place where there is one, else behind those with a path as long.
    fn set(&mut self, name: &str, reach: Reach, path: &str, value: &str) {
        let kept = self.0.entry(name.into()).or_default();
        if let Some(cookie) = kept.iter_mut().find(|cookie| cookie.is(reach, path)) {
            cookie.value = value.into();
            return;
        }
        let at = kept.iter().position(|cookie| cookie.path.len() < path.len()).unwrap_or(kept.len());
        kept.insert(at, Kept { reach, path: path.into(), value: value.into() });
    }

    fn clear(&mut self, name: &str, reach: Reach, path: &str) {
        let Some(kept) = self.0.get_mut(name) else { return };
        kept.retain(|cookie| !cookie.is(reach, path));
        if kept.is_empty() {
            self.0.remove(name);
        }
    }
}

impl Kept {
    fn is(&self, reach: Reach, path: &str) -> bool {
        self.reach == reach && *self.path == *path
    }
}

/// Tells whether a cookie's path covers that of a request (section 5.1.4).
fn covers(cookie: &str, request: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| cookie.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_tossed_cookie_stands_beside_the_hosts_own_and_outlives_it() {
        let mut jar = Jar::default();
        jar.store(["__Secure-a=own; Path=/; Max-Age=60"]);
        assert_eq!(jar.toss("__Secure-a", "/auth", "tossed"), Tossed::Taken);
        assert_eq!(
            jar.header("/auth/session"),
            "__Secure-a=tossed; __Secure-a=own",
            "longer paths come first"
        );
        assert_eq!(jar.header("/authors"), "__Secure-a=own");
        jar.store(["__Secure-a=; Path=/; Max-Age=0"]);
        assert_eq!(jar.header("/auth/session"), "__Secure-a=tossed");
        assert_eq!(jar.own("__Secure-a"), None);
    }

    #[test]
    fn of_two_cookies_with_one_path_the_earlier_one_comes_first() {
        let mut jar = Jar::default();
        jar.toss("a", "/", "tossed");
        jar.store(["a=own; Path=/"]);
        jar.toss("a", "/", "again");
        assert_eq!(jar.values("a", "/").collect::<Vec<_>>(), ["again", "own"]);
    }

    #[test]
    fn no_neighbour_tosses_what_is_bound_to_the_host() {
        let mut jar = Jar::default();
        assert_eq!(jar.toss("__Host-a", "/", "tossed"), Tossed::Refused);
        assert_eq!(jar.header("/"), "");
    }
}
