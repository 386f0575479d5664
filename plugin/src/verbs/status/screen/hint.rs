//! The next step, where there is one.

use super::super::model::Status;

pub(super) fn next(status: &Status) -> Option<String> {
    let name = &status.application;
    if status.active.is_none() {
        let roles = status.roles().join("|");
        return Some(format!("kubectl bluegreen switch {name} --to {roles}"));
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
