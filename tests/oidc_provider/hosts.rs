//! Which hosts are tried? A row each: a function that serves the routes of sign-in at a listener.

use crate::network::RUNTIME;
use aura_axum::{HttpClient, router};
use aura_proto::Auth;
use axum::Router;
use std::net::TcpListener;

/// Serves at a listener until the process ends; returns at once.
pub(crate) type Serve = fn(TcpListener, Auth);

/// The hosts by name.
pub(crate) const HOSTS: [(&str, Serve); 1] = [("axum", axum)];

fn axum(listener: TcpListener, auth: Auth) {
    RUNTIME.spawn(async move {
        let app = Router::new().merge(router(auth, HttpClient::new()));
        axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await
    });
}
