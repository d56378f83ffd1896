//! The driver's store of sessions, and what an administrator asks of it.

use crate::driver::{Boxed, Driver};
use aura_host::{Recording, Terms, store};
use aura_proto::store::StoreFailed;
use aura_proto::{Action, DeviceSession, Event, Reading, StoreQuestion};
use tokio::time::sleep;

impl Driver {
    /// Lists the sessions of a user who signed in with a provider, for a page of the administration. Only where a store keeps them.
    ///
    /// # Errors
    /// [`StoreFailed`], where the store cannot answer.
    ///
    /// ```
    /// # async fn list(driver: aura_http::Driver) -> Result<(), aura_proto::store::StoreFailed> {
    /// for device in driver.sessions("github", "583231").await? {
    ///     println!("{}", device.device);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn sessions(&self, provider: &str, sub: &str) -> Result<Vec<DeviceSession>, StoreFailed> {
        let store = self.0.store.as_ref().ok_or(StoreFailed)?;
        let listed = store::logged(store.list(self.auth().list_sessions(provider, sub)).await)?;
        Ok(self.auth().read_sessions(&listed, self.now()))
    }

    /// Ends every session of a user who signed in with a provider: at once, and for good. Returns how many rows the store deleted.
    /// Sessions in sealed cookies go on, where the policy does not keep sessions in a store.
    ///
    /// # Errors
    /// [`StoreFailed`], where the store cannot answer: the sessions may go on then.
    ///
    /// ```
    /// # async fn disable(driver: aura_http::Driver) -> Result<(), aura_proto::store::StoreFailed> {
    /// driver.end_sessions("github", "583231").await?;
    /// # Ok(()) }
    /// ```
    pub async fn end_sessions(&self, provider: &str, sub: &str) -> Result<u64, StoreFailed> {
        let store = self.0.store.as_ref().ok_or(StoreFailed)?;
        let question = self.auth().end_sessions(provider, sub, self.now());
        let ended = store::logged(store.end(question).await)?;
        self.host().report(&[Event::SessionsEnded { sub: Some(sub.to_owned()), ended }]);
        Ok(ended)
    }

    /// Asks the store, and records its answer.
    pub(crate) async fn ask_store(&self, question: StoreQuestion, recording: &mut Recording) -> Action {
        store::answer_recorded(self.0.store.as_deref(), question, recording, || self.now()).await
    }

    /// Carries out what a reading asks.
    pub(crate) async fn read<T: Send + 'static>(&self, reading: Reading<T>) -> T {
        match reading {
            Reading::Done(found) => found,
            // What is rare has a box of its own, so that the future of most requests is small.
            waiting @ (Reading::Check(_)
            | Reading::Store(_)
            | Reading::Fetch(..)
            | Reading::Pause(..)
            | Reading::RunToEnd(_)) => Box::pin(self.ask(waiting)).await,
        }
    }

    /// Does the same for a task of its own: a future that would contain itself is boxed.
    fn ask_on<T: Send + 'static>(self, reading: Reading<T>) -> Boxed<T> {
        Box::pin(async move { self.ask(reading).await })
    }

    async fn ask<T: Send + 'static>(&self, mut reading: Reading<T>) -> T {
        loop {
            reading = match reading {
                Reading::Done(found) => return found,
                Reading::Check(question) => {
                    let decision = self.decide(Some(&question.session)).await;
                    question.pending.resume(decision, self.now())
                }
                Reading::Store(question) => {
                    store::answer(self.0.store.as_deref(), question, || self.now()).await
                }
                Reading::Fetch(_, fetch) => {
                    let (terms, pending) = (Terms::from(&*fetch), fetch.pending);
                    let outcome = self.outcome(fetch.request, terms, |answer| pending.keeps(answer)).await;
                    pending.resume(outcome, self.now())
                }
                Reading::Pause(length, rest) => {
                    sleep(length).await;
                    rest.resume(self.now())
                }
                Reading::RunToEnd(rest) => {
                    return self.to_end(self.clone().ask_on(rest.resume(self.now()))).await;
                }
            };
        }
    }
}
