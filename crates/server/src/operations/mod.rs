//! For whoever runs the desk: health, metrics, and the page and calls of its machinery.
//!
//! `metrics` counts requests and renders everything that is measured; `listener` is the operator's own listener, which
//! only this machine reaches unless the settings say otherwise; `api::operations` and `web::operations` are the routes
//! on the site itself.
//!
//! Invariant: no label and no value names a case, a project or a person. Invariant: counts that could tell of a secret
//! case are given to the operator's listener and to who may read them, never to the public.

mod listener;
mod metrics;

pub use listener::observe;
pub(crate) use listener::{checks, live as is_live};
pub use metrics::Metrics;
pub(crate) use metrics::{MEDIA_TYPE, RouteClass, count};
