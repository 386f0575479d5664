//! What the pods of a Job say of its end.

use bluegreen_shared::pod;
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::{Cluster, Freshness, Manifest};
use crate::diagnosis::{last_lines, warning};

use super::super::finding::Finding;
use super::super::pods::not_running;

/// The finding with what its newest pod says, and the last lines of that; or why it has none.
pub(super) async fn tell(cluster: &Cluster, manifest: &Manifest, finding: Finding) -> Finding {
    let mut told = finding;
    let query = format!("batch.kubernetes.io/job-name={}", manifest.name());
    let found = cluster
        .read_pods(cluster.namespace(), Some(&query), Freshness::Live)
        .await;
    let Some(newest) = found.ok().and_then(newest) else {
        if let Some(words) = warning(cluster, manifest.kind(), manifest.name()).await {
            told.words = format!("{}; {words}", told.words);
        }
        return told;
    };
    let name = pod::name(&newest);
    let ended = exit(&newest);
    let (container, words) = match &ended {
        Some((container, code)) => (
            Some(container.as_str()),
            Some(format!("container {container} ended with exit code {code}")),
        ),
        None => (first_container(&newest), not_running(&newest)),
    };
    if let Some(words) = words {
        told.words = format!("{}; Pod/{name}: {words}", told.words);
    }
    if let Some(container) = container {
        told.output = last_lines(cluster, name, container, false).await;
    }
    told
}

fn newest(pods: Vec<Pod>) -> Option<Pod> {
    let created = |pod: &Pod| {
        let created = pod.metadata.creation_timestamp.as_ref();
        created.map(|created| created.0)
    };
    pods.into_iter().max_by_key(created)
}

/// The container that ended with an error, and its exit code.
fn exit(pod: &Pod) -> Option<(String, i32)> {
    let status = pod.status.as_ref()?;
    let init = status.init_container_statuses.iter().flatten();
    let regular = status.container_statuses.iter().flatten();
    init.chain(regular).find_map(|container| {
        // One that is restarted in place tells of its last run.
        let ends = [&container.state, &container.last_state];
        let mut ends = ends
            .into_iter()
            .flatten()
            .filter_map(|state| state.terminated.as_ref());
        let end = ends.find(|end| end.exit_code != 0)?;
        Some((container.name.clone(), end.exit_code))
    })
}

fn first_container(pod: &Pod) -> Option<&str> {
    let first = pod.spec.as_ref()?.containers.first()?;
    Some(&first.name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_container_that_ended_with_an_error_is_found() {
        let state = |code: i32| json!({ "terminated": { "exitCode": code } });
        let container = |name: &str, state: Value, last: Value| {
            json!({
                "name": name, "image": "", "imageID": "", "ready": false, "restartCount": 0,
                "state": state, "lastState": last,
            })
        };
        let pod: Pod = serde_json::from_value(json!({ "status": {
            "initContainerStatuses": [container("first", state(0), json!({}))],
            "containerStatuses": [
                container("smoke", json!({ "running": {} }), state(3)),
            ],
        }}))
        .unwrap();
        assert_eq!(exit(&pod), Some(("smoke".to_owned(), 3)));
        assert_eq!(exit(&Pod::default()), None);
    }
}
