//! Backups: where they go, who can read them, how often and how many.

use std::path::PathBuf;

use crate::{Whole, declaration::section};

section! {
    /// Encrypted backups of the database, without the keys, written while the desk runs.
    pub struct Backup in "backup" {
        /// The directory for backups, best on another disk. With it the running desk writes them by itself; without it
        /// there are none.
        directory: Option<PathBuf>, "/backup/bastide";
        /// The public age keys (`age-keygen -y`) that backups are encrypted to; each of them can read all of it. Keep their
        /// secret keys on another machine.
        recipients: Vec<String>, "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
        /// How often the running desk writes one, in hours.
        every_hours: Whole<1, 8760> = "24", "6";
        /// How many backups are kept; older ones are removed. They still hold what was erased in the desk since.
        keep: Whole<1, 10_000> = "14", "30";
    }
}
