//! A small site with sign-in on actix-web: a public page, a private one, and an API.
#![forbid(unsafe_code)]

use actix_web::dev::Server;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aura_actix::{Csrf, CsrfForm, CsrfToken, Driver, Session, answer, head, require_session, routes};
use aura_examples::{DevProvider, site};
use bytes::Bytes;
use std::io;
use std::net::TcpListener;

/// Longest request body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Makes the server of the site, with the embedded provider where there is one: two workers, which begin when it is awaited.
///
/// # Errors
/// Those of the listener.
///
/// ```no_run
/// # async fn start(listener: std::net::TcpListener, driver: aura_actix::Driver) {
/// aura_example_actix::serve(listener, driver, None).expect("a listener").await.expect("a server");
/// # }
/// ```
pub fn serve(listener: TcpListener, driver: Driver, dev: Option<DevProvider>) -> io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::PayloadConfig::new(MAX_BODY))
            .configure(routes(driver.clone()))
            .configure(pages(&driver))
            .configure(provider(dev.clone()))
            .default_service(web::to(async |request: HttpRequest| answer(site::file(request.path()))))
    });
    // What is done for a client that goes away is dropped.
    Ok(server.h1_allow_half_closed(false).workers(2).disable_signals().listen(listener)?.run())
}

fn pages(driver: &Driver) -> impl FnOnce(&mut web::ServiceConfig) {
    let guard = driver.guard().sign_in_with(site::PROVIDER);
    move |config| {
        let account = web::resource("/account").get(async |session: Session| answer(site::account(&session)));
        let note = web::resource("/note").get(note_forms).post(note);
        config
            .service(account.wrap(require_session(guard.clone())))
            .service(note.wrap(require_session(guard)))
            .route("/", web::get().to(home))
            .route("/api/greeting", web::post().to(greet));
    }
}

async fn home(driver: web::Data<Driver>, session: Option<Session>) -> HttpResponse {
    answer(site::home(driver.auth(), session.as_deref()))
}

async fn greet(session: Session, _: Csrf) -> HttpResponse {
    answer(site::greeting(&session))
}

async fn note_forms(token: CsrfToken) -> HttpResponse {
    let forms = answer(site::note_forms(token.as_str()));
    token.finish(forms)
}

async fn note(session: Session, CsrfForm(note): CsrfForm<site::Note>) -> HttpResponse {
    answer(site::noted(&session, &note))
}

/// Lets the embedded provider answer.
fn provider(dev: Option<DevProvider>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let Some(dev) = dev else { return };
        let provide = move |request: HttpRequest, body: Result<Bytes, actix_web::Error>| {
            let page = match body {
                Ok(body) => dev.answer(head(&request).map(|()| body)),
                Err(_) => site::too_long(),
            };
            async move { answer(page) }
        };
        config.route("/dev/{endpoint:.*}", web::to(provide));
    }
}
