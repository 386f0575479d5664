//! Which Services stand in front of a workload, whichever role they select now.

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

/// What Services see of a workload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Front<'a> {
    /// The labels of its pods.
    pub(crate) pod_labels: &'a Labels,
    /// The role that its annotation says, for values that have no colour word in them.
    pub(crate) marked_role: Option<&'a str>,
}

impl<'a> Front<'a> {
    /// The workload as it stands.
    pub(crate) fn of(workload: &'a Workload) -> Self {
        Self::with(workload, workload.pod_labels())
    }

    /// The workload with these labels on its pods.
    pub(super) fn with(workload: &'a Workload, pod_labels: &'a Labels) -> Self {
        Self {
            pod_labels,
            marked_role: workload.annotation(keys::ROLE),
        }
    }

    /// Whether the Service selects the pods, or would in another role.
    pub(crate) fn may_have(&self, service: &Service) -> bool {
        let annotations = selector::or_empty(service.metadata.annotations.as_ref());
        let role_keys = annotations.get(keys::ROLE_KEY).map(String::as_str);
        let is_role_key = |key: &str| {
            role_keys.is_some_and(|keys| keys.split(',').any(|marked| marked.trim() == key))
        };
        let selector = selector::of(service);
        !selector.is_empty()
            && selector.iter().all(|(key, value)| {
                self.pod_labels.get(key).is_some_and(|label| {
                    label == value
                        || is_pair(label, value)
                        || is_role_key(key)
                        || self.marked_role == Some(label)
                })
            })
    }
}

/// Whether the values differ in nothing but a colour word, which one of them may lack.
fn is_pair(one: &str, other: &str) -> bool {
    (words::has_colour(one) || words::has_colour(other))
        && words::without_colour(one) == words::without_colour(other)
}
