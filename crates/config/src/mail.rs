//! Mail that leaves: by which server, as whom.

use crate::{SecretFile, declaration::section};

section! {
    /// Mail that leaves. Name a server here, or a directory as `mail-spool`; with neither no mail is sent.
    pub struct Mail in "mail" {
        /// The mail server: `smtps://HOST` (TLS at once), `smtp://HOST` (STARTTLS; nothing is sent without it) or
        /// `smtp://localhost` (on this machine, without TLS).
        server: Option<String>, "smtps://mail.example.org";
        /// The name that the desk signs in with at the server.
        user: Option<String>, "desk@example.org";
        /// A file with the password for it.
        password_file: Option<SecretFile>, "credential:mail-password";
        /// From whom mails come. Without it: `bastide` at the host of the public address.
        from: Option<String>, "Security desk <desk@example.org>";
    }
}
