//! Which container of a pod serves which port of a Service.

use k8s_openapi::api::core::v1::{Container, PodSpec, Service, ServicePort};

/// A Service's port, and what of a pod stands behind it.
#[derive(Clone, Debug)]
pub struct Served<'a> {
    /// The Service's port.
    pub port: &'a ServicePort,
    /// The container that declares the target port; `None` where no container does.
    pub container: Option<&'a Container>,
    /// The port's number in the pod; `None` for a name that no container has.
    pub number: Option<i32>,
}

/// How each port of the Service resolves on a pod of this spec.
#[must_use]
pub fn resolve<'a>(_service: &'a Service, _spec: &'a PodSpec) -> Vec<Served<'a>> {
    Vec::new()
}
