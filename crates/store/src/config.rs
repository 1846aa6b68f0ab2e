//! Where the data and the keys are.

use std::path::PathBuf;

/// What a store needs to open.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the database is.
    pub location: Location,
    /// Where the keys are.
    pub keys: KeySource,
    /// The first part of the logs' origins, such as `desk.example.org`; used when the logs' keys are made, kept in
    /// them from then on.
    pub origin: String,
}

/// Where the database is.
#[derive(Clone)]
pub enum Location {
    /// A directory that holds `bastide.db`; made when missing.
    Sqlite {
        /// The directory. Not on a network file system.
        directory: PathBuf,
    },
    /// A PostgreSQL database (13 or newer), the schema of the connection's search path.
    Postgres {
        /// `postgres://user@host/database`; may hold a password, so it is never printed.
        url: String,
    },
}

impl std::fmt::Debug for Location {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.place())
    }
}

impl Location {
    /// The place as errors name it.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Sqlite { directory } => directory.join(DATABASE_FILE).display().to_string(),
            Self::Postgres { .. } => "the PostgreSQL database".to_owned(),
        }
    }
}

/// The database's file name.
pub(crate) const DATABASE_FILE: &str = "bastide.db";
/// The file whose lock says that a process has the directory.
pub(crate) const LOCK_FILE: &str = "bastide.lock";

/// Where the keys are: outside the database, and not in its backups.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A directory with `sealing-key`, `case-log.key` and `public-log.key`, each readable by its owner only. They
    /// are made when the database is new; a database that has data gets new keys by a rotation only ([`rotate`](crate::rotate)).
    Directory(PathBuf),
}
