//! One of the two sides, and what runs there.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;

use crate::workload::Workload;

/// One application in one role.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// A colour word, or the whole value where a mark says so.
    pub role: String,
    /// Its Deployments and `StatefulSets`, by name.
    pub workloads: Vec<&'a Workload>,
}

impl Environment<'_> {
    /// The images of its workloads, each once.
    #[must_use]
    pub fn images(&self) -> Vec<String> {
        let images: BTreeSet<&str> = self
            .workloads
            .iter()
            .flat_map(|workload| workload.images())
            .collect();
        images.into_iter().map(str::to_owned).collect()
    }

    /// The pods that the environment's controllers made, of those given.
    #[must_use]
    pub fn pods<'p>(&self, pods: &'p [Pod]) -> Vec<&'p Pod> {
        pods.iter()
            .filter(|pod| self.workloads.iter().any(|workload| workload.owns(pod)))
            .collect()
    }
}
