//! The connection of a request, and the public origin at which it arrived.

use crate::config::Site;
use crate::forwarded::{self, Forwarded, ProxyHeaders};
use crate::http_sign::HttpSign;
use crate::origin::{Origin, Scheme, parse_http_url};
use crate::quoted::Quoted;
use crate::reader::Reader;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use http::{HeaderMap, Request, Uri, header, request};
use std::borrow::Cow;
use url::Url;

/// How many bits of an IPv6 address name a network, of which one client has all addresses (RFC 6177).
const IPV6_NETWORK_BITS: u32 = 64;

/// How a request reached the server, which the request itself does not show. A host puts it among the request's
/// extensions; without it the request counts as plain http from nowhere.
///
/// ```
/// use aura_session::{Connection, Scheme};
/// let mut request = http::Request::new(bytes::Bytes::new());
/// request.extensions_mut().insert(Connection::new(Scheme::Https).with_peer("192.0.2.1".parse()?));
/// let connection = request.extensions().get::<Connection>();
/// assert_eq!(connection.map(|connection| connection.scheme), Some(Scheme::Https));
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Connection {
    /// Whether the server itself ended TLS.
    pub scheme: Scheme,
    /// The address of the peer: the browser, or the proxy in front.
    pub peer: Option<IpAddr>,
}

impl Connection {
    /// Describes a connection from an unknown peer.
    ///
    /// ```
    /// use aura_session::{Connection, Scheme};
    /// assert_eq!(Connection::new(Scheme::Http).scheme, Scheme::Http);
    /// ```
    pub const fn new(scheme: Scheme) -> Self {
        Self { scheme, peer: None }
    }

    /// Adds the address of the peer.
    ///
    /// ```
    /// use aura_session::{Connection, Scheme};
    /// let peer = "2001:db8::1".parse()?;
    /// assert_eq!(Connection::new(Scheme::Http).with_peer(peer).peer, Some(peer));
    /// # Ok::<(), core::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub const fn with_peer(self, peer: IpAddr) -> Self {
        Self { peer: Some(peer), ..self }
    }
}

/// The parts of a request that show where it arrived: its headers, the authority of its target, and the [`Connection`] among its
/// extensions. Made of `&Request<B>`, of `&request::Parts`, or of `&HeaderMap` if there is nothing else.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The headers.
    #[doc(hidden)]
    pub headers: &'a HeaderMap,
    target: Option<&'a Uri>,
    connection: Option<Connection>,
}

impl<'a> From<&'a HeaderMap> for RequestHead<'a> {
    fn from(headers: &'a HeaderMap) -> Self {
        Self { headers, target: None, connection: None }
    }
}

impl<'a> From<&'a request::Parts> for RequestHead<'a> {
    fn from(head: &'a request::Parts) -> Self {
        let connection = head.extensions.get().copied();
        Self { headers: &head.headers, target: Some(&head.uri), connection }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        let connection = request.extensions().get().copied();
        Self { headers: request.headers(), target: Some(request.uri()), connection }
    }
}

impl<'a> RequestHead<'a> {
    /// Returns who reads the answer to the request.
    pub fn reader(self) -> Reader {
        Reader::of(self.headers)
    }

    /// Returns the host that the request was sent to: the target's, else the one `Host` field (RFC 9112 section 3.2).
    fn host(self) -> Option<&'a str> {
        if let Some(authority) = self.target.and_then(Uri::authority) {
            return Some(authority.as_str());
        }
        let mut hosts = self.headers.get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().ok(),
            (_, _) => None,
        }
    }

    fn scheme(self) -> Scheme {
        self.connection.map_or(Scheme::Http, |connection| connection.scheme)
    }

    /// Returns the page that the request comes from, as its browser says.
    fn page(self) -> Option<Url> {
        let named = self.headers.get(header::REFERER).or_else(|| self.headers.get(header::ORIGIN));
        named.and_then(|page| page.to_str().ok()).and_then(parse_http_url)
    }

    /// Tells whether a proxy says that it passed the request on.
    fn is_passed_on(self) -> bool {
        const OF_PROXIES: [&str; 5] =
            ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"];
        OF_PROXIES.iter().any(|name| self.headers.contains_key(*name))
    }
}

/// Why no public origin was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "aura-proto matches it completely")]
pub enum HostRefused {
    /// The host is neither configured nor trusted nor this machine.
    Untrusted,
    /// A field of the trusted proxy is malformed.
    Malformed,
}

/// Finds the public origin: the configured one; else the one that the trusted proxy reports, if there is one; else the
/// request's host, where that is this machine or trusted.
pub fn public_origin<'a>(config: &'a Site, request: RequestHead<'_>) -> Result<Cow<'a, Origin>, HostRefused> {
    if let Some(base_url) = &config.base_url {
        return Ok(Cow::Borrowed(base_url));
    }
    let is_trusted = |origin: &Origin| config.trusted_origins.contains(origin.url());
    match config.proxy_headers {
        ProxyHeaders::Ignored => origin(request.scheme(), request.host())
            .filter(|origin| origin.is_loopback() || is_trusted(origin))
            .map(Cow::Owned)
            .ok_or(HostRefused::Untrusted),
        ProxyHeaders::Trusted => {
            let fields = config.forwarded_fields;
            let forwarded = Forwarded::read(request.headers, fields).map_err(|_| HostRefused::Malformed)?;
            // A header may show that TLS ended at a proxy, but cannot deny that it ended here.
            let scheme = match request.scheme() {
                Scheme::Https => Scheme::Https,
                Scheme::Http => forwarded.scheme.unwrap_or(Scheme::Http),
            };
            origin(scheme, forwarded.host.as_deref().or_else(|| request.host()))
                .filter(is_trusted)
                .map(Cow::Owned)
                .ok_or(HostRefused::Untrusted)
        }
    }
}

/// Returns the host that decides the public origin where no base URL is configured, as it is reported.
pub fn named_host(config: &Site, request: RequestHead<'_>) -> Option<Quoted> {
    let forwarded = match config.proxy_headers {
        ProxyHeaders::Ignored => None,
        ProxyHeaders::Trusted => Forwarded::read(request.headers, config.forwarded_fields).ok()?.host,
    };
    forwarded.as_deref().or_else(|| request.host()).map(Quoted::new)
}

/// Returns the host of a request that was sent to this machine by another of its names than the base URL's, at the same port:
/// browsers keep the cookies of the two apart. What a proxy says that it passed on counts for nothing: the host may be the
/// proxy's.
pub fn other_loopback(config: &Site, request: RequestHead<'_>) -> Option<Quoted> {
    let own = config.base_url.as_ref().filter(|own| own.is_loopback())?;
    // A page of the base URL's own: the browser is there already, and something on the way wrote another host.
    if request.is_passed_on() || request.page().is_some_and(|page| own.is_origin_of(&page)) {
        return None;
    }
    let host = request.host()?;
    let asked = origin(own.scheme(), Some(host)).filter(Origin::is_loopback)?;
    let port = |origin: &Origin| origin.url().port_or_known_default();
    let differs = asked.url().host() != own.url().host() && port(&asked) == port(own);
    differs.then(|| Quoted::new(host))
}

/// Finds what shows that a browser came over http to a site whose base URL is https. Anybody can write what is believed here,
/// because a report alone depends on it.
pub fn over_http(config: &Site, request: RequestHead<'_>) -> Option<HttpSign> {
    let own = config.base_url.as_ref().filter(|own| own.scheme() == Scheme::Https)?;
    let asked = origin(Scheme::Http, request.host())?;
    // Browsers send Fetch Metadata over https, and to this machine (Fetch Metadata section 2).
    let is_trustworthy = request.headers.contains_key("sec-fetch-mode") && !asked.is_loopback();
    if request.scheme() == Scheme::Https || is_trustworthy {
        return None;
    }
    match Forwarded::read(request.headers, config.forwarded_fields).unwrap_or_default().scheme {
        Some(Scheme::Https) => return None,
        Some(Scheme::Http) => return Some(HttpSign::Proxy),
        None => {}
    }
    if request.page().is_some_and(|page| asked.is_origin_of(&page)) {
        return Some(HttpSign::Page);
    }
    // A proxy that ends TLS may speak http to this server. It writes another host, or says that it is one, or passes on the Fetch
    // Metadata of all but old browsers.
    let is_direct = asked.url().host() == own.url().host() && !request.is_passed_on();
    let has_metadata = request.headers.contains_key("sec-fetch-mode");
    (is_direct && !has_metadata).then_some(HttpSign::NoFetchMetadata)
}

/// Finds the path that browsers see in front of the base path: what the trusted proxy says that it took off, else the
/// configured one.
pub fn public_path(config: &Site, request: RequestHead<'_>) -> Result<String, HostRefused> {
    let forwarded = match config.forwarded_prefix {
        ProxyHeaders::Ignored => None,
        ProxyHeaders::Trusted => {
            forwarded::prefix(request.headers, config.forwarded_fields).map_err(|_| HostRefused::Malformed)?
        }
    };
    Ok(forwarded.unwrap_or(&config.public_path).to_owned())
}

/// Finds the address to count a client's requests by: see `Auth::client_address`.
pub fn client_address(config: &Site, request: RequestHead<'_>) -> Option<IpAddr> {
    let forwarded = match config.proxy_headers {
        ProxyHeaders::Ignored => None,
        // A malformed field identifies no client; the proxy's own address would be that of all clients.
        ProxyHeaders::Trusted => forwarded::client(request.headers, config.forwarded_fields).ok()?,
    };
    let address = forwarded.or_else(|| request.connection?.peer)?;
    Some(match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        // A translator in front of servers with IPv6 alone (RFC 7755) gives every client of IPv4 this prefix (RFC 6052 section 2.1).
        IpAddr::V6(address) if address.segments().starts_with(&[0x64, 0xff9b, 0, 0, 0, 0]) => {
            let [.., a, b, c, d] = address.octets();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) => {
            let network = address.to_bits() & !(u128::MAX >> IPV6_NETWORK_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    })
}

/// Composes an origin of the parts of a request. Only characters of hosts and ports: everything else is checked by
/// the URL standard, which would drop some of them and read a path or a user in others.
fn origin(scheme: Scheme, host: Option<&str>) -> Option<Origin> {
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte);
    let host = host.filter(|host| host.bytes().all(is_host))?;
    let scheme = match scheme {
        Scheme::Https => "https",
        Scheme::Http => "http",
    };
    Origin::parse(&format!("{scheme}://{host}"))
}
