//! Ports of a pod: those that the Services lead to, and those that have a name.

use std::collections::BTreeSet;

use bluegreen_shared::serving::{self, Served};
use k8s_openapi::api::core::v1::{Container, PodSpec, Service};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// Why the Services lead nowhere on the pod: a target port has a name that no container gives to one.
pub(super) fn unresolved(spec: &PodSpec, services: &[&Service]) -> Option<String> {
    let mut all = services
        .iter()
        .flat_map(|service| serving::resolve(service, spec));
    all.find(|served| served.number.is_none())
        .map(|served| no_such_port(&served))
}

/// The Services' TCP ports that stand for themselves in the pod, but for the one that is asked anyway.
pub(super) fn undeclared(spec: &PodSpec, services: &[&Service], asked: u16) -> Vec<u16> {
    let ports: BTreeSet<u16> = services
        .iter()
        .flat_map(|service| serving::resolve(service, spec))
        .filter(|served| serving::protocol(served.port) == "TCP" && served.container.is_none())
        .filter_map(|served| u16::try_from(served.number?).ok())
        .filter(|port| *port != asked)
        .collect();
    ports.into_iter().collect()
}

/// The first TCP port of the Services, as it resolves on the pod.
pub(super) fn first_served<'a>(spec: &'a PodSpec, services: &[&'a Service]) -> Option<Served<'a>> {
    let mut all: Vec<Served<'a>> = services
        .iter()
        .flat_map(|service| serving::resolve(service, spec))
        .filter(|served| serving::protocol(served.port) == "TCP")
        .collect();
    let best = all.iter().position(|served| served.number.is_some());
    (!all.is_empty()).then(|| all.swap_remove(best.unwrap_or(0)))
}

/// Its number.
///
/// # Errors
/// There is no such port.
pub(super) fn served_port(served: Option<&Served<'_>>) -> Result<u16, String> {
    let served = served.ok_or("the production Service has no TCP port: name one with --port")?;
    let number = served.number.and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| no_such_port(served))
}

fn no_such_port(served: &Served<'_>) -> String {
    let target = match serving::target(served.port) {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name,
    };
    format!("no container of it has the Service's target port {target:?}")
}

/// The number of a port of the container; `None` for a name that it does not give.
pub(super) fn number(port: &IntOrString, container: &Container) -> Option<u16> {
    let number = match port {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let mut ports = container.ports.iter().flatten();
            ports
                .find(|port| port.name.as_ref() == Some(name))?
                .container_port
        }
    };
    u16::try_from(number).ok()
}

/// The number of the port of that name, of a container or of a Service.
///
/// # Errors
/// There is none.
pub(super) fn named(name: &str, spec: &PodSpec, services: &[&Service]) -> Result<u16, String> {
    let of_container = serving::containers(spec)
        .find_map(|container| number(&IntOrString::String(name.to_owned()), container));
    let of_service = || {
        services
            .iter()
            .flat_map(|service| serving::resolve(service, spec))
            .find(|served| served.port.name.as_deref() == Some(name))
            .and_then(|served| u16::try_from(served.number?).ok())
    };
    of_container
        .or_else(of_service)
        .ok_or_else(|| format!("neither a container of it nor the Service has a port {name:?}"))
}
