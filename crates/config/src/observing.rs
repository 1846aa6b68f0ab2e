//! What the desk tells about itself: metrics, and from when on it says that it is not ready.

use std::net::SocketAddr;

use crate::{Whole, declaration::section};

section! {
    /// Counts and health for a monitoring system, without a word of a case.
    pub struct Metrics in "metrics" {
        /// Where `/metrics`, `/health/live` and `/health/ready` are answered without a sign-in. Counts can tell a careful
        /// reader of a secret case: keep it on a loopback address, or on a network that only the monitoring reaches.
        /// Without it they are on the site only, `/metrics` for a service account's token.
        listen: Option<SocketAddr>, "127.0.0.1:9464", Serve "metrics-listen";
    }
}

section! {
    /// From when on the desk says that it is not ready (`/health/ready`).
    pub struct Health in "health" {
        /// How long a message may wait in the outbox after it was due, in minutes.
        outbox_minutes: Whole<1, 10_080> = "60", "30";
        /// How much room has to be left where the database lies, in MiB.
        disk_free_mib: Whole<1, 1_000_000> = "256", "1024";
    }
}
