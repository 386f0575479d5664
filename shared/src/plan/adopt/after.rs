//! Whether what comes of it is what all other verbs find.

use crate::application::{Active, Production};
use crate::discover::{self, Hints};
use crate::objects::Objects;
use crate::plan::init::Side;
use crate::plan::{Declined, Why};
use crate::selector;
use crate::workload::Workload;

use super::copy::{Manifests, typed};
use super::scene::Scene;
use super::{declined, front};

/// Looks for the application in the namespace as it will be.
pub(super) fn check(
    scene: &Scene<'_>,
    objects: &Objects,
    manifests: &Manifests,
) -> Result<(), Declined> {
    let unclear = |why: String, hint: Option<String>| {
        declined(
            Why::Unfit,
            format!("as two environments it would not be recognised: {why}"),
            hint.unwrap_or_else(|| "kubectl bluegreen list".to_owned()),
        )
    };
    let after = after(scene, objects, manifests).map_err(|error| unclear(error, None))?;
    let name = scene.service_name();
    let found = discover::find(&after, name, &Hints::default()).map_err(|why| {
        let first = why.message.lines().collect::<Vec<_>>().join("; ");
        unclear(first, why.hint)
    })?;
    let is_it = found.production.iter().any(|one| one.name() == name)
        && found.active() == Active::Role(scene.role.as_str());
    if is_it {
        return Ok(());
    }
    let services: Vec<&str> = found.production.iter().map(Production::name).collect();
    Err(unclear(
        format!(
            "production of {} would be {}",
            found.name,
            services.join(", ")
        ),
        None,
    ))
}

fn after(scene: &Scene<'_>, objects: &Objects, manifests: &Manifests) -> Result<Objects, String> {
    let sides = [typed(&manifests.active)?, typed(&manifests.idle)?];
    let goes = |workload: &Workload| {
        let is_old = scene.old.is_some_and(|old| std::ptr::eq(old, workload));
        let is_made =
            |one: &Workload| one.kind() == workload.kind() && one.name() == workload.name();
        is_old || sides.iter().any(is_made)
    };
    let mut workloads: Vec<Workload> = objects
        .workloads
        .iter()
        .filter(|one| !goes(one))
        .cloned()
        .collect();
    workloads.extend(sides.clone());
    let made = Side::BOTH.map(|role| front::test(scene, role));
    let mut services = objects.services.clone();
    services.retain(|service| {
        let is = |other: &k8s_openapi::api::core::v1::Service| {
            other.metadata.name == service.metadata.name
        };
        !is(scene.service) && !made.iter().any(is)
    });
    services.extend(made);
    services.push(front::production(scene));
    services.retain(|service| !selector::of(service).is_empty());
    Ok(Objects {
        services,
        workloads,
        ..Objects::default()
    })
}
