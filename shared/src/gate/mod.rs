//! The rule that judges a flip: a pure function of the objects, the same in both programs.

mod revision;

use k8s_openapi::api::core::v1::Service;

use crate::objects::Objects;
use crate::refusal::Refusal;

pub use revision::revision;

/// A Service as it is and as it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Flip<'a> {
    /// The Service as the API server has it.
    pub before: &'a Service,
    /// The Service as it would be stored.
    pub after: &'a Service,
}

/// Which rules a flip was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// All of them.
    Forward,
    /// To the side that served last and still runs what served: open while half of it is ready.
    WayBack,
    /// Away from a side that is more broken than the target: readiness only warns.
    Rescue,
}

/// What the gate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// By which rules.
    pub course: Course,
    /// Why not, all at once; the flip is allowed when there are none.
    pub refusals: Vec<Refusal>,
    /// What should be known and does not stand in the way.
    pub warnings: Vec<Refusal>,
}

impl Verdict {
    /// Whether the flip may be done.
    #[must_use]
    pub fn allows(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Judges one flip of one Service.
///
/// `objects` must hold the namespace's workloads and at least the pods that either selector
/// matches, read live.
#[must_use]
pub fn judge(_flip: &Flip<'_>, _objects: &Objects) -> Verdict {
    Verdict {
        course: Course::Forward,
        refusals: Vec::new(),
        warnings: Vec::new(),
    }
}
