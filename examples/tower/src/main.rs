//! Serves the example on this machine: `cargo run -p aura-example-tower`.
#![forbid(unsafe_code)]

use aura_tower::{Driver, HttpClient};
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    aura_examples::run(|settings, listeners| {
        let driver = Driver::new(settings.auth, HttpClient::new())?;
        let runtime = Runtime::new()?;
        for listener in listeners {
            listener.set_nonblocking(true)?;
            let _context = runtime.enter();
            let listener = TcpListener::from_std(listener)?;
            let serve = aura_example_tower::serve(listener, driver.clone(), settings.dev.clone());
            runtime.spawn(serve);
        }
        runtime.block_on(std::future::pending())
    })
}
