//! Every block of IANA's registries, in every spelling that reaches an address.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use bastide_connect_web::{Destination, Origin, public};
use proptest::prelude::*;

const V4: &str = include_str!("../data/iana-ipv4-special-registry.csv");
const V6: &str = include_str!("../data/iana-ipv6-special-registry.csv");

/// Blocks that the registries call globally reachable and that hold no host of anybody: routers' anycast addresses
/// within the blocks of the IETF. The guard refuses them with the block around them.
const ROUTERS: [&str; 9] = [
    "192.0.0.9/32",
    "192.0.0.10/32",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:1::3/128",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:20::/28",
    "2001:30::/28",
];

/// The blocks of a registry: first and last address, and whether it is globally reachable.
fn blocks(registry: &str) -> Vec<(String, IpAddr, IpAddr, bool)> {
    let mut blocks = Vec::new();
    for line in registry.lines().skip(1) {
        // The first column is the only one whose quotes matter here; the one but last says what we ask.
        let names =
            line.strip_prefix('"').map_or_else(|| line.split(',').next(), |rest| rest.split('"').next());
        let reachable = line.rsplit(',').nth(1).unwrap() == "True";
        for block in names.unwrap().split(", ") {
            let block = block.split_whitespace().next().unwrap();
            let (first, prefix) = block.split_once('/').unwrap();
            let prefix: u32 = prefix.parse().unwrap();
            let first: IpAddr = first.parse().unwrap();
            let last = match first {
                IpAddr::V4(first) => {
                    let rest = u32::MAX.checked_shr(prefix).unwrap_or(0);
                    IpAddr::V4(Ipv4Addr::from(u32::from(first) | rest))
                }
                IpAddr::V6(first) => {
                    let rest = u128::MAX.checked_shr(prefix).unwrap_or(0);
                    IpAddr::V6(Ipv6Addr::from(u128::from(first) | rest))
                }
            };
            blocks.push((block.to_owned(), first, last, reachable));
        }
    }
    blocks
}

/// First, last and some in between.
fn samples(first: IpAddr, last: IpAddr) -> Vec<IpAddr> {
    match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => {
            let (first, last) = (u32::from(first), u32::from(last));
            let step = ((last - first) / 7).max(1);
            let between = (first..=last).step_by(step as usize);
            between.chain([last]).map(|bits| IpAddr::V4(Ipv4Addr::from(bits))).collect()
        }
        (IpAddr::V6(first), IpAddr::V6(last)) => {
            let (first, last) = (u128::from(first), u128::from(last));
            let seventh = (last - first) / 7;
            let between = (0..=7).map(|part| first + seventh * part);
            between.chain([last]).map(|bits| IpAddr::V6(Ipv6Addr::from(bits))).collect()
        }
        _ => unreachable!("a block has one kind of address"),
    }
}

/// The ways of writing an IPv4 address that some program or other reads as one.
fn spellings(address: Ipv4Addr) -> Vec<String> {
    let [a, b, c, d] = address.octets();
    let bits = u32::from(address);
    let dotted = address.to_string();
    let fullwidth: String = dotted
        .chars()
        .map(|symbol| symbol.to_digit(10).map_or(symbol, |digit| char::from_u32(0xff10 + digit).unwrap()))
        .collect();
    let circled = |digit: char| match digit {
        '0' => '⓪',
        '1'..='9' => char::from_u32('①' as u32 + digit.to_digit(10).unwrap() - 1).unwrap(),
        other => other,
    };
    let percent: String = dotted
        .chars()
        .map(|symbol| if symbol == '.' { ".".into() } else { format!("%{:02x}", symbol as u32) })
        .collect();
    vec![
        format!("{bits}"),
        format!("0x{bits:x}"),
        format!("0X{bits:X}"),
        format!("0{bits:o}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("000{a:o}.{b}.0x{c:x}.{d}"),
        format!("{a}.{b}.{}", u32::from(c) * 256 + u32::from(d)),
        format!("{a}.{}", bits & 0x00ff_ffff),
        format!("{dotted}."),
        dotted.replace('.', "。"),
        dotted.replace('.', "．"),
        dotted.chars().map(circled).collect(),
        fullwidth,
        percent,
        // Within IPv6: mapped, compatible, translated (well known, local), 6to4, Teredo, ISATAP.
        format!("[::ffff:{dotted}]"),
        format!("[::ffff:0:{dotted}]"),
        format!("[::{dotted}]"),
        format!("[64:ff9b::{dotted}]"),
        format!("[64:ff9b:1::{dotted}]"),
        format!("[2002:{a:02x}{b:02x}:{c:02x}{d:02x}::1]"),
        format!("[2001:0:4136:e378:8000:63bf:{:04x}:{:04x}]", !(bits >> 16) & 0xffff, !bits & 0xffff),
        format!("[fe80::5efe:{dotted}]"),
        dotted,
    ]
}

fn refused(host: &str) -> bool {
    Destination::of(&format!("https://{host}/path"), &BTreeSet::new()).is_err()
}

#[test]
fn every_block_that_is_not_globally_reachable_is_refused_in_every_spelling() {
    let mut tried = 0;
    for (block, first, last, reachable) in blocks(V4) {
        for address in samples(first, last) {
            let IpAddr::V4(v4) = address else { unreachable!("the registry of IPv4") };
            let inside_other = !reachable || ROUTERS.contains(&block.as_str());
            assert_eq!(public(address).is_err(), inside_other, "{block}: {address}");
            if inside_other {
                for spelling in spellings(v4) {
                    assert!(refused(&spelling), "{block}: {spelling}");
                    tried += 1;
                }
            }
        }
    }
    // Multicast has a registry of its own.
    for address in samples("224.0.0.0".parse().unwrap(), "239.255.255.255".parse().unwrap()) {
        let IpAddr::V4(v4) = address else { unreachable!("multicast of IPv4") };
        for spelling in spellings(v4) {
            assert!(refused(&spelling), "{spelling}");
            tried += 1;
        }
    }
    for (block, first, last, reachable) in blocks(V6) {
        if block == "64:ff9b::/96" {
            continue; // The embedded address decides; see below.
        }
        for address in samples(first, last) {
            let expected = !reachable || ROUTERS.contains(&block.as_str());
            assert_eq!(public(address).is_err(), expected, "{block}: {address}");
            assert_eq!(refused(&format!("[{address}]")), expected, "{block}: {address}");
            tried += 1;
        }
    }
    for outside in ["ff02::1", "ff0e::1", "fec0::1", "4000::1", "9000::1", "e000::1", "1::", "::2"] {
        assert!(refused(&format!("[{outside}]")), "{outside}");
        tried += 1;
    }
    println!("{tried} spellings of addresses that are not public: all refused");
    assert!(tried > 4000, "{tried}");
}

#[test]
fn the_world_beside_the_blocks_is_reached() {
    for address in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "140.82.121.4",
    ] {
        assert!(!refused(address), "{address}");
        assert!(!refused(&format!("[64:ff9b::{address}]")), "NAT64 of {address}");
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(public(address), Ok(()), "{address}");
    }
    for address in [
        "2000::",
        "2001:200::",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00::1",
        "3ffe::",
        "3fff:1000::",
    ] {
        assert!(!refused(&format!("[{address}]")), "{address}");
    }
}

#[test]
fn only_https_on_port_443_without_credentials_is_spoken() {
    let nobody = BTreeSet::new();
    for hostile in [
        "http://example.org/",
        "https://example.org:8443/",
        "https://example.org:80/",
        "https://a@example.org/",
        "https://a:b@example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "//example.org",
        "example.org",
        "",
        "https://",
        "https:///",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://exa mple.org/",
        "https://1.2.3.4.5/",
        "https://256.1.1.1/",
        "https://0x1ffffffff/",
        "https://a<b/",
        "data:text/plain,x",
        "unix:/run/x",
        "https://example.org\\@127.0.0.1:99/",
    ] {
        assert!(Destination::of(hostile, &nobody).is_err(), "{hostile}");
    }
    for good in ["https://example.org", "https://example.org:443/a?b#c", "https://bücher.example/"] {
        assert!(Destination::of(good, &nobody).is_ok(), "{good}");
    }
}

#[test]
fn a_named_origin_is_reached_as_it_is_and_nothing_beside_it() {
    let named: BTreeSet<Origin> = ["https://login.inner.example:8443".parse().unwrap()].into();
    assert!(Destination::of("https://login.inner.example:8443/token", &named).is_ok());
    for beside in [
        "http://login.inner.example:8443/",
        "https://login.inner.example:8444/",
        "https://127.0.0.1/",
        "https://x.login.inner.example:8443/",
        "https://login.inner.example:8443@127.0.0.1/",
    ] {
        assert!(Destination::of(beside, &named).is_err(), "{beside}");
    }
}

proptest! {
    /// Whatever is written: where the parser sees an address, it is a public one.
    #[test]
    fn no_text_leads_to_an_address_that_is_not_public(text in "(https://)?[0-9a-fx.:\\[\\]%@/。①０]{1,40}") {
        for text in [text.clone(), format!("https://{text}/")] {
            if Destination::of(&text, &BTreeSet::new()).is_ok() {
                let address = url::Url::parse(&text).unwrap();
                match address.host() {
                    Some(url::Host::Ipv4(host)) => prop_assert!(public(host.into()).is_ok(), "{}", text),
                    Some(url::Host::Ipv6(host)) => prop_assert!(public(host.into()).is_ok(), "{}", text),
                    _ => {}
                }
            }
        }
    }
}
