//! Tests of the engine: each of its rules.

use super::*;
use crate::session::User;
use http::StatusCode;

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
const LATER: UnixTime = UnixTime::from_secs(1_790_000_060);

fn exchange() -> Exchange {
    let request = Request::get("https://provider.test/token").body(Bytes::new()).unwrap();
    Exchange { purpose: Purpose::Token, request, caching: Caching::Never, keep: Keep::Never }
}

fn candidate() -> Candidate {
    let (user, userinfo) = (User::new("1"), serde_json::Value::Null);
    Candidate { provider: "dev".into(), issuer: None, user, userinfo, tokens: None }
}

fn unreachable() -> Reply {
    Respond::refusal(HostError::Unreachable).into()
}

fn answer(status: StatusCode) -> Reply {
    Respond::empty(status).into()
}

fn fetched(step: Step) -> Suspended<Exchange> {
    let Step::Fetch(_, flow) = step else { panic!("no exchange") };
    flow
}

fn status(step: Step) -> StatusCode {
    let Step::Done(Reply::Respond(respond)) = step else { panic!("no answer") };
    respond.status
}

fn ended_unreachable(step: Step) {
    let Step::Done(Reply::Respond(respond)) = step else { panic!("no answer") };
    let Reply::Respond(expected) = unreachable() else { panic!("no answer") };
    assert_eq!(respond, expected);
}

#[test]
fn a_question_suspends_the_flow_and_its_answer_ends_the_await() {
    let flow = start(NOW, |io| async move {
        let first = io.ask(exchange()).await.unwrap();
        assert_eq!(first.unwrap_err(), FetchError::TimedOut);
        let Ok(Admission::Refuse) = io.ask(candidate()).await else { panic!("a refusal") };
        answer(StatusCode::ACCEPTED)
    });
    let Step::Admit(asked, flow) = fetched(flow).resume(Err(FetchError::TimedOut), NOW) else {
        panic!("an admission")
    };
    assert_eq!(*asked, candidate());
    assert_eq!(status(flow.resume(Admission::Refuse, NOW)), StatusCode::ACCEPTED);
}

#[test]
fn the_time_is_that_of_the_latest_answer() {
    let flow = start(NOW, |io| async move {
        assert_eq!(io.now(), NOW);
        let _ = io.ask(exchange()).await;
        assert_eq!(io.now(), LATER);
        answer(StatusCode::OK)
    });
    assert_eq!(status(fetched(flow).resume(Err(FetchError::TimedOut), LATER)), StatusCode::OK);
}

#[test]
fn a_question_that_is_not_awaited_asks_nothing() {
    let flow = start(NOW, |io| async move {
        drop(io.ask(exchange()));
        answer(StatusCode::OK)
    });
    assert_eq!(status(flow), StatusCode::OK);
}

#[test]
fn a_second_question_at_once_is_unreachable_and_the_first_is_still_asked() {
    let flow = start(NOW, |io| async move {
        let mut first = Box::pin(io.ask(exchange()));
        let mut second = Box::pin(io.ask(candidate()));
        let (one, two) = poll_fn(|cx| {
            let polled = (first.as_mut().poll(cx), second.as_mut().poll(cx));
            if let (Poll::Pending, Poll::Ready(Err(HostError::Unreachable))) = polled {
                return Poll::Pending;
            }
            Poll::Ready(polled)
        })
        .await;
        // The future of the second question was polled after its end.
        let (Poll::Ready(Ok(Err(FetchError::TimedOut))), Poll::Ready(Err(HostError::Unreachable))) =
            (one, two)
        else {
            panic!("one answer and one error")
        };
        answer(StatusCode::OK)
    });
    assert_eq!(status(fetched(flow).resume(Err(FetchError::TimedOut), NOW)), StatusCode::OK);
}

#[test]
fn a_flow_that_awaits_anything_else_is_unreachable() {
    ended_unreachable(start(NOW, |_| async move {
        std::future::pending::<()>().await;
        answer(StatusCode::OK)
    }));
}

#[test]
fn an_answer_to_another_question_is_unreachable() {
    let flow = start(NOW, |io| async move {
        match io.ask(exchange()).await {
            Err(error) => Respond::refusal(error).into(),
            Ok(_) => answer(StatusCode::OK),
        }
    });
    let Suspended { flow, io, .. } = fetched(flow);
    let other: Suspended<Candidate> = Suspended::new(flow, io);
    ended_unreachable(other.resume(Admission::Refuse, NOW));
}

#[test]
fn a_panic_unwinds_through_resume_and_drops_the_flow() {
    let alive = Arc::new(());
    let held = Arc::clone(&alive);
    let flow = fetched(start(NOW, |io| async move {
        let _ = io.ask(exchange()).await;
        drop(held);
        panic!("a bug in a flow")
    }));
    let resumed = std::panic::AssertUnwindSafe(|| drop(flow.resume(Err(FetchError::TimedOut), NOW)));
    assert!(std::panic::catch_unwind(resumed).is_err());
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn a_slot_that_a_panic_poisoned_is_still_whole() {
    let io = Io(Arc::new(Mutex::new(Slot { now: NOW, content: Content::Empty })));
    let poison = std::panic::AssertUnwindSafe(|| {
        let _slot = io.slot();
        panic!("while the lock is held")
    });
    assert!(std::panic::catch_unwind(poison).is_err());
    assert_eq!(io.now(), NOW);
}

#[test]
fn equal_inputs_give_equal_questions() {
    let ask = || {
        let Step::Fetch(asked, _) = start(NOW, |io| async move {
            let _ = io.ask(exchange()).await;
            answer(StatusCode::OK)
        }) else {
            panic!("an exchange")
        };
        asked.request.uri().to_string()
    };
    assert_eq!(ask(), ask());
}
