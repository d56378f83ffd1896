//! The two sides: which core each has, and which of its functions are recorded.

/// A function that is wrapped: what its call begins and ends with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrap<'a> {
    /// The type and the name of the function.
    pub(crate) function: (&'static str, &'static str),
    /// Statements before the call is begun.
    pub(crate) before: &'static str,
    /// What makes a `Call`.
    pub(crate) begin: &'a str,
    /// The function that ends it with the output.
    pub(crate) end: &'static str,
}

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Functions that are wrapped; each must be there once.
    pub(crate) wraps: &'static [Wrap<'static>],
    /// Text that is appended to a source.
    pub(crate) additions: &'static [(&'static str, &'static str)],
    /// Sources that are added, and where they come from.
    pub(crate) sources: &'static [(&'static str, &'static str)],
}

/// The core as it was.
pub(crate) const BEFORE: Side =
    Side { name: "before", wraps: &WRAPS, additions: &ADDITIONS, sources: &SOURCES };
/// The core of the working tree. Where its functions or types get other names, it gets tables of its own.
pub(crate) const AFTER: Side =
    Side { name: "after", wraps: &WRAPS, additions: &ADDITIONS, sources: &SOURCES };

/// All functions of this source that are public are doors, which are numbered.
pub(crate) const DOORS: &str = "fuzzing.rs";

const WRAPS: [Wrap<'static>; 17] = [
    wrap("Auth", "handle", "shown::handle(&request, now, &entropy)", "action"),
    wrap("Pending", "resume", "shown::resume(&outcome, now)", "action"),
    wrap("PendingAdmission", "resume", "shown::decide(&admission, now)", "action"),
    wrap("Pending", "keeps", "shown::keeps(response)", "any"),
    head("session_of", "shown::head(\"session_of\", \"\", &request, now)", "any"),
    head("provider_tokens", "shown::head(\"provider_tokens\", provider, &request, now)", "tokens"),
    head("check_csrf", "shown::head(\"check_csrf\", \"\", &request, now)", "any"),
    Wrap {
        before: "let error: crate::Error = error.into();",
        ..wrap("Auth", "refuse", "shown::refuse(path, &error)", "respond")
    },
    wrap("Builder", "build", "recorder::Call::numbered(\"build\")", "failure"),
    wrap("Builder", "with_env_and_keys", "recorder::Call::numbered(\"with_env\")", "failure"),
    // What the client reads.
    wrap("Answered", "open", "recorder::Call::numbered(\"client\")", "failure"),
    wrap("CsrfToken", "read", "recorder::Call::numbered(\"client token\")", "any"),
    wrap("PageSession", "read_if_any", "recorder::Call::numbered(\"client session\")", "any"),
    wrap("PageSession", "read", "recorder::Call::numbered(\"client user\")", "any"),
    wrap("SignedOut", "read", "recorder::Call::numbered(\"client sign-out\")", "any"),
    wrap("SignIn", "read", "recorder::Call::numbered(\"client sign-in\")", "any"),
    wrap("", "done", "recorder::Call::numbered(\"client done\")", "any"),
];

const ADDITIONS: [(&str, &str); 2] = [
    ("lib.rs", "\n#[allow(warnings)]\nmod recorder;\n#[allow(warnings)]\nmod shown;\n"),
    (
        "entropy.rs",
        "\nimpl Entropy {\n    pub(crate) fn recorded(&self) -> [u8; 16] {\n        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b\"aura:entropy\");\n        derive(&salt.extract(self.seed.as_slice()), &[b\"recorded\"])\n    }\n}\n",
    ),
];

const SOURCES: [(&str, &str); 2] =
    [("recorder.rs", "tests/net/woven/recorder.rs"), ("shown.rs", "tests/net/woven/shown.rs")];

const fn wrap(
    of: &'static str,
    function: &'static str,
    begin: &'static str,
    end: &'static str,
) -> Wrap<'static> {
    Wrap { function: (of, function), before: "", begin, end }
}

/// A function of `Auth` that takes the head of a request in any of several types.
const fn head(function: &'static str, begin: &'static str, end: &'static str) -> Wrap<'static> {
    Wrap {
        before: "let request: crate::connection::RequestHead<'_> = request.into();",
        ..wrap("Auth", function, begin, end)
    }
}
