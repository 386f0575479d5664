//! What is added to a workload when it is created or its template changes.

use jiff::Timestamp;
use json_patch::PatchOperation;
use k8s_openapi::api::core::v1::Service;

use crate::workload::Workload;

/// What is to be added, and what could not be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mutation {
    /// Explicit operations on the object as it was sent.
    pub patch: Vec<PatchOperation>,
    /// Short sentences for the user, 120 characters each.
    pub warnings: Vec<String>,
}

/// The readiness probes and role labels that a workload is to get.
///
/// `before` is the stored object of an update, and `services` are those of the namespace.
#[must_use]
pub fn workload(
    _after: &Workload,
    _before: Option<&Workload>,
    _services: &[Service],
    _now: Timestamp,
) -> Mutation {
    Mutation::default()
}

/// The name of the request's user, where an intent was written without one.
#[must_use]
pub fn stamp(_after: &Service, _before: &Service, _user: &str) -> Vec<PatchOperation> {
    Vec::new()
}
