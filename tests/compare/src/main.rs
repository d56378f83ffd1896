//! A race of a log-out with a request under way, which saves the session afterwards.
//!
//! A request reads the session. While it is under way, the browser logs out. Then the request changes the session, as a page that
//! counts visits does. A copy of the cookie, from before the log-out, is shown last. `run.sh` runs it, and README says what was seen.
#![forbid(unsafe_code)]

mod ours;
mod theirs;

use axum::Router;
use axum::body::Body;
use http::{Method, Request, Response, StatusCode, header};
use std::error::Error;
use std::sync::Arc;
use tokio::sync::Notify;
use tower::ServiceExt as _;

/// A request that waits between its reading of the session and its change.
#[derive(Clone, Default)]
struct Slow {
    has_read: Arc<Notify>,
    may_change: Arc<Notify>,
}

/// An application, and a way into it.
struct Site {
    name: &'static str,
    app: Router,
    slow: Slow,
    /// The cookies of a browser that has signed in.
    cookies: String,
    /// The request that logs out.
    log_out: Request<Body>,
}

/// What became of the slow request, and of the cookie after the log-out.
struct Seen {
    slow: StatusCode,
    afterwards: StatusCode,
}

impl Site {
    async fn race(self) -> Result<Seen, Box<dyn Error>> {
        let Self { app, slow, cookies, log_out, .. } = self;
        assert_eq!(get(&app, "/me", &cookies).await?.status(), 200, "the browser is signed in");
        let changing = tokio::spawn({
            let (app, cookies) = (app.clone(), cookies.clone());
            async move {
                get(&app, "/slow", &cookies)
                    .await
                    .map(|answer| answer.status())
                    .map_err(|error| error.to_string())
            }
        });
        slow.has_read.notified().await;
        let logged_out = app.clone().oneshot(log_out).await?;
        assert!(logged_out.status().is_success(), "the log-out is answered with {}", logged_out.status());
        assert_eq!(get(&app, "/me", &cookies).await?.status(), 401, "the log-out holds at first");
        slow.may_change.notify_one();
        let slow = changing.await??;
        Ok(Seen { slow, afterwards: get(&app, "/me", &cookies).await?.status() })
    }
}

async fn get(app: &Router, path: &str, cookies: &str) -> Result<Response<Body>, Box<dyn Error>> {
    Ok(app.clone().oneshot(request(Method::GET, path, cookies).body(Body::empty())?).await?)
}

fn request(method: Method, path: &str, cookies: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "app.test")
        .header(header::COOKIE, cookies)
}

/// Returns the cookies that an answer sets, and not those that it clears.
fn cookies(answer: &Response<Body>) -> String {
    let values = answer.headers().get_all(header::SET_COOKIE).iter();
    let pairs = values.filter_map(|value| value.to_str().ok()?.split(';').next());
    pairs.filter(|pair| !pair.ends_with('=')).collect::<Vec<_>>().join("; ")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let theirs = theirs::sites().await?.into_iter().map(|site| (site, false));
    let ours = ours::sites().await?.into_iter().map(|site| (site, true));
    for (site, is_ours) in theirs.chain(ours) {
        let name = site.name;
        let Seen { slow, afterwards } = site.race().await?;
        let verdict = if afterwards == 200 { "the session is back" } else { "the log-out holds" };
        println!(
            "{name}: the slow request is answered with {}, and the old cookie afterwards with {}: {verdict}",
            slow.as_u16(),
            afterwards.as_u16()
        );
        if is_ours && afterwards != StatusCode::UNAUTHORIZED {
            return Err(format!("{name}: a log-out was undone").into());
        }
    }
    Ok(())
}
