//! The store on both engines: every scenario runs on SQLite and on PostgreSQL.

mod appending;
mod desk;
