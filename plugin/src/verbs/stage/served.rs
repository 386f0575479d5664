//! Whether production runs already what is to be staged.

use bluegreen_shared::application::Application;
use bluegreen_shared::manifests::{convert, pieces};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::stage;
use serde_json::Value;

use crate::cluster::{Cluster, Manifest, NotApplied};
use crate::failure::Failure;
use crate::flags::DryRun;

use super::Wishes;
use super::deliver::{is_workload, manifest, value};
use super::handed::Handed;

/// Whether the environment of a role that serves runs the images or the manifests by now; never where neither
/// is named. Manifests are put to the API server as if they were for that side, and nothing is stored.
///
/// # Errors
/// The wishes don't fit what serves, or the cluster can't be asked.
pub(in crate::verbs) async fn serves(
    wishes: &Wishes,
    handed: Option<&Handed>,
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    objects: &Objects,
) -> Result<bool, Failure> {
    let Some(handed) = handed else {
        return Ok(stage::serves(application, role, objects, &wishes.image)?);
    };
    let mut documents = handed.documents(role)?;
    if wishes.manifests.convert {
        let _ = convert(&mut documents, objects);
    }
    let (pieces, findings) = pieces(documents, cluster.namespace());
    let workloads: Vec<_> = pieces.into_iter().filter(is_workload).collect();
    if !findings.is_empty() {
        // Staging says which.
        return Ok(false);
    }
    if workloads.is_empty() {
        return Err(
            Failure::usage("the manifests have no workload, so that they release nothing")
                .hint("kubectl bluegreen stage applies them to the idle side"),
        );
    }
    for piece in &workloads {
        if !runs(cluster, &manifest(piece)?).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether applying the manifest would leave the pod template as it is. Who owns its fields does not
/// matter: it is not going to be applied.
async fn runs(cluster: &Cluster, manifest: &Manifest) -> Result<bool, Failure> {
    let Some(stored) = cluster.fetch(manifest).await? else {
        return Ok(false);
    };
    let after = match cluster.apply_beside(manifest, DryRun::Server, true).await {
        Ok(after) => value(&after)?,
        // What can't be applied to that side is not what it runs.
        Err(NotApplied::Owned(_) | NotApplied::Other(_)) => return Ok(false),
    };
    let template = |object: &Value| object["spec"]["template"].clone();
    let (mut before, after) = (template(&value(&stored)?), template(&after));
    without_what_we_added(&mut before, &after);
    Ok(before == after)
}

/// Takes the readiness probes out that the manifest does not know: staging has put them in.
fn without_what_we_added(before: &mut Value, after: &Value) {
    let containers = before["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        let others = after["spec"]["containers"].as_array();
        let other = others
            .into_iter()
            .flatten()
            .find(|other| other["name"] == container["name"]);
        if other.is_some_and(|other| other.get("readinessProbe").is_none())
            && let Some(container) = container.as_object_mut()
        {
            container.remove("readinessProbe");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_probe_that_staging_has_added_makes_no_difference() {
        let template = |container: Value| json!({"spec": {"containers": [container]}});
        let named = template(json!({"name": "web", "image": "web:1"}));
        let probed = json!({"tcpSocket": {"port": 80}});
        let added = json!({"name": "web", "image": "web:1", "readinessProbe": probed});
        let mut before = template(added);
        without_what_we_added(&mut before, &named);
        assert_eq!(before, named);
        // A probe that the manifest has of its own does.
        let own = template(json!({"name": "web", "image": "web:1", "readinessProbe": {}}));
        let mut before = own.clone();
        without_what_we_added(&mut before, &own);
        assert_eq!(before, own);
    }
}
