//! What a handshake gets.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The certificate that is served at the moment; none at first, and then handshakes fail.
#[derive(Default)]
pub(crate) struct Served(ArcSwapOption<CertifiedKey>);

impl Served {
    /// From now on every handshake gets this one; what is connected already stays.
    pub(super) fn swap(&self, certified: CertifiedKey) {
        self.0.store(Some(Arc::new(certified)));
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.load_full()
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Served").finish_non_exhaustive()
    }
}
