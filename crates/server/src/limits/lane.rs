//! Where a request comes from and which lane it takes: read from address, method and path, nothing else.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, Method};

/// Who counts as one caller: an IPv4 address, or a /64 network of IPv6, which is what one customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(u128);

impl Network {
    /// The network of an address. An IPv4 address that is written as IPv6 is that IPv4 address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u128::from(address.to_ipv6_mapped())),
            IpAddr::V6(address) => Self(u128::from(address) >> 64 << 64),
        }
    }
}

/// The kinds of requests that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Reading,
    SigningIn,
    Submitting,
    Linting,
    Writing,
    Matching,
}

/// The lane of a request.
pub(crate) fn kind(method: &Method, path: &str) -> Kind {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    // A provider sends a browser back by a link: it is read like a page and asks as much of us as a form that signs in.
    if let ["sign-in", "return", ..] = segments.as_slice() {
        return Kind::SigningIn;
    }
    if is_osv(path) {
        return Kind::Matching;
    }
    if !crate::layers::changes(method) {
        return Kind::Reading;
    }
    match segments.as_slice() {
        ["sign-in", ..] | ["status"] | ["reports", "account" | "ask"] | ["reports", "enter", ..] => {
            Kind::SigningIn
        }
        ["status", "report" | "forget" | "steps" | "keep", ..] => Kind::Writing,
        ["status", _] => Kind::SigningIn,
        ["projects", _, "report"] | ["report", "unsure"] | ["api", "v1", "projects", _, "reports"] => {
            Kind::Submitting
        }
        ["projects", _, "report", "check"] | ["api", "v1", "projects", _, "lint"] => Kind::Linting,
        _ => Kind::Writing,
    }
}

/// Whether this is the OSV service: a scanner asks it once or more for each package of an environment, and changes nothing.
pub(crate) fn is_osv(path: &str) -> bool {
    let path = path.strip_prefix("/v1").unwrap_or(path);
    matches!(path, "/query" | "/querybatch") || path.starts_with("/vulns/")
}

/// The address that a request comes from: the peer's, unless that is a trusted proxy; then the last address of
/// `X-Forwarded-For` that is none. A header that does not read ends the search where it is: what stands to its left could
/// be anybody's invention.
pub(crate) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let peer = peer.to_canonical();
    let mut address = peer;
    if !trusted.contains(&peer) {
        return peer;
    }
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|line| line.to_str().unwrap_or_default()).collect();
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(hop) = read(hop.trim()) else { return address };
        address = hop.to_canonical();
        if !trusted.contains(&address) {
            return address;
        }
    }
    address
}

/// An address as proxies write it: bare, in brackets, with a port or without.
fn read(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse().ok().map(|with_port: std::net::SocketAddr| with_port.ip()))
}

/// Whether callers behind this address cannot be told apart: the machine itself, with no proxy that is trusted to say who
/// they are.
pub(crate) fn is_crowd(address: IpAddr, trusted: &[IpAddr]) -> bool {
    let loopback = match address {
        IpAddr::V4(address) => address.is_loopback() || address == Ipv4Addr::UNSPECIFIED,
        IpAddr::V6(address) => address.is_loopback() || address == Ipv6Addr::UNSPECIFIED,
    };
    loopback && !trusted.iter().any(IpAddr::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_is_calling() {
        let forged = ["192.0.2.66, 198.51.100.7"];
        assert_eq!(from("203.0.113.9", &forged, &[]), "203.0.113.9");
        assert_eq!(from("127.0.0.1", &forged, &[]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &forged, &["127.0.0.1"]), "198.51.100.7", "the last hop, not the first");
        assert_eq!(from("::ffff:127.0.0.1", &forged, &["127.0.0.1"]), "198.51.100.7");
        let two = ["127.0.0.1", "10.0.0.5"];
        assert_eq!(from("127.0.0.1", &["192.0.2.1, 10.0.0.5"], &two), "192.0.2.1", "a proxy behind a proxy");
        assert_eq!(from("127.0.0.1", &["192.0.2.1", "10.0.0.5"], &two), "192.0.2.1", "in two lines");
        assert_eq!(from("127.0.0.1", &[], &two), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &["192.0.2.1, not an address"], &two), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &["[2001:db8::1]:4711"], &two), "2001:db8::1");
        assert_eq!(from("127.0.0.1", &["192.0.2.1:80"], &two), "192.0.2.1");
    }

    #[test]
    fn a_caller_is_an_address_or_a_network_of_sixty_four_bits() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }

    #[test]
    fn requests_are_counted_by_what_they_ask_for() {
        let post = |path| kind(&Method::POST, path);
        assert_eq!(kind(&Method::GET, "/sign-in/x"), Kind::Reading);
        assert_eq!(kind(&Method::HEAD, "/"), Kind::Reading);
        assert_eq!(kind(&Method::GET, "/sign-in/return/github"), Kind::SigningIn);
        for path in
            ["/sign-in", "/sign-in/abc", "/status", "/status/abc", "/reports/ask", "/reports/enter/abc"]
        {
            assert_eq!(post(path), Kind::SigningIn, "{path}");
        }
        for path in ["/status/forget", "/status/report", "/status/steps/message", "/cases/x/steps/take", "/"]
        {
            assert_eq!(post(path), Kind::Writing, "{path}");
        }
        for path in ["/projects/a/report", "/report/unsure", "/api/v1/projects/a/reports"] {
            assert_eq!(post(path), Kind::Submitting, "{path}");
        }
        for path in ["/projects/a/report/check", "/api/v1/projects/a/lint"] {
            assert_eq!(post(path), Kind::Linting, "{path}");
        }
    }

    #[test]
    fn the_machine_itself_is_a_crowd_until_its_proxy_is_trusted() {
        let loopback: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(is_crowd(loopback, &[]));
        assert!(!is_crowd(loopback, &[loopback]));
        assert!(!is_crowd("192.0.2.1".parse().unwrap(), &[]));
    }
}
