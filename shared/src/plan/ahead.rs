//! The pods of an application as its controllers count them, where nothing is going on in it.
//!
//! Lists of pods are most of what a release waits for. Where every workload is complete, what its
//! controller says tells all that a plan needs to know of them, and the guard judges the flip by
//! the pods themselves.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};

use crate::application::{Active, Application};
use crate::endpoints;
use crate::intent::Intent;
use crate::keys;
use crate::workload::Workload;

/// The pods of both environments as counted; `None` where a workload is not complete, somebody is
/// switching, or slices could not be told apart without the pods' names.
#[must_use]
pub fn pods(application: &Application<'_>, now: Timestamp) -> Option<Vec<Pod>> {
    let is_quiet = application.production.iter().all(|production| {
        let intent = Intent::of(production.service);
        !intent.is_some_and(|intent| intent.holds(now))
    });
    let [one, two] = &application.environments;
    let is_settled = matches!(application.active(), Active::Role(_));
    if !is_quiet || !is_settled || !endpoints::are_told_by_name(one, two) {
        return None;
    }
    let mut pods = Vec::new();
    for workload in one.workloads.iter().chain(&two.workloads) {
        pods.extend(of_workload(workload)?);
    }
    Some(pods)
}

fn of_workload(workload: &Workload) -> Option<impl Iterator<Item = Pod>> {
    let (counts, replicas) = (workload.counts(), workload.replicas());
    let all = [
        counts.replicas,
        counts.updated,
        counts.ready,
        counts.available,
    ];
    let is_complete = replicas > 0
        && workload.is_observed()
        && !workload.is_deleting()
        && all.into_iter().all(|count| count == replicas);
    let pod = one(workload, revision(workload)?)?;
    let replicas = usize::try_from(replicas).ok()?;
    is_complete.then(|| std::iter::repeat_n(pod, replicas))
}

/// What all pods of a complete workload run.
///
/// Of a Deployment only its newest `ReplicaSet` has pods then, and the controller names that in the
/// condition `Progressing` (`deployment/progress.go`): no other field of a Deployment has the hash.
fn revision(workload: &Workload) -> Option<&str> {
    match workload {
        Workload::Deployment(_) => {
            let progressing = workload.condition("Progressing")?;
            if progressing.reason != "NewReplicaSetAvailable" {
                return None;
            }
            let set = progressing.message.split('"').nth(1)?;
            let hash = set.strip_prefix(workload.name())?.strip_prefix('-')?;
            let is_hash = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_hash.then_some(hash)
        }
        Workload::StatefulSet(set) => {
            let status = set.status.as_ref()?;
            let newest = status.update_revision.as_deref()?;
            (status.current_revision.as_deref() == Some(newest)).then_some(newest)
        }
    }
}

/// A pod of the workload's template that is ready.
fn one(workload: &Workload, revision: &str) -> Option<Pod> {
    let template = workload.template()?;
    let (owner, name, key) = match workload {
        Workload::Deployment(_) => (
            "ReplicaSet",
            format!("{}-{revision}", workload.name()),
            keys::POD_TEMPLATE_HASH,
        ),
        Workload::StatefulSet(_) => (
            "StatefulSet",
            workload.name().to_owned(),
            keys::CONTROLLER_REVISION_HASH,
        ),
    };
    let mut labels = workload.pod_labels().clone();
    labels.insert(key.to_owned(), revision.to_owned());
    Some(Pod {
        metadata: ObjectMeta {
            labels: Some(labels),
            owner_references: Some(vec![OwnerReference {
                api_version: "apps/v1".to_owned(),
                kind: owner.to_owned(),
                name,
                uid: workload.metadata().uid.clone().unwrap_or_default(),
                controller: Some(true),
                ..OwnerReference::default()
            }]),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        status: Some(PodStatus {
            phase: Some("Running".to_owned()),
            conditions: Some(vec![PodCondition {
                type_: "Ready".to_owned(),
                status: "True".to_owned(),
                ..PodCondition::default()
            }]),
            ..PodStatus::default()
        }),
    })
}
