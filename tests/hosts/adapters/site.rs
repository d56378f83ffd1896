//! The six hosts, each serving the examples' site with a provider and a clock of the test.

use super::limits::Counts;
use super::provider::Provider;
use super::serving::awaited;
use super::stored::Store;
use aura_proto::provider::TokenRetention;
use aura_proto::store::StoreFailed;
use aura_proto::{Auth, ClientSecret, Event, Expiration, Limits, SessionDecision, SessionPolicy, UnixTime};
use aura_replay::Transcript;
use std::net::{Ipv4Addr, TcpListener};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// When every site begins. The extractors of axum read the system's clock.
static BEGIN: LazyLock<u64> = LazyLock::new(|| aura_http::now().as_secs());

/// A server that the core is adapted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Axum,
    Hyper,
    Warp,
    Tower,
    Actix,
    Blocking,
}

impl Host {
    pub(crate) const ALL: [Self; 6] =
        [Self::Axum, Self::Hyper, Self::Warp, Self::Tower, Self::Actix, Self::Blocking];
}

/// The site of the examples, served by one host on loopback.
pub(crate) struct Site {
    pub(crate) host: Host,
    pub(crate) origin: String,
    pub(crate) provider: Provider,
    clock: Arc<AtomicU64>,
    events: Arc<Mutex<Vec<&'static str>>>,
    failures: Arc<Mutex<Vec<Transcript>>>,
    /// The application's decision on each session, where the site checks them.
    decision: Option<Arc<Mutex<SessionDecision>>>,
    /// Where sessions are kept, if not in cookies.
    pub(crate) store: Option<Store>,
    /// Where requests are counted, if they are limited.
    pub(crate) counts: Option<Counts>,
    end: OnceLock<End>,
}

/// Ends the sessions of a user, by the driver of the host.
type End = Box<
    dyn Fn(String, String) -> Pin<Box<dyn Future<Output = Result<u64, StoreFailed>> + Send>> + Send + Sync,
>;

impl Site {
    /// Serves it until the test's runtime ends; the blocking host's threads end with the process.
    pub(crate) fn start(host: Host) -> Self {
        Self::start_with(host, None, None, None)
    }

    /// Serves one that checks sessions.
    pub(crate) fn checking(host: Host) -> Self {
        Self::start_with(host, Some(Arc::new(Mutex::new(SessionDecision::Continue))), None, None)
    }

    /// Serves one whose routes are limited.
    pub(crate) fn limiting(host: Host) -> Self {
        Self::start_with(host, None, None, Some(Counts::default()))
    }

    /// Serves one that keeps sessions in a store.
    pub(crate) fn storing(host: Host) -> Self {
        Self::start_with(host, None, Some(Store::default()), None)
    }

    fn start_with(
        host: Host,
        decision: Option<Arc<Mutex<SessionDecision>>>,
        store: Option<Store>,
        counts: Option<Counts>,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (policy, retention) = match store {
            Some(_) => (policy().stored(), TokenRetention::Readable),
            None => (policy(), TokenRetention::Dropped),
        };
        let limits = if counts.is_some() { Limits::default() } else { Limits::none() };
        let (auth, provider) = (auth_of(&origin, policy, retention, limits), Provider::new());
        let clock = Arc::new(AtomicU64::new(*BEGIN));
        let (events, failures, end) = (Arc::default(), Arc::default(), OnceLock::new());
        let site = Self { host, origin, provider, clock, events, failures, decision, store, counts, end };
        site.serve(auth, listener);
        site
    }

    fn serve(&self, auth: Auth, listener: TcpListener) {
        let clock = Arc::clone(&self.clock);
        let clock = move || UnixTime::from_secs(clock.load(SeqCst));
        let events = Arc::clone(&self.events);
        let hear = move |event: &Event| events.lock().unwrap().push(event.name());
        let failures = Arc::clone(&self.failures);
        let keep = move |failure: Transcript| failures.lock().unwrap().push(failure);
        if self.host == Host::Blocking {
            let client = self.provider.blocking_client();
            let driver = match self.store.clone() {
                Some(store) => aura_blocking::Driver::with_session_store(auth, client, store),
                None => aura_blocking::Driver::new(auth, client).unwrap(),
            };
            let mut driver = driver.clock(clock).on_event(hear).on_failed_sign_in(keep);
            if let Some(decision) = self.decision.clone() {
                driver = driver.check_session(move |_| decision.lock().unwrap().clone());
            }
            if let Some(counts) = self.counts.clone() {
                driver = driver.count_store(counts);
            }
            let ending = driver.clone();
            let _ = self.end.set(Box::new(move |provider, sub| {
                Box::pin(std::future::ready(ending.end_sessions(&provider, &sub)))
            }));
            thread::spawn(move || aura_example_blocking::serve(listener, &driver, None));
            return;
        }
        let client = self.provider.client();
        let driver = match self.store.clone() {
            Some(store) => aura_http::Driver::with_session_store(auth, client, store),
            None => aura_http::Driver::new(auth, client).unwrap(),
        };
        let mut driver = driver.clock(clock).on_event(hear).on_failed_sign_in(keep);
        if let Some(decision) = self.decision.clone() {
            driver = driver.check_session(move |_| {
                let decision = decision.lock().unwrap().clone();
                // As a look-up would: it is not there at once.
                async move {
                    tokio::task::yield_now().await;
                    decision
                }
            });
        }
        if let Some(counts) = self.counts.clone() {
            driver = driver.count_store(counts);
        }
        let ending = driver.clone();
        let _ = self.end.set(Box::new(move |provider, sub| {
            let driver = ending.clone();
            Box::pin(async move { driver.end_sessions(&provider, &sub).await })
        }));
        match self.host {
            Host::Axum => drop(tokio::spawn(aura_example_axum::serve(awaited(listener), driver, None))),
            Host::Hyper => drop(tokio::spawn(aura_example_hyper::serve(awaited(listener), driver, None))),
            Host::Warp => drop(tokio::spawn(aura_example_warp::serve(awaited(listener), driver, None))),
            Host::Tower => drop(tokio::spawn(aura_example_tower::serve(awaited(listener), driver, None))),
            Host::Actix => drop(tokio::spawn(aura_example_actix::serve(listener, driver, None).unwrap())),
            Host::Blocking => unreachable!("it is served above"),
        }
    }

    /// Decides on every session from here on.
    pub(crate) fn decide(&self, decision: SessionDecision) {
        *self.decision.as_ref().unwrap().lock().unwrap() = decision;
    }

    /// Ends the sessions of a user, by the driver of the host.
    pub(crate) async fn end_sessions(&self, provider: &str, sub: &str) -> Result<u64, StoreFailed> {
        self.end.get().unwrap()(provider.to_owned(), sub.to_owned()).await
    }

    pub(crate) fn advance(&self, time: Duration) {
        self.clock.fetch_add(time.as_secs(), SeqCst);
    }

    /// Returns the events since the last call.
    pub(crate) fn events(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.events.lock().unwrap())
    }

    /// The records of the sign-ins that failed since it was last asked.
    pub(crate) fn failures(&self) -> Vec<Transcript> {
        std::mem::take(&mut self.failures.lock().unwrap())
    }
}

/// The site's configuration.
pub(crate) fn auth(origin: &str) -> Auth {
    auth_of(origin, policy(), TokenRetention::Dropped, Limits::none())
}

fn policy() -> SessionPolicy {
    SessionPolicy::default()
        .max_age(Duration::from_secs(3600))
        .expiration(Expiration::Sliding { threshold_percent: 50 })
}

pub(crate) fn auth_of(
    origin: &str,
    policy: SessionPolicy,
    retention: TokenRetention,
    limits: Limits,
) -> Auth {
    let row = aura_proto::provider::Provider::oauth("dev", "site")
        .with_name("Dev")
        .authorization_endpoint("https://provider.test/authorize")
        .token_endpoint("https://provider.test/token")
        .userinfo_endpoint("https://provider.test/userinfo")
        .scope("profile")
        .client_secret(ClientSecret::new("site-secret"));
    let row = row.tokens(retention);
    aura_tests::bare_builder(aura_tests::SECRET)
        .base_url(origin)
        .session(policy)
        .limits(limits)
        .error_page("/failed")
        .provider(row)
        .build()
        .unwrap()
}
