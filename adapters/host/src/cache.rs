//! The bounded cache of providers' answers. The oldest make room for new ones.

use aura_proto::{Caching, UnixTime};
use bytes::Bytes;
use http::Response;
use std::collections::HashMap;

/// How many answers are kept at most: two for each of as many providers as a site has, and room to spare.
const MAX_ENTRIES: usize = 256;
/// How many bytes they have in all at most.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Answers of providers by URL.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: HashMap<String, Entry>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    answer: Response<Bytes>,
    stored_at: UnixTime,
    size: usize,
}

impl Entry {
    /// Where the clock was set back since, nothing is known of the answer's age. A little is no sign of that: who asks may
    /// have read the clock before the answer came, and waited for it.
    fn age(&self, now: UnixTime) -> Option<u64> {
        let latest = now.saturating_add(Caching::COOL_DOWN);
        (self.stored_at < latest).then(|| now.as_secs().saturating_sub(self.stored_at.as_secs()))
    }
}

impl Store {
    /// Returns the answer that is kept for a URL, where it may serve.
    pub(crate) fn get(&self, url: &str, caching: Caching, now: UnixTime) -> Option<Response<Bytes>> {
        let entry = self.entries.get(url)?;
        let age = entry.age(now)?;
        let serves = match caching {
            Caching::Reuse { max_age } => age <= max_age.as_secs(),
            Caching::Revalidate => age < Caching::COOL_DOWN.as_secs(),
            Caching::Never | _ => false,
        };
        serves.then(|| entry.answer.clone())
    }

    /// Keeps an answer, in place of an earlier one. One that is longer than everything may be is not kept.
    pub(crate) fn put(&mut self, url: &str, answer: &Response<Bytes>, now: UnixTime) {
        self.remove(url);
        let size = size(url, answer);
        if size > MAX_BYTES {
            return;
        }
        while self.entries.len() >= MAX_ENTRIES || self.bytes.saturating_add(size) > MAX_BYTES {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.stored_at);
            let Some(oldest) = oldest.map(|(url, _)| url.clone()) else { break };
            self.remove(&oldest);
        }
        // A copy: the body may be a part of a longer buffer, and extensions belong to the connection.
        let mut kept = Response::new(Bytes::copy_from_slice(answer.body()));
        *kept.status_mut() = answer.status();
        answer.headers().clone_into(kept.headers_mut());
        self.bytes = self.bytes.saturating_add(size);
        self.entries.insert(url.to_owned(), Entry { answer: kept, stored_at: now, size });
    }

    fn remove(&mut self, url: &str) {
        if let Some(entry) = self.entries.remove(url) {
            self.bytes = self.bytes.saturating_sub(entry.size);
        }
    }
}

fn size(url: &str, answer: &Response<Bytes>) -> usize {
    let fields = answer.headers().iter().map(|(name, value)| name.as_str().len().saturating_add(value.len()));
    fields.fold(url.len(), usize::saturating_add).saturating_add(answer.body().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HOUR: Caching = Caching::Reuse { max_age: Duration::from_secs(3600) };

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(1_790_000_000).saturating_add(Duration::from_secs(seconds))
    }

    fn body(store: &Store, url: &str, caching: Caching, seconds: u64) -> Option<Bytes> {
        store.get(url, caching, at(seconds)).map(Response::into_body)
    }

    fn store() -> Store {
        let mut store = Store::default();
        store.put("a", &Response::new("first".into()), at(100));
        store
    }

    #[test]
    fn an_answer_is_reused_until_it_is_as_old_as_it_may_be() {
        let store = store();
        for (seconds, serves) in [(100, true), (3700, true), (3701, false), (99, true), (40, false)] {
            assert_eq!(body(&store, "a", HOUR, seconds).is_some(), serves, "{seconds}");
        }
        assert_eq!(body(&store, "b", HOUR, 100), None);
        assert_eq!(body(&store, "a", Caching::Never, 100), None);
    }

    #[test]
    fn ds_01_an_answer_that_is_to_be_read_again_serves_while_it_cools_down() {
        let store = store();
        for (seconds, serves) in [(100, true), (159, true), (160, false)] {
            assert_eq!(body(&store, "a", Caching::Revalidate, seconds).is_some(), serves, "{seconds}");
        }
    }

    #[test]
    fn a_new_answer_takes_the_place_of_the_earlier_one() {
        let mut store = store();
        store.put("a", &Response::new("second".into()), at(200));
        assert_eq!(body(&store, "a", HOUR, 200), Some("second".into()));
        assert_eq!((store.entries.len(), store.bytes), (1, "a".len() + "second".len()));
    }

    #[test]
    fn the_oldest_make_room_and_neither_number_nor_bytes_grow_beyond_bounds() {
        let mut store = Store::default();
        for number in 0..1000_u64 {
            store.put(&number.to_string(), &Response::new(vec![b' '; 1024].into()), at(number));
        }
        assert_eq!((store.entries.len(), body(&store, "743", HOUR, 1000)), (MAX_ENTRIES, None));
        assert!(body(&store, "744", HOUR, 1000).is_some());
        for number in 0..1000_u64 {
            store.put(&number.to_string(), &Response::new(vec![b' '; 1024 * 1024].into()), at(number));
            assert!(store.bytes <= MAX_BYTES);
        }
        store.put("longest", &Response::new(vec![b' '; MAX_BYTES].into()), at(1000));
        assert!(body(&store, "longest", HOUR, 1000).is_none() && body(&store, "999", HOUR, 1000).is_some());
    }
}
