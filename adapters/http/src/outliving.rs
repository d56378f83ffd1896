//! Refreshes of provider tokens that outlive their requests.

use crate::driver::{Boxed, Driver};
use tracing::{Instrument, Span};

impl Driver {
    /// Waits for the refreshes of provider tokens that go on after their browsers hung up: between the graceful shutdown of the server
    /// and the end of the runtime. A refresh that is cut off loses its grant, and the user has to sign in with the provider again. It
    /// takes half a minute at most.
    ///
    /// ```
    /// # async fn serve(driver: aura_http::Driver) {
    /// // axum::serve(listener, app).with_graceful_shutdown(signal).await?;
    /// driver.finish_refreshes().await;
    /// # }
    /// ```
    pub async fn finish_refreshes(&self) {
        self.0.refreshes.closed().await;
    }

    /// Carries a flow out in a task of its own, which goes on when whoever waits for it goes away.
    pub(crate) async fn to_end<T: Send + 'static>(&self, flow: Boxed<T>) -> T {
        let under_way = self.0.refreshes.subscribe();
        let flow = async move {
            let end = flow.await;
            drop(under_way);
            end
        };
        match tokio::spawn(flow.instrument(Span::current())).await {
            Ok(end) => end,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down, and drops whoever waits.
                Err(_) => std::future::pending().await,
            },
        }
    }
}
