//! What of the manifests may be applied: what belongs to the idle side, and to it alone.

mod budget;
mod reference;
mod scaler;
mod service;
mod workload;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use reference::is_so_already;

use super::kind::Kind;
use super::piece::{Finding, Piece};
use super::scene::Scene;
use crate::keys;
use crate::selector::Labels;

/// Where labels and annotations stand.
const LABELS: &str = "/metadata/labels";
const ANNOTATIONS: &str = "/metadata/annotations";
/// Where a workload's pods get their labels.
const TEMPLATE_LABELS: &str = "/spec/template/metadata/labels";
/// Where a selector stands.
const SELECTOR: &str = "/spec/selector";

/// An object that is to be applied, beside what the cluster has of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// As it is to be.
    pub piece: Piece,
    /// As it is stored; `None` where nothing is.
    pub stored: Option<Value>,
}

/// What becomes of the objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judged {
    /// What may be applied, in the order in which it should be.
    pub apply: Vec<Candidate>,
    /// What others use too, and is just as it would be made.
    pub left: Vec<Piece>,
    /// Why the rest may not be applied; then nothing may.
    pub findings: Vec<Finding>,
}

/// Judges all objects at once.
#[must_use]
pub fn judge(candidates: Vec<Candidate>, scene: &Scene<'_>) -> Judged {
    let mut judged = Judged::default();
    let fates: Vec<Result<Fate, Vec<String>>> = candidates
        .iter()
        .map(|candidate| fate(candidate, &candidates, scene))
        .collect();
    for (candidate, fate) in candidates.into_iter().zip(fates) {
        match fate {
            Ok(Fate::Apply) => judged.apply.push(candidate),
            Ok(Fate::Leave) => judged.left.push(candidate.piece),
            Err(reasons) => {
                let piece = &candidate.piece;
                let findings = reasons.into_iter().map(|reason| piece.finding(reason));
                judged.findings.extend(findings);
            }
        }
    }
    judged.apply.sort_by_key(|candidate| candidate.piece.kind);
    judged
}

enum Fate {
    Apply,
    /// It is so already, and others use it too.
    Leave,
}

fn fate(candidate: &Candidate, all: &[Candidate], scene: &Scene<'_>) -> Result<Fate, Vec<String>> {
    let piece = &candidate.piece;
    let reasons = match piece.kind {
        Kind::Deployment | Kind::StatefulSet => workload::reasons(candidate, scene),
        Kind::Service => service::reasons(candidate, all, scene),
        Kind::HorizontalPodAutoscaler => scaler::reasons(candidate, all, scene),
        Kind::PodDisruptionBudget => budget::reasons(candidate, scene),
        Kind::ServiceAccount | Kind::ConfigMap | Kind::Secret | Kind::PersistentVolumeClaim => {
            match reference::user(candidate, scene) {
                Some(_) if reference::is_so_already(candidate) => return Ok(Fate::Leave),
                user => user.into_iter().collect(),
            }
        }
    };
    if reasons.is_empty() {
        let said = names_the_active_side(piece, scene);
        said.map_err(|reason| vec![reason])?;
        Ok(Fate::Apply)
    } else {
        Err(reasons)
    }
}

/// What an object says of itself, whatever it is.
fn names_the_active_side(piece: &Piece, scene: &Scene<'_>) -> Result<(), String> {
    let active = &scene.active.role;
    if scene.is_named_for_active(&piece.name) {
        return Err(format!("has {active} in its name, which serves"));
    }
    let [labels, annotations] = [LABELS, ANNOTATIONS].map(|at| read(&piece.object, at));
    let (labels, annotations): (Labels, Labels) = (labels?, annotations?);
    if scene.says_active(&labels) {
        return Err(format!(
            "says by its labels that it is of {active}, which serves"
        ));
    }
    match annotations.get(keys::ROLE) {
        Some(role) if *role != scene.idle.role => Err(format!(
            "says by {} that it is of {role}, and {} is idle",
            keys::ROLE,
            scene.idle.role
        )),
        _ => Ok(()),
    }
}

/// A field in its type, or its default where there is none. All else is for the API server to read.
///
/// # Errors
/// It has another type: the reason.
fn read<T: DeserializeOwned + Default>(object: &Value, at: &str) -> Result<T, String> {
    let field = object.pointer(at).filter(|field| !field.is_null());
    let field = field.map(|field| serde_json::from_value(field.clone()));
    field
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(|error| {
            let name = at.trim_start_matches('/').replace('/', ".");
            format!("has a {name} that can't be read: {error}")
        })
}
