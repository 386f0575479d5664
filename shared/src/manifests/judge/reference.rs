//! What pods refer to by name: a change of it reaches all that do.

use serde_json::Value;

use super::Candidate;
use crate::manifests::references::uses;
use crate::manifests::scene::Scene;

/// Why it is not of the idle side alone: a workload of no other side may use it.
pub(super) fn user(candidate: &Candidate, scene: &Scene<'_>) -> Option<String> {
    let piece = &candidate.piece;
    let is_idle = |kind: &str, name: &str| Scene::workload(scene.idle, kind, name).is_some();
    let mut others = scene.objects.workloads.iter();
    let user = others.find(|workload| {
        !is_idle(workload.kind(), workload.name()) && uses(workload, piece.kind, &piece.name)
    })?;
    let user_name = user.reference();
    let serves = Scene::workload(scene.active, user.kind(), user.name()).is_some();
    Some(if serves {
        format!(
            "is used by {user_name}, which serves: give it a name of its own, such as {}-{}",
            piece.name, scene.idle.role
        )
    } else {
        format!("is used by {user_name}, which is not of {}", scene.side())
    })
}

/// Whether the cluster has all of it just so.
pub(crate) fn is_so_already(candidate: &Candidate) -> bool {
    let Some(stored) = &candidate.stored else {
        return false;
    };
    let mut fields = candidate.piece.object.as_object().into_iter().flatten();
    fields.all(|(key, value)| holds(&stored[key], value))
}

fn holds(stored: &Value, wanted: &Value) -> bool {
    match (stored, wanted) {
        (_, Value::Null) => true,
        (Value::Object(stored), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, value)| holds(stored.get(key).unwrap_or(&Value::Null), value)),
        // The cluster adds to the items of a list too.
        (Value::Array(stored), Value::Array(wanted)) => {
            let mut pairs = stored.iter().zip(wanted);
            stored.len() == wanted.len() && pairs.all(|(stored, wanted)| holds(stored, wanted))
        }
        // What is empty is often left out.
        (Value::Null, Value::Object(wanted)) => wanted.is_empty(),
        (Value::Null, Value::Array(wanted)) => wanted.is_empty(),
        _ => stored == wanted,
    }
}
