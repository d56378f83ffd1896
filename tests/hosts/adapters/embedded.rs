//! The examples as they start: embedded provider, real clients, no configuration.

use super::serving::awaited;
use super::site::{Host, Site};
use super::visitor::Visitor;
use aura_examples::Settings;
use aura_tests::{location, read_json, text};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

/// Serves the example of a host as its `main` does; returns where.
fn serve(host: Host) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let Settings { auth, dev, .. } = Settings::read_at(port, &|_| None).unwrap();
    if host == Host::Blocking {
        let driver = aura_blocking::Driver::new(auth, aura_blocking::UreqClient::new()).unwrap();
        thread::spawn(move || aura_example_blocking::serve(listener, &driver, dev.as_ref()));
    } else {
        let driver = aura_http::Driver::new(auth, aura_http::HttpClient::new()).unwrap();
        match host {
            Host::Axum => drop(tokio::spawn(aura_example_axum::serve(awaited(listener), driver, dev))),
            Host::Hyper => drop(tokio::spawn(aura_example_hyper::serve(awaited(listener), driver, dev))),
            Host::Warp => drop(tokio::spawn(aura_example_warp::serve(awaited(listener), driver, dev))),
            Host::Tower => drop(tokio::spawn(aura_example_tower::serve(awaited(listener), driver, dev))),
            Host::Actix => drop(tokio::spawn(aura_example_actix::serve(listener, driver, dev).unwrap())),
            Host::Blocking => unreachable!("it is served above"),
        }
    }
    format!("http://127.0.0.1:{port}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_signs_in_with_its_embedded_provider() {
    for host in Host::ALL {
        let mut visitor = Visitor::at(&serve(host));
        assert!(text(&visitor.get("/").await).contains("href=\"/auth/signIn/dev\""), "{host:?}");
        assert_eq!(visitor.get("/site.js").await.status(), 200);
        assert_eq!(visitor.get("/nowhere").await.status(), 404);

        let begun = visitor.get("/auth/signIn/dev?redirectTo=/account").await;
        let authorize = location(&begun);
        let (_, query) = authorize.split_once('?').unwrap();
        assert!(
            text(&visitor.get(&format!("/dev/authorize?{query}")).await).contains("Ada Lovelace"),
            "{host:?}"
        );
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let decision = format!("{query}&account=ada");
        let decided = visitor.send("POST", "/dev/authorize/decision", &form, decision).await;
        let callback = location(&decided);
        let arrived = visitor.get(&callback[callback.find("/auth/").unwrap()..]).await;
        assert_eq!((arrived.status().as_u16(), location(&arrived).as_str()), (302, "/account"), "{host:?}");
        assert!(text(&visitor.get("/account").await).contains("ada@example.test"), "{host:?}");

        let token = visitor.csrf_token().await;
        let greeted = visitor.send("POST", "/api/greeting", &[("x-csrf-token", &token)], "").await;
        assert_eq!(read_json(&greeted)["greeting"], "Hello, Ada Lovelace", "{host:?}");
        let long = vec![b'x'; 64 * 1024 + 1];
        assert_eq!(visitor.send("POST", "/dev/token", &form, long).await.status(), 413, "{host:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_example_keeps_a_part_of_a_form_that_is_too_long() {
    for host in Host::ALL {
        let mut visitor = Visitor::new(&Site::start(host));
        visitor.sign_in().await;
        let token = visitor.csrf_token().await;
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let note = format!("csrfToken={token}&text={}", "n".repeat(64 * 1024));
        let answer = visitor.send("POST", "/note", &form, note).await;
        let is_whole = text(&answer).contains(&"n".repeat(64 * 1024));
        assert!(is_whole || answer.status() == 413, "{host:?}: {} {:.99}", answer.status(), text(&answer));
    }
}
