//! From flags and kubeconfig to a client.

use std::path::Path;

use http::header::{HeaderValue, USER_AGENT};
use k8s_openapi::ByteString;
use kube::config::{AuthInfo, Cluster as ClusterEntry};
use kube::{Client, Config};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;

use crate::failure::Failure;
use crate::flags::{Connection, checked};

use super::address::{address, shown};
use super::kubeconfig::{self, Chosen};
use super::translate::root_of;
use super::{Cluster, Place, proxy, transport};

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("kubectl-bluegreen/", env!("CARGO_PKG_VERSION")));

#[expect(
    clippy::unused_async,
    reason = "a client can only be made where a runtime is, which a future sees to"
)]
pub(super) async fn connect(flags: &Connection) -> Result<Cluster, Failure> {
    // Ring is the only provider that is compiled in; a second call has nothing to change.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (mut config, source) = match kubeconfig::read(flags)? {
        Some(chosen) => from_kubeconfig(chosen, flags)?,
        None => without_kubeconfig(flags)?,
    };
    apply_user_flags(&mut config.auth_info, flags);
    if let Some(token) = &config.auth_info.token {
        // The library takes it for granted that it fits into a header.
        checked::token(token.expose_secret()).map_err(|why| {
            Failure::could_not(format!("can't use the token of the {source}: {why}"))
        })?;
    }
    config.headers.push((USER_AGENT, AGENT));
    let namespace = flags
        .namespace
        .clone()
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or_else(|| config.default_namespace.clone());
    let place = Place {
        server: shown(&config.cluster_url.to_string())
            .trim_end_matches('/')
            .to_owned(),
        source,
    };
    let client = client(config, &place)?;
    Ok(Cluster {
        client,
        namespace,
        place,
        timeout: flags.request_timeout.limit(),
    })
}

/// Exec plugins run here, which may take a while and ask the user something.
fn client(config: Config, place: &Place) -> Result<Client, Failure> {
    transport::client(config).map_err(|error| {
        Failure::could_not(format!(
            "can't prepare the connection to {place}: {}",
            root_of(&error)
        ))
    })
}

fn from_kubeconfig(chosen: Chosen, flags: &Connection) -> Result<(Config, String), Failure> {
    let Chosen {
        cluster,
        user,
        namespace,
        source,
    } = chosen;
    let root_cert = match &flags.certificate_authority {
        Some(path) => Some(certificates(
            &read_file(path)?,
            &path.display().to_string(),
        )?),
        None => authority(&cluster, &source)?,
    };
    let insecure = flags
        .insecure_skip_tls_verify
        .or(cluster.insecure_skip_tls_verify)
        .unwrap_or(false);
    let secure = root_cert.is_some() || insecure || has_client_certificate(&user);
    let (server, source) = match &flags.server {
        Some(server) => (server.clone(), "--server".to_owned()),
        None => (
            cluster.server.clone().ok_or_else(|| {
                Failure::could_not(format!("the {source} names no server"))
                    .hint("kubectl config set-cluster NAME --server=URL")
            })?,
            source,
        ),
    };
    let mut config = Config::new(address(&server, secure)?);
    config.proxy_url = proxy::choose(&config.cluster_url, cluster.proxy_url.as_deref(), |name| {
        std::env::var(name).ok()
    })
    .map(|proxy| {
        proxy.parse().map_err(|error| {
            Failure::could_not(format!("can't use the proxy {:?}: {error}", shown(&proxy)))
                .hint("check HTTPS_PROXY and the kubeconfig's proxy-url")
        })
    })
    .transpose()?;
    config.root_cert = root_cert;
    config.accept_invalid_certs = insecure;
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.tls_server_name = flags
        .tls_server_name
        .clone()
        .or(cluster.tls_server_name)
        .filter(|name| !name.is_empty());
    config.auth_info = user;
    if let Some(namespace) = namespace.filter(|namespace| !namespace.is_empty()) {
        config.default_namespace = namespace;
    }
    Ok((config, source))
}

/// A pod's own service account, or the flags alone.
fn without_kubeconfig(flags: &Connection) -> Result<(Config, String), Failure> {
    if flags.server.is_some() {
        let chosen = Chosen {
            cluster: ClusterEntry::default(),
            user: AuthInfo::default(),
            namespace: None,
            source: "--server".to_owned(),
        };
        return from_kubeconfig(chosen, flags);
    }
    Config::incluster()
        .map(|config| (config, "this pod's service account".to_owned()))
        .map_err(|_| match &flags.kubeconfig {
            Some(path) => Failure::could_not(format!(
                "the kubeconfig {} names no cluster",
                path.display()
            ))
            .hint("name another file with --kubeconfig"),
            None => Failure::could_not(
                "no kubeconfig: neither KUBECONFIG nor ~/.kube/config names a cluster",
            )
            .hint("name a file with --kubeconfig, or set KUBECONFIG"),
        })
}

fn apply_user_flags(user: &mut AuthInfo, flags: &Connection) {
    if let Some(token) = &flags.token {
        // As in kubectl, a token given by hand takes the place of whatever else would make one.
        user.token = Some(token.clone().into());
        user.token_file = None;
        user.exec = None;
        user.auth_provider = None;
        user.username = None;
        user.password = None;
    }
    if let Some(name) = &flags.impersonate {
        user.impersonate = Some(name.clone());
    }
    if !flags.impersonate_groups.is_empty() {
        user.impersonate_groups = Some(flags.impersonate_groups.clone());
    }
    if let Some(uid) = &flags.impersonate_uid {
        user.impersonate_uid = Some(uid.clone());
    }
}

fn has_client_certificate(user: &AuthInfo) -> bool {
    user.client_certificate.is_some() || user.client_certificate_data.is_some()
}

fn authority(cluster: &ClusterEntry, source: &str) -> Result<Option<Vec<Vec<u8>>>, Failure> {
    if let Some(data) = &cluster.certificate_authority_data {
        let pem: ByteString = serde_json::from_value(serde_json::Value::from(data.as_str()))
            .map_err(|error| {
                Failure::could_not(format!(
                    "can't read certificate-authority-data of the {source}: {error}"
                ))
            })?;
        return certificates(&pem.0, "certificate-authority-data").map(Some);
    }
    match &cluster.certificate_authority {
        Some(path) => certificates(&read_file(Path::new(path))?, path).map(Some),
        None => Ok(None),
    }
}

fn certificates(pem: &[u8], origin: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let found: Result<Vec<Vec<u8>>, _> = CertificateDer::pem_slice_iter(pem)
        .map(|certificate| certificate.map(|der| der.to_vec()))
        .collect();
    found
        .ok()
        .filter(|found| !found.is_empty())
        .ok_or_else(|| Failure::could_not(format!("{origin} holds no certificate in PEM form")))
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| Failure::could_not(format!("can't read {}: {error}", path.display())))
}
