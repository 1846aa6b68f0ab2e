//! From a name to addresses: asked once for each connection.

use std::{fmt::Debug, io, net::IpAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Answering, address::public};

/// Something that knows the addresses of names.
pub trait Names: Send + Sync + Debug {
    /// The addresses of a name, in the order in which they are tried.
    fn lookup(&self, name: String) -> Answering<'static, io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn lookup(&self, name: String) -> Answering<'static, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The resolver of a client: what it gives is what the client connects to. With `guarded` a name that has a single address
/// which is not public is refused.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) guarded: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, guarded) = (Arc::clone(&self.names), self.guarded);
        Box::pin(async move {
            let found = names.lookup(name.as_str().to_owned()).await?;
            if guarded {
                found.iter().try_for_each(|address| public(*address))?;
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| (address, 0).into()));
            Ok(addresses)
        })
    }
}
