//! A port of the Service leads to nothing in a pod of the target.
//!
//! The endpoint slice controller leaves out a named port that a pod does not have, silently.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{PodSpec, ServicePort};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::pod;
use crate::refusal::{Cause, Code, Refusal, three};
use crate::serving::{self, Served};

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let mut objects: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut causes = Vec::new();
    let mut declared = BTreeSet::new();
    for (object, spec) in specs(case) {
        let lost: Vec<String> = resolved(case, spec)
            .filter(|served| served.number.is_none())
            .map(|served| says(served.port))
            .collect();
        if lost.is_empty() {
            continue;
        }
        for served in resolved(case, spec).filter(|served| served.number.is_none()) {
            declared.extend(names(spec, serving::protocol(served.port)));
        }
        causes.push(Cause::new(
            object.clone(),
            format!("has no {}", three(&lost)),
        ));
        for port in lost {
            objects.entry(port).or_default().push(object.clone());
        }
    }
    let sentences: Vec<String> = objects
        .iter()
        .map(|(port, objects)| format!("no container has {port} in {}", three(objects)))
        .collect();
    if sentences.is_empty() {
        return None;
    }
    let service = case.service();
    let names: Vec<&str> = declared.into_iter().take(3).collect();
    let remedy = if names.is_empty() {
        format!(
            "give a port of the container that name, or set a number as targetPort of {service}"
        )
    } else {
        let names = names.join(" or ");
        format!("set targetPort of {service} to a name that the containers have: {names}")
    };
    Some(Refusal::new(Code::PortMismatch, &three(&sentences), remedy).because(causes))
}

/// A number that nobody declares may well be listened on.
pub(super) fn remark(case: &Case<'_>) -> Option<Refusal> {
    let mut undeclared: BTreeMap<i32, String> = BTreeMap::new();
    let of_workloads = case.target.members.iter().filter_map(|member| {
        let template = || member.workload.pod_spec();
        member
            .live()
            .find_map(|pod| pod.spec.as_ref())
            .or_else(template)
    });
    for spec in of_workloads {
        for served in resolved(case, spec) {
            if let (None, Some(number)) = (served.container, served.number) {
                undeclared
                    .entry(number)
                    .or_insert_with(|| says(served.port));
            }
        }
    }
    let ports: Vec<String> = undeclared.into_values().collect();
    (!ports.is_empty()).then(|| {
        let ports = three(&ports);
        Refusal::new(
            Code::PortMismatch,
            &format!("no container declares {ports}, so only a connection can tell who listens"),
            "declare the port in the container's ports, or verify the environment before the flip",
        )
    })
}

/// Every pod of the target, and the template of each workload that has none.
fn specs<'a>(case: &Case<'a>) -> Vec<(String, &'a PodSpec)> {
    let pods = case
        .target
        .live()
        .filter_map(|pod| Some((format!("Pod/{}", pod::name(pod)), pod.spec.as_ref()?)));
    let templates = case
        .target
        .members
        .iter()
        .filter(|member| member.live().next().is_none())
        .filter_map(|member| Some((member.workload.reference(), member.workload.pod_spec()?)));
    pods.chain(templates).collect()
}

fn resolved<'a>(case: &'a Case<'_>, spec: &'a PodSpec) -> impl Iterator<Item = Served<'a>> {
    serving::resolve(case.after, spec)
        .into_iter()
        .filter(|served| case.touches(served.port))
}

/// Names that the containers give to their ports of that protocol.
fn names<'a>(spec: &'a PodSpec, protocol: &str) -> impl Iterator<Item = &'a str> {
    serving::containers(spec)
        .flat_map(|container| container.ports.iter().flatten())
        .filter(move |port| port.protocol.as_deref().unwrap_or("TCP") == protocol)
        .filter_map(|port| port.name.as_deref())
}

fn says(port: &ServicePort) -> String {
    let target = match serving::target(port) {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name,
    };
    let protocol = match serving::protocol(port) {
        "TCP" => String::new(),
        other => format!("/{other}"),
    };
    format!("targetPort {target}{protocol} of port {}", port.port)
}
