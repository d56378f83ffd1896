//! The fetch API: requests and answers of the platform, its clock, its random source and its exchanges.

use crate::host::Platform;
use aura_proto::{Auth, Entropy, FetchError, UnixTime};
use bytes::Bytes;
use js_sys::{Array, Date, Object, Reflect, Uint8Array};
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, RequestInit, RequestRedirect, ResponseInit, WorkerGlobalScope};

/// A site with its configuration: make it once, and answer every request with it.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Site(Auth);

#[wasm_bindgen]
impl Site {
    /// Configures the site from the variables of an environment.
    ///
    /// # Errors
    /// A sentence, where a variable is missing or wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(env: &Object) -> Result<Self, JsValue> {
        let variable = |name: &str| Reflect::get(env, &name.into()).ok()?.as_string();
        crate::configure(variable).map(Self).map_err(|error| error.to_string().into())
    }

    /// Answers a request of the fetch API.
    ///
    /// # Errors
    /// The exception of the platform, where it gives the request or takes the answer in a way that it should not.
    pub async fn fetch(&self, request: web_sys::Request) -> Result<web_sys::Response, JsValue> {
        let mut read = http::Request::builder().method(request.method().as_str()).uri(request.url());
        for (name, value) in fields(&request.headers()) {
            read = read.header(name, value);
        }
        let body = bytes(request.array_buffer()?).await?;
        let read = read.body(body).map_err(|error| JsValue::from(error.to_string()))?;
        let (head, body) = crate::answer(&self.0, &FetchApi, read).await.into_parts();

        let init = ResponseInit::new();
        init.set_status(head.status.as_u16());
        init.set_headers(&headers(&head.headers)?);
        // An answer such as 204 has to be without one (Fetch, "null body status").
        let body = (!body.is_empty()).then(|| Uint8Array::from(&*body));
        web_sys::Response::new_with_opt_js_u8_array_and_init(body.as_ref(), &init)
    }
}

/// The platform, reached by the global object.
struct FetchApi;

fn global() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

impl Platform for FetchApi {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs((Date::now() / 1000.0) as u64)
    }

    fn entropy(&self) -> Option<Entropy> {
        let mut bytes = [0; 32];
        global().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
        Some(Entropy::from_os_bytes(bytes))
    }

    async fn fetch(
        &self,
        request: http::Request<Bytes>,
        timeout: Duration,
        max_response: usize,
    ) -> Result<http::Response<Bytes>, FetchError> {
        let answer = send(&request, timeout).await.map_err(|error| unanswered(&error))?;
        let mut read = http::Response::builder().status(answer.status());
        for (name, value) in fields(&answer.headers()) {
            read = read.header(name, value);
        }
        let body = answer.array_buffer().map_err(|error| unanswered(&error))?;
        let body = bytes(body).await.map_err(|error| unanswered(&error))?;
        if body.len() > max_response {
            return Err(FetchError::TooLarge);
        }
        read.body(body).map_err(|_| FetchError::Unreachable)
    }
}

/// Sends a request to a provider.
async fn send(request: &http::Request<Bytes>, timeout: Duration) -> Result<web_sys::Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers(&headers(request.headers())?);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(timeout.as_millis().try_into().unwrap_or(u32::MAX))));
    if !request.body().is_empty() {
        init.set_body(&Uint8Array::from(&**request.body()));
    }
    let request = web_sys::Request::new_with_str_and_init(&request.uri().to_string(), &init)?;
    JsFuture::from(global().fetch_with_request(&request)).await?.dyn_into()
}

/// Tells why a provider did not answer.
fn unanswered(error: &JsValue) -> FetchError {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    if name.as_deref() == Some("TimeoutError") { FetchError::TimedOut } else { FetchError::Unreachable }
}

/// Reads a body to its end.
async fn bytes(body: js_sys::Promise) -> Result<Bytes, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(body).await?).to_vec().into())
}

/// Lists the fields of a message: each name with its value.
fn fields(headers: &Headers) -> impl Iterator<Item = (String, String)> {
    let entries = headers.entries().into_iter();
    entries.filter_map(|entry| {
        let entry: Array = entry.ok()?.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
    })
}

/// Writes the fields of a message.
fn headers(fields: &http::HeaderMap) -> Result<JsValue, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in fields {
        let value = value.to_str().map_err(|error| JsValue::from(error.to_string()))?;
        headers.append(name.as_str(), value)?;
    }
    Ok(headers.into())
}
