//! A certificate with its key.

use std::fmt;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

/// Both in PEM, as they are kept in the Secret.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The certificate that is served.
    pub(super) certificate: String,
    /// Its key.
    pub(super) key: String,
}

/// Somebody else has written into the Secret, or only half of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("no certificate in PEM: {0}")]
    Pem(#[from] pem::Error),
    #[error("certificate and key don't belong together: {0}")]
    Tls(#[from] rustls::Error),
}

impl Identity {
    /// The certificate itself.
    pub(super) fn leaf(&self) -> Result<CertificateDer<'static>, Unusable> {
        Ok(CertificateDer::from_pem_slice(self.certificate.as_bytes())?)
    }

    /// What a handshake needs.
    pub(super) fn certified(&self) -> Result<CertifiedKey, Unusable> {
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes())?;
        let key = rustls::crypto::ring::sign::any_supported_type(&key)?;
        let certified = CertifiedKey::new(vec![self.leaf()?], key);
        certified.keys_match()?;
        Ok(certified)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Identity")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}
