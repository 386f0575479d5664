//! The next step, where there is one.

use bluegreen_shared::plan::way_out::told;

use super::super::model::{OverlapLine, Status};

pub(super) fn next(status: &Status) -> Option<String> {
    let name = &status.application;
    if status.active.is_none() {
        let roles = status.roles().join(" (or --to ") + ")";
        return Some(format!("kubectl bluegreen switch {name} --to {roles}"));
    }
    if let Some(overlap) = &status.overlap {
        return overlap.interrupted.then(|| ends(overlap, status)).flatten();
    }
    let idle = status.idle()?;
    let gate = idle.gate.as_ref()?;
    let back = || format!("back to {}: kubectl bluegreen rollback {name}", idle.role);
    if let Some(first) = gate.refusals.first() {
        let is_better = status.is_down() && status.can_roll_back;
        return Some(if is_better {
            back()
        } else {
            first.refusal.remedy.clone()
        });
    }
    if status.can_roll_back {
        return Some(back());
    }
    let is_rescue = gate.course == "rescue";
    if is_rescue && status.instead.is_some() {
        return Some(format!(
            "kubectl bluegreen switch {name} --to {}",
            idle.role
        ));
    }
    if let Some(instead) = &status.instead {
        return Some(instead.clone());
    }
    let is_verified = idle.verified.as_ref().is_some_and(|last| last.current);
    // An outage does not wait for a verification.
    let verb = if is_verified || is_rescue {
        "switch"
    } else {
        "verify"
    };
    Some(format!("kubectl bluegreen {verb} {name}"))
}

/// How one side comes to serve alone that may; else what keeps the new one from it.
fn ends(overlap: &OverlapLine, status: &Status) -> Option<String> {
    told(&overlap.ways).or_else(|| {
        let mut sides = status.environments.iter();
        let new = sides.find(|side| side.role == overlap.to)?;
        let first = new.gate.as_ref()?.refusals.first()?;
        Some(first.refusal.remedy.clone())
    })
}
