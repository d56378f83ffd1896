//! Tests of the cache of answers and failures.

use super::*;
use aura_proto::FetchError;

const HOUR: Caching = Caching::Reuse { max_age: Duration::from_secs(3600) };

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_secs(1_790_000_000).saturating_add(Duration::from_secs(seconds))
}

fn answer(body: impl Into<Bytes>) -> Outcome {
    Ok(Response::new(body.into()))
}

fn body(store: &Store, url: &str, caching: Caching, seconds: u64) -> Option<Bytes> {
    store.get(url, caching, at(seconds)).map(|outcome| outcome.unwrap().into_body())
}

fn store() -> Store {
    let mut store = Store::default();
    store.put("a", &answer("first"), true, at(100));
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
fn ds_01_an_answer_is_read_again_at_once_and_twice_a_minute_at_most() {
    let mut store = store();
    let mut read = 0;
    for tenth in 1000..1590 {
        let now = UnixTime::from_millis(at(0).as_millis() + tenth * 100);
        if store.get("a", Caching::Revalidate, now).is_none() {
            store.reread("a", now);
            store.put("a", &answer("again"), true, now);
            read += 1;
        }
    }
    assert_eq!(read, 2);
    assert_eq!(body(&store, "a", Caching::Revalidate, 159), Some("again".into()));
    assert_eq!(body(&store, "a", Caching::Revalidate, 161), None, "the first of the two is a minute old");
}

#[test]
fn au_09_a_failure_serves_for_five_seconds_and_an_answer_is_worth_more() {
    let failed = Err(FetchError::Unreachable);
    let mut store = Store::default();
    store.put("a", &failed, false, at(100));
    for caching in [HOUR, Caching::Revalidate] {
        for (seconds, serves) in [(100, true), (105, true), (106, false)] {
            assert_eq!(store.get("a", caching, at(seconds)).is_some(), serves, "{caching:?} {seconds}");
        }
    }
    store.put("a", &answer("first"), true, at(110));
    store.put("a", &failed, false, at(120));
    for caching in [HOUR, Caching::Revalidate] {
        assert_eq!(body(&store, "a", caching, 121), Some("first".into()));
    }
    assert_eq!(body(&store, "a", Caching::Revalidate, 126), None);
    assert_eq!(body(&store, "a", HOUR, 3711), None);
}

#[test]
fn a_new_answer_takes_the_place_of_the_earlier_one() {
    let mut store = store();
    store.put("a", &answer("second"), true, at(200));
    assert_eq!(body(&store, "a", HOUR, 200), Some("second".into()));
    assert_eq!((store.entries.len(), store.bytes), (1, "a".len() + "second".len()));
}

#[test]
fn the_oldest_make_room_and_neither_number_nor_bytes_grow_beyond_bounds() {
    let mut store = Store::default();
    for number in 0..1000_u64 {
        let serves = number % 2 == 0;
        store.put(&number.to_string(), &answer(vec![b' '; 1024]), serves, at(number));
    }
    assert_eq!((store.entries.len(), body(&store, "742", HOUR, 1000)), (MAX_ENTRIES, None));
    assert!(body(&store, "744", HOUR, 1000).is_some());
    for number in 0..1000_u64 {
        store.put(&number.to_string(), &answer(vec![b' '; 1024 * 1024]), number % 2 == 0, at(number));
        assert!(store.bytes <= MAX_BYTES);
    }
    store.put("longest", &answer(vec![b' '; MAX_BYTES]), true, at(1000));
    assert!(body(&store, "longest", HOUR, 1000).is_none() && body(&store, "998", HOUR, 1000).is_some());
}
