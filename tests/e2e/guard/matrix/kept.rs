//! What of an object its users write, and how a change of that is undone.

use serde_json::{Map, Value, json};

/// What is asked of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// Whether it is still the same.
    Compare,
    /// What it must be again.
    Restore,
    /// What it is made anew from.
    Create,
}

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Written by others, on their own.
const REVISION: &str = "deployment.kubernetes.io/revision";
/// What happened stays in it, and nobody takes it out again.
const HISTORY: &str = "bluegreen.dev/history";

/// What its users write of it.
pub(super) fn kept(object: &Value, why: Kept) -> Value {
    let metadata = &object["metadata"];
    let mut annotations = metadata["annotations"].as_object().cloned();
    if let Some(annotations) = &mut annotations {
        annotations.remove(REVISION);
        annotations.remove(if why == Kept::Compare {
            LAST_APPLIED
        } else {
            HISTORY
        });
    }
    let mut spec = object["spec"].clone();
    // A Service that is made anew gets another address.
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("clusterIP");
        spec.remove("clusterIPs");
    }
    let mut kept = json!({
        "metadata": {
            "labels": metadata["labels"],
            "annotations": annotations.unwrap_or_default(),
            "ownerReferences": metadata["ownerReferences"],
        },
        "spec": spec,
    });
    match why {
        Kept::Compare => {
            for key in ["uid", "deletionTimestamp"] {
                kept["metadata"][key] = metadata[key].clone();
            }
        }
        Kept::Restore => {}
        Kept::Create => {
            kept["apiVersion"] = object["apiVersion"].clone();
            kept["kind"] = object["kind"].clone();
            kept["metadata"]["name"] = metadata["name"].clone();
        }
    }
    kept
}

/// The merge patch that makes `wanted` of `now`; an empty object where they are the same.
pub(super) fn undoing(now: &Value, wanted: &Value) -> Value {
    let none = Map::new();
    let (now, wanted) = (
        now.as_object().unwrap_or(&none),
        wanted.as_object().unwrap_or(&none),
    );
    let mut patch = Map::new();
    for (key, value) in wanted {
        let is = now.get(key).unwrap_or(&Value::Null);
        if is.is_object() && value.is_object() {
            let inner = undoing(is, value);
            if inner != json!({}) {
                patch.insert(key.clone(), inner);
            }
        } else if is != value {
            patch.insert(key.clone(), value.clone());
        }
    }
    for key in now.keys().filter(|key| !wanted.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    Value::Object(patch)
}
