//! Whether a bundle vouches for a certificate, asked of the code that a TLS client asks.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};

use super::identity::Identity;
use super::names::Names;

/// The certificates of a PEM bundle, as far as they can be read.
pub(super) fn certificates(bundle: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(bundle.as_bytes())
        .filter_map(Result::ok)
        .collect()
}

/// Whether a client that trusts this bundle would accept the identity at that time.
pub(super) fn vouches(bundle: &str, identity: &Identity, names: &Names, at: Timestamp) -> bool {
    identity.certified().is_ok() && verify(bundle, identity, names, unix(at)).is_ok()
}

/// From when to when the identity's certificate holds; `None` if the bundle does not vouch for it.
pub(super) fn validity(
    bundle: &str,
    identity: &Identity,
    names: &Names,
) -> Option<(Timestamp, Timestamp)> {
    // Whoever asks about the beginning or the end of time is told the certificate's own.
    let long_ago = UnixTime::since_unix_epoch(std::time::Duration::ZERO);
    let some_day =
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::from(u32::MAX) * 4));
    let before = match verify(bundle, identity, names, long_ago) {
        Err(Error::InvalidCertificate(CertificateError::NotValidYetContext {
            not_before, ..
        })) => timestamp(not_before)?,
        _ => return None,
    };
    let after = match verify(bundle, identity, names, some_day) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            timestamp(not_after)?
        }
        _ => return None,
    };
    verify(bundle, identity, names, unix(before)).ok()?;
    Some((before, after))
}

fn verify(bundle: &str, identity: &Identity, names: &Names, at: UnixTime) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(bundle));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    let leaf = identity
        .leaf()
        .map_err(|error| Error::General(error.to_string()))?;
    verifier
        .verify_server_cert(&leaf, &[], &names.called, &[], at)
        .map(|_| ())
}

fn unix(at: Timestamp) -> UnixTime {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

fn timestamp(time: UnixTime) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(time.as_secs()).ok()?).ok()
}
