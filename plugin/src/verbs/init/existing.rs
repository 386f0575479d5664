//! What of the pattern is there already; nothing of it is ever changed.

use bluegreen_shared::manifests::difference;
use bluegreen_shared::selector::{self, Labels};
use k8s_openapi::api::core::v1::Service;
use serde_json::Value;

use crate::cluster::{Cluster, Manifest};
use crate::exit::Exit;
use crate::failure::Failure;

/// What the cluster has of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing.
    Missing,
    /// All of it.
    Same,
}

/// Each object, with what the cluster has of it.
///
/// # Errors
/// One is there and differs: what it takes to make it the same is for its owner to decide.
pub(super) async fn compared(
    cluster: &Cluster,
    manifests: Vec<Manifest>,
) -> Result<Vec<(Manifest, Known)>, Failure> {
    let found =
        futures::future::try_join_all(manifests.iter().map(|one| cluster.fetch(one))).await?;
    let mut differing = Vec::new();
    let mut known = Vec::with_capacity(manifests.len());
    for (manifest, found) in manifests.into_iter().zip(found) {
        let Some(found) = found else {
            known.push((manifest, Known::Missing));
            continue;
        };
        let found = serde_json::to_value(&found)
            .map_err(|error| Failure::could_not(format!("can't read an object: {error}")))?;
        if let Some(difference) = difference(&manifest.object, &found) {
            differing.push(format!("{}: {difference}", manifest.reference()));
        }
        known.push((manifest, Known::Same));
    }
    if differing.is_empty() {
        return Ok(known);
    }
    let namespace = cluster.namespace();
    Err(Failure::could_not(format!(
        "objects of these names are in {namespace} already and differ, so nothing was created"
    ))
    .details(differing)
    .hint("take another name, or look at what is there: kubectl bluegreen list"))
}

/// That no Service that is there already routes to the pods that are to be made: they would serve at once,
/// whoever asks for what is there now.
///
/// # Errors
/// One does.
pub(super) async fn unselected(
    cluster: &Cluster,
    objects: &[(Manifest, Known)],
) -> Result<(), Failure> {
    let services = cluster.list::<Service>(cluster.namespace(), None).await?;
    let own: Vec<&str> = objects
        .iter()
        .filter(|(one, _)| one.object["kind"] == "Service")
        .filter_map(|(one, _)| one.object["metadata"]["name"].as_str())
        .collect();
    let mut selecting = Vec::new();
    for service in &services {
        let name = service.metadata.name.as_deref().unwrap_or_default();
        let selector = selector::of(service);
        if selector.is_empty() || own.contains(&name) {
            continue;
        }
        let missing = objects.iter().filter(|(_, known)| *known == Known::Missing);
        let selected = missing.filter(|(one, _)| selector::matches(selector, &pod_labels(one)));
        let query = selector::query(selector);
        selecting.extend(selected.map(|(one, _)| {
            format!(
                "Service/{name} selects {query}, and so the pods of {}",
                one.reference()
            )
        }));
    }
    if selecting.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Refused,
        "what is to be made would serve at once, so nothing was created",
    )
    .details(selecting)
    .hint("take another name, or look at what is there: kubectl bluegreen list"))
}

/// The labels of the pods that a workload makes; none for what is none.
fn pod_labels(manifest: &Manifest) -> Labels {
    let labels = &manifest.object["spec"]["template"]["metadata"]["labels"];
    serde_json::from_value(labels.clone()).unwrap_or_default()
}

/// The first field of the wanted object that the found one lacks or has otherwise; what the
/// cluster added is no difference, and annotations are everybody's.
fn difference(wanted: &Value, found: &Value) -> Option<String> {
    let labels = |object: &Value| object["metadata"]["labels"].clone();
    difference::between(&labels(found), &labels(wanted), "metadata.labels")
        .or_else(|| difference::between(&found["spec"], &wanted["spec"], "spec"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_cluster_added_is_no_difference() {
        let wanted =
            json!({"metadata": {"labels": {"app": "a"}}, "spec": {"ports": [{"port": 80}]}});
        let found = json!({
            "metadata": {"labels": {"app": "a", "team": "x"}, "uid": "1", "annotations": {"n": "1"}},
            "spec": {"ports": [{"port": 80, "protocol": "TCP"}], "clusterIP": "10.0.0.1"},
        });
        assert_eq!(difference(&wanted, &found), None);
    }

    #[test]
    fn the_field_that_differs_is_named() {
        let service = |role: &str| json!({"metadata": {}, "spec": {"selector": {"role": role}}});
        assert_eq!(
            difference(&service("blue"), &service("green")).unwrap(),
            "spec.selector.role is \"green\", and would be \"blue\""
        );
        let ports = |ports: Value| json!({"metadata": {}, "spec": {"ports": ports}});
        assert!(difference(&ports(json!([1])), &ports(json!([1, 2]))).is_some());
    }
}
