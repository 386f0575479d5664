//! What must not be so when the old Deployment goes: that requests are sent to its pods.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::pod;
use crate::workload::Workload;

/// The workload's pods that stand in these slices, ready or not.
#[must_use]
pub fn routed<'p>(slices: &[EndpointSlice], workload: &Workload, pods: &'p [Pod]) -> Vec<&'p str> {
    let is_listed = |name: &str| {
        let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
        let mut targets = endpoints.filter_map(|endpoint| endpoint.target_ref.as_ref());
        targets.any(|target| target.name.as_deref() == Some(name))
    };
    let own = pods.iter().filter(|pod| workload.owns(pod)).map(pod::name);
    own.filter(|name| is_listed(name)).collect()
}
