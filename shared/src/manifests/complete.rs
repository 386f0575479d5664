//! What the webhook would add to a workload, put into its manifest.
//!
//! The webhook sees the object as it is to be stored: what the manifest says, and what others own of
//! it. So that is what is judged here too, and what it lacks goes into the manifest.

use jiff::Timestamp;
use json_patch::jsonptr::{Pointer, PointerBuf, Token};
use json_patch::{AddOperation, Patch, PatchError, PatchOperation};
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

use crate::mutate;
use crate::workload::Workload;

/// Where a pod template has its containers.
const CONTAINERS: [&str; 4] = ["spec", "template", "spec", "containers"];

/// Adds readiness probes and role labels to the manifest of a workload; what could not be added, as
/// the webhook would say it.
///
/// `merged` is the object that the manifest would make, and `before` the one that is stored.
///
/// # Errors
/// The manifest has something else where an object should be.
pub fn complete(
    manifest: &mut Value,
    merged: &Workload,
    before: Option<&Workload>,
    services: &[Service],
    now: Timestamp,
) -> Result<Vec<String>, PatchError> {
    let mutation = mutate::workload(merged, before, services, now);
    for operation in mutation.patch {
        if let PatchOperation::Add(addition) = operation {
            let addition = in_manifest(addition, merged, manifest);
            put(manifest, addition)?;
        }
    }
    Ok(mutation.warnings)
}

/// Sets a field of a manifest, and makes the objects that it stands in where there are none.
///
/// # Errors
/// One of them is there and is no object.
pub(super) fn put(manifest: &mut Value, addition: AddOperation) -> Result<(), PatchError> {
    let mut missing = Vec::new();
    let mut parent = addition.path.parent();
    let is_missing = |path: &&Pointer| manifest.pointer(path.as_str()).is_none_or(Value::is_null);
    while let Some(path) = parent.filter(is_missing) {
        missing.push(path.to_owned());
        parent = path.parent();
    }
    let made = missing.into_iter().rev().map(|path| {
        let is_list = path.as_str() == PointerBuf::from_tokens(CONTAINERS).as_str();
        let value = if is_list { json!([]) } else { json!({}) };
        AddOperation { path, value }
    });
    let operations = made.chain([addition]).map(PatchOperation::Add);
    json_patch::patch(manifest, &Patch(operations.collect()))
}

/// The same addition where the manifest has that container. One that it doesn't have is merged by its
/// name.
fn in_manifest(addition: AddOperation, merged: &Workload, manifest: &Value) -> AddOperation {
    let containers = PointerBuf::from_tokens(CONTAINERS);
    let Some((index, field)) = of_container(&addition.path, &containers) else {
        return addition;
    };
    let all = merged.pod_spec().map(|spec| spec.containers.as_slice());
    let Some(container) = all.and_then(|all| all.get(index)) else {
        return addition;
    };
    let written = manifest.pointer(containers.as_str());
    let mut written = written.and_then(Value::as_array).into_iter().flatten();
    let mut path = containers;
    let Some(index) = written.position(|one| one["name"] == container.name) else {
        path.push_back("-");
        let value = json!({ "name": container.name, field: addition.value });
        return AddOperation { path, value };
    };
    path.push_back(index);
    path.push_back(Token::new(field.as_str()));
    AddOperation { path, ..addition }
}

/// Which container a path leads into, and to which field of it.
fn of_container(path: &Pointer, containers: &Pointer) -> Option<(usize, String)> {
    let mut rest = path.strip_prefix(containers)?.tokens();
    let index = rest.next()?.decoded().parse().ok()?;
    Some((index, rest.next()?.decoded().into_owned()))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;

    use super::*;

    const NOW: &str = "2026-05-01T12:00:00Z";

    fn workload(object: &Value) -> Workload {
        let deployment: Deployment = serde_json::from_value(object.clone()).unwrap();
        deployment.into()
    }

    fn object(containers: &Value) -> Value {
        let labels = json!({"app": "web", "role": "green"});
        json!({
            "metadata": {"name": "web-green", "labels": labels},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
            },
        })
    }

    #[test]
    fn the_probe_goes_to_the_container_of_that_name() {
        let web = json!({"name": "web", "image": "web:1", "ports": [{"containerPort": 80}]});
        let agent = json!({"name": "agent", "image": "agent:1"});
        let mut manifest = object(&json!([agent, web]));
        let merged = workload(&object(&json!([web, agent])));
        let warnings = complete(&mut manifest, &merged, None, &[], NOW.parse().unwrap()).unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        let containers = &manifest["spec"]["template"]["spec"]["containers"];
        assert_eq!(containers[0], agent);
        assert_eq!(
            containers[1]["readinessProbe"],
            json!({"tcpSocket": {"port": 80}})
        );
        let again = manifest.clone();
        let merged = workload(&manifest);
        complete(&mut manifest, &merged, None, &[], NOW.parse().unwrap()).unwrap();
        assert_eq!(manifest, again);
    }

    #[test]
    fn a_container_of_others_is_merged_by_its_name() {
        let web = json!({"name": "web", "ports": [{"containerPort": 80}]});
        let merged = workload(&object(&json!([web])));
        let mut manifest = json!({"metadata": {"name": "web-green"}});
        complete(&mut manifest, &merged, None, &[], NOW.parse().unwrap()).unwrap();
        let expected = json!([{"name": "web", "readinessProbe": {"tcpSocket": {"port": 80}}}]);
        assert_eq!(manifest["spec"]["template"]["spec"]["containers"], expected);
    }

    #[test]
    fn the_role_is_labelled_where_only_the_name_says_it() {
        let mut manifest = object(&json!([]));
        manifest["metadata"]["labels"] = json!({"app": "web"});
        manifest["spec"]["template"]["metadata"] = Value::Null;
        let merged = workload(&manifest);
        complete(&mut manifest, &merged, None, &[], NOW.parse().unwrap()).unwrap();
        assert_eq!(manifest["metadata"]["labels"]["role"], "green");
        assert_eq!(
            manifest["spec"]["template"]["metadata"]["labels"]["role"],
            "green"
        );
    }
}
