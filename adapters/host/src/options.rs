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
        /// # fn join(auth: aura_proto::Auth) {
        /// use aura_proto::Event;
        ///
        #[doc = concat!("let driver = ", $driver, ".on_event(|event| {")]
        ///     if let Event::SignedIn { provider, sub } = event {
        ///         println!("{sub} signed in with {provider}");
        ///     }
        /// });
        /// # let _ = driver;
        /// # }
        /// ```
        #[must_use]
        pub fn on_event(self, hear: impl Fn(&aura_proto::Event) + Send + Sync + 'static) -> Self {
            self.with_host(|host| host.on_event(hear))
        }

        /// Records every request to begin or end a sign-in that fails, without its secrets, and hands the transcript over:
        /// safe to paste in public, and a test of one line. [`aura_host::replay`] documents what it shows. A body that is
        /// refused before the core sees it, too long, late or malformed, leaves none. Called once for each failed sign-in, and
        /// anybody can cause many, so keep few; the answer waits for the function.
        ///
        /// ```
        /// # fn join(auth: aura_proto::Auth) {
        #[doc = concat!("let driver = ", $driver)]
        ///     .on_failed_sign_in(|transcript| eprintln!("a sign-in failed: {transcript}"));
        /// # let _ = driver;
        /// # }
        /// ```
        #[cfg(feature = "replay")]
        #[must_use]
        pub fn on_failed_sign_in(
            self,
            keep: impl Fn(aura_host::replay::Transcript) + Send + Sync + 'static,
        ) -> Self {
            self.with_host(|host| host.on_failed_sign_in(keep))
        }

        /// Sets how many exchanges with providers may be under way at once; 512 by default. One provider gets half of them, rounded up,
        /// so that a provider that hangs leaves room for the others. There is no queue: one more than
        /// that fails as if the provider could not be reached, so that a provider that hangs costs bounded memory. In a
        /// blocking server each exchange occupies a thread, so a server with fewer threads should set less.
        ///
        /// ```
        /// # fn join(auth: aura_proto::Auth) {
        #[doc = concat!("let driver = ", $driver, ".max_exchanges(64);")]
        /// # let _ = driver;
        /// # }
        /// ```
        #[must_use]
        pub fn max_exchanges(self, limit: usize) -> Self {
            self.with_host(|host| host.max_exchanges(limit))
        }

        /// Replaces the system's clock, for tests.
        ///
        /// ```
        /// # fn join(auth: aura_proto::Auth) {
        /// use aura_proto::UnixTime;
        ///
        #[doc = concat!("let driver = ", $driver, ".clock(|| UnixTime::from_secs(1_790_000_000));")]
        /// assert_eq!(driver.now().as_secs(), 1_790_000_000);
        /// # }
        /// ```
        #[must_use]
        pub fn clock(self, clock: impl Fn() -> aura_proto::UnixTime + Send + Sync + 'static) -> Self {
            self.with_host(|host| host.clock(clock))
        }

        /// Returns the configuration.
        ///
        /// ```
        /// # fn show(auth: aura_proto::Auth) {
        #[doc = concat!("let driver = ", $driver, ";")]
        /// println!("routes under {}", driver.auth().base_path());
        /// # }
        /// ```
        pub fn auth(&self) -> &aura_proto::Auth {
            self.host().auth()
        }

        /// Reads the driver's clock.
        ///
        /// ```
        /// # fn show(auth: aura_proto::Auth, headers: &http::HeaderMap) -> bool {
        #[doc = concat!("let driver = ", $driver, ";")]
        /// driver.auth().session(headers, driver.now()).is_ok()
        /// # }
        /// ```
        pub fn now(&self) -> aura_proto::UnixTime {
            self.host().now()
        }
    };
}
