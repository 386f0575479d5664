//! The rule that judges a flip: a pure function of the objects, the same in both programs.
//!
//! It compares what the old selector routes to with what the new one would, by owner references
//! and labels alone. What a role is, or that the two are called blue and green, it knows only where a
//! Service says that it is set aside, or selects both sides.

mod below_capacity;
mod case;
mod change;
mod container_cause;
mod course;
mod foreign_pods;
mod no_environment;
mod no_readiness_probe;
mod not_observed;
mod not_ready;
pub(crate) mod overlap;
mod pod_cause;
mod policy;
mod port_mismatch;
mod protected;
mod revision;
mod rolling_out;
mod scaled_to_zero;
mod side;
mod stalled;
mod terminating;
mod unverified;
mod written;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::drift::{self, Requester};
use crate::objects::Objects;
use crate::overlap::Step;
use crate::refusal::Refusal;
use crate::settings::{self, Settings};

use case::Case;
use change::Change;
use overlap::Plain;

pub use revision::{revision, runs_nothing_but};

/// A Service as it is and as it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Flip<'a> {
    /// The Service as the API server has it.
    pub before: &'a Service,
    /// The Service as it would be stored.
    pub after: &'a Service,
    /// When it is judged: intents end.
    pub now: Timestamp,
}

/// Which rules a flip was judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// All of them.
    Forward,
    /// To the side that served last and still runs what served, or serves in an overlap: open while half
    /// of it is ready.
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

/// Why the Service would not route to the pod, in the words that a refusal has for it; `None` if it would.
#[must_use]
pub fn why_not_ready(pod: &Pod, service: &Service) -> Option<String> {
    pod_cause::of(pod, service).map(|cause| cause.words)
}

/// How many pods the Service routes to that a flip would leave.
#[must_use]
pub fn serving(flip: &Flip<'_>, objects: &Objects) -> usize {
    let case = Case::new(flip, objects, Settings::default());
    below_capacity::serving(flip.before, &case.left, flip.now)
}

type Rule = fn(&Case<'_>) -> Option<Refusal>;

/// What is asked of an environment that is to serve, in the order in which it is answered.
const OF_AN_ENVIRONMENT: [Rule; 12] = [
    no_environment::check,
    scaled_to_zero::check,
    terminating::check,
    not_observed::check,
    rolling_out::check,
    foreign_pods::check,
    stalled::check,
    not_ready::check,
    no_readiness_probe::check,
    port_mismatch::check,
    below_capacity::check,
    unverified::check,
];
/// What is asked where the environment stays: only what the change itself can break.
const OF_ROUTING: [Rule; 3] = [
    no_environment::check,
    no_readiness_probe::check,
    port_mismatch::check,
];
/// What is worth saying and never stands in the way.
const REMARKS: [Rule; 3] = [policy::remark, rolling_out::remark, port_mismatch::remark];

/// Judges one flip of one Service.
///
/// `objects` must hold the namespace's workloads and at least the pods that either selector
/// matches, read live.
#[must_use]
pub fn judge(flip: &Flip<'_>, objects: &Objects) -> Verdict {
    judge_for(flip, objects, None)
}

/// The same, and whether who asks for the flip may do so unannounced.
#[must_use]
pub fn judge_for(flip: &Flip<'_>, objects: &Objects, requester: Option<&Requester<'_>>) -> Verdict {
    match overlap::plain(flip, objects) {
        Ok(None) => judge_step(flip, Step::Flip, None, objects, requester),
        Ok(Some(Plain {
            step,
            before,
            after,
            served,
        })) => {
            let plain = Flip {
                before: &before,
                after: &after,
                now: flip.now,
            };
            judge_step(&plain, step, served, objects, requester)
        }
        Err(refusal) => Verdict {
            course: Course::Forward,
            refusals: vec![refusal],
            warnings: Vec::new(),
        },
    }
}

/// Judges a flip from one side alone to the other, or what comes down to that.
fn judge_step(
    flip: &Flip<'_>,
    step: Step,
    served: Option<String>,
    objects: &Objects,
    requester: Option<&Requester<'_>>,
) -> Verdict {
    let namespace = objects.namespace.as_ref();
    let (settings, mut refusals) = settings::of(namespace, &[flip.before, flip.after]);
    let case = Case {
        step,
        served,
        ..Case::new(flip, objects, settings)
    };
    let rules: &[Rule] = match case.change {
        Change::Nothing => &[],
        Change::Routing => &OF_ROUTING,
        Change::Mixture => &[no_environment::check],
        Change::Environment => &OF_AN_ENVIRONMENT,
    };
    if matches!(case.change, Change::Nothing | Change::Routing) {
        // What stood there before is in nobody's way until something is flipped.
        let (_, new) = settings::of(None, &[flip.after]);
        let (_, old) = settings::of(None, &[flip.before]);
        refusals = new;
        refusals.retain(|refusal| !old.contains(refusal));
    }
    refusals.extend(protected::check(&case));
    refusals.extend(written::check(&case));
    if let Some(requester) = requester
        && matches!(case.change, Change::Environment | Change::Mixture)
    {
        refusals.extend(drift::check(flip, case.settings.on_drift, requester));
    }
    refusals.extend(rules.iter().filter_map(|rule| rule(&case)));
    let course = Course::of(&case);
    let (warnings, refusals) = refusals
        .into_iter()
        .partition(|refusal| course.only_warns_of(refusal.code));
    let mut verdict = Verdict {
        course,
        refusals,
        warnings,
    };
    if !rules.is_empty() {
        let remarks = REMARKS.iter().filter_map(|rule| rule(&case));
        verdict.warnings.extend(remarks);
    }
    verdict
}
