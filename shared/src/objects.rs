//! What was read of one namespace, and nothing interpreted.

use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use k8s_openapi::api::networking::v1::Ingress;

use crate::workload::Workload;

/// The objects of one namespace that a decision looks at, as the API server returned them.
///
/// Discovery needs Services and workloads; a verdict needs the pods too, which may be read
/// afterwards with [`crate::selector::either`] or [`crate::application::Application::pod_query`].
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// The Namespace, for the platform team's floors; `None` where it may not be read.
    pub namespace: Option<Namespace>,
    /// All Services.
    pub services: Vec<Service>,
    /// All Deployments and `StatefulSets`.
    pub workloads: Vec<Workload>,
    /// The pods of the environments in question.
    pub pods: Vec<Pod>,
    /// The Ingresses, read only where Services are to be explained.
    pub ingresses: Vec<Ingress>,
}

impl Objects {
    /// The Service of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services
            .iter()
            .find(|service| service.metadata.name.as_deref() == Some(name))
    }
}
