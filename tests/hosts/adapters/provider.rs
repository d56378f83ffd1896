//! Providers without a socket, with the behaviour that a scenario sets.

use aura_proto::FetchError;
use bytes::Bytes;
use http::{Request, Response, header};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;
use tokio::sync::watch;

/// A provider that knows Ada. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Provider(Arc<State>);

struct State {
    mood: watch::Sender<Mood>,
    asked: AtomicUsize,
    under_way: AtomicUsize,
}

/// How a provider behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Answers,
    /// It answers, with so long a name that the session needs several cookies.
    AnswersAtLength,
    /// It answers nothing until its mood changes.
    Hangs,
    /// It cannot be reached.
    Down,
    /// The time for its answer is over.
    Silent,
}

/// An exchange under way, until it is dropped.
struct UnderWay<'a>(&'a State);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, SeqCst);
    }
}

impl Provider {
    pub(crate) fn new() -> Self {
        let (mood, _) = watch::channel(Mood::Answers);
        Self(Arc::new(State { mood, asked: AtomicUsize::new(0), under_way: AtomicUsize::new(0) }))
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        self.0.mood.send_replace(mood);
    }

    /// How many requests it got.
    pub(crate) fn asked(&self) -> usize {
        self.0.asked.load(SeqCst)
    }

    /// How many of them somebody still waits for.
    pub(crate) fn under_way(&self) -> usize {
        self.0.under_way.load(SeqCst)
    }

    pub(crate) fn client(&self) -> impl aura_http::Client + use<> {
        let state = Arc::clone(&self.0);
        move |request: Request<Bytes>| {
            let state = Arc::clone(&state);
            async move {
                let _under_way = state.begin();
                let mood = *state.mood.subscribe().wait_for(|mood| *mood != Mood::Hangs).await.unwrap();
                answer(mood, &request)
            }
        }
    }

    pub(crate) fn blocking_client(&self) -> impl aura_blocking::Client + use<> {
        let state = Arc::clone(&self.0);
        move |request: Request<Bytes>| {
            let _under_way = state.begin();
            while *state.mood.borrow() == Mood::Hangs {
                thread::sleep(Duration::from_millis(1));
            }
            let mood = *state.mood.borrow();
            answer(mood, &request)
        }
    }
}

impl State {
    fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, SeqCst);
        self.asked.fetch_add(1, SeqCst);
        UnderWay(self)
    }
}

fn answer(mood: Mood, request: &Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
    let name = match mood {
        Mood::Answers => "Ada <Lovelace>".to_owned(),
        Mood::AnswersAtLength => "Ada ".repeat(1500),
        Mood::Hangs => unreachable!("it was waited for"),
        Mood::Down => return Err(FetchError::Unreachable),
        Mood::Silent => return Err(FetchError::TimedOut),
    };
    let answer = match request.uri().path() {
        "/token" => {
            json!({ "access_token": "t", "token_type": "Bearer", "refresh_token": "r", "expires_in": 60 })
        }
        _ => json!({ "sub": "ada", "name": name, "email": "ada@example.test" }),
    };
    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
    Ok(response.body(answer.to_string().into()).unwrap())
}
