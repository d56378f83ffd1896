//! What does a browser keep? Cookies of one host, as an attacker's neighbour on a sibling subdomain can add to them.

use http::{HeaderMap, header};
use std::collections::BTreeMap;

/// The cookies of one browser for the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Writes the `Cookie` header.
    pub fn header(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Does what a response's `Set-Cookie` fields say.
    pub fn store(&mut self, headers: &HeaderMap) {
        for field in headers.get_all(header::SET_COOKIE) {
            let field = field.to_str().expect("the core writes ASCII");
            let (pair, attributes) = field.split_once(';').unwrap_or((field, ""));
            let (name, value) = pair.split_once('=').expect("the core writes pairs");
            let clears = attributes.split(';').any(|attribute| attribute.trim() == "Max-Age=0");
            if clears {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Sets a cookie as a page of a sibling subdomain can: browsers refuse that for names that are bound to a host.
    pub fn toss(&mut self, name: &str, value: &str) {
        if !name.starts_with("__Host-") {
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Sets any cookie, as the owner of a browser can.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// Finds the first cookie whose name has this part.
    pub fn find(&self, part: &str) -> Option<(&str, &str)> {
        let found = self.0.iter().find(|(name, _)| name.contains(part));
        found.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
