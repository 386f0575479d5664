//! What a pod is to be (`k8s.io/api/core/v1`, `k8s.io/apimachinery/pkg/util/intstr`).

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct PodSpec {
    #[prost(message, repeated, tag = "2")]
    pub(in crate::pod_list) containers: Vec<Container>,
    #[prost(string, optional, tag = "10")]
    pub(in crate::pod_list) node_name: Option<String>,
    #[prost(message, repeated, tag = "20")]
    pub(in crate::pod_list) init_containers: Vec<Container>,
    #[prost(message, repeated, tag = "28")]
    pub(in crate::pod_list) readiness_gates: Vec<ReadinessGate>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct ReadinessGate {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) condition_type: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Container {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) name: String,
    #[prost(string, optional, tag = "2")]
    pub(in crate::pod_list) image: Option<String>,
    #[prost(message, repeated, tag = "6")]
    pub(in crate::pod_list) ports: Vec<ContainerPort>,
    #[prost(message, optional, tag = "10")]
    pub(in crate::pod_list) liveness_probe: Option<Probe>,
    #[prost(message, optional, tag = "11")]
    pub(in crate::pod_list) readiness_probe: Option<Probe>,
    #[prost(message, optional, tag = "22")]
    pub(in crate::pod_list) startup_probe: Option<Probe>,
    #[prost(string, optional, tag = "24")]
    pub(in crate::pod_list) restart_policy: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct ContainerPort {
    #[prost(string, optional, tag = "1")]
    pub(in crate::pod_list) name: Option<String>,
    #[prost(int32, tag = "3")]
    pub(in crate::pod_list) number: i32,
    #[prost(string, optional, tag = "4")]
    pub(in crate::pod_list) protocol: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Probe {
    #[prost(message, optional, tag = "1")]
    pub(in crate::pod_list) handler: Option<Handler>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Handler {
    #[prost(message, optional, tag = "1")]
    pub(in crate::pod_list) exec: Option<Exec>,
    #[prost(message, optional, tag = "2")]
    pub(in crate::pod_list) http_get: Option<HttpGet>,
    #[prost(message, optional, tag = "3")]
    pub(in crate::pod_list) tcp_socket: Option<TcpSocket>,
    #[prost(message, optional, tag = "4")]
    pub(in crate::pod_list) grpc: Option<Grpc>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Exec {
    #[prost(string, repeated, tag = "1")]
    pub(in crate::pod_list) command: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct HttpGet {
    #[prost(string, optional, tag = "1")]
    pub(in crate::pod_list) path: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub(in crate::pod_list) port: Option<IntOrString>,
    #[prost(string, optional, tag = "3")]
    pub(in crate::pod_list) host: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in crate::pod_list) scheme: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub(in crate::pod_list) http_headers: Vec<HttpHeader>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct HttpHeader {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) name: String,
    #[prost(string, tag = "2")]
    pub(in crate::pod_list) value: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct TcpSocket {
    #[prost(message, optional, tag = "1")]
    pub(in crate::pod_list) port: Option<IntOrString>,
    #[prost(string, optional, tag = "2")]
    pub(in crate::pod_list) host: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Grpc {
    #[prost(int32, tag = "1")]
    pub(in crate::pod_list) port: i32,
    #[prost(string, optional, tag = "2")]
    pub(in crate::pod_list) service: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct IntOrString {
    /// 0 for a number, 1 for a name.
    #[prost(int64, tag = "1")]
    pub(in crate::pod_list) kind: i64,
    #[prost(int32, tag = "2")]
    pub(in crate::pod_list) number: i32,
    #[prost(string, tag = "3")]
    pub(in crate::pod_list) name: String,
}
