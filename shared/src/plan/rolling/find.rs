//! Which Deployment is meant: the one that serves production under that name.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Service;

use crate::application::{Active, Application};
use crate::discover::{self, Hints};
use crate::live;
use crate::objects::Objects;
use crate::plan::{Declined, Why, plain};
use crate::refusal::three;
use crate::selector;
use crate::workload::Workload;

use super::declined;
use super::scene::Scene;

/// Finds the Deployment by the name of a Service in front of it, by what such a Service selects, or by
/// its own name.
///
/// # Errors
/// It is blue/green and not updated in place, nothing is called so, or it may be one of several.
pub fn find<'a>(objects: &'a Objects, name: &str, hints: &Hints) -> Result<Scene<'a>, Declined> {
    if let Ok(application) = discover::find(objects, name, hints) {
        return Err(two_sides(&application));
    }
    let named = named(objects, name, hints)?;
    let mut behind: BTreeMap<(&str, &str), &Workload> = BTreeMap::new();
    for service in &named {
        let workloads = plain::behind(objects, service)?;
        behind.extend(
            workloads
                .into_iter()
                .map(|one| ((one.name(), one.kind()), one)),
        );
    }
    // One that is called so and that none of these Services routes to may be meant as well.
    if hints.service.is_none() {
        let own = objects.workloads.iter().filter(|one| one.name() == name);
        behind.extend(own.map(|one| ((one.name(), one.kind()), one)));
    }
    let workloads: Vec<&Workload> = behind.into_values().collect();
    let [workload] = workloads.as_slice() else {
        return Err(several(name, &named, &workloads));
    };
    let Workload::Deployment(deployment) = workload else {
        return Err(declined(
            Why::Unfit,
            format!(
                "{} is no Deployment, and nothing else is updated so",
                workload.reference()
            ),
            format!(
                "roll it by hand: kubectl set image {} CONTAINER=IMAGE",
                workload.resource()
            ),
        ));
    };
    let scene = Scene {
        workload,
        deployment,
        services: in_front(objects, workload, &named),
    };
    alone(objects, &scene)?;
    Ok(scene)
}

/// The Services that are called so.
fn named<'a>(
    objects: &'a Objects,
    name: &str,
    hints: &Hints,
) -> Result<Vec<&'a Service>, Declined> {
    if let Some(service) = &hints.service {
        let found = objects.service(service);
        return found.map(|service| vec![service]).ok_or_else(|| {
            declined(
                Why::NotFound,
                format!("there is no Service {service:?}"),
                "kubectl get services",
            )
        });
    }
    let mut found = plain::called(objects, name);
    if found.is_empty() {
        let mut own = objects.workloads.iter().filter(|one| one.name() == name);
        if let Some(workload) = own.next() {
            found = in_front(objects, workload, &[]);
        }
    }
    if found.is_empty() {
        return Err(plain::unknown(name));
    }
    Ok(found)
}

/// The Services that route to the workload, without those that are for tests and that nobody has named.
fn in_front<'a>(
    objects: &'a Objects,
    workload: &Workload,
    named: &[&'a Service],
) -> Vec<&'a Service> {
    let is_named = |service: &Service| named.iter().any(|named| std::ptr::eq(*named, service));
    let routes = |service: &&Service| {
        selector::matches(selector::of(service), workload.pod_labels())
            && (is_named(service) || !live::is_aside(service))
    };
    let mut found: Vec<&Service> = objects.services.iter().filter(routes).collect();
    found.sort_by_key(|service| plain::service_name(service));
    found
}

/// What is one of two sides is not updated in place, by whatever Service it was found.
fn alone(objects: &Objects, scene: &Scene<'_>) -> Result<(), Declined> {
    let (applications, undecided) = discover::all(objects, &Hints::default());
    let has = |application: &&Application<'_>| {
        let mut sides = application.environments.iter();
        sides.any(|side| {
            side.workloads
                .iter()
                .any(|one| std::ptr::eq(*one, scene.workload))
        })
    };
    if let Some(application) = applications.iter().find(has) {
        return Err(two_sides(application));
    }
    let names: Vec<&str> = scene
        .services
        .iter()
        .map(|one| plain::service_name(one))
        .collect();
    let unclear = undecided.iter().find(|one| {
        one.candidates
            .iter()
            .any(|name| names.contains(&name.as_str()))
    });
    match unclear {
        Some(unclear) => Err(declined(
            Why::Ambiguous,
            format!(
                "{} may be one of two sides: {}",
                scene.reference(),
                unclear.message
            ),
            unclear
                .hint
                .clone()
                .unwrap_or_else(|| "kubectl bluegreen list".to_owned()),
        )),
        None => Ok(()),
    }
}

fn two_sides(application: &Application<'_>) -> Declined {
    let [one, two] = &application.environments;
    let serves = match application.active() {
        Active::Role(role) => format!(", and {role} serves"),
        Active::Overlap(_) => ", and both serve".to_owned(),
        Active::Split(_) | Active::Neither(_) => String::new(),
    };
    declined(
        Why::Unfit,
        format!(
            "{} has two environments, {} and {}{serves}: what serves is not updated in place",
            application.name, one.role, two.role
        ),
        "leave --strategy rolling out: the idle side is staged, and production flips to it",
    )
}

fn several(name: &str, services: &[&Service], workloads: &[&Workload]) -> Declined {
    let all: Vec<String> = workloads.iter().map(|one| one.reference()).collect();
    let routed: Vec<String> = services
        .iter()
        .map(|service| format!("Service/{}", plain::service_name(service)))
        .collect();
    declined(
        Why::Ambiguous,
        format!(
            "{name:?} may be any of {} ({}): one of them is updated",
            three(&all),
            three(&routed)
        ),
        "name the Service that routes to one of them alone: --service NAME",
    )
}
