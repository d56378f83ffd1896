//! Invariant: in no span of time is more allowed than a burst and what came back meanwhile, and what is refused is allowed after its
//! time and not before.
//!
//! Any number may be stored. A request that costs nothing is refused exactly where one that counts is.
#![no_main]

use arbitrary::Arbitrary;
use aura_proto::store::{Cost, CountDecision, CountKey, CountRequest, Counted};
use aura_proto::{Quota, UnixTime};
use libfuzzer_sys::fuzz_target;
use std::time::Duration;

#[derive(Arbitrary, Debug)]
struct Input {
    burst: u32,
    per_micros: u64,
    stored: Option<u64>,
    start: u64,
    waits: Vec<u32>,
}

fuzz_target!(|input: Input| {
    let quota = Quota::new(input.burst, Duration::from_micros(input.per_micros));
    let question = CountRequest::new(CountKey::from_bytes([1; 16]), quota);
    let looking = || {
        let mut question = question;
        question.cost = Cost::Zero;
        question
    };
    let interval = u128::from(input.per_micros.div_ceil(u64::from(input.burst.max(1))).max(1));
    let (mut stored, mut now, mut allowed) = (input.stored, input.start, Vec::<u128>::new());
    for wait in std::iter::once(0).chain(input.waits.into_iter().take(64)) {
        now = now.saturating_add(u64::from(wait));
        let moment = UnixTime::from_millis(now);
        let look = looking().decide(stored, moment);
        match question.decide(stored, moment) {
            CountDecision::Swap(swap) => {
                assert_eq!((swap.old, look), (stored, CountDecision::Done(Counted::Allowed)));
                assert!(swap.expires >= moment || now > u64::MAX / 4_000);
                stored = Some(swap.new);
                allowed.push(u128::from(now) * 1000);
            }
            refused @ CountDecision::Done(Counted::Refused { retry_after }) => {
                assert_eq!(look, refused);
                assert!(retry_after.as_micros() <= 2 * interval);
                if input.burst > 0 && now < u64::MAX / 4_000 && interval < 1 << 50 {
                    let millis = u64::try_from(retry_after.as_micros().div_ceil(1000)).expect("a short time");
                    let after = |millis| question.decide(stored, UnixTime::from_millis(now + millis));
                    assert!(matches!(after(millis), CountDecision::Swap(_)));
                    assert!(!matches!(after(millis - 1), CountDecision::Swap(_)));
                }
            }
            CountDecision::Done(Counted::Allowed) => panic!("what counts is written"),
        }
    }
    if now < u64::MAX / 4_000 && input.per_micros < 1 << 50 {
        for (at, first) in allowed.iter().enumerate() {
            for (count, last) in (1..).zip(&allowed[at..]) {
                assert!(count * interval <= last - first + interval * u128::from(input.burst));
            }
        }
    }
});
