//! The limit of exchanges that are under way at once. What is beyond it is refused at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many exchanges may be under way where nothing is said.
const LIMIT: usize = 256;

/// Lets a number of exchanges through at once, 256 where nothing is said. It has no queue: whoever comes behind as many that
/// hang would wait for nothing, and hold memory and a connection meanwhile. Clones count together.
///
/// ```
/// let gate = aura_host::Gate::new(1);
/// let passage = gate.enter();
/// assert!(passage.is_some() && gate.enter().is_none());
/// drop(passage);
/// assert!(gate.enter().is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Gate {
    limit: usize,
    inside: Arc<AtomicUsize>,
}

/// One exchange that is under way, until it is dropped.
///
/// ```
/// let gate = aura_host::Gate::default();
/// let passage: Option<aura_host::Passage> = gate.enter();
/// # let _ = passage;
/// ```
#[derive(Debug)]
#[must_use = "dropping it makes room for another exchange"]
pub struct Passage(Arc<AtomicUsize>);

impl Default for Gate {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

impl Gate {
    /// Makes a gate for this many.
    ///
    /// ```
    /// assert!(aura_host::Gate::new(0).enter().is_none());
    /// ```
    pub fn new(limit: usize) -> Self {
        Self { limit, inside: Arc::default() }
    }

    /// Lets one more in, if there is room.
    ///
    /// ```
    /// assert!(aura_host::Gate::new(1).enter().is_some());
    /// ```
    pub fn enter(&self) -> Option<Passage> {
        let one_more = |inside: usize| inside.checked_add(1).filter(|inside| *inside <= self.limit);
        if self.inside.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more).is_err() {
            tracing::warn!(target: "aura", limit = self.limit, "too many exchanges with providers are under way");
            return None;
        }
        Some(Passage(Arc::clone(&self.inside)))
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
