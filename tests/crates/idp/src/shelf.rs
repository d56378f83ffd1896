//! Bounded map whose entries expire. A new entry replaces the oldest one when the map is full.

use std::collections::BTreeMap;

use crate::digest::Fingerprint;

/// The most entries one shelf holds.
const CAPACITY: usize = 1024;

/// Values under the fingerprint of their credential, bounded in number and time.
#[derive(Clone, Debug)]
pub(crate) struct Shelf<T> {
    entries: BTreeMap<Fingerprint, Entry<T>>,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    value: T,
    expires_at: u64,
}

impl<T> Shelf<T> {
    /// Keeps a value from `now` for `lifetime` seconds.
    pub(crate) fn put(&mut self, key: Fingerprint, value: T, now: u64, lifetime: u64) {
        self.entries.retain(|_, entry| !entry.is_expired(now));
        while self.entries.len() >= CAPACITY {
            self.drop_oldest();
        }
        self.entries.insert(key, Entry { value, expires_at: now.saturating_add(lifetime) });
    }

    pub(crate) fn get(&self, key: &Fingerprint, now: u64) -> Option<&T> {
        self.entries.get(key).filter(|entry| !entry.is_expired(now)).map(|entry| &entry.value)
    }

    pub(crate) fn take(&mut self, key: &Fingerprint, now: u64) -> Option<T> {
        self.entries.remove(key).filter(|entry| !entry.is_expired(now)).map(|entry| entry.value)
    }

    pub(crate) fn remove_where(&mut self, is_gone: impl Fn(&T) -> bool) {
        self.entries.retain(|_, entry| !is_gone(&entry.value));
    }

    /// All entries of a shelf live equally long, so the first to expire is the oldest.
    fn drop_oldest(&mut self) {
        let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.expires_at);
        if let Some(key) = oldest.map(|(key, _)| key.clone()) {
            self.entries.remove(&key);
        }
    }
}

impl<T> Entry<T> {
    const fn is_expired(&self, now: u64) -> bool {
        now >= self.expires_at
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_there_until_the_second_it_expires() {
        let mut shelf = Shelf::default();
        let key = Fingerprint::of("a");
        shelf.put(key.clone(), 1, 100, 60);
        assert_eq!(shelf.get(&key, 159), Some(&1));
        assert_eq!(shelf.get(&key, 160), None);
        assert_eq!(shelf.take(&key, 160), None);
    }

    #[test]
    fn an_entry_is_taken_once() {
        let mut shelf = Shelf::default();
        let key = Fingerprint::of("a");
        shelf.put(key.clone(), 1, 100, 60);
        assert_eq!(shelf.take(&key, 100), Some(1));
        assert_eq!(shelf.take(&key, 100), None);
    }

    #[test]
    fn a_full_shelf_drops_its_oldest_entry() {
        let mut shelf = Shelf::default();
        let keys: Vec<_> = (0..=CAPACITY).map(|n| Fingerprint::of(&n.to_string())).collect();
        for (now, key) in (0..).zip(&keys) {
            shelf.put(key.clone(), (), now, 10_000);
        }
        assert_eq!(shelf.entries.len(), CAPACITY);
        assert_eq!(shelf.get(&keys[0], 0), None);
        assert_eq!(shelf.get(&keys[1], 0), Some(&()));
    }

    #[test]
    fn expired_entries_are_swept_when_one_is_added() {
        let mut shelf = Shelf::default();
        shelf.put(Fingerprint::of("a"), (), 100, 60);
        shelf.put(Fingerprint::of("b"), (), 160, 60);
        assert_eq!(shelf.entries.len(), 1);
    }
}
