//! The limit of exchanges under way: never more than it says, and room again for as many when they have ended.

use super::explore::{fails, holds, holds_always};
use crate::Gate;
use crate::threads::sync::Mutex;
use crate::threads::thread;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// What lets a number in at once.
trait Limiting: Send + Sync + 'static {
    type Passage: Send;

    fn enter(&self, authority: &str) -> Option<Self::Passage>;
}

impl Limiting for Gate {
    type Passage = crate::Passage;

    fn enter(&self, authority: &str) -> Option<Self::Passage> {
        Self::enter(self, authority)
    }
}

/// A mistake of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    /// The number is compared, and raised, under two locks.
    ComparesApart,
    /// The number is read, and lowered, under two locks.
    LowersApart,
}

/// A limit of the whole number alone.
#[derive(Clone)]
struct Plain {
    mistake: Option<Mistake>,
    limit: usize,
    inside: Arc<Mutex<usize>>,
}

struct PlainPassage(Plain);

impl Limiting for Plain {
    type Passage = PlainPassage;

    fn enter(&self, _: &str) -> Option<PlainPassage> {
        let mut inside = self.inside.lock().unwrap();
        if *inside >= self.limit {
            return None;
        }
        if self.mistake == Some(Mistake::ComparesApart) {
            drop(inside);
            inside = self.inside.lock().unwrap();
        }
        *inside += 1;
        Some(PlainPassage(self.clone()))
    }
}

impl Drop for PlainPassage {
    fn drop(&mut self) {
        let mut inside = self.0.inside.lock().unwrap();
        let number = *inside;
        if self.0.mistake == Some(Mistake::LowersApart) {
            drop(inside);
            inside = self.0.inside.lock().unwrap();
        }
        *inside = number.saturating_sub(1);
    }
}

/// Threads go in and out of a gate for two. Each authority gets a half.
fn in_and_out<L: Limiting>(make: impl Fn() -> L, authorities: &[&str]) {
    let (gate, inside) = (make(), AtomicUsize::new(0));
    let entered: usize = thread::scope(|scope| {
        let pass = |authority| {
            let Some(passage) = gate.enter(authority) else { return 0 };
            assert!(inside.fetch_add(1, SeqCst) < 2, "more than two are inside");
            thread::yield_now();
            inside.fetch_sub(1, SeqCst);
            drop(passage);
            1
        };
        let passing: Vec<_> =
            authorities.iter().map(|authority| scope.spawn(move || pass(authority))).collect();
        passing.into_iter().map(|one| one.join().unwrap()).sum()
    });
    assert!(entered >= 1, "nobody was let in");
    let full = (gate.enter("a.test"), gate.enter("b.test"), gate.enter("c.test"));
    assert!(matches!(full, (Some(_), Some(_), None)), "there is room for two again");
}

#[test]
fn no_more_than_the_limit_are_inside_and_all_room_is_free_again() {
    holds_always("two of two", || in_and_out(|| Gate::new(2), &["a.test", "b.test"]));
    holds("three of two", || in_and_out(|| Gate::new(2), &["a.test", "b.test", "c.test"]));
    holds("four of two", || in_and_out(|| Gate::new(2), &["a.test", "b.test", "a.test", "c.test"]));
    let plain = |mistake| Plain { mistake, limit: 2, inside: Arc::default() };
    holds("plain", move || in_and_out(|| plain(None), &["", "", ""]));
    fails("compares apart", "more than two are inside", move || {
        in_and_out(|| plain(Some(Mistake::ComparesApart)), &["", "", ""]);
    });
    fails("lowers apart", "there is room for two again", move || {
        in_and_out(|| plain(Some(Mistake::LowersApart)), &["", ""]);
    });
}

#[test]
fn one_authority_gets_half_of_the_room_at_most() {
    let story = |threads| {
        let (gate, inside) = (Gate::new(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let Some(passage) = gate.enter("slow.test") else { return };
                    assert!(inside.fetch_add(1, SeqCst) < 2, "more than half are inside");
                    thread::yield_now();
                    inside.fetch_sub(1, SeqCst);
                    drop(passage);
                });
            }
        });
        let room: Vec<_> = [(); 3].iter().map(|()| gate.enter("slow.test").is_some()).collect();
        assert_eq!(room, [true; 3], "who leaves at once makes room");
    };
    holds_always("two", move || story(2));
    holds("three", move || story(3));
}
