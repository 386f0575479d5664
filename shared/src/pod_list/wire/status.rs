//! What has become of a pod (`k8s.io/api/core/v1`).

use super::meta::Time;

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct PodStatus {
    #[prost(string, optional, tag = "1")]
    pub(in crate::pod_list) phase: Option<String>,
    #[prost(message, repeated, tag = "2")]
    pub(in crate::pod_list) conditions: Vec<Condition>,
    #[prost(string, optional, tag = "3")]
    pub(in crate::pod_list) message: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in crate::pod_list) reason: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in crate::pod_list) pod_ip: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub(in crate::pod_list) start_time: Option<Time>,
    #[prost(message, repeated, tag = "8")]
    pub(in crate::pod_list) container_statuses: Vec<ContainerStatus>,
    #[prost(message, repeated, tag = "10")]
    pub(in crate::pod_list) init_container_statuses: Vec<ContainerStatus>,
    #[prost(message, repeated, tag = "12")]
    pub(in crate::pod_list) pod_ips: Vec<PodIp>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Condition {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) kind: String,
    #[prost(string, tag = "2")]
    pub(in crate::pod_list) status: String,
    #[prost(message, optional, tag = "4")]
    pub(in crate::pod_list) last_transition_time: Option<Time>,
    #[prost(string, optional, tag = "5")]
    pub(in crate::pod_list) reason: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in crate::pod_list) message: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct PodIp {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) ip: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct ContainerStatus {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) name: String,
    #[prost(message, optional, tag = "2")]
    pub(in crate::pod_list) state: Option<State>,
    #[prost(message, optional, tag = "3")]
    pub(in crate::pod_list) last_state: Option<State>,
    #[prost(bool, tag = "4")]
    pub(in crate::pod_list) ready: bool,
    #[prost(int32, tag = "5")]
    pub(in crate::pod_list) restart_count: i32,
    #[prost(string, tag = "6")]
    pub(in crate::pod_list) image: String,
    #[prost(string, tag = "7")]
    pub(in crate::pod_list) image_id: String,
    #[prost(string, optional, tag = "8")]
    pub(in crate::pod_list) container_id: Option<String>,
    #[prost(bool, optional, tag = "9")]
    pub(in crate::pod_list) started: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct State {
    #[prost(message, optional, tag = "1")]
    pub(in crate::pod_list) waiting: Option<Waiting>,
    #[prost(message, optional, tag = "2")]
    pub(in crate::pod_list) running: Option<Running>,
    #[prost(message, optional, tag = "3")]
    pub(in crate::pod_list) terminated: Option<Terminated>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Waiting {
    #[prost(string, optional, tag = "1")]
    pub(in crate::pod_list) reason: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub(in crate::pod_list) message: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Running {
    #[prost(message, optional, tag = "1")]
    pub(in crate::pod_list) started_at: Option<Time>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct Terminated {
    #[prost(int32, tag = "1")]
    pub(in crate::pod_list) exit_code: i32,
    #[prost(int32, optional, tag = "2")]
    pub(in crate::pod_list) signal: Option<i32>,
    #[prost(string, optional, tag = "3")]
    pub(in crate::pod_list) reason: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(in crate::pod_list) message: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub(in crate::pod_list) started_at: Option<Time>,
    #[prost(message, optional, tag = "6")]
    pub(in crate::pod_list) finished_at: Option<Time>,
    #[prost(string, optional, tag = "7")]
    pub(in crate::pod_list) container_id: Option<String>,
}
