//! How a container's readiness is found out.

use k8s_openapi::api::core::v1::{HTTPGetAction, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::annotations::Wish;
use super::served::Serving;

/// The readiness probe that a serving container is to get; `None` where nothing can be known.
pub(super) fn choose(serving: &Serving<'_>, wish: &Wish, all: &[Serving<'_>]) -> Option<Probe> {
    let container = serving.container;
    [&container.startup_probe, &container.liveness_probe]
        .into_iter()
        .flatten()
        .find_map(as_readiness)
        .or_else(|| wished(serving, wish, all))
}

/// The same question asked for readiness; how long an answer may take goes with it.
fn as_readiness(other: &Probe) -> Option<Probe> {
    let asks = other.exec.is_some()
        || other.grpc.is_some()
        || other.http_get.is_some()
        || other.tcp_socket.is_some();
    asks.then(|| Probe {
        exec: other.exec.clone(),
        grpc: other.grpc.clone(),
        http_get: other.http_get.clone(),
        tcp_socket: other.tcp_socket.clone(),
        timeout_seconds: other.timeout_seconds,
        ..Probe::default()
    })
}

/// What the annotations say. A check over HTTP needs a path from somebody: an API that answers
/// 404 to `/` would never be ready.
fn wished(serving: &Serving<'_>, wish: &Wish, all: &[Serving<'_>]) -> Option<Probe> {
    if wish.invalid {
        return None;
    }
    let own = wish
        .port
        .as_ref()
        .is_none_or(|port| serving.is_for(port, all));
    let port = match wish.port.as_ref().filter(|_| own) {
        Some(port) => port.clone(),
        None => IntOrString::Int(serving.port?),
    };
    // A path that goes with another container's port says nothing of this one.
    Some(match wish.path.as_ref().filter(|_| own) {
        Some(path) => Probe {
            http_get: Some(HTTPGetAction {
                path: Some(path.clone()),
                port,
                ..HTTPGetAction::default()
            }),
            ..Probe::default()
        },
        None => Probe {
            tcp_socket: Some(TCPSocketAction { host: None, port }),
            ..Probe::default()
        },
    })
}

/// Whether two probes are the same once the API server has completed them (`v1` defaulting).
pub(super) fn is_same(one: &Probe, other: &Probe) -> bool {
    defaulted(one) == defaulted(other)
}

fn defaulted(probe: &Probe) -> Probe {
    let mut probe = probe.clone();
    probe.timeout_seconds.get_or_insert(1);
    probe.period_seconds.get_or_insert(10);
    probe.success_threshold.get_or_insert(1);
    probe.failure_threshold.get_or_insert(3);
    probe.initial_delay_seconds.get_or_insert(0);
    if let Some(get) = &mut probe.http_get {
        get.scheme.get_or_insert_with(|| "HTTP".to_owned());
        get.path.get_or_insert_with(|| "/".to_owned());
    }
    if let Some(call) = &mut probe.grpc {
        call.service.get_or_insert_default();
    }
    probe
}
