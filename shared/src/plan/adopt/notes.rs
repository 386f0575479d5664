//! What an adoption leaves to others: what applies the objects again, and what else selects the pods.

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::manifests::label_selector;
use crate::objects::Objects;
use crate::refusal::three;
use crate::selector;
use crate::workload::Workload;

use super::Beside;
use super::scene::Scene;

/// What a person should know, a sentence each.
pub(super) fn of(scene: &Scene<'_>, objects: &Objects, beside: &Beside<'_>) -> Vec<String> {
    let Some(old) = scene.old else {
        return Vec::new();
    };
    let all = [
        of_tools(scene, old),
        of_services(scene, old, objects),
        of_budgets(old, beside),
        of_claims(old),
        of_names(scene),
    ];
    all.into_iter().flatten().collect()
}

/// A tool that applies it anew, with what says so.
fn tool(metadata: &ObjectMeta) -> Option<String> {
    let labels = selector::or_empty(metadata.labels.as_ref());
    let annotations = selector::or_empty(metadata.annotations.as_ref());
    let of = |what: &str, name: Option<&String>| name.map(|name| format!("{what} {name}"));
    of("Helm release", annotations.get("meta.helm.sh/release-name"))
        .or_else(|| {
            of(
                "Argo CD application",
                labels.get("argocd.argoproj.io/instance"),
            )
        })
        .or_else(|| {
            let tracked = annotations.get("argocd.argoproj.io/tracking-id")?;
            let name = tracked.split(':').next().unwrap_or_default();
            Some(format!("Argo CD application {name}"))
        })
        .or_else(|| of("Flux release", labels.get("helm.toolkit.fluxcd.io/name")))
        .or_else(|| {
            of(
                "Flux kustomization",
                labels.get("kustomize.toolkit.fluxcd.io/name"),
            )
        })
}

fn of_tools(scene: &Scene<'_>, old: &Workload) -> Option<String> {
    let tool = tool(old.metadata()).or_else(|| tool(&scene.service.metadata))?;
    Some(format!(
        "{} belongs to the {tool}: before it is applied again, it must have Deployment/{} and Deployment/{} \
         in place of {}, and leave the selector of Service/{} alone",
        old.reference(),
        scene.side_name(scene.role),
        scene.side_name(scene.idle()),
        old.reference(),
        scene.service_name()
    ))
}

fn of_services(scene: &Scene<'_>, old: &Workload, objects: &Objects) -> Option<String> {
    let is_another = |service: &&Service| service.metadata.name != scene.service.metadata.name;
    let mut names: Vec<String> = objects
        .services
        .iter()
        .filter(is_another)
        .filter(|service| selector::matches(selector::of(service), old.pod_labels()))
        .filter_map(|service| Some(format!("Service/{}", service.metadata.name.as_ref()?)))
        .collect();
    names.sort();
    (!names.is_empty()).then(|| {
        format!(
            "{} will route to the pods of both sides: add {} to the selector where that is not meant",
            three(&names),
            scene.origin.key
        )
    })
}

fn of_budgets(old: &Workload, beside: &Beside<'_>) -> Option<String> {
    let mut names: Vec<String> = beside
        .budgets
        .iter()
        .filter(|budget| {
            let spec = budget.spec.as_ref();
            let selector = spec.and_then(|spec| spec.selector.as_ref());
            selector.is_some_and(|selector| label_selector::matches(selector, old.pod_labels()))
        })
        .filter_map(|budget| {
            Some(format!(
                "PodDisruptionBudget/{}",
                budget.metadata.name.as_ref()?
            ))
        })
        .collect();
    names.sort();
    (!names.is_empty()).then(|| {
        format!(
            "{} will count the pods of both sides as one: two budgets with the role in their selectors protect \
             each for itself",
            three(&names)
        )
    })
}

fn of_claims(old: &Workload) -> Option<String> {
    let volumes = old.pod_spec()?.volumes.iter().flatten();
    let claims: Vec<String> = volumes
        .filter_map(|volume| volume.persistent_volume_claim.as_ref())
        .filter(|claim| claim.read_only != Some(true))
        .map(|claim| format!("PersistentVolumeClaim/{}", claim.claim_name))
        .collect();
    (!claims.is_empty()).then(|| {
        format!(
            "the pods of both sides will write to {} at the same time",
            three(&claims)
        )
    })
}

fn of_names(scene: &Scene<'_>) -> Option<String> {
    let spec = scene.service.spec.as_ref()?;
    (spec.cluster_ip.as_deref() == Some("None")).then(|| {
        format!(
            "Service/{} is headless: whoever remembers addresses of pods asks the old ones until it looks the \
             name up again; --drain is for that too",
            scene.service_name()
        )
    })
}
