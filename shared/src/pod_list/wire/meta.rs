//! What tells objects apart (`k8s.io/apimachinery/pkg/apis/meta/v1`).

use std::collections::HashMap;

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct ListMeta {
    #[prost(string, optional, tag = "3")]
    pub(in crate::pod_list) r#continue: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct ObjectMeta {
    #[prost(string, optional, tag = "1")]
    pub(in crate::pod_list) name: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub(in crate::pod_list) namespace: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub(in crate::pod_list) uid: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub(in crate::pod_list) resource_version: Option<String>,
    #[prost(message, optional, tag = "8")]
    pub(in crate::pod_list) creation_timestamp: Option<Time>,
    #[prost(message, optional, tag = "9")]
    pub(in crate::pod_list) deletion_timestamp: Option<Time>,
    #[prost(int64, optional, tag = "10")]
    pub(in crate::pod_list) deletion_grace_period_seconds: Option<i64>,
    #[prost(map = "string, string", tag = "11")]
    pub(in crate::pod_list) labels: HashMap<String, String>,
    #[prost(map = "string, string", tag = "12")]
    pub(in crate::pod_list) annotations: HashMap<String, String>,
    #[prost(message, repeated, tag = "13")]
    pub(in crate::pod_list) owner_references: Vec<OwnerReference>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub(in crate::pod_list) struct Time {
    #[prost(int64, optional, tag = "1")]
    pub(in crate::pod_list) seconds: Option<i64>,
    #[prost(int32, optional, tag = "2")]
    pub(in crate::pod_list) nanos: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(in crate::pod_list) struct OwnerReference {
    #[prost(string, tag = "1")]
    pub(in crate::pod_list) kind: String,
    #[prost(string, tag = "3")]
    pub(in crate::pod_list) name: String,
    #[prost(string, tag = "4")]
    pub(in crate::pod_list) uid: String,
    #[prost(string, tag = "5")]
    pub(in crate::pod_list) api_version: String,
    #[prost(bool, optional, tag = "6")]
    pub(in crate::pod_list) controller: Option<bool>,
    #[prost(bool, optional, tag = "7")]
    pub(in crate::pod_list) block_owner_deletion: Option<bool>,
}
