//! Table of the tested hosts.
//!
//! Each row is a function that serves a site with sign-in at a listener, with the host's default client.

use crate::network::RUNTIME;
use aura_http::{Driver, HttpClient};
use aura_proto::Auth;
use std::net::TcpListener;
use std::thread;

/// Serves at a listener until the process ends; returns at once.
pub(crate) type Serve = fn(TcpListener, Auth);

/// The hosts by name.
pub(crate) const HOSTS: [(&str, Serve); 6] = [
    ("axum", axum),
    ("hyper", hyper),
    ("warp", warp),
    ("tower", tower),
    ("actix", actix),
    ("blocking", blocking),
];

fn axum(listener: TcpListener, auth: Auth) {
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        aura_example_axum::serve(listener, Driver::new(auth, HttpClient::new()).unwrap(), None).await
    });
}

fn hyper(listener: TcpListener, auth: Auth) {
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        aura_example_hyper::serve(listener, Driver::new(auth, HttpClient::new()).unwrap(), None).await
    });
}

fn warp(listener: TcpListener, auth: Auth) {
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        aura_example_warp::serve(listener, Driver::new(auth, HttpClient::new()).unwrap(), None).await;
    });
}

fn tower(listener: TcpListener, auth: Auth) {
    RUNTIME.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        aura_example_tower::serve(listener, Driver::new(auth, HttpClient::new()).unwrap(), None).await
    });
}

fn actix(listener: TcpListener, auth: Auth) {
    RUNTIME.spawn(async move {
        aura_example_actix::serve(listener, Driver::new(auth, HttpClient::new()).unwrap(), None)
            .unwrap()
            .await
    });
}

fn blocking(listener: TcpListener, auth: Auth) {
    listener.set_nonblocking(false).unwrap();
    thread::spawn(move || {
        let driver = aura_blocking::Driver::new(auth, aura_blocking::UreqClient::new()).unwrap();
        aura_example_blocking::serve(listener, &driver, None)
    });
}
