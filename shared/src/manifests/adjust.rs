//! What flags say on top of manifests.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, PatchError};
use serde_json::{Value, json};

use crate::keys;
use crate::plan::minimum::Raised;

use super::complete::put;

/// Sets the replicas of a workload's manifest.
///
/// # Errors
/// Its spec is no object.
pub fn set_replicas(manifest: &mut Value, replicas: i32) -> Result<(), PatchError> {
    set(manifest, &["spec", "replicas"], json!(replicas))
}

/// Raises the least that an autoscaler's manifest allows, where it is less than that.
///
/// # Errors
/// Its spec is no object.
pub fn raise_minimum(manifest: &mut Value, replicas: i32) -> Result<(), PatchError> {
    let minimum = manifest["spec"]["minReplicas"].as_i64().unwrap_or(1);
    if minimum >= i64::from(replicas) {
        return Ok(());
    }
    let minimum = i32::try_from(minimum).unwrap_or(1);
    let kept = Raised::over(None, minimum, replicas).text();
    annotate(manifest, keys::MINIMUM, &kept)?;
    set(manifest, &["spec", "minReplicas"], json!(replicas))
}

/// Sets an annotation of a manifest.
///
/// # Errors
/// Its metadata is no object.
pub fn annotate(manifest: &mut Value, key: &str, value: &str) -> Result<(), PatchError> {
    set(manifest, &["metadata", "annotations", key], json!(value))
}

/// Sets a field of a manifest.
///
/// # Errors
/// What it stands in is no object.
pub fn set(manifest: &mut Value, path: &[&str], value: Value) -> Result<(), PatchError> {
    let path = PointerBuf::from_tokens(path.iter().copied());
    put(manifest, AddOperation { path, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_set_whether_their_place_is_there_or_not() {
        let mut manifest = json!({"metadata": {"annotations": null}});
        set_replicas(&mut manifest, 3).unwrap();
        annotate(&mut manifest, "a/b", "c").unwrap();
        assert_eq!(manifest["spec"]["replicas"], 3);
        assert_eq!(manifest["metadata"]["annotations"], json!({"a/b": "c"}));
        assert!(set_replicas(&mut json!({"spec": "x"}), 3).is_err());
    }

    #[test]
    fn a_minimum_is_raised_and_never_lowered() {
        let raised = |minimum: Value| {
            let mut manifest = json!({"spec": {"minReplicas": minimum}});
            raise_minimum(&mut manifest, 3).unwrap();
            manifest["spec"]["minReplicas"].clone()
        };
        assert_eq!(raised(json!(2)), 3);
        assert_eq!(raised(json!(4)), 4);
        assert_eq!(raised(Value::Null), 3);
    }
}
