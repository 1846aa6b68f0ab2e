//! How much may be asked of a desk, and for how long a request may take.

use std::net::IpAddr;

use crate::{Bucket, Whole, declaration::section};

section! {
    /// Limits against floods. A bucket is written `AT-ONCE then PER-HOUR/h`: so many at once, and then so many an hour. What
    /// is counted is what a caller sends, never what the desk holds. A caller is an IPv4 address or a /64 network of IPv6.
    pub struct Limits in "limits" {
        /// Reverse proxies, by address, whose `X-Forwarded-For` says who is calling. Without one, callers that come through a
        /// proxy on this machine cannot be told apart, and only the limits for all of them together bind them.
        trusted_proxies: Vec<IpAddr>, "127.0.0.1", Serve "trusted-proxies";
        /// Pages and documents that one caller reads.
        reading: Bucket = "300 then 18000/h", "300 then 18000/h";
        /// Pages and documents that all callers read.
        reading_of_all: Bucket = "20000 then 36000000/h", "20000 then 36000000/h";
        /// Tries of one caller to sign in or to open a report by its link.
        signing_in: Bucket = "20 then 120/h", "20 then 120/h";
        /// Tries of all callers to sign in or to open a report by its link.
        signing_in_of_all: Bucket = "500 then 18000/h", "500 then 18000/h";
        /// Report forms of one caller that are sent, also to have them checked.
        submitting: Bucket = "30 then 120/h", "30 then 120/h";
        /// Report forms of all callers that are sent, also to have them checked.
        submitting_of_all: Bucket = "500 then 6000/h", "500 then 6000/h";
        /// Drafts of reports that one caller has checked while writing.
        linting: Bucket = "60 then 1800/h", "60 then 1800/h";
        /// Drafts of reports that all callers have checked while writing.
        linting_of_all: Bucket = "600 then 18000/h", "600 then 18000/h";
        /// Everything else of one caller that changes something.
        writing: Bucket = "120 then 3600/h", "120 then 3600/h";
        /// Everything else of all callers that changes something.
        writing_of_all: Bucket = "5000 then 360000/h", "5000 then 360000/h";
        /// Questions of one caller's scanners to the OSV service.
        matching: Bucket = "10000 then 360000/h", "10000 then 360000/h";
        /// Questions of all callers' scanners to the OSV service.
        matching_of_all: Bucket = "100000 then 36000000/h", "100000 then 36000000/h";
        /// Reports that one person, or one caller without account, leaves.
        reports: Bucket = "10 then 20/h", "10 then 20/h";
        /// Reports that all callers leave in one project.
        reports_of_project: Bucket = "100 then 300/h", "100 then 300/h";
        /// Steps, messages and forms of one person or one reporter's link, whatever the address.
        writes_of_person: Bucket = "600 then 7200/h", "600 then 7200/h";
        /// Requests that are worked on at once; more are asked to come back.
        requests_at_once: Whole<1, 100_000> = "256", "256";
        /// Mebibytes of long bodies (over 64 KiB) that are in memory at once; more are asked to come back.
        bodies_at_once: Whole<16, 4000> = "64", "64";
        /// Connections that are open at once.
        connections: Whole<1, 1_000_000> = "2048", "2048";
        /// Connections of one caller that are open at once.
        connections_of_address: Whole<1, 1_000_000> = "64", "64";
        /// Seconds that a client has to send a request's head.
        head_seconds: Whole<1, 3600> = "15", "15";
        /// Seconds that a request may take in all, the arrival of its body included.
        request_seconds: Whole<1, 3600> = "30", "30";
        /// Seconds that a client may leave an answer standing without taking any of it.
        stall_seconds: Whole<1, 3600> = "30", "30";
    }
}
