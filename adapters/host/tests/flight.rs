//! Concurrent requests for one answer: one asks, the others wait, and a dropped lead is replaced.
#![cfg(test)]

use aura_host::{FetchCache, Lead, Turn, Wait};
use aura_proto::{Caching, FetchError, UnixTime};
use bytes::Bytes;
use http::{Request, Response};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

const HOUR: Caching = Caching::Reuse { max_age: Duration::from_secs(3600) };
const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
/// Long enough for every thread of a test; it is never waited for in full.
const LONG: Duration = Duration::from_secs(60);

fn get(url: &str) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

fn ask(cache: &FetchCache) -> Turn {
    ask_at(cache, HOUR, 0)
}

/// Asks some seconds later.
fn ask_at(cache: &FetchCache, caching: Caching, seconds: u64) -> Turn {
    cache.ask(&get("https://provider.test/jwks"), caching, NOW.saturating_add(Duration::from_secs(seconds)))
}

fn lead(turn: Turn) -> Lead {
    let Turn::Lead(lead) = turn else { panic!("{turn:?} leads nobody") };
    lead
}

fn wait(turn: Turn) -> Wait {
    let Turn::Wait(wait) = turn else { panic!("{turn:?} waits for nobody") };
    wait
}

fn answered(turn: Turn) -> Result<Bytes, FetchError> {
    let Turn::Answered(outcome) = turn else { panic!("{turn:?} is no answer") };
    outcome.map(Response::into_body)
}

fn keys() -> Result<Response<Bytes>, FetchError> {
    Ok(Response::new("{\"keys\":[]}".into()))
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn poll(wait: &mut Wait, woken: &Arc<Woken>) -> Poll<Turn> {
    Pin::new(wait).poll(&mut Context::from_waker(&Waker::from(Arc::clone(woken))))
}

#[test]
fn ds_08_a_hundred_who_ask_at_once_make_one_exchange() {
    let (cache, asked) = (FetchCache::default(), AtomicUsize::new(0));
    thread::scope(|scope| {
        let leader = lead(ask(&cache));
        let waiting: Vec<_> = (0..99).map(|_| wait(ask(&cache))).collect();
        let threads: Vec<_> =
            waiting.into_iter().map(|wait| scope.spawn(|| answered(wait.block(LONG).unwrap()))).collect();
        asked.fetch_add(1, SeqCst);
        leader.finish(&keys(), true, NOW);
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Ok("{\"keys\":[]}".into()));
        }
    });
    assert_eq!(asked.load(SeqCst), 1);
    assert_eq!(answered(ask(&cache)), Ok("{\"keys\":[]}".into()), "kept");
}

#[test]
fn ds_08_au_09_a_failure_is_told_to_who_waits_and_serves_for_five_seconds() {
    for (outcome, expected) in [
        (Err(FetchError::TimedOut), Err(FetchError::TimedOut)),
        // An answer that its flow cannot use, such as one of another status.
        (Ok(Response::new("busy".into())), Ok("busy".into())),
    ] {
        let cache = FetchCache::default();
        let (leader, waiting) = (lead(ask(&cache)), wait(ask(&cache)));
        leader.finish(&outcome, false, NOW);
        assert_eq!(answered(waiting.block(LONG).unwrap()), expected);
        assert_eq!(answered(ask_at(&cache, HOUR, 5)), expected);
        assert_eq!(answered(ask_at(&cache, Caching::Revalidate, 5)), expected);
        lead(ask_at(&cache, HOUR, 6)).finish(&keys(), true, NOW);
        assert_eq!(answered(ask(&cache)), Ok("{\"keys\":[]}".into()));
    }
}

#[test]
fn whoever_waits_takes_over_from_a_leader_that_is_gone() {
    let (cache, woken) = (FetchCache::default(), Arc::new(Woken::default()));
    let leader = lead(ask(&cache));
    let mut waiting: Vec<_> = (0..3).map(|_| wait(ask(&cache))).collect();
    for waiting in &mut waiting {
        assert!(poll(waiting, &woken).is_pending());
    }
    drop(leader);
    assert_eq!(woken.0.load(SeqCst), 3, "each is woken, for any of them may be gone by then");

    drop(waiting.remove(0));
    let Poll::Ready(turn) = poll(&mut waiting[0], &woken) else { panic!("nobody takes over") };
    let second = lead(turn);
    assert!(poll(&mut waiting[1], &woken).is_pending());
    second.finish(&keys(), true, NOW);
    assert_eq!(woken.0.load(SeqCst), 4);
    let Poll::Ready(turn) = poll(&mut waiting[1], &woken) else { panic!("it waits on") };
    assert!(answered(turn).is_ok());
}

#[test]
fn a_leader_that_is_gone_before_anybody_waits_leaves_nothing_behind() {
    let cache = FetchCache::default();
    drop(lead(ask(&cache)));
    let leader = lead(ask(&cache));
    let waiting = wait(ask(&cache));
    drop(leader);
    // Who comes after the leader is gone takes over too, though it was never woken.
    lead(waiting.block(LONG).unwrap()).finish(&keys(), true, NOW);
}

#[test]
fn a_time_out_after_a_wait_passes_the_exchange_on() {
    let cache = FetchCache::default();
    let leader = lead(ask(&cache));
    let (first, second) = (wait(ask(&cache)), wait(ask(&cache)));
    drop(leader);
    lead(first.block(LONG).unwrap()).finish(&Err(FetchError::TimedOut), false, NOW);
    lead(second.block(LONG).unwrap()).finish(&Err(FetchError::TimedOut), false, NOW);
    // Nothing is kept of them either: the next request is sent.
    lead(ask(&cache)).finish(&Err(FetchError::TimedOut), false, NOW);
    assert!(answered(ask(&cache)).is_err());
}

#[test]
fn a_thread_waits_no_longer_than_it_wants() {
    let cache = FetchCache::default();
    let _leader = lead(ask(&cache));
    assert!(wait(ask(&cache)).block(Duration::ZERO).is_none());
}

#[test]
fn urls_methods_and_policies_that_differ_share_nothing() {
    let cache = FetchCache::default();
    let _leader = lead(ask(&cache));
    let other = get("https://provider.test/other");
    let mut post = get("https://provider.test/jwks");
    *post.method_mut() = http::Method::POST;
    for (request, caching) in
        [(other, HOUR), (post, HOUR), (get("https://provider.test/jwks"), Caching::Never)]
    {
        lead(cache.ask(&request, caching, NOW)).finish(&keys(), true, NOW);
    }
    let _waiting = wait(ask(&cache));
}

#[test]
fn ds_01_what_is_read_again_joins_an_exchange_under_way_and_then_happens_at_once() {
    let cache = FetchCache::default();
    let again = |seconds| ask_at(&cache, Caching::Revalidate, seconds);
    let leader = lead(ask(&cache));
    let waiting = wait(again(0));
    leader.finish(&keys(), true, NOW);
    assert!(answered(waiting.block(LONG).unwrap()).is_ok());

    // A key that was rotated a moment ago is found.
    lead(again(1)).finish(&Ok(Response::new("rotated".into())), true, NOW);
    assert_eq!(answered(ask_at(&cache, HOUR, 1)), Ok("rotated".into()));
    lead(again(2)).finish(&Ok(Response::new("rotated".into())), true, NOW);
    // Whoever sends tokens of unknown keys causes no more than that, counted from the re-reads.
    for seconds in 2..61 {
        assert_eq!(answered(again(seconds)), Ok("rotated".into()), "{seconds}");
    }
    drop(lead(again(61)));
}
