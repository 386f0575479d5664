//! The last verification of a role that passed on every pod, kept on the production Services.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use json_patch::Patch;
use k8s_openapi::api::core::v1::{Pod, Service};
use serde::{Deserialize, Serialize};

use crate::keys;
use crate::patch;
use crate::pod;
use crate::workload::Workload;

/// What each workload of an environment runs: `Deployment/tomcat-deployment-green` and its
/// pod-template-hash, or a `StatefulSet` and its controller-revision-hash.
pub type Revision = BTreeMap<String, String>;

/// The value of the annotation `bluegreen.dev/verified-ROLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// What ran when it was verified; it says nothing of anything else.
    pub revision: Revision,
    /// The images of that revision, without init containers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// When the last check had passed.
    pub at: Timestamp,
    /// The user.
    pub by: String,
    /// What was checked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
}

/// One check that passed, by every pod or of all of them together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// In words: `GET http :8080/`, `command ./smoke.sh`.
    pub what: String,
    /// How many pods it was asked of; 0 where it was asked of the environment as a whole.
    pub pods: usize,
    /// How often in a row each of them passed, or how often the whole did.
    pub passes: u32,
}

/// What a workload without exactly one revision runs instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOne {
    /// `Deployment/tomcat-deployment-green`.
    pub workload: String,
    /// None, or several.
    pub revisions: BTreeSet<String>,
}

impl Verified {
    /// Whether all that runs was verified: the whole environment, or a part of it that one Service routes to.
    #[must_use]
    pub fn matches(&self, revision: &Revision) -> bool {
        let mut runs = revision.iter();
        !revision.is_empty()
            && runs.all(|(workload, hash)| self.revision.get(workload) == Some(hash))
    }
}

/// The annotation that keeps the verification of a role.
#[must_use]
pub fn key(role: &str) -> String {
    format!("{}{role}", keys::VERIFIED_PREFIX)
}

/// The last verification of that role that the Service carries; `None` where there is none or it
/// can't be read.
#[must_use]
pub fn of(service: &Service, role: &str) -> Option<Verified> {
    let annotations = service.metadata.annotations.as_ref()?;
    serde_json::from_str(annotations.get(&key(role))?).ok()
}

/// The one revision of each workload, as its pods say that are not going away.
///
/// # Errors
/// A workload has no pod, or its pods run several revisions: there is nothing to vouch for.
pub fn revision(workloads: &[&Workload], pods: &[&Pod]) -> Result<Revision, NotOne> {
    let of_workload = |workload: &Workload| -> BTreeSet<String> {
        pods.iter()
            .filter(|pod| workload.owns(pod))
            .filter(|pod| !pod::is_terminating(pod) && !pod::is_finished(pod))
            .filter_map(|pod| pod::revision(pod).map(str::to_owned))
            .collect()
    };
    workloads
        .iter()
        .map(|workload| {
            let mut revisions = of_workload(workload);
            match (revisions.len(), revisions.pop_first()) {
                (1, Some(only)) => Ok((workload.reference(), only)),
                (_, first) => {
                    revisions.extend(first);
                    Err(NotOne {
                        workload: workload.reference(),
                        revisions,
                    })
                }
            }
        })
        .collect()
}

/// Writes the verification on the Service that was read.
///
/// It is guarded by the Service's uid alone: what was verified are pods, so that another writer of
/// the same Service is no reason to verify again.
#[must_use]
pub fn record(service: &Service, role: &str, verified: &Verified) -> Patch {
    let value = serde_json::to_string(verified).unwrap_or_default();
    let annotation = patch::annotate(&service.metadata, &key(role), value);
    Patch(
        patch::same(&service.metadata)
            .into_iter()
            .chain(annotation)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn verified() -> Verified {
        Verified {
            revision: Revision::from([("Deployment/web-green".to_owned(), "5d8f".to_owned())]),
            images: vec!["web:2".to_owned()],
            at: "2026-11-24T08:00:00Z".parse().unwrap(),
            by: "ci@shop".to_owned(),
            checks: vec![Check {
                what: "GET :8080/".to_owned(),
                pods: 2,
                passes: 3,
            }],
        }
    }

    fn service(annotations: Option<Value>) -> Service {
        let mut metadata = json!({ "name": "web", "uid": "u-1" });
        if let Some(annotations) = annotations {
            metadata["annotations"] = annotations;
        }
        serde_json::from_value(json!({ "metadata": metadata })).unwrap()
    }

    fn pod(name: &str, hash: &str, deleted: bool) -> Pod {
        let deleted = deleted.then_some("2026-11-24T08:00:00Z");
        serde_json::from_value(json!({ "metadata": {
            "name": name,
            "labels": { keys::POD_TEMPLATE_HASH: hash },
            "deletionTimestamp": deleted,
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "r",
                "name": format!("web-green-{hash}"), "controller": true,
            }],
        }}))
        .unwrap()
    }

    fn workload() -> Workload {
        let deployment = json!({
            "metadata": { "name": "web-green" },
            "spec": { "selector": {}, "template": {} },
        });
        Workload::Deployment(Box::new(serde_json::from_value(deployment).unwrap()))
    }

    #[test]
    fn what_is_recorded_is_read_again() {
        for annotations in [None, Some(json!({ "other": "kept" }))] {
            let before = service(annotations);
            let mut after = serde_json::to_value(&before).unwrap();
            json_patch::patch(&mut after, &record(&before, "green", &verified())).unwrap();
            let after: Service = serde_json::from_value(after).unwrap();
            assert_eq!(of(&after, "green"), Some(verified()));
            assert_eq!(of(&after, "blue"), None);
        }
    }

    #[test]
    fn another_service_of_the_same_name_gets_no_record() {
        let mut other = serde_json::to_value(service(None)).unwrap();
        other["metadata"]["uid"] = json!("u-2");
        let patch = record(&service(None), "green", &verified());
        assert!(json_patch::patch(&mut other, &patch).is_err());
    }

    #[test]
    fn it_vouches_for_what_it_names_and_nothing_else() {
        let green =
            |hash: &str| Revision::from([("Deployment/web-green".to_owned(), hash.to_owned())]);
        assert!(verified().matches(&green("5d8f")));
        assert!(!verified().matches(&green("77aa")));
        assert!(!verified().matches(&Revision::new()));
        let mut two = green("5d8f");
        two.insert("Deployment/worker-green".to_owned(), "1".to_owned());
        assert!(!verified().matches(&two));
        let of_both = Verified {
            revision: two,
            ..verified()
        };
        assert!(of_both.matches(&green("5d8f")) && !of_both.matches(&green("77aa")));
    }

    #[test]
    fn a_revision_is_what_all_pods_run_that_are_there_to_stay() {
        let workload = workload();
        let leaving = pod("a", "old", true);
        let (one, two) = (pod("b", "new", false), pod("c", "new", false));
        let found = revision(&[&workload], &[&leaving, &one, &two]).unwrap();
        assert_eq!(found["Deployment/web-green"], "new");
        let old = pod("d", "old", false);
        let several = revision(&[&workload], &[&one, &old]).unwrap_err();
        assert_eq!(several.revisions.len(), 2);
        let none = revision(&[&workload], &[&leaving]).unwrap_err();
        assert_eq!(none.revisions.len(), 0);
    }
}
