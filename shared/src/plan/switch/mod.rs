//! The way forward: production to the idle environment.

mod both;
mod target;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use crate::application::{Active, Application};
use crate::gate::{self, Course, Flip, Verdict};
use crate::history::{self, Entry, Ready, Revisions};
use crate::intent::Intent;
use crate::objects::Objects;
use crate::overlap::Step;
use crate::pod;

use super::Declined;
use super::flip::ServiceFlip;
use target::{forward_only, target};

pub use both::{both, can_be_both};

/// What a switch comes to.
#[derive(Clone, Debug)]
pub enum Switch<'a> {
    /// Production selects that role already.
    Already(String),
    /// These flips, if the verdict allows them.
    Flip(Box<FlipPlan<'a>>),
}

/// The flips that bring production to one role, and what the gate says of them.
#[derive(Clone, Debug)]
pub struct FlipPlan<'a> {
    /// The role that serves now; `None` where production is split or selects neither, or it goes back to
    /// one that has served all the while.
    pub from: Option<String>,
    /// The role that is to serve.
    pub to: String,
    /// One flip for each production Service that does not select the role yet.
    pub flips: Vec<ServiceFlip<'a>>,
    /// The gate's answer for all of them together.
    pub verdict: Verdict,
    /// An unexpired intent that somebody wrote on one of the Services.
    pub under_way: Option<Intent>,
    entry: Entry,
}

impl FlipPlan<'_> {
    /// The same from what has no role, so that nothing is recorded as a way back.
    pub(super) fn without_way_back(mut self) -> Self {
        self.from = None;
        self.entry.from = None;
        self.entry.revision.from = None;
        self
    }

    /// The history entry of the flip.
    #[must_use]
    pub fn entry(&self, at: Timestamp, by: &str, reason: Option<&str>) -> Entry {
        Entry {
            at,
            by: by.to_owned(),
            reason: reason.map(str::to_owned),
            ..self.entry.clone()
        }
    }

    /// The role that is selected no more afterwards, as the history has it.
    #[must_use]
    pub fn left(&self) -> Option<&str> {
        self.entry.from.as_deref()
    }

    /// How many pods of the two sides were ready when it was judged.
    #[must_use]
    pub fn ready(&self) -> Ready {
        self.entry.ready
    }

    /// What is selected before the flip, in words.
    #[must_use]
    pub fn leaves(&self) -> String {
        let steps = || self.flips.iter().map(|flip| flip.step);
        let (from, to) = (self.left(), &self.to);
        match from {
            Some(from) if steps().any(|step| step == Step::Leave) => format!("{from} and {to}"),
            Some(from) if steps().any(|step| step == Step::Return) => format!("{to} and {from}"),
            _ => from.unwrap_or("<none>").to_owned(),
        }
    }

    /// What is selected after the flip, in words.
    #[must_use]
    pub fn selects(&self) -> String {
        match &self.from {
            Some(from) if self.selects_both() => format!("{from} and {}", self.to),
            _ => self.to.clone(),
        }
    }

    /// Whether both sides are selected from then on.
    #[must_use]
    pub fn selects_both(&self) -> bool {
        self.flips.iter().any(|flip| flip.step == Step::Enter)
    }
}

/// Plans a switch to the idle role, or to the role that is named.
///
/// # Errors
/// The target can't be known, or it is the way back and was not named.
pub fn switch<'a>(
    application: &Application<'a>,
    objects: &Objects,
    to: Option<&str>,
    now: Timestamp,
) -> Result<Switch<'a>, Declined> {
    let target = target(application, to)?;
    if application.active() == Active::Role(&target) {
        return Ok(Switch::Already(target));
    }
    let plan = flips(application, objects, &target, now);
    // What has been begun may be ended.
    let begins = application.overlap().is_none();
    if begins && to.is_none() && is_way_back(application, &plan, objects) {
        return Err(forward_only(application, &target));
    }
    Ok(Switch::Flip(Box::new(plan)))
}

/// The flips to a role, judged. Services that select it already are left alone.
pub(super) fn flips<'a>(
    application: &Application<'a>,
    objects: &Objects,
    to: &str,
    now: Timestamp,
) -> FlipPlan<'a> {
    let flips: Vec<ServiceFlip<'a>> = application
        .production
        .iter()
        .filter(|production| production.selects() != Some(to))
        .filter_map(|production| ServiceFlip::to(production, to))
        .collect();
    let (from, left) = match application.active() {
        Active::Role(role) => (Some(role), Some(role)),
        Active::Overlap(overlap) if overlap.from != to => {
            (Some(overlap.from.as_str()), Some(overlap.from.as_str()))
        }
        // Only a Service that was in no overlap any more has left the other role.
        Active::Overlap(overlap) => (None, Some(overlap.to.as_str())),
        // Not every Service served the other role, so there is no role to take all of them back to.
        Active::Split(_) | Active::Neither(_) => (None, None),
    };
    let (from, left) = (from.map(str::to_owned), left.map(str::to_owned));
    let side = |role: Option<&str>| side(application, role, &objects.pods);
    let (revision, left_ready, _) = side(left.as_deref());
    let (next, next_ready, images) = side(Some(to));
    FlipPlan {
        verdict: judge_all(&flips, objects, now),
        under_way: flips
            .iter()
            .filter_map(|flip| Intent::of(flip.before))
            .find(|intent| intent.holds(now)),
        entry: Entry {
            at: now,
            from: left,
            to: to.to_owned(),
            revision: Revisions {
                from: revision,
                to: next,
            },
            ready: Ready {
                from: left_ready,
                to: next_ready,
            },
            images,
            by: String::new(),
            reason: None,
            overridden: false,
        },
        from,
        to: to.to_owned(),
        flips,
    }
}

fn side(
    application: &Application<'_>,
    role: Option<&str>,
    pods: &[Pod],
) -> (Option<String>, usize, Vec<String>) {
    let Some(environment) = role.and_then(|role| application.environment(role)) else {
        return (None, 0, Vec::new());
    };
    let pods = environment.pods(pods);
    let ready = pods.iter().filter(|pod| pod::is_serving(pod)).count();
    let images = environment
        .workloads
        .iter()
        .flat_map(|workload| workload.images())
        .map(str::to_owned)
        .collect();
    (gate::revision(&environment.workloads, &pods), ready, images)
}

/// One verdict for all flips: refused if one is, and the strictest course of them.
fn judge_all(flips: &[ServiceFlip<'_>], objects: &Objects, now: Timestamp) -> Verdict {
    let mut all = Verdict {
        course: Course::Forward,
        refusals: Vec::new(),
        warnings: Vec::new(),
    };
    for (place, flip) in flips.iter().enumerate() {
        let verdict = gate::judge(
            &Flip {
                before: flip.before,
                after: &flip.after,
                now,
            },
            objects,
        );
        if place == 0 || verdict.course == Course::Forward {
            all.course = verdict.course;
        }
        for refusal in verdict.refusals {
            if !all.refusals.contains(&refusal) {
                all.refusals.push(refusal);
            }
        }
        for warning in verdict.warnings {
            if !all.warnings.contains(&warning) {
                all.warnings.push(warning);
            }
        }
    }
    all
}

/// Whether it would go to what served last: that revision, and nothing newer beside it.
fn is_way_back(application: &Application<'_>, plan: &FlipPlan<'_>, objects: &Objects) -> bool {
    let Some(target) = application.environment(&plan.to) else {
        return false;
    };
    let pods = target.pods(&objects.pods);
    application.production.iter().any(|production| {
        history::of(production.service).first().is_some_and(|last| {
            last.from.as_deref() == Some(&plan.to)
                && last.revision.from.as_ref().is_some_and(|served| {
                    plan.entry.revision.to.as_ref() == Some(served)
                        && gate::runs_nothing_but(&target.workloads, &pods, served)
                })
        })
    })
}
