//! Which containers of a workload serve a Service, and on which port.

use k8s_openapi::api::core::v1::{Container, ContainerPort, PodSpec, Service};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::front::Front;
use crate::serving;
use crate::workload::Workload;

/// Pod annotation by which people tell kubectl which container is meant.
const DEFAULT_CONTAINER: &str = "kubectl.kubernetes.io/default-container";

/// A container that serves, by its place in the pod.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Serving<'a> {
    pub(crate) index: usize,
    pub(crate) container: &'a Container,
    /// The TCP port to look at: what a Service routes to, else the first that is declared.
    pub(crate) port: Option<i32>,
}

impl Serving<'_> {
    /// Whether this container is the one to be looked at on this port.
    ///
    /// A name is the container's own (the kubelet looks for no other); a number is the container's
    /// that declares it, and where nobody does, anybody's: a pod has one network.
    pub(super) fn is_for(&self, port: &IntOrString, all: &[Self]) -> bool {
        self.declares(port)
            || (matches!(port, IntOrString::Int(_)) && !all.iter().any(|it| it.declares(port)))
    }

    fn declares(&self, port: &IntOrString) -> bool {
        tcp_ports(self.container).any(|declared| match port {
            IntOrString::Int(number) => declared.container_port == *number,
            IntOrString::String(name) => declared.name.as_ref() == Some(name),
        })
    }
}

/// The containers of a workload that serve: those that the ports of the Services in front of it
/// resolve to, whichever role those select now.
///
/// Where there is no such Service yet, it is the pod's main container, if it declares a TCP port.
/// Init containers and native sidecars are left out.
pub(crate) fn serving<'a>(
    workload: &'a Workload,
    front: &Front<'_>,
    services: &[Service],
) -> Vec<Serving<'a>> {
    let Some(spec) = workload.pod_spec() else {
        return Vec::new();
    };
    let mut related: Vec<&Service> = services
        .iter()
        .filter(|service| front.may_have(service))
        .collect();
    related.sort_by_key(|service| service.metadata.name.as_deref());
    if related.is_empty() {
        return main(workload, spec).into_iter().collect();
    }
    spec.containers
        .iter()
        .enumerate()
        .filter_map(|(index, container)| {
            let ports = routed(spec, &related, container);
            let port = ports.iter().find_map(|port| *port);
            (!ports.is_empty()).then(|| Serving {
                index,
                container,
                port: port.or_else(|| first_tcp(container)),
            })
        })
        .collect()
}

/// The container that the pod template names as the one that is meant, else the first; of those
/// that declare a TCP port.
fn main<'a>(workload: &'a Workload, spec: &'a PodSpec) -> Option<Serving<'a>> {
    let metadata = workload.template()?.metadata.as_ref();
    let named = metadata
        .and_then(|metadata| metadata.annotations.as_ref()?.get(DEFAULT_CONTAINER))
        .map(String::as_str);
    spec.containers
        .iter()
        .enumerate()
        .filter(|(_, container)| named.is_none_or(|name| container.name == name))
        .find_map(|(index, container)| {
            Some(Serving {
                index,
                container,
                port: Some(first_tcp(container)?),
            })
        })
}

/// Every port of the Services that this container serves; `None` for one that is not TCP.
fn routed(spec: &PodSpec, services: &[&Service], container: &Container) -> Vec<Option<i32>> {
    services
        .iter()
        .flat_map(|service| serving::resolve(service, spec))
        .filter(|served| {
            served
                .container
                .is_some_and(|found| std::ptr::eq(found, container))
        })
        .map(|served| {
            is_tcp(served.port.protocol.as_deref())
                .then_some(served.number)
                .flatten()
        })
        .collect()
}

fn first_tcp(container: &Container) -> Option<i32> {
    tcp_ports(container)
        .next()
        .map(|declared| declared.container_port)
}

fn tcp_ports(container: &Container) -> impl Iterator<Item = &ContainerPort> {
    container
        .ports
        .iter()
        .flatten()
        .filter(|declared| is_tcp(declared.protocol.as_deref()))
}

fn is_tcp(protocol: Option<&str>) -> bool {
    protocol.is_none_or(|name| name == "TCP")
}
