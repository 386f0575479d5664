//! What of manifests may be applied where production is updated in place: the Deployment, and what
//! nothing depends on yet.
//!
//! What does not pass is taken back, and only the Deployment can be. So nothing else that is there is
//! changed beside it.

use serde_json::Value;

use crate::manifests::{Candidate, Judged, Kind, is_so_already};

use super::scene::Scene;

/// Judges all objects at once; what may be applied holds the Deployment, where the manifests do.
#[must_use]
pub fn judge_pieces(candidates: Vec<Candidate>, scene: &Scene<'_>) -> Judged {
    let mut judged = Judged::default();
    for candidate in candidates {
        match fate(&candidate, scene) {
            Ok(true) => judged.apply.push(candidate),
            Ok(false) => judged.left.push(candidate.piece),
            Err(reason) => judged.findings.push(candidate.piece.finding(reason)),
        }
    }
    judged.apply.sort_by_key(|candidate| candidate.piece.kind);
    judged
}

/// Whether it is applied, or is so already.
fn fate(candidate: &Candidate, scene: &Scene<'_>) -> Result<bool, String> {
    let piece = &candidate.piece;
    let what = scene.reference();
    match piece.kind {
        Kind::Deployment if piece.name == scene.workload.name() => return Ok(true),
        Kind::Deployment | Kind::StatefulSet => {
            return Err(format!("is another workload than {what}, which is updated"));
        }
        _ => {}
    }
    if is_so_already(candidate) {
        return Ok(false);
    }
    match (&candidate.stored, piece.kind) {
        (
            None,
            Kind::ServiceAccount | Kind::ConfigMap | Kind::Secret | Kind::PersistentVolumeClaim,
        ) => Ok(true),
        (None, _) => Err(format!(
            "is not there yet, and would stay where {what} is taken back: apply it by itself"
        )),
        (Some(_), _) => Err(format!(
            "would change, and would stay so where {what} is taken back: apply it by itself, or give \
             it another name for each version"
        )),
    }
}

/// What applying a manifest makes of the stored object, where nobody is asked: what the manifest says,
/// and items of a list by their names. Only the API server knows it better.
#[must_use]
pub fn merged(stored: &Value, manifest: &Value) -> Value {
    match (stored, manifest) {
        (Value::Object(stored), Value::Object(manifest)) => {
            let mut all = stored.clone();
            for (key, value) in manifest {
                let was = stored.get(key).unwrap_or(&Value::Null);
                all.insert(key.clone(), merged(was, value));
            }
            Value::Object(all)
        }
        (Value::Array(stored), Value::Array(manifest)) => {
            let is_named = |item: &Value| item["name"].is_string();
            let same = |item: &Value| stored.iter().find(|one| one["name"] == item["name"]);
            let items = manifest.iter().map(|item| match same(item) {
                Some(was) if is_named(item) => merged(was, item),
                _ => item.clone(),
            });
            items.collect()
        }
        (stored, Value::Null) => stored.clone(),
        (_, manifest) => manifest.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_manifest_does_not_say_stays() {
        let stored =
            json!({"replicas": 2, "list": [{"name": "a", "image": "a:1", "probe": {"port": 1}}]});
        let manifest = json!({"list": [{"name": "a", "image": "a:2"}], "none": null});
        assert_eq!(
            merged(&stored, &manifest),
            json!({"replicas": 2, "none": null, "list": [{"name": "a", "image": "a:2", "probe": {"port": 1}}]})
        );
    }
}
