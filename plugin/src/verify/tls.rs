//! TLS above a stream, for probes and for addresses that people name.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::engine::Fault;

/// Whether it matters who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Anybody: a pod's certificate names no pod, and the kubelet's probes don't look at it either.
    AsTheKubelet,
    /// Whoever the system's certificate authorities vouch for.
    AsTheSystem,
}

/// Speaks TLS over the stream.
pub(super) async fn over<S>(stream: S, host: &str, trust: Trust) -> Result<TlsStream<S>, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
        .map_err(|_| Fault(format!("{host:?} is no name of a TLS server")))?;
    let config = config(trust).map_err(|error| Fault(format!("can't speak TLS: {error}")))?;
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| Fault(format!("TLS: {error}")))
}

fn config(trust: Trust) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match trust {
        Trust::AsTheKubelet => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider))),
        Trust::AsTheSystem => builder.with_platform_verifier()?,
    };
    Ok(builder.with_no_client_auth())
}

/// Takes every certificate whose key the server holds.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey, generate_simple_self_signed};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio_rustls::TlsAcceptor;

    use super::*;

    /// Answers with one word over TLS, with a certificate that nobody vouches for.
    async fn serve(stream: DuplexStream) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["web.local".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .unwrap();
        if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await {
            stream.write_all(b"hello").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    }

    async fn word(host: &str, trust: Trust) -> Result<String, Fault> {
        let (ours, theirs) = tokio::io::duplex(4096);
        let server = tokio::spawn(serve(theirs));
        let mut word = String::new();
        over(ours, host, trust)
            .await?
            .read_to_string(&mut word)
            .await
            .unwrap();
        server.await.unwrap();
        Ok(word)
    }

    #[tokio::test]
    async fn a_probe_takes_any_certificate_as_the_kubelet_does() {
        for host in ["10.1.0.7", "[fd00::7]", "other.local"] {
            assert_eq!(word(host, Trust::AsTheKubelet).await.unwrap(), "hello");
        }
    }

    #[tokio::test]
    async fn an_address_takes_only_what_the_system_trusts() {
        let fault = word("web.local", Trust::AsTheSystem).await.unwrap_err();
        assert!(fault.0.starts_with("TLS: "), "{fault:?}");
    }

    #[tokio::test]
    async fn what_is_no_name_cannot_be_asked_for() {
        let fault = word("a b", Trust::AsTheKubelet).await.unwrap_err();
        assert!(fault.0.contains("\"a b\""), "{fault:?}");
    }
}
