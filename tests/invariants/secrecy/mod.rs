//! Secrets in the output of whole flows: each appears only where the protocol requires it.
//!
//! Secrets are planted everywhere, and all output is searched for them in every encoding.

mod flows;
mod planted;
mod source;

use planted::{Place, Secrets};

/// Output of a flow, by place.
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
