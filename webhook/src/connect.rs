//! Connections to the API server, as the pod's own `ServiceAccount`.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::USER_AGENT;
use http_body_util::Limited;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use tower::{BoxError, ServiceBuilder};
use tower_http::map_response_body::MapResponseBodyLayer;

use crate::run::Fatal;

/// Where the API server is, and who we are.
pub(crate) fn config() -> Result<Config, Fatal> {
    let mut config = Config::incluster()
        .map_err(|error| format!("this is not a pod with a ServiceAccount: {error}"))?;
    let agent = concat!("bluegreen-webhook/", env!("CARGO_PKG_VERSION"));
    let header = (USER_AGENT, HeaderValue::from_static(agent));
    config.headers.push(header);
    Ok(config)
}

/// Bytes of one answer that a decision reads. With all lookups under way that are allowed at once, and what is
/// made of their answers, that is the memory of the pod: one namespace must not take it from all others.
const LARGEST: usize = 8 * 1024 * 1024;

/// For what a decision reads, each within a deadline of its own.
///
/// kube's own connector leaves Nagle's algorithm on: the first request of a connection then waits
/// until the handshake is acknowledged, 40 ms later. Flips are rare, so most meet a new connection.
pub(crate) fn for_lookups(config: &Config) -> Result<Client, Fatal> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let tls = config.rustls_https_connector_with_connector(tcp)?;
    let connections: legacy::Client<_, Body> =
        legacy::Client::builder(TokioExecutor::new()).build(tls);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .layer(MapResponseBodyLayer::new(|body| {
            Limited::new(body, LARGEST)
        }))
        .map_err(BoxError::from)
        .service(connections);
    Ok(Client::new(service, config.default_namespace.clone()))
}

/// For what is watched and written about the certificate.
pub(crate) fn for_watches(mut config: Config) -> Result<Client, Fatal> {
    // A little longer than a watch, which says something about once a minute.
    config.read_timeout = Some(Duration::from_secs(295));
    Ok(Client::try_from(config)?)
}
