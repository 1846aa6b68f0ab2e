//! The server through its own service, in process: requests in, answers out, on a real store.

mod api;
mod site;
