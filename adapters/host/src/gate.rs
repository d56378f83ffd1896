//! The limit of exchanges that are under way at once. An exchange above it is refused at once.

use crate::threads::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::collections::HashMap;

/// Default number of exchanges under way.
const LIMIT: usize = 512;

/// Limits the exchanges under way, by default to 512, of which one provider gets at most half, so that a
/// provider that hangs leaves room for the others. It has no queue: an exchange behind as many that hang would wait for
/// nothing, and hold memory and a connection meanwhile. Clones count together.
///
/// ```
/// let gate = aura_host::Gate::new(2);
/// let passage = gate.enter("a.test");
/// assert!(passage.is_some() && gate.enter("a.test").is_none());
/// assert!(gate.enter("b.test").is_some());
/// drop(passage);
/// assert!(gate.enter("a.test").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    limit: usize,
    inside: Arc<Mutex<Inside>>,
}

/// The exchanges under way, in all and by authority.
#[derive(Debug, Default)]
struct Inside {
    all: usize,
    of: HashMap<Arc<str>, usize>,
}

/// One exchange that is under way, until it is dropped.
///
/// ```
/// let gate = aura_host::Gate::default();
/// let passage: Option<aura_host::Passage> = gate.enter("provider.test");
/// assert!(passage.is_some());
/// ```
#[derive(Debug)]
#[must_use = "dropping it makes room for another exchange"]
pub struct Passage {
    inside: Arc<Mutex<Inside>>,
    authority: Arc<str>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

impl Gate {
    /// Makes a gate for this many.
    ///
    /// ```
    /// assert!(aura_host::Gate::new(0).enter("provider.test").is_none());
    /// ```
    pub fn new(limit: usize) -> Self {
        Self { limit, inside: Arc::default() }
    }

    /// Lets one more in, if there is room in all and for the authority (host and port) that it goes to.
    ///
    /// ```
    /// assert!(aura_host::Gate::new(1).enter("provider.test").is_some());
    /// ```
    pub fn enter(&self, authority: &str) -> Option<Passage> {
        let share = self.limit.div_ceil(2);
        let mut inside = lock(&self.inside);
        let (authority, of) = match inside.of.get_key_value(authority) {
            Some((authority, of)) => (Arc::clone(authority), *of),
            None => (Arc::from(authority), 0),
        };
        if inside.all >= self.limit || of >= share {
            drop(inside);
            tracing::warn!(target: "aura", limit = self.limit, share, %authority, "too many exchanges with providers are under way");
            return None;
        }
        inside.all = inside.all.saturating_add(1);
        inside.of.insert(Arc::clone(&authority), of.saturating_add(1));
        drop(inside);
        Some(Passage { inside: Arc::clone(&self.inside), authority })
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        let mut inside = lock(&self.inside);
        inside.all = inside.all.saturating_sub(1);
        match inside.of.get_mut(&self.authority) {
            Some(of) if *of > 1 => *of = of.saturating_sub(1),
            Some(_) | None => drop(inside.of.remove(&self.authority)),
        }
    }
}

/// Nothing panics while it holds the lock but the allocator.
fn lock(inside: &Mutex<Inside>) -> MutexGuard<'_, Inside> {
    inside.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn au_08_one_provider_has_half_of_the_room_at_most() {
        let gate = Gate::new(6);
        let mut of_one: Vec<_> = (0..6).map(|_| gate.enter("slow.test")).collect();
        assert_eq!(of_one.iter().flatten().count(), 3);
        let others: Vec<_> = ["a.test", "b.test", "c.test", "d.test"].map(|other| gate.enter(other)).into();
        assert_eq!(others.iter().flatten().count(), 3, "there are six in all");
        drop(others);
        assert!(gate.enter("slow.test").is_none());
        of_one.clear();
        assert!(lock(&gate.inside).of.is_empty() && lock(&gate.inside).all == 0);
        assert!(gate.enter("slow.test").is_some());
    }
}
