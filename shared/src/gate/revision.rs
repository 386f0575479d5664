//! What an environment runs, in one line that can be compared later.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Pod;

use crate::pod;
use crate::workload::Workload;

/// Between the workloads of an environment.
const BETWEEN_WORKLOADS: char = '+';
/// Between the revisions of a workload that runs several.
const BETWEEN_REVISIONS: char = ',';

/// The revision of each workload, in the order of their names, joined by `+`; `None` where no
/// workload has a pod.
///
/// A workload runs what its serving pods run, or where none serves, what its pods run. One
/// without a pod leaves its place empty.
#[must_use]
pub fn revision(workloads: &[&Workload], pods: &[&Pod]) -> Option<String> {
    let each = made(workloads, pods);
    let each: Vec<String> = each.iter().map(|pods| joined(&of_workload(pods))).collect();
    let some = each.iter().any(|revision| !revision.is_empty());
    some.then(|| each.join(&BETWEEN_WORKLOADS.to_string()))
}

/// The pods of each workload that are there to stay, in the order of the workloads' names.
fn made<'p>(workloads: &[&Workload], pods: &[&'p Pod]) -> Vec<Vec<&'p Pod>> {
    let mut makers: BTreeMap<(&str, &str), Vec<&Pod>> = workloads
        .iter()
        .map(|workload| ((workload.name(), workload.kind()), Vec::new()))
        .collect();
    for pod in pods {
        if !pod::is_terminating(pod)
            && !pod::is_finished(pod)
            && let Some((kind, name)) = pod::maker(pod)
            && let Some(made) = makers.get_mut(&(name, kind))
        {
            made.push(pod);
        }
    }
    makers.into_values().collect()
}

/// What the serving ones of a workload's pods run, or where none serves, what they all run.
fn of_workload<'p>(pods: &[&'p Pod]) -> BTreeSet<&'p str> {
    let serving: BTreeSet<&str> = pods
        .iter()
        .filter(|pod| pod::is_serving(pod))
        .filter_map(|pod| pod::revision(pod))
        .collect();
    if serving.is_empty() {
        pods.iter().filter_map(|pod| pod::revision(pod)).collect()
    } else {
        serving
    }
}

fn joined(revisions: &BTreeSet<&str>) -> String {
    let each: Vec<&str> = revisions.iter().copied().collect();
    each.join(&BETWEEN_REVISIONS.to_string())
}

/// Whether every pod of the workloads that is not on its way out runs what was written down.
#[must_use]
pub fn runs_nothing_but(workloads: &[&Workload], pods: &[&Pod], written: &str) -> bool {
    let made = made(workloads, pods);
    let mut places = made.iter().enumerate();
    places.all(|(place, pods)| pods.iter().all(|pod| is_of(pod, place, written)))
}

/// Whether what was written down has served: there are as many workloads, each revision is one that the
/// workload's serving pods run, or where none serves its pods, and the form is that of [`revision`].
///
/// Pods come and go between a look and a write, so that not all has to be named that runs; but a place
/// may be empty only where nothing serves.
pub(super) fn have_served(workloads: &[&Workload], pods: &[&Pod], written: &str) -> bool {
    holds(workloads, pods, written, |pods, written| {
        let runs = of_workload(pods);
        let serves = pods.iter().any(|pod| pod::is_serving(pod));
        match written {
            [] => runs.is_empty() || !serves,
            some => some.iter().all(|one| runs.contains(one)),
        }
    })
}

/// The same of what is to serve, be its pods ready or not: whether they are must not matter here.
pub(super) fn are_there(workloads: &[&Workload], pods: &[&Pod], written: &str) -> bool {
    holds(workloads, pods, written, |pods, written| {
        let is_there = |one: &&str| pods.iter().any(|pod| pod::revision(pod) == Some(*one));
        written.iter().all(is_there)
    })
}

/// Whether it holds for the pods of each workload and the revisions that were written down of it, in order.
fn holds(
    workloads: &[&Workload],
    pods: &[&Pod],
    written: &str,
    of_workload: impl Fn(&[&Pod], &[&str]) -> bool,
) -> bool {
    let places: Vec<&str> = written.split(BETWEEN_WORKLOADS).collect();
    let made = made(workloads, pods);
    made.len() == places.len()
        && made.iter().zip(places).all(|(pods, place)| {
            let written: Vec<&str> = match place {
                "" => Vec::new(),
                some => some.split(BETWEEN_REVISIONS).collect(),
            };
            written.is_sorted_by(|one, next| one < next) && of_workload(pods, &written)
        })
}

/// Of how many workloads something was written down.
pub(super) fn places(written: &str) -> usize {
    written.split(BETWEEN_WORKLOADS).count()
}

/// Whether a pod of the workload at that place runs what was written down.
fn is_of(pod: &Pod, place: usize, written: &str) -> bool {
    let of_place = written.split(BETWEEN_WORKLOADS).nth(place);
    of_place.is_some_and(|revisions| {
        pod::revision(pod).is_some_and(|runs| {
            revisions
                .split(BETWEEN_REVISIONS)
                .any(|revision| revision == runs)
        })
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    fn workload(name: &str) -> Workload {
        let deployment: Deployment =
            serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap();
        deployment.into()
    }

    fn pod(workload: &str, hash: &str, ready: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {
                "labels": { "pod-template-hash": hash },
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "",
                    "name": format!("{workload}-{hash}"), "controller": true,
                }],
            },
            "status": { "conditions": [{ "type": "Ready", "status": ready }] },
        }))
        .unwrap()
    }

    fn of(workloads: &[&str], pods: &[Pod]) -> Option<String> {
        let workloads: Vec<Workload> = workloads.iter().map(|name| workload(name)).collect();
        let workloads: Vec<&Workload> = workloads.iter().collect();
        revision(&workloads, &pods.iter().collect::<Vec<_>>())
    }

    #[test]
    fn it_goes_by_the_names_of_the_workloads() {
        let pods = [pod("web", "w1", "True"), pod("cache", "c1", "True")];
        assert_eq!(of(&["web", "cache"], &pods).as_deref(), Some("c1+w1"));
        assert_eq!(of(&["cache", "web"], &pods).as_deref(), Some("c1+w1"));
        assert_eq!(of(&["web", "cache"], &pods[..1]).as_deref(), Some("+w1"));
        assert_eq!(of(&["web"], &[]), None);
    }

    #[test]
    fn what_serves_decides_and_otherwise_what_is_there() {
        let mixed = [pod("web", "b", "True"), pod("web", "a", "False")];
        assert_eq!(of(&["web"], &mixed).as_deref(), Some("b"));
        let both = [pod("web", "b", "True"), pod("web", "a", "True")];
        assert_eq!(of(&["web"], &both).as_deref(), Some("a,b"));
        let none = [pod("web", "b", "False")];
        assert_eq!(of(&["web"], &none).as_deref(), Some("b"));
    }

    #[test]
    fn a_pod_is_compared_at_its_workloads_place() {
        let web = pod("web", "w1", "True");
        assert!(is_of(&web, 1, "c1+w1") && is_of(&web, 1, "+w0,w1"));
        assert!(!is_of(&web, 0, "c1+w1") && !is_of(&web, 2, "c1+w1"));
        assert!(!is_of(&web, 0, ""));
    }

    #[test]
    fn only_what_serves_vouches_for_what_was_written_down() {
        let web = [workload("web")];
        let (web, two) = ([&web[0]], [workload("cache"), workload("web")]);
        let two: Vec<&Workload> = two.iter().collect();
        let mut finished = pod("web", "old", "False");
        finished.status.as_mut().unwrap().phase = Some("Failed".to_owned());
        let pods = [
            pod("web", "a", "True"),
            pod("web", "b", "True"),
            pod("web", "never", "False"),
            finished,
        ];
        let pods: Vec<&Pod> = pods.iter().collect();
        for so in ["a", "b", "a,b"] {
            assert!(have_served(&web, &pods, so), "{so}");
        }
        for not_so in ["", "old", "never", "a,never", "b,a", "a,a", "a,", "a+"] {
            assert!(!have_served(&web, &pods, not_so), "{not_so:?}");
        }
        // Nothing serves there, so that its pods speak for themselves.
        assert!(have_served(&web, &pods[2..], "never") && have_served(&web, &[], ""));
        assert!(have_served(&two, &pods, "+a") && !have_served(&two, &pods, "a+"));
        // What is to serve may not be ready yet, and has to be there all the same.
        assert!(are_there(&web, &pods, "a,never") && are_there(&web, &pods, ""));
        assert!(!are_there(&web, &pods, "old") && !are_there(&web, &pods, "a,a"));
    }
}
