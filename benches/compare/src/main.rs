//! Servers that answer `GET /auth/session` with the session of the request: `aura-compare SERVER PORT`.
//!
//! Each serves on one thread of 127.0.0.1 until it is ended. They answer with the same headers. `aura-compare cookie` prints the `Cookie`
//! field of a browser that is signed in at ours: in a process of its own, so that no server has the memory of a sign-in.
#![forbid(unsafe_code)]

mod by_hand;
mod ours;
mod page;
mod peers;

use std::process::ExitCode;
use tokio::net::TcpListener;

const NAMES: &str = "hello by-hand tower-sessions axum-login private-cookie-jar aura-axum aura-axum-page aura-axum-ticket aura-hyper aura-warp aura-blocking";

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments == ["cookie"] {
        println!("{}", ours::cookie());
        return ExitCode::SUCCESS;
    }
    let [name, port] = arguments.as_slice() else { return usage() };
    let Ok(port) = port.parse() else { return usage() };
    if name == "aura-blocking" {
        return ours::blocking(port);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        match name.as_str() {
            "hello" => axum::serve(listener, page::hello()).await.expect("a socket"),
            "by-hand" => axum::serve(listener, by_hand::app()).await.expect("a socket"),
            "tower-sessions" => axum::serve(listener, peers::tower_sessions()).await.expect("a socket"),
            "axum-login" => axum::serve(listener, peers::axum_login()).await.expect("a socket"),
            "private-cookie-jar" => {
                axum::serve(listener, peers::private_cookie_jar()).await.expect("a socket")
            }
            "aura-axum" => axum::serve(listener, ours::axum()).await.expect("a socket"),
            "aura-axum-page" => axum::serve(listener, ours::axum_page()).await.expect("a socket"),
            "aura-axum-ticket" => axum::serve(listener, ours::axum_ticket().await).await.expect("a socket"),
            "aura-hyper" => ours::hyper(listener).await,
            "aura-warp" => ours::warp(listener).await,
            _ => return usage(),
        }
        ExitCode::SUCCESS
    })
}

fn usage() -> ExitCode {
    eprintln!("usage: aura-compare SERVER PORT, where SERVER is one of: {NAMES}");
    ExitCode::FAILURE
}
