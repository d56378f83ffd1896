//! The host's cache of provider answers, which follows [`Caching`].

use aura_proto::Caching;
use bytes::Bytes;
use http::Response;

/// Answers by URL, each with the second of its arrival.
#[derive(Debug, Default)]
pub struct Cache(Vec<(String, u64, Response<Bytes>)>);

impl Cache {
    /// Finds an answer that is fresh enough.
    pub fn find(&self, url: &str, caching: Caching, now: u64) -> Option<Response<Bytes>> {
        let longest = match caching {
            Caching::Never => return None,
            Caching::Reuse { max_age } => max_age,
            Caching::Revalidate => Caching::COOL_DOWN,
            _ => unreachable!("a new policy needs a cache that follows it"),
        };
        let serves = |at: u64| now.saturating_sub(at) < longest.as_secs();
        let kept = self.0.iter().find(|(kept, at, _)| kept == url && serves(*at));
        kept.map(|(_, _, response)| response.clone())
    }

    /// Keeps an answer in the place of an earlier one.
    pub fn keep(&mut self, url: &str, now: u64, response: &Response<Bytes>) {
        self.0.retain(|(kept, ..)| kept != url);
        self.0.push((url.to_owned(), now, response.clone()));
    }

    /// Forgets everything, as a host that starts again.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_answer_serves_as_long_as_its_reader_wants() {
        let mut cache = Cache::default();
        let hour = Caching::Reuse { max_age: Duration::from_secs(3600) };
        cache.keep("https://a.test/", 100, &Response::new(Bytes::from_static(b"old")));
        cache.keep("https://a.test/", 1000, &Response::new(Bytes::from_static(b"a")));
        for (caching, now, serves) in [
            (hour, 1000, true),
            (hour, 4599, true),
            (hour, 4600, false),
            (Caching::Revalidate, 1059, true),
            (Caching::Revalidate, 1060, false),
            (Caching::Never, 1000, false),
        ] {
            let found = cache.find("https://a.test/", caching, now);
            assert_eq!(found.map(Response::into_body), serves.then(|| Bytes::from_static(b"a")), "{now}");
        }
        assert!(cache.find("https://b.test/", hour, 1000).is_none());
        cache.clear();
        assert!(cache.find("https://a.test/", hour, 1000).is_none());
    }
}
