//! The parts of a list of pods that are read, by their numbers in Kubernetes' own `generated.proto`
//! (`k8s.io/api/core/v1`, `k8s.io/apimachinery/pkg/apis/meta/v1`, `…/pkg/runtime`, `…/util/intstr`).
//!
//! A field that is not here is skipped. Whoever needs another one adds it here and in `convert`.

mod meta;
mod spec;
mod status;

pub(super) use meta::{ListMeta, ObjectMeta, Time};
pub(super) use spec::{Container, IntOrString, PodSpec, Probe};
pub(super) use status::{ContainerStatus, PodStatus, State};

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
pub(super) struct Pod {
    #[prost(message, optional, tag = "1")]
    pub(super) metadata: Option<ObjectMeta>,
    #[prost(message, optional, tag = "2")]
    pub(super) spec: Option<PodSpec>,
    #[prost(message, optional, tag = "3")]
    pub(super) status: Option<PodStatus>,
}

/// What the API server answers instead of a list that it does not give.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Status {
    #[prost(string, optional, tag = "3")]
    pub(super) message: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub(super) reason: Option<String>,
}
