//! Mail into a directory, and to a mail server that we did not write.

mod relay;
mod spool;
