//! Where a request may go: read from its address before anything is resolved.

use std::{collections::BTreeSet, fmt, str::FromStr};

use url::{Host, Url};

use crate::{Refused, address::public};

/// A scheme, a host and a port: `https://login.example.org`, `http://localhost:8080`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is a scheme, a host and perhaps a port, such as `https://login.example.org`")]
pub struct OriginError;

impl Origin {
    /// The origin that this address belongs to; none for what is no web address.
    pub fn of(address: &Url) -> Option<Self> {
        let web = matches!(address.scheme(), "http" | "https") && address.host().is_some();
        web.then(|| Self(address.origin().ascii_serialization()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Reads an origin, or takes it from an address of it, such as an issuer's.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let address = Url::parse(text).map_err(|_| OriginError)?;
        let plain = address.username().is_empty() && address.password().is_none();
        Self::of(&address).filter(|_| plain).ok_or(OriginError)
    }
}

/// Where a request goes, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The address.
    pub(crate) address: Url,
    /// Its origin.
    pub(crate) origin: Origin,
    /// Whether the operator named the origin, so that its addresses need not be public.
    pub(crate) named: bool,
}

impl Destination {
    /// Looks at an address. `named` are the origins that may be reached as they are.
    pub fn of(text: &str, named: &BTreeSet<Origin>) -> Result<Self, Refused> {
        // The parser mends these the way browsers do; whoever else reads the text may see another host.
        if text.contains(|symbol: char| symbol == '\\' || symbol.is_control() || symbol.is_whitespace()) {
            return Err(Refused::NotAnAddress);
        }
        let address = Url::parse(text).map_err(|_| Refused::NotAnAddress)?;
        let origin = Origin::of(&address).ok_or(Refused::NotAnAddress)?;
        if !address.username().is_empty() || address.password().is_some() {
            return Err(Refused::Credentials);
        }
        let named = named.contains(&origin);
        if !named {
            if address.scheme() != "https" || address.port_or_known_default() != Some(443) {
                return Err(Refused::NotHttps);
            }
            // The resolver is asked about names only; an address that is written out is looked at here. The parser has
            // read every spelling (decimal, octal, hexadecimal, fullwidth digits, fewer than four parts) into one.
            match address.host() {
                Some(Host::Ipv4(host)) => public(host.into())?,
                Some(Host::Ipv6(host)) => public(host.into())?,
                Some(Host::Domain(_)) => {}
                None => return Err(Refused::NotAnAddress),
            }
        }
        Ok(Self { address, origin, named })
    }
}
