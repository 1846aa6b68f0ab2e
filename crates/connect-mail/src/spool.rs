//! A directory of mails, for a mail transfer agent to pick up or a person to read.

use std::{io, path::PathBuf};

use crate::{Mail, MailError, MailSink, Sender, Sending, document::document};

/// Writes every mail into a directory as an `.eml` file. Looked at while a mail of some kilobytes is written, the file system is
/// as quick as memory, so nothing here waits apart.
#[derive(Debug, Clone)]
pub struct Spool {
    directory: PathBuf,
    sender: Sender,
}

impl Spool {
    /// A spool in this directory; made when missing.
    pub fn new(directory: PathBuf, sender: Sender) -> Self {
        Self { directory, sender }
    }

    fn write(&self, mail: &Mail) -> Result<(), MailError> {
        let bytes = document(mail, &self.sender)?.formatted();
        let failed = |error: io::Error| MailError::Spool { reason: error.kind().to_string() };
        std::fs::create_dir_all(&self.directory).map_err(failed)?;
        // Written beside and renamed, so that nobody picks up half a mail; the same id is the same file.
        let path = self.directory.join(format!("{}.eml", mail.id));
        let partial = self.directory.join(format!(".{}.part", mail.id));
        std::fs::write(&partial, bytes).map_err(failed)?;
        std::fs::rename(&partial, &path).map_err(failed)
    }
}

impl MailSink for Spool {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        let written = self.write(mail);
        Box::pin(async move { written })
    }
}
