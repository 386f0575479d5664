//! The ports are ours; nothing is answered yet.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use axum_server::{Handle, Server};
use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;

use crate::app::App;
use crate::args::ServerArgs;

use super::door::Door;
use super::spawned::{Listener, Spawned};
use super::{probes, reviews};

/// Time for the request of a probe: the kubelet waits no longer for its answer.
const PROBE: Duration = Duration::from_secs(2);

/// Listening sockets.
#[derive(Debug)]
pub(crate) struct Bound {
    reviews: TcpListener,
    probes: TcpListener,
    args: ServerArgs,
}

/// A port could not be had, or no server be made of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CannotServe {
    /// Somebody else has it, or the address is not ours.
    #[error("can't listen on {address}: {source} (another address: {flag})")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why not.
        source: Error,
        /// The flag that sets it.
        flag: &'static str,
    },
    /// The socket could not be handed to the runtime.
    #[error("can't serve: {0}")]
    Socket(#[from] Error),
    /// The TLS library has no common ground with our settings.
    #[error("can't serve TLS: {0}")]
    Tls(#[from] rustls::Error),
}

impl Bound {
    /// Takes both ports.
    pub(crate) fn bind(args: &ServerArgs) -> Result<Self, CannotServe> {
        Ok(Self {
            reviews: bind(args.listen, "--listen")?,
            probes: bind(args.listen_probes, "--listen-probes")?,
            args: args.clone(),
        })
    }

    /// Starts answering, with the certificate that the resolver holds at the time.
    pub(crate) fn spawn(
        self,
        app: &Arc<App>,
        certificates: Arc<dyn ResolvesServerCert>,
    ) -> Result<Spawned, CannotServe> {
        let args = &self.args;
        let tls = RustlsConfig::from_config(Arc::new(tls(certificates)?));
        let acceptor = RustlsAcceptor::new(tls)
            .handshake_timeout(args.handshake_timeout)
            .acceptor(Door::of_reviews(args, app));
        let handle = Handle::new();
        let serving = server(self.reviews, args, args.first_request_timeout, &handle)?
            .acceptor(acceptor)
            .serve(reviews::router(app.clone()).into_make_service());
        let reviews = Listener::new(handle, serving);

        let handle = Handle::new();
        let first = args.first_request_timeout.min(PROBE);
        let serving = server(self.probes, args, first, &handle)?
            .acceptor(Door::of_probes(args, app))
            .serve(probes::router(app.clone()).into_make_service());
        let probes = Listener::new(handle, serving);
        Ok(Spawned::new(reviews, probes, app.phase.clone(), args))
    }
}

fn server(
    listener: TcpListener,
    args: &ServerArgs,
    first_request_timeout: Duration,
    handle: &Handle<SocketAddr>,
) -> Result<Server<SocketAddr>, Error> {
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle.clone())
        .http1_only()
        .first_request_timeout(first_request_timeout);
    // hyper knows one timeout for a header that is slow to come and for one that never comes, so
    // this is also the time that a connection may be idle.
    server
        .http_builder()
        .http1()
        .header_read_timeout(args.idle_timeout);
    Ok(server)
}

/// HTTP/1.1 alone: the API server speaks nothing else to a Service, and what is not spoken can't be abused.
fn tls(certificates: Arc<dyn ResolvesServerCert>) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, CannotServe> {
    TcpListener::bind(address)
        .or_else(|error| match error.kind() {
            ErrorKind::AddrInUse | ErrorKind::PermissionDenied => Err(error),
            // A machine without IPv6 has no `[::]`.
            _ if address.is_ipv6() && address.ip().is_unspecified() => {
                TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port()))
            }
            _ => Err(error),
        })
        .map_err(|source| CannotServe::Bind {
            address,
            source,
            flag,
        })
}
