//! The options that every driver has, written once for the asynchronous and the blocking one.

/// Writes the methods of a driver that set up its [`Host`](crate::Host), which it has as `host(&self)` and changes by
/// `with_host(self, change)`. `$driver` is an expression that makes such a driver of `auth`, for the examples.
#[doc(hidden)]
#[macro_export]
macro_rules! driver_options {
    ($driver:literal) => {
        /// Calls the application with every event, beside recording it as a `tracing` event. The answer waits for the
        /// function, so do slow work in a task, or send it to a channel.
        ///
        /// ```
        /// # fn join(auth: aura_proto::Auth) -> Result<(), aura_host::DriverError> {
        /// use aura_proto::Event;
        ///
        #[doc = concat!("let driver = ", $driver, ".on_event(|event| {")]
        ///     if let Event::SignedIn { provider, sub } = event {
        ///         println!("{sub} signed in with {provider}");
        ///     }
        /// });
        /// # let _ = driver;
        /// # Ok(()) }
        /// ```
        #[must_use]
        pub fn on_event(self, hear: impl Fn(&aura_proto::Event) + Send + Sync + 'static) -> Self {
            self.with_host(|host| host.on_event(hear))
        }

        /// Records every request to begin or end a sign-in that fails, without its secrets, and hands the transcript over:
        /// safe to paste in public, and a test of one line. [`aura_host::replay`] documents what it shows. A body that is
        /// refused before the core sees it, too long, late or malformed, leaves none. The function is called
        /// synchronously, once for each failed sign-in. Attackers can trigger it, so limit what is stored.
        #[cfg(feature = "replay")]
        #[must_use]
        pub fn on_failed_sign_in(
            self,
            keep: impl Fn(aura_host::replay::Transcript) + Send + Sync + 'static,
        ) -> Self {
            self.with_host(|host| host.on_failed_sign_in(keep))
        }

        /// Records every request to begin or end a sign-in, whether it succeeds or fails, as `on_failed_sign_in` records those
        /// that fail: to show what a sign-in does. To redact a record costs more than to answer the request, so do not enable it
        /// where many users sign in. Requests above a limit are not recorded.
        #[cfg(feature = "replay")]
        #[must_use]
        pub fn on_sign_in(
            self,
            keep: impl Fn(aura_host::replay::Transcript) + Send + Sync + 'static,
        ) -> Self {
            self.with_host(|host| host.on_sign_in(keep))
        }

        /// Sets how many exchanges with providers may be under way at once; 512 by default. One provider gets half of them,
        /// rounded up, so that a provider that hangs leaves room for the others. There is no queue: one more than that fails as
        /// if the provider could not be reached, so that a provider that hangs costs bounded memory. In a blocking server each
        /// exchange occupies a thread, so a server with fewer threads should set less.
        #[must_use]
        pub fn max_exchanges(self, limit: usize) -> Self {
            self.with_host(|host| host.max_exchanges(limit))
        }

        /// Replaces the system's clock, for tests.
        ///
        /// ```
        /// use aura_proto::UnixTime;
        /// # let secret = aura_proto::Secret::new("Zk8pQ2vX7mLr4TnB9wYc1HsD6eGjU3aK")?;
        /// # let salt = aura_proto::Salt::new("q5RtV0bNzE7xPiW2lKfM8hCyA4uJoS9d")?;
        /// # let auth = aura_proto::Auth::builder(secret, salt).base_url("https://example.com").build()?;
        #[doc = concat!("let driver = ", $driver, ".clock(|| UnixTime::from_secs(1_790_000_000));")]
        /// assert_eq!(driver.now().as_secs(), 1_790_000_000);
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[must_use]
        pub fn clock(self, clock: impl Fn() -> aura_proto::UnixTime + Send + Sync + 'static) -> Self {
            self.with_host(|host| host.clock(clock))
        }

        /// Returns the configuration.
        pub fn auth(&self) -> &aura_proto::Auth {
            self.host().auth()
        }

        /// Reads the driver's clock.
        pub fn now(&self) -> aura_proto::UnixTime {
            self.host().now()
        }
    };
}
