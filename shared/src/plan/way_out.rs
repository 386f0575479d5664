//! How an overlap may end, where either side may be down by then.

use jiff::Timestamp;

use crate::application::Application;
use crate::objects::Objects;

use super::rollback::{Rollback, rollback};
use super::switch::{Switch, switch};

/// A side that may serve alone, and the verb that lets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// The side.
    pub role: String,
    /// The whole command.
    pub command: String,
}

/// Every way out of the overlap that the gate lets pass now, that in the new side first; none where
/// production is in no overlap, or neither side may serve alone.
#[must_use]
pub fn ways_out(application: &Application<'_>, objects: &Objects, now: Timestamp) -> Vec<WayOut> {
    let Some(overlap) = application.overlap() else {
        return Vec::new();
    };
    let name = &application.name;
    let back = match rollback(application, objects, now) {
        Ok(Rollback::Back { plan, .. }) => Some(plan.to),
        Ok(Rollback::Already(_)) | Err(_) => None,
    };
    let may_serve = |role: &&String| match switch(application, objects, Some(role), now) {
        Ok(Switch::Flip(plan)) => plan.verdict.allows(),
        Ok(Switch::Already(_)) | Err(_) => false,
    };
    let command = |role: &String| {
        if *role == overlap.to {
            format!("kubectl bluegreen switch {name}")
        } else if Some(role) == back.as_ref() {
            format!("kubectl bluegreen rollback {name}")
        } else {
            format!("kubectl bluegreen switch {name} --to {role}")
        }
    };
    [&overlap.to, &overlap.from]
        .into_iter()
        .filter(may_serve)
        .map(|role| WayOut {
            role: role.clone(),
            command: command(role),
        })
        .collect()
}

/// The ways in one line; `None` where there are none.
#[must_use]
pub fn told(ways: &[WayOut]) -> Option<String> {
    let each = ways
        .iter()
        .map(|WayOut { role, command }| format!("{role} alone: {command}"));
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| each.join("; "))
}
