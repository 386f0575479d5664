//! Which containers of a workload serve a Service, and on which port.

use k8s_openapi::api::core::v1::{Container, ContainerPort, PodSpec, Service};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::keys;
use crate::selector::{self, Labels};
use crate::serving;
use crate::words;

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

/// The Services in front of pods with these labels, whichever role those select now, by name.
pub(crate) fn related<'a>(services: &'a [Service], pod_labels: &Labels) -> Vec<&'a Service> {
    let mut found: Vec<&Service> = services
        .iter()
        .filter(|service| may_select(service, pod_labels))
        .collect();
    found.sort_by_key(|service| service.metadata.name.as_deref());
    found
}

/// Whether the Service selects pods with these labels, or would in another role.
pub(super) fn may_select(service: &Service, pod_labels: &Labels) -> bool {
    let role_keys = service
        .metadata
        .annotations
        .as_ref()
        .and_then(|all| all.get(keys::ROLE_KEY))
        .map(String::as_str)
        .unwrap_or_default();
    let is_role_key = |key: &str| role_keys.split(',').any(|marked| marked.trim() == key);
    let selector = selector::of(service);
    !selector.is_empty()
        && selector.iter().all(|(key, value)| {
            pod_labels
                .get(key)
                .is_some_and(|label| label == value || is_role_key(key) || is_pair(label, value))
        })
}

/// Whether the values differ in nothing but a colour word, which one of them may lack.
fn is_pair(one: &str, other: &str) -> bool {
    (words::has_colour(one) || words::has_colour(other))
        && words::without_colour(one) == words::without_colour(other)
}

/// The containers that serve: those that a Service's ports resolve to.
///
/// Where no Service stands in front of the pods yet, it is the pod's main container, if it
/// declares a TCP port. Init containers and native sidecars are left out.
pub(crate) fn serving<'a>(
    spec: &'a PodSpec,
    services: &[&Service],
    main: Option<&str>,
) -> Vec<Serving<'a>> {
    let regular = || spec.containers.iter().enumerate();
    if services.is_empty() {
        return regular()
            .filter(|(_, container)| main.is_none_or(|name| container.name == name))
            .filter_map(|(index, container)| {
                let port = Some(first_tcp(container)?);
                Some(Serving {
                    index,
                    container,
                    port,
                })
            })
            .take(1)
            .collect();
    }
    regular()
        .filter_map(|(index, container)| {
            let ports = routed(spec, services, container);
            (!ports.is_empty()).then(|| Serving {
                index,
                container,
                port: ports
                    .into_iter()
                    .find_map(|port| port)
                    .or_else(|| first_tcp(container)),
            })
        })
        .collect()
}

/// The container that the pod template names as the one that is meant.
pub(super) fn main_container(annotations: Option<&Labels>) -> Option<&str> {
    annotations?.get(DEFAULT_CONTAINER).map(String::as_str)
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
