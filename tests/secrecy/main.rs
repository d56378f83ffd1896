//! Where does a secret appear? Only where the protocol wants it: planted everywhere, and looked for in everything that
//! comes out of whole flows, in every spelling.
#![cfg(test)]

mod flows;
mod planted;
mod source;

use planted::{Place, Secrets};

/// What came out of a flow, by place.
type Seen = Vec<(Place, String)>;

/// Looks for every secret in everything that came out, and returns how often one stood where it may.
fn search(secrets: &Secrets, seen: &Seen) -> usize {
    let mut found = 0_usize;
    for (place, text) in seen {
        for (kind, secret) in secrets.iter() {
            if planted::spellings(secret).iter().any(|spelling| text.contains(spelling.as_str())) {
                assert!(kind.may_stand(*place), "{kind:?} stands in {place:?}: {text}");
                found = found.saturating_add(1);
            }
        }
    }
    found
}
