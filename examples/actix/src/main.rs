//! Serves the example on this machine: `cargo run -p aura-example-actix`.
#![forbid(unsafe_code)]

use actix_web::rt::{System, spawn};
use aura_actix::{Driver, HttpClient};
use std::process::ExitCode;

fn main() -> ExitCode {
    aura_examples::run(|settings, listeners| {
        let driver = Driver::new(settings.auth, HttpClient::new())?;
        System::new().block_on(async {
            for listener in listeners {
                spawn(aura_example_actix::serve(listener, driver.clone(), settings.dev.clone())?);
            }
            std::future::pending().await
        })
    })
}
