//! What can't be adopted without requests being lost. Asked before anything is made.

use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::discover::Aside;
use crate::keys;
use crate::objects::Objects;
use crate::plan::{Declined, Why};
use crate::pod;
use crate::refusal::{counted, three};
use crate::selector;
use crate::words;
use crate::workload::Workload;

use super::scaler;
use super::scene::Scene;
use super::{Beside, declined};

/// The first reason against it.
pub(super) fn check(
    scene: &Scene<'_>,
    objects: &Objects,
    beside: &Beside<'_>,
) -> Result<(), Declined> {
    let Some(old) = scene.old else {
        return Ok(());
    };
    let against = of_kind(old)
        .or_else(|| of_service(scene))
        .or_else(|| of_owners(scene, old, beside))
        .or_else(|| of_key(scene, old))
        .or_else(|| of_strategy(old))
        .or_else(|| of_health(old))
        .or_else(|| of_strays(scene, objects));
    against.map_or(Ok(()), Err)
}

fn unfit(message: String, hint: impl Into<String>) -> Declined {
    declined(Why::Unfit, message, hint)
}

fn of_kind(old: &Workload) -> Option<Declined> {
    matches!(old, Workload::StatefulSet(_)).then(|| {
        unfit(
            format!(
                "{} keeps an identity and volumes for each pod, which a second one beside it would not have",
                old.reference()
            ),
            "only Deployments are adopted: make a second StatefulSet with a role of its own, with its data, \
             and let the Service select by the role",
        )
    })
}

fn of_service(scene: &Scene<'_>) -> Option<Declined> {
    let name = scene.service_name();
    let spec = scene.service.spec.as_ref()?;
    if spec.publish_not_ready_addresses == Some(true) {
        return Some(unfit(
            format!(
                "Service/{name} has publishNotReadyAddresses and would route to new pods before they are ready"
            ),
            "set it to false first, if what serves can do without it",
        ));
    }
    match Aside::of(scene.service) {
        Some(Aside::Marked(key, value)) => Some(unfit(
            format!("Service/{name} is marked {key}={value}: it is not production"),
            format!("kubectl annotate service {name} {key}- if it is, or name another Service"),
        )),
        _ => None,
    }
}

/// Whoever owns one of the objects brings back what an adoption takes away.
fn of_owners(scene: &Scene<'_>, old: &Workload, beside: &Beside<'_>) -> Option<Declined> {
    let owned = |object: String, metadata: &ObjectMeta| {
        let owner = controller(metadata)?;
        Some(unfit(
            format!("{object} is made by {owner}, which would bring it back as it was"),
            format!(
                "let {owner} make two Deployments and a Service with a role in its selector instead"
            ),
        ))
    };
    let of_scaler = |one: &HorizontalPodAutoscaler| {
        let name = one.metadata.name.as_deref().unwrap_or_default();
        owned(format!("HorizontalPodAutoscaler/{name}"), &one.metadata)
    };
    owned(old.reference(), old.metadata())
        .or_else(|| {
            let service = format!("Service/{}", scene.service_name());
            owned(service, &scene.service.metadata)
        })
        .or_else(|| scaler::of(beside.scalers, old.name()).find_map(of_scaler))
}

fn controller(metadata: &ObjectMeta) -> Option<String> {
    let mut owners = metadata.owner_references.iter().flatten();
    let owner = owners.find(|owner| owner.controller == Some(true))?;
    Some(format!("{}/{}", owner.kind, owner.name))
}

fn of_key(scene: &Scene<'_>, old: &Workload) -> Option<Declined> {
    let key = scene.origin.key.as_str();
    let asked = old.selector().is_some_and(|selector| {
        let mut expressions = selector.match_expressions.iter().flatten();
        expressions.any(|one| one.key == key)
    });
    let value = old.pod_labels().get(key).or_else(|| scene.base.get(key));
    (asked || value.is_some()).then(|| {
        let value = value.map_or("", String::as_str);
        if words::has_colour(value) {
            let (name, old) = (scene.service_name(), old.reference());
            return unfit(
                format!("{old} is a side of {name} already: its pods carry {key}={value}"),
                format!(
                    "the other side comes from manifests: kubectl bluegreen stage {name} -f FILE"
                ),
            );
        }
        unfit(
            format!(
                "the label {key}={value} of {} says something else than a role",
                old.reference()
            ),
            "name a key that nobody uses: --role-key slot",
        )
    })
}

fn of_strategy(old: &Workload) -> Option<Declined> {
    let Workload::Deployment(deployment) = old else {
        return None;
    };
    let strategy = deployment.spec.as_ref()?.strategy.as_ref()?;
    (strategy.type_.as_deref() == Some("Recreate")).then(|| {
        unfit(
            format!(
                "{} has strategy Recreate: it says that no two of its pods may run side by side",
                old.reference()
            ),
            "if they may, set spec.strategy.type to RollingUpdate first; blue and green always run side by side",
        )
    })
}

fn of_health(old: &Workload) -> Option<Declined> {
    let what = old.reference();
    let resource = old.resource();
    let (wanted, counts) = (old.replicas(), old.counts());
    let paused = matches!(old, Workload::Deployment(one)
        if one.spec.as_ref().and_then(|spec| spec.paused) == Some(true));
    if old.is_deleting() {
        return Some(unfit(
            format!("{what} is being deleted"),
            "kubectl get deployments",
        ));
    }
    if old.annotation(keys::TAKEDOWN).is_some() {
        return Some(unfit(
            format!("{what} is marked as to be taken down"),
            format!(
                "kubectl annotate {resource} {}- if it is not",
                keys::TAKEDOWN
            ),
        ));
    }
    if paused {
        return Some(unfit(
            format!("{what} is paused, its pods may not be what it says"),
            format!("kubectl rollout resume {resource}"),
        ));
    }
    if wanted < 1 {
        return Some(unfit(
            format!("{what} wants 0 replicas: nothing serves that could be taken over"),
            format!("kubectl scale {resource} --replicas=2"),
        ));
    }
    let complete = [counts.replicas, counts.updated];
    if !old.is_observed() || complete.into_iter().any(|count| count != wanted) {
        return Some(unfit(
            format!(
                "{what} is rolling out or scaling, {} of {} run its newest template",
                counts.updated,
                counted(number(wanted.max(counts.replicas)), "pod")
            ),
            format!("kubectl rollout status {resource}, then once more"),
        ));
    }
    if counts.ready < wanted || counts.available < wanted {
        return Some(unfit(
            format!(
                "{what} is not well, {} of {} {} ready and available",
                counts.available.min(counts.ready),
                counted(number(wanted), "pod"),
                if wanted == 1 { "is" } else { "are" }
            ),
            format!("kubectl describe {resource}: a copy of it would not come up either"),
        ));
    }
    None
}

fn of_strays(scene: &Scene<'_>, objects: &Objects) -> Option<Declined> {
    let old = scene.old?;
    let mut strays: Vec<String> = objects
        .pods
        .iter()
        .filter(|pod| selector::matches(&scene.base, pod::labels(pod)))
        .filter(|pod| !old.owns(pod) && !pod::is_finished(pod) && !pod::is_terminating(pod))
        .map(|pod| format!("Pod/{}", pod::name(pod)))
        .collect();
    strays.sort();
    (!strays.is_empty()).then(|| {
        unfit(
            format!(
                "Service/{} routes to {} beside {}: they would serve no more",
                scene.service_name(),
                three(&strays),
                old.reference()
            ),
            format!(
                "take one of the labels {} from them first",
                selector::query(&scene.base)
            ),
        )
    })
}

fn number(pods: i32) -> usize {
    usize::try_from(pods).unwrap_or(0)
}
