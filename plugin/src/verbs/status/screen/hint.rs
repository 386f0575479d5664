//! The next step, where there is one.

use super::super::model::{OverlapLine, Status};

pub(super) fn next(status: &Status) -> Option<String> {
    let name = &status.application;
    if status.active.is_none() {
        let roles = status.roles().join("|");
        return Some(format!("kubectl bluegreen switch {name} --to {roles}"));
    }
    if let Some(overlap) = &status.overlap {
        return overlap.interrupted.then(|| ends(overlap, name));
    }
    let idle = status.idle()?;
    let gate = idle.gate.as_ref()?;
    if let Some(first) = gate.refusals.first() {
        return Some(first.refusal.remedy.clone());
    }
    if gate.course == "way back" {
        return status
            .can_roll_back
            .then(|| format!("back to {}: kubectl bluegreen rollback {name}", idle.role));
    }
    let is_verified = idle.verified.as_ref().is_some_and(|last| last.current);
    let verb = if is_verified { "switch" } else { "verify" };
    Some(format!("kubectl bluegreen {verb} {name}"))
}

/// How either side comes to serve alone.
fn ends(overlap: &OverlapLine, name: &str) -> String {
    let OverlapLine { from, to, back, .. } = overlap;
    let verb = if back == from { "rollback" } else { "switch" };
    let flag = if back == from {
        String::new()
    } else {
        format!(" --to {from}")
    };
    format!(
        "{to} alone: kubectl bluegreen switch {name}; {from} alone: kubectl bluegreen {verb} {name}{flag}"
    )
}
