//! Severities of events (RFC 5424 section 6.2.1).

/// How serious an event is, after RFC 5424 section 6.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// Of interest while developing.
    Debug,
    /// Normal operation.
    Info,
    /// Normal, but significant.
    Notice,
    /// Something that deserves a look when it piles up.
    Warning,
    /// Something failed.
    Error,
    /// An attack, or a mistake that looks like one.
    Critical,
}

/// The name of an event and its severity. A name has one severity.
pub type NamedSeverity = (&'static str, Severity);
