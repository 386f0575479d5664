//! The idle environment made a hot backup: what production runs, on the side that would take over.

mod copy;

use jiff::Timestamp;

use crate::application::{Application, Environment};
use crate::workload::Workload;

use super::idle::idle;
use super::twin::twin;
use super::{Declined, Why};

pub use copy::{Copied, copy};

/// A workload of the idle environment and the one that it is to be like.
#[derive(Clone, Debug)]
pub struct Pair<'a> {
    /// The workload that is changed.
    pub idle: &'a Workload,
    /// The workload that serves, which is only read.
    pub active: &'a Workload,
}

/// The idle role, the active one, and what is to be like what.
#[derive(Clone, Debug)]
pub struct Sync<'a> {
    /// The role that is changed.
    pub role: String,
    /// The role that serves.
    pub active: String,
    /// Every workload of the idle environment.
    pub pairs: Vec<Pair<'a>>,
}

/// Which workloads belong together.
///
/// # Errors
/// No side is idle, a switch to it is under way, or a workload has no counterpart.
pub fn sync<'a>(application: &Application<'a>, now: Timestamp) -> Result<Sync<'a>, Declined> {
    let side = idle(application, now)?;
    let Some(active) = application.other(&side.role) else {
        return Ok(Sync {
            role: side.role.clone(),
            active: String::new(),
            pairs: Vec::new(),
        });
    };
    let pair = |idle: &&'a Workload| {
        let active = twin(idle, active).ok_or_else(|| no_twin(application, idle, active))?;
        Ok(Pair { idle, active })
    };
    Ok(Sync {
        role: side.role.clone(),
        active: active.role.clone(),
        pairs: side.workloads.iter().map(pair).collect::<Result<_, _>>()?,
    })
}

fn no_twin(application: &Application<'_>, idle: &Workload, active: &Environment<'_>) -> Declined {
    Declined {
        why: Why::Usage,
        message: format!(
            "{} of {} has no counterpart among the workloads of {}",
            idle.reference(),
            application.name,
            active.role
        ),
        hint: "the names of two that belong together differ in nothing but the colour".to_owned(),
    }
}
