//! An existing Deployment and Service made into two environments and the Services in front of them.
//!
//! A Deployment's selector can't be changed and a label on its template would restart its pods, so
//! that it is replaced: a copy with a role comes up beside it, production goes there in one guarded
//! flip, and the old one is deleted once nothing is sent to it any more.
//!
//! What is left to do is read off the cluster each time: whoever was cut off starts again and goes
//! on from there.

mod after;
mod copy;
mod crossing;
mod find;
mod fit;
mod front;
mod left;
mod names;
mod notes;
mod origin;
mod rehearsal;
mod routed;
mod scaler;
mod scene;
mod step;

use jiff::Timestamp;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use serde_json::Value;

use crate::objects::Objects;

use super::Declined;
use super::init::Side;

pub use crossing::{Crossing, crossing};
pub use find::{Found, find};
pub use origin::Origin;
pub use routed::routed;
pub use scene::Scene;
pub use step::{Act, Step};

/// What `adopt` is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The Service's name, or the application's as its selector has it.
    pub name: String,
    /// The role of what is there; the one that was begun with, else blue.
    pub role: Option<Side>,
    /// The label key of the role; the one that was begun with, else `role`.
    pub role_key: Option<String>,
    /// How many pods the idle side gets in the end.
    pub idle_replicas: i32,
}

/// What is known of the namespace beside what tells which Deployment and Service are meant.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// The Deployment that is replaced, as the API server sent it: fields that only a newer one knows
    /// are kept.
    pub old: Option<&'a Value>,
    /// The Deployment that takes its place, as the API server sent it.
    pub made: Option<&'a Value>,
    /// All autoscalers.
    pub scalers: &'a [HorizontalPodAutoscaler],
    /// All disruption budgets, as far as they may be read.
    pub budgets: &'a [PodDisruptionBudget],
}

/// What is left to do.
#[derive(Clone, Debug)]
pub struct Adoption<'a> {
    /// What a person should know before, and what stays to be done by somebody else.
    pub warnings: Vec<String>,
    /// In this order; none where all of it is done.
    pub steps: Vec<Step<'a>>,
}

/// Plans what is left to do.
///
/// `objects` must hold the pods that [`Scene::query`] finds.
///
/// # Errors
/// Requests would be lost, or what would come of it is not what the other verbs could work with.
pub fn plan<'a>(
    scene: &Scene<'a>,
    objects: &'a Objects,
    beside: &Beside<'a>,
    ask: &Ask,
    now: Timestamp,
) -> Result<Adoption<'a>, Declined> {
    if scene.made.is_none() {
        fit::check(scene, objects, beside)?;
    }
    let manifests = copy::of(scene, objects, beside, now)?;
    names::check(scene, objects)?;
    if !scene.is_flipped() {
        after::check(scene, objects, &manifests)?;
    }
    if scene.made.is_none() {
        rehearsal::check(scene, objects, &manifests.active, now)?;
    }
    let mut warnings = manifests.warnings.clone();
    if scene.old.is_some() {
        warnings.extend(notes::of(scene, objects, beside));
    }
    Ok(Adoption {
        warnings,
        steps: left::left(scene, objects, beside, manifests, ask, now),
    })
}

/// The request is declined: one sentence, and what to do instead.
fn declined(why: super::Why, message: String, hint: impl Into<String>) -> Declined {
    Declined {
        why,
        message,
        hint: hint.into(),
    }
}
