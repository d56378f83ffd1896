//! Serves the example on this machine: `cargo run -p aura-example-blocking`.
#![forbid(unsafe_code)]

use aura_blocking::{Driver, UreqClient};
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    aura_examples::run(|settings, listeners| {
        let driver = Driver::new(settings.auth, UreqClient::new())?;
        let serving: Vec<_> = listeners
            .into_iter()
            .map(|listener| {
                let (driver, dev) = (driver.clone(), settings.dev.clone());
                thread::spawn(move || aura_example_blocking::serve(listener, &driver, dev.as_ref()))
            })
            .collect();
        for thread in serving {
            thread.join().map_err(|_| "a listener is gone")??;
        }
        Ok(())
    })
}
