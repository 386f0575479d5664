//! The flip from the old Deployment to the one with a role, as every other flip is planned and judged.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::application::{Application, Environment, Production, Rule};
use crate::objects::Objects;
use crate::plan::switch::{FlipPlan, flips};

use super::scene::Scene;

/// What is between the old Deployment, which has no role, and the new one.
#[derive(Clone, Debug)]
pub struct Crossing<'a> {
    /// Both of them as if they were two environments. No discovery would find it.
    pub application: Application<'a>,
    /// The flip, judged.
    pub plan: FlipPlan<'a>,
}

/// The flip as things are; `None` before there is somewhere to go, and after it was done.
#[must_use]
pub fn crossing<'a>(scene: &Scene<'a>, objects: &Objects, now: Timestamp) -> Option<Crossing<'a>> {
    let made = scene.made.filter(|_| !scene.is_flipped())?;
    let role = scene.role.as_str().to_owned();
    // No label value has a slash, so that it is nobody's role.
    let left = format!("Deployment/{}", scene.origin.name);
    let selectors = BTreeMap::from([
        (role.clone(), scene.selector(scene.role)),
        (left.clone(), scene.base.clone()),
    ]);
    let side = |role: String, workloads| Environment { role, workloads };
    let application = Application {
        name: scene.service_name().to_owned(),
        rule: Rule::Mark,
        environments: [
            side(role.clone(), vec![made]),
            side(left, scene.old.into_iter().collect()),
        ],
        production: vec![Production {
            service: scene.service,
            selectors,
            overlap: None,
        }],
        bound: Vec::new(),
        notes: Vec::new(),
    };
    // Nothing leads back to it: its pods can't be selected alone any more.
    let plan = flips(&application, objects, &role, now).without_way_back();
    Some(Crossing { application, plan })
}
