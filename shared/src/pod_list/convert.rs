//! From the wire to the types of the API. An empty string on the wire is an absent one.

use std::collections::HashMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::wire;
use crate::selector::Labels;

impl From<wire::Pod> for core::Pod {
    fn from(pod: wire::Pod) -> Self {
        Self {
            metadata: pod.metadata.map(metadata).unwrap_or_default(),
            spec: pod.spec.map(spec),
            status: pod.status.map(status),
        }
    }
}

fn metadata(wire: wire::ObjectMeta) -> meta::ObjectMeta {
    meta::ObjectMeta {
        name: text(wire.name),
        namespace: text(wire.namespace),
        uid: text(wire.uid),
        resource_version: text(wire.resource_version),
        creation_timestamp: wire.creation_timestamp.and_then(time),
        deletion_timestamp: wire.deletion_timestamp.and_then(time),
        deletion_grace_period_seconds: wire.deletion_grace_period_seconds,
        labels: map(wire.labels),
        annotations: map(wire.annotations),
        owner_references: list(wire.owner_references, |owner| meta::OwnerReference {
            api_version: owner.api_version,
            block_owner_deletion: owner.block_owner_deletion,
            controller: owner.controller,
            kind: owner.kind,
            name: owner.name,
            uid: owner.uid,
        }),
        ..meta::ObjectMeta::default()
    }
}

fn spec(wire: wire::PodSpec) -> core::PodSpec {
    core::PodSpec {
        containers: wire.containers.into_iter().map(container).collect(),
        init_containers: list(wire.init_containers, container),
        node_name: text(wire.node_name),
        readiness_gates: list(wire.readiness_gates, |gate| core::PodReadinessGate {
            condition_type: gate.condition_type,
        }),
        ..core::PodSpec::default()
    }
}

fn container(wire: wire::Container) -> core::Container {
    core::Container {
        name: wire.name,
        image: text(wire.image),
        ports: list(wire.ports, |port| core::ContainerPort {
            name: text(port.name),
            container_port: port.number,
            protocol: text(port.protocol),
            ..core::ContainerPort::default()
        }),
        liveness_probe: wire.liveness_probe.map(probe),
        readiness_probe: wire.readiness_probe.map(probe),
        startup_probe: wire.startup_probe.map(probe),
        restart_policy: text(wire.restart_policy),
        ..core::Container::default()
    }
}

fn probe(wire: wire::Probe) -> core::Probe {
    let handler = wire.handler.unwrap_or_default();
    core::Probe {
        exec: handler.exec.map(|exec| core::ExecAction {
            command: list(exec.command, |word| word),
        }),
        http_get: handler.http_get.map(|get| core::HTTPGetAction {
            host: text(get.host),
            http_headers: list(get.http_headers, |header| core::HTTPHeader {
                name: header.name,
                value: header.value,
            }),
            path: text(get.path),
            port: port(get.port),
            scheme: text(get.scheme),
        }),
        tcp_socket: handler.tcp_socket.map(|socket| core::TCPSocketAction {
            host: text(socket.host),
            port: port(socket.port),
        }),
        grpc: handler.grpc.map(|grpc| core::GRPCAction {
            port: grpc.port,
            service: grpc.service,
        }),
        ..core::Probe::default()
    }
}

fn port(wire: Option<wire::IntOrString>) -> IntOrString {
    let wire = wire.unwrap_or_default();
    if wire.kind == 1 {
        IntOrString::String(wire.name)
    } else {
        IntOrString::Int(wire.number)
    }
}

fn status(wire: wire::PodStatus) -> core::PodStatus {
    core::PodStatus {
        phase: text(wire.phase),
        conditions: list(wire.conditions, |condition| core::PodCondition {
            type_: condition.kind,
            status: condition.status,
            last_transition_time: condition.last_transition_time.and_then(time),
            reason: text(condition.reason),
            message: text(condition.message),
            ..core::PodCondition::default()
        }),
        message: text(wire.message),
        reason: text(wire.reason),
        pod_ip: text(wire.pod_ip),
        pod_ips: list(wire.pod_ips, |pod_ip| core::PodIP { ip: pod_ip.ip }),
        start_time: wire.start_time.and_then(time),
        container_statuses: list(wire.container_statuses, container_status),
        init_container_statuses: list(wire.init_container_statuses, container_status),
        ..core::PodStatus::default()
    }
}

fn container_status(wire: wire::ContainerStatus) -> core::ContainerStatus {
    core::ContainerStatus {
        name: wire.name,
        state: wire.state.map(state),
        last_state: wire.last_state.map(state),
        ready: wire.ready,
        restart_count: wire.restart_count,
        image: wire.image,
        image_id: wire.image_id,
        container_id: text(wire.container_id),
        started: wire.started,
        ..core::ContainerStatus::default()
    }
}

fn state(wire: wire::State) -> core::ContainerState {
    core::ContainerState {
        waiting: wire.waiting.map(|waiting| core::ContainerStateWaiting {
            reason: text(waiting.reason),
            message: text(waiting.message),
        }),
        running: wire.running.map(|running| core::ContainerStateRunning {
            started_at: running.started_at.and_then(time),
        }),
        terminated: wire.terminated.map(|end| core::ContainerStateTerminated {
            exit_code: end.exit_code,
            signal: end.signal.filter(|signal| *signal != 0),
            reason: text(end.reason),
            message: text(end.message),
            started_at: end.started_at.and_then(time),
            finished_at: end.finished_at.and_then(time),
            container_id: text(end.container_id),
        }),
    }
}

/// A time that was never set comes as one without seconds.
fn time(wire: wire::Time) -> Option<meta::Time> {
    Timestamp::new(wire.seconds?, wire.nanos.unwrap_or(0))
        .ok()
        .map(meta::Time)
}

fn text(wire: Option<String>) -> Option<String> {
    wire.filter(|text| !text.is_empty())
}

fn map(wire: HashMap<String, String>) -> Option<Labels> {
    (!wire.is_empty()).then(|| wire.into_iter().collect())
}

fn list<W, T>(wire: Vec<W>, convert: impl Fn(W) -> T) -> Option<Vec<T>> {
    (!wire.is_empty()).then(|| wire.into_iter().map(convert).collect())
}
