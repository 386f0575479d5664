//! How requests travel.

use std::time::Duration;

use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::retry::RetryPolicy;
use kube::client::{Body, ConfigExt};
use kube::{Client, Config};
use tower::retry::RetryLayer;
use tower::{BoxError, ServiceBuilder};
use tower_http::decompression::DecompressionLayer;

/// Attempts after the first where the server asks to come again (429, 503, 504).
const RETRIES: u32 = 6;
/// Before the first of them; each waits twice as long as the one before, or as the server says.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// No pause is longer, unless the server says so.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The client, with the library's parts put together for short runs.
///
/// What the library would make leaves Nagle's algorithm on: on a second connection, whose TLS
/// session is resumed, the first request is then held back until the server's delayed
/// acknowledgement, 40 ms later. Through a proxy its own client goes, for it builds the tunnel.
pub(super) fn client(mut config: Config) -> kube::Result<Client> {
    if config.proxy_url.is_some() {
        return Client::try_from(config);
    }
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(config.connect_timeout);
    let https = config.rustls_https_connector_with_connector(tcp)?;
    let http: HttpClient<_, Body> = HttpClient::builder(TokioExecutor::new()).build(https);
    let namespace = std::mem::take(&mut config.default_namespace);
    let retries = RetryPolicy::new(FIRST_PAUSE, LONGEST_PAUSE, RETRIES, true)
        .ok()
        .map(RetryLayer::new);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(retries)
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        // An API server packs what is larger than 128 KiB, for whoever says that it can unpack it.
        .layer(DecompressionLayer::new().gzip(!config.disable_compression))
        .map_err(BoxError::from)
        .service(http);
    Ok(Client::new(service, namespace))
}
