//! The demo page's six files, without a framework or a build step.

use http::header::{self, HeaderName};

/// A file of the page: path, content type, content.
pub type File = (&'static str, &'static str, &'static str);

/// The files of the page.
pub const FILES: [File; 6] = [
    ("/", "text/html; charset=utf-8", include_str!("../page/index.html")),
    ("/aura-client.js", "text/javascript; charset=utf-8", include_str!("../page/aura-client.js")),
    ("/app.js", "text/javascript; charset=utf-8", include_str!("../page/app.js")),
    ("/sequence.js", "text/javascript; charset=utf-8", include_str!("../page/sequence.js")),
    ("/sequence.css", "text/css; charset=utf-8", include_str!("../page/sequence.css")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../page/style.css")),
];

/// The headers that every file is sent with.
pub const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::CACHE_CONTROL, "no-cache"),
];
