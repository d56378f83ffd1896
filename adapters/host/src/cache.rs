//! The bounded cache of providers' answers and failures. The oldest are evicted.

use crate::flight::Outcome;
use aura_proto::{Caching, UnixTime};
use bytes::Bytes;
use http::Response;
use std::collections::HashMap;
use std::time::Duration;

/// How many URLs are kept at most: two for each of as many providers as a site has, and room to spare.
const MAX_ENTRIES: usize = 256;
/// How many bytes their answers have in all at most.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// How long a failure is cached, so that this site cannot be made to flood a provider that fails. Its recovery is noticed after
/// that.
const FAILURE_COOL_DOWN: Duration = Duration::from_secs(5);
/// How many times within [`Caching::COOL_DOWN`] an answer may be read again.
const REREADS: usize = 2;

/// Answers of providers by URL.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: HashMap<String, Entry>,
    bytes: usize,
}

/// The cached answer of one URL.
#[derive(Debug, Default)]
struct Entry {
    answer: Option<Kept>,
    failure: Option<Kept>,
    /// When the answer was read again, the latest last.
    rereads: [Option<UnixTime>; REREADS],
}

#[derive(Debug)]
struct Kept {
    outcome: Outcome,
    stored_at: UnixTime,
    size: usize,
}

/// Returns how old a moment is. If the clock was set back since, its age is unknown. A little is no sign of that:
/// who asks may have read the clock before the answer came, and waited for it.
fn age(moment: UnixTime, now: UnixTime) -> Option<Duration> {
    let latest = now.saturating_add(Caching::COOL_DOWN);
    (moment < latest).then(|| Duration::from_millis(now.as_millis().saturating_sub(moment.as_millis())))
}

impl Kept {
    /// Returns the outcome, unless it is older than this.
    fn within(&self, length: Duration, now: UnixTime) -> Option<Outcome> {
        age(self.stored_at, now).filter(|age| *age <= length).map(|_| self.outcome.clone())
    }
}

impl Entry {
    fn size(&self) -> usize {
        [&self.answer, &self.failure].into_iter().flatten().fold(0, |sum, kept| kept.size.saturating_add(sum))
    }

    fn stored_at(&self) -> Option<UnixTime> {
        [&self.answer, &self.failure].into_iter().flatten().map(|kept| kept.stored_at).max()
    }

    fn cooling(&self, now: UnixTime) -> Option<Outcome> {
        self.failure.as_ref()?.within(FAILURE_COOL_DOWN, now)
    }
}

impl Store {
    /// Returns the cached outcome of a URL: an answer that is recent enough, or a recent failure.
    pub(crate) fn get(&self, url: &str, caching: Caching, now: UnixTime) -> Option<Outcome> {
        let entry = self.entries.get(url)?;
        match caching {
            Caching::Reuse { max_age } => {
                let answer = entry.answer.as_ref().and_then(|answer| answer.within(max_age, now));
                answer.or_else(|| entry.cooling(now))
            }
            Caching::Revalidate => {
                let is_recent = |at: &&UnixTime| age(**at, now).is_some_and(|age| age < Caching::COOL_DOWN);
                let rereads = entry.rereads.iter().flatten().filter(is_recent).count();
                let failure = entry.cooling(now);
                if rereads < REREADS && failure.is_none() {
                    return None;
                }
                // The earlier answer is more useful than the failure to fetch it again.
                entry.answer.as_ref().map(|answer| answer.outcome.clone()).or(failure)
            }
            Caching::Never | _ => None,
        }
    }

    /// Notes that an answer is about to be read again.
    pub(crate) fn reread(&mut self, url: &str, now: UnixTime) {
        if let Some(entry) = self.entries.get_mut(url) {
            entry.rereads.rotate_left(1);
            if let Some(last) = entry.rereads.last_mut() {
                *last = Some(now);
            }
        }
    }

    /// Keeps an answer in place of an earlier one, or a failure beside it. One that is longer than everything may be is not
    /// kept.
    pub(crate) fn put(&mut self, url: &str, outcome: &Outcome, serves: bool, now: UnixTime) {
        let mut entry = self.remove(url).unwrap_or_default();
        let size = size(url, outcome);
        let kept =
            Some(Kept { outcome: outcome.as_ref().map(copy).map_err(|error| *error), stored_at: now, size });
        if serves {
            (entry.answer, entry.failure) = (kept, None);
        } else {
            entry.failure = kept;
        }
        if entry.size() > MAX_BYTES {
            return;
        }
        while self.entries.len() >= MAX_ENTRIES || self.bytes.saturating_add(entry.size()) > MAX_BYTES {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.stored_at());
            let Some(oldest) = oldest.map(|(url, _)| url.clone()) else { break };
            self.remove(&oldest);
        }
        self.bytes = self.bytes.saturating_add(entry.size());
        self.entries.insert(url.to_owned(), entry);
    }

    fn remove(&mut self, url: &str) -> Option<Entry> {
        let entry = self.entries.remove(url)?;
        self.bytes = self.bytes.saturating_sub(entry.size());
        Some(entry)
    }
}

/// Copies an answer: the body may be a part of a longer buffer, and extensions belong to the connection.
fn copy(answer: &Response<Bytes>) -> Response<Bytes> {
    let mut kept = Response::new(Bytes::copy_from_slice(answer.body()));
    *kept.status_mut() = answer.status();
    answer.headers().clone_into(kept.headers_mut());
    kept
}

fn size(url: &str, outcome: &Outcome) -> usize {
    let Ok(answer) = outcome else { return url.len() };
    let fields = answer.headers().iter().map(|(name, value)| name.as_str().len().saturating_add(value.len()));
    fields.fold(url.len(), usize::saturating_add).saturating_add(answer.body().len())
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
