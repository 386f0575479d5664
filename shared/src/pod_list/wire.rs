//! The parts of a list of pods that are read, by their numbers in Kubernetes' own `generated.proto`
//! (`k8s.io/api/core/v1`, `k8s.io/apimachinery/pkg/apis/meta/v1`, `…/pkg/runtime`, `…/util/intstr`).
//!
//! A field that is not here is skipped. Whoever needs another one adds it here and in `convert`.

use std::collections::HashMap;

/// What every answer is wrapped in.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Unknown {
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(super) raw: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PodList {
    #[prost(message, optional, tag = "1")]
    pub(super) metadata: Option<ListMeta>,
    #[prost(message, repeated, tag = "2")]
    pub(super) items: Vec<Pod>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ListMeta {
    #[prost(string, optional, tag = "3")]
    pub(super) r#continue: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Pod {
    #[prost(message, optional, tag = "1")]
    pub(super) metadata: Option<ObjectMeta>,
    #[prost(message, optional, tag = "2")]
    pub(super) spec: Option<PodSpec>,
    #[prost(message, optional, tag = "3")]
    pub(super) status: Option<PodStatus>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ObjectMeta {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(super) namespace: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(super) uid: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) resource_version: Option<String>,
    #[prost(message, optional, tag = "8")]
    pub(super) creation_timestamp: Option<Time>,
    #[prost(message, optional, tag = "9")]
    pub(super) deletion_timestamp: Option<Time>,
    #[prost(int64, optional, tag = "10")]
    pub(super) deletion_grace_period_seconds: Option<i64>,
    #[prost(map = "string, string", tag = "11")]
    pub(super) labels: HashMap<String, String>,
    #[prost(map = "string, string", tag = "12")]
    pub(super) annotations: HashMap<String, String>,
    #[prost(message, repeated, tag = "13")]
    pub(super) owner_references: Vec<OwnerReference>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub(super) struct Time {
    #[prost(int64, optional, tag = "1")]
    pub(super) seconds: Option<i64>,
    #[prost(int32, optional, tag = "2")]
    pub(super) nanos: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct OwnerReference {
    #[prost(string, tag = "1")]
    pub(super) kind: String,
    #[prost(string, tag = "3")]
    pub(super) name: String,
    #[prost(string, tag = "4")]
    pub(super) uid: String,
    #[prost(string, tag = "5")]
    pub(super) api_version: String,
    #[prost(bool, optional, tag = "6")]
    pub(super) controller: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub(super) block_owner_deletion: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PodSpec {
    #[prost(message, repeated, tag = "2")]
    pub(super) containers: Vec<Container>,
    #[prost(string, optional, tag = "10")]
    pub(super) node_name: Option<String>,
    #[prost(message, repeated, tag = "20")]
    pub(super) init_containers: Vec<Container>,
    #[prost(message, repeated, tag = "28")]
    pub(super) readiness_gates: Vec<ReadinessGate>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReadinessGate {
    #[prost(string, tag = "1")]
    pub(super) condition_type: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Container {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, optional, tag = "2")]
    pub(super) image: Option<String>,
    #[prost(message, repeated, tag = "6")]
    pub(super) ports: Vec<ContainerPort>,
    #[prost(message, optional, tag = "10")]
    pub(super) liveness_probe: Option<Probe>,
    #[prost(message, optional, tag = "11")]
    pub(super) readiness_probe: Option<Probe>,
    #[prost(message, optional, tag = "22")]
    pub(super) startup_probe: Option<Probe>,
    #[prost(string, optional, tag = "24")]
    pub(super) restart_policy: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContainerPort {
    #[prost(string, optional, tag = "1")]
    pub(super) name: Option<String>,
    #[prost(int32, tag = "3")]
    pub(super) number: i32,
    #[prost(string, optional, tag = "4")]
    pub(super) protocol: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Probe {
    #[prost(message, optional, tag = "1")]
    pub(super) handler: Option<Handler>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Handler {
    #[prost(message, optional, tag = "1")]
    pub(super) exec: Option<Exec>,
    #[prost(message, optional, tag = "2")]
    pub(super) http_get: Option<HttpGet>,
    #[prost(message, optional, tag = "3")]
    pub(super) tcp_socket: Option<TcpSocket>,
    #[prost(message, optional, tag = "4")]
    pub(super) grpc: Option<Grpc>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Exec {
    #[prost(string, repeated, tag = "1")]
    pub(super) command: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HttpGet {
    #[prost(string, optional, tag = "1")]
    pub(super) path: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(super) port: Option<IntOrString>,
    #[prost(string, optional, tag = "3")]
    pub(super) host: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) scheme: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub(super) http_headers: Vec<HttpHeader>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct HttpHeader {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct TcpSocket {
    #[prost(message, optional, tag = "1")]
    pub(super) port: Option<IntOrString>,
    #[prost(string, optional, tag = "2")]
    pub(super) host: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Grpc {
    #[prost(int32, tag = "1")]
    pub(super) port: i32,
    #[prost(string, optional, tag = "2")]
    pub(super) service: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct IntOrString {
    /// 0 for a number, 1 for a name.
    #[prost(int64, tag = "1")]
    pub(super) kind: i64,
    #[prost(int32, tag = "2")]
    pub(super) number: i32,
    #[prost(string, tag = "3")]
    pub(super) name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PodStatus {
    #[prost(string, optional, tag = "1")]
    pub(super) phase: Option<String>,
    #[prost(message, repeated, tag = "2")]
    pub(super) conditions: Vec<Condition>,
    #[prost(string, optional, tag = "3")]
    pub(super) message: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) reason: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) pod_ip: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub(super) start_time: Option<Time>,
    #[prost(message, repeated, tag = "8")]
    pub(super) container_statuses: Vec<ContainerStatus>,
    #[prost(message, repeated, tag = "10")]
    pub(super) init_container_statuses: Vec<ContainerStatus>,
    #[prost(message, repeated, tag = "12")]
    pub(super) pod_ips: Vec<PodIp>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Condition {
    #[prost(string, tag = "1")]
    pub(super) kind: String,
    #[prost(string, tag = "2")]
    pub(super) status: String,
    #[prost(message, optional, tag = "4")]
    pub(super) last_transition_time: Option<Time>,
    #[prost(string, optional, tag = "5")]
    pub(super) reason: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(super) message: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct PodIp {
    #[prost(string, tag = "1")]
    pub(super) ip: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ContainerStatus {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(message, optional, tag = "2")]
    pub(super) state: Option<State>,
    #[prost(message, optional, tag = "3")]
    pub(super) last_state: Option<State>,
    #[prost(bool, tag = "4")]
    pub(super) ready: bool,
    #[prost(int32, tag = "5")]
    pub(super) restart_count: i32,
    #[prost(string, tag = "6")]
    pub(super) image: String,
    #[prost(string, tag = "7")]
    pub(super) image_id: String,
    #[prost(string, optional, tag = "8")]
    pub(super) container_id: Option<String>,
    #[prost(bool, optional, tag = "9")]
    pub(super) started: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct State {
    #[prost(message, optional, tag = "1")]
    pub(super) waiting: Option<Waiting>,
    #[prost(message, optional, tag = "2")]
    pub(super) running: Option<Running>,
    #[prost(message, optional, tag = "3")]
    pub(super) terminated: Option<Terminated>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Waiting {
    #[prost(string, optional, tag = "1")]
    pub(super) reason: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(super) message: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Running {
    #[prost(message, optional, tag = "1")]
    pub(super) started_at: Option<Time>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Terminated {
    #[prost(int32, tag = "1")]
    pub(super) exit_code: i32,
    #[prost(int32, optional, tag = "2")]
    pub(super) signal: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(super) reason: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) message: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub(super) started_at: Option<Time>,
    #[prost(message, optional, tag = "6")]
    pub(super) finished_at: Option<Time>,
    #[prost(string, optional, tag = "7")]
    pub(super) container_id: Option<String>,
}

/// What the API server answers instead of a list that it does not give.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Status {
    #[prost(string, optional, tag = "3")]
    pub(super) message: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) reason: Option<String>,
}
