//! What stands before all sections: where the data lie, what the desk is called, where it listens.

use std::{net::SocketAddr, path::PathBuf};

use crate::{DatabaseUrl, PublicUrl, SecretFile, declaration::section};

section! {
    /// The desk: where its data lie, what it is called, where people reach it.
    pub struct Desk in "" {
        /// The directory with the desk's data, not on a network file system. Without it: `bastide` under
        /// `$XDG_DATA_HOME`, or `~/.local/share`.
        data: Option<PathBuf>, "/var/lib/bastide", Everywhere "data";
        /// The directory with the keys; `keys` in the data directory without it. Keep it out of the database's backups.
        keys: Option<PathBuf>, "/etc/bastide/keys", Everywhere "keys";
        /// A PostgreSQL database, in place of SQLite in the data directory. Without a password; that stands in a file.
        database: Option<DatabaseUrl>, "postgres://bastide@localhost/bastide", Everywhere "database";
        /// A file with the password of the PostgreSQL database.
        database_password_file: Option<SecretFile>, "credential:database-password";
        /// The data directory that `bastide sync --data` fills with advisories, for the OSV service. Without it: the desk's own.
        advisories: Option<PathBuf>, "/var/lib/bastide", Serve "advisories";
        /// The programme's name as people read it.
        programme: String = "Security desk", "Example programme", Everywhere "programme";
        /// The address under which people reach the desk. Name it from the very first start on: its host becomes the
        /// name of the logs and stands in every proof.
        public_url: Option<PublicUrl>, "https://desk.example.org", Everywhere "public-url";
        /// Where it listens. Without it: on this machine only, at the port of a public address `http://localhost:PORT`,
        /// at 8080 otherwise.
        listen: Option<SocketAddr>, "127.0.0.1:8080", Serve "listen";
        /// A directory into which mail is written, one `.eml` file each, for a mail transfer agent to pick up; in
        /// place of a mail server (section `mail`).
        mail_spool: Option<PathBuf>, "/var/spool/bastide", Serve "mail-spool";
    }
}

impl Desk {
    /// Where it listens, told or not.
    pub fn listens(&self) -> SocketAddr {
        let own = self.public_url.as_ref().and_then(PublicUrl::own_port);
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], own.unwrap_or(8080))))
    }

    /// The PostgreSQL database's address with its password, if there is one; never print it.
    pub fn database_with_password(&self) -> Result<Option<zeroize::Zeroizing<String>>, crate::SecretError> {
        let Some(database) = &self.database else { return Ok(None) };
        let password = self.database_password_file.as_ref().map(SecretFile::read).transpose()?;
        Ok(Some(database.with_password(password.as_ref().map(|text| text.as_str()))))
    }
}
