//! Which addresses are public: the special-purpose registries of IANA (RFC 6890), read strictly.
//!
//! Refused is what the registries do not call globally reachable, what is multicast or reserved, and every way of writing
//! an IPv4 address inside of an IPv6 address, but for NAT64 (RFC 6052), which IPv6-only networks need: there the embedded
//! address decides. Of IPv6 only the part that is given out as global unicast (`2000::/3`) is public at all, so a block that
//! IANA adds outside of it is refused before anybody hears of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses with the name that IANA gives it.
struct Block<A> {
    first: A,
    prefix: u32,
    name: &'static str,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u32, name: &'static str) -> Block<Ipv4Addr> {
    Block { first: Ipv4Addr::new(a, b, c, d), prefix, name }
}

const fn v6(first: [u16; 3], prefix: u32, name: &'static str) -> Block<Ipv6Addr> {
    let [a, b, c] = first;
    Block { first: Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix, name }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>, with multicast. `192.0.0.0/24` holds two anycast
/// addresses that are globally reachable; they belong to routers and are no web hosts.
const V4: [Block<Ipv4Addr>; 16] = [
    v4(0, 0, 0, 0, 8, "this network"),
    v4(10, 0, 0, 0, 8, "private use"),
    v4(100, 64, 0, 0, 10, "shared address space"),
    v4(127, 0, 0, 0, 8, "loopback"),
    v4(169, 254, 0, 0, 16, "link local"),
    v4(172, 16, 0, 0, 12, "private use"),
    v4(192, 0, 0, 0, 24, "IETF protocol assignments"),
    v4(192, 0, 2, 0, 24, "documentation"),
    v4(192, 88, 99, 0, 24, "6to4 relay anycast"),
    v4(192, 168, 0, 0, 16, "private use"),
    v4(198, 18, 0, 0, 15, "benchmarking"),
    v4(198, 51, 100, 0, 24, "documentation"),
    v4(203, 0, 113, 0, 24, "documentation"),
    v4(224, 0, 0, 0, 4, "multicast"),
    v4(255, 255, 255, 255, 32, "limited broadcast"),
    v4(240, 0, 0, 0, 4, "reserved"),
];

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>, as far as it lies within `2000::/3`.
const V6: [Block<Ipv6Addr>; 4] = [
    v6([0x2001, 0, 0], 23, "IETF protocol assignments"),
    v6([0x2001, 0xdb8, 0], 32, "documentation"),
    v6([0x2002, 0, 0], 16, "6to4"),
    v6([0x3fff, 0, 0], 20, "documentation"),
];

const GLOBAL_UNICAST: Block<Ipv6Addr> = v6([0x2000, 0, 0], 3, "global unicast");
const NAT64: Block<Ipv6Addr> = v6([0x64, 0xff9b, 0], 96, "IPv4-IPv6 translation");

/// An address that is not public, with the block that it belongs to. The address itself is not told: it would say how an
/// inner network looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it leads to an address that is not public ({block})")]
pub struct NotPublic {
    /// The name of the block.
    pub block: &'static str,
}

/// Whether everybody on the Internet reaches this address.
pub fn public(address: IpAddr) -> Result<(), NotPublic> {
    match address {
        IpAddr::V4(address) => public_v4(address),
        IpAddr::V6(address) => public_v6(address),
    }
}

fn public_v4(address: Ipv4Addr) -> Result<(), NotPublic> {
    let within = |block: &&Block<Ipv4Addr>| {
        let shift = 32 - block.prefix;
        u32::from(address) >> shift == u32::from(block.first) >> shift
    };
    match V4.iter().find(within) {
        Some(block) => Err(NotPublic { block: block.name }),
        None => Ok(()),
    }
}

fn public_v6(address: Ipv6Addr) -> Result<(), NotPublic> {
    let within = |block: &Block<Ipv6Addr>| {
        let shift = 128 - block.prefix;
        u128::from(address) >> shift == u128::from(block.first) >> shift
    };
    if within(&NAT64) {
        let [.., a, b, c, d] = address.octets();
        return public_v4(Ipv4Addr::new(a, b, c, d));
    }
    if !within(&GLOBAL_UNICAST) {
        return Err(NotPublic { block: "not global unicast" });
    }
    match V6.iter().find(|block| within(block)) {
        Some(block) => Err(NotPublic { block: block.name }),
        None => Ok(()),
    }
}
