//! Reasons for not storing a cookie.

/// The rule of RFC 6265bis 5.6 or 5.7 by which a cookie is not stored, in the order the rules are checked.
///
/// ```
/// # use {aura_test_idp::browser::{Jar, Refused}, url::Url};
/// let url = Url::parse("http://example.com/")?;
/// assert_eq!(Jar::default().set(&url, b"a=b; Secure", 0), Err(Refused::SecureFromInsecure));
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// The field holds a control character other than a tab (5.6 step 1).
    ControlCharacter,
    /// Name and value are longer than 4096 bytes together (5.6 step 5).
    TooLong,
    /// Both name and value are empty (5.7 step 2).
    Empty,
    /// The last `Domain` attribute is not ASCII (5.7 step 8).
    DomainNotAscii,
    /// A cookie without a name has a value that would read as a prefixed name (5.7 step 22).
    NamelessPrefix,
    /// The URL has no host, so the cookie has no owner (5.7 step 10).
    NoHost,
    /// The `Domain` attribute is a single label other than the host itself (5.7 step 9).
    PublicSuffix,
    /// The host does not domain-match the `Domain` attribute (5.7 step 10).
    DomainMismatch,
    /// A `Secure` cookie came over a connection that is not secure (5.7 step 13).
    SecureFromInsecure,
    /// A script tried to set an `HttpOnly` cookie (5.7 step 15).
    HttpOnlyFromScript,
    /// A cookie that is not `Secure`, from an insecure connection, would shadow a `Secure` one (5.7 step 16).
    ShadowsSecure,
    /// A cookie other than `SameSite=None` came with a cross-site subresource (5.7 step 18).
    CrossSite,
    /// `SameSite=None` without `Secure` (5.7 step 19).
    NoneWithoutSecure,
    /// A `__Secure-` cookie without `Secure` (5.7 step 20).
    SecurePrefix,
    /// A `__Host-` cookie without `Secure`, with `Domain`, or with another path than `/` (5.7 step 21).
    HostPrefix,
    /// A script tried to replace an `HttpOnly` cookie (5.7 step 23.2).
    ReplacesHttpOnly,
}
