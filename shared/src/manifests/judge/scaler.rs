//! An autoscaler: of a workload of the idle side, now and then.

use serde_json::Value;

use super::Candidate;
use crate::manifests::kind::Kind;
use crate::manifests::scene::Scene;

const TARGET: &str = "/spec/scaleTargetRef";

pub(super) fn reasons(candidate: &Candidate, all: &[Candidate], scene: &Scene<'_>) -> Vec<String> {
    let is_idle = |(kind, name): (&str, &str)| Scene::workload(scene.idle, kind, name).is_some();
    let comes_along = |(kind, name): (&str, &str)| {
        all.iter().any(|other| {
            let piece = &other.piece;
            let is_workload = matches!(piece.kind, Kind::Deployment | Kind::StatefulSet);
            is_workload && piece.kind.as_str() == kind && piece.name == name
        })
    };
    let stored = candidate.stored.as_ref().map(target);
    if let Some((kind, name)) = stored.filter(|target| !is_idle(*target)) {
        return vec![format!(
            "scales {kind}/{name} now, which is not of {}",
            scene.side()
        )];
    }
    let wanted @ (kind, name) = target(&candidate.piece.object);
    if is_idle(wanted) || comes_along(wanted) {
        return Vec::new();
    }
    vec![format!(
        "would scale {kind}/{name}, which is not of {}",
        scene.side()
    )]
}

/// Kind and name of what an autoscaler scales.
fn target(object: &Value) -> (&str, &str) {
    let field = |name: &str| object.pointer(TARGET).and_then(|it| it[name].as_str());
    (field("kind").unwrap_or("?"), field("name").unwrap_or("?"))
}
