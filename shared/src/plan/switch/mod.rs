//! The way forward: production to the idle environment.

mod both;
mod part;
mod target;
mod undo;

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;

use crate::application::{Active, Application, Environment};
use crate::gate::{self, Course, Flip, Verdict};
use crate::history::{self, Entry, Ready};
use crate::intent::Intent;
use crate::objects::Objects;
use crate::overlap::Step;

use super::Declined;
use super::flip::ServiceFlip;
use super::rollback::rollback;
use part::{Part, ready};
use target::{forward_only, target};

pub use both::{both, can_be_both};
pub use undo::Undo;

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
    /// The role that all of production can be taken back to; `None` where it is split or selects neither, or
    /// goes back to one that has served all the while.
    pub from: Option<String>,
    /// The role that is to serve.
    pub to: String,
    /// One flip for each production Service that does not select the role yet.
    pub flips: Vec<ServiceFlip<'a>>,
    /// The gate's answer for all of them together.
    pub verdict: Verdict,
    /// An unexpired intent that somebody wrote on one of the Services.
    pub under_way: Option<Intent>,
    /// The role that is selected no more afterwards.
    left: Option<String>,
    ready: Ready,
    /// By the name of the Service.
    parts: BTreeMap<String, Part>,
}

impl FlipPlan<'_> {
    /// The same from what has no role, so that nothing is recorded as a way back.
    pub(super) fn without_way_back(mut self) -> Self {
        self.from = None;
        self.left = None;
        for part in self.parts.values_mut() {
            part.left = None;
            part.revision.from = None;
        }
        self
    }

    /// The history entry of one of the flips.
    #[must_use]
    pub fn entry(
        &self,
        flip: &ServiceFlip<'_>,
        at: Timestamp,
        by: &str,
        reason: Option<&str>,
    ) -> Entry {
        let Part {
            left,
            revision,
            ready,
            images,
        } = self.parts.get(flip.name()).cloned().unwrap_or_default();
        Entry {
            at,
            from: left,
            to: self.to.clone(),
            revision,
            ready,
            images,
            by: by.to_owned(),
            reason: reason.map(str::to_owned),
            overridden: false,
        }
    }

    /// The role that is selected no more afterwards, as the history has it.
    #[must_use]
    pub fn left(&self) -> Option<&str> {
        self.left.as_deref()
    }

    /// How many pods of the two sides were ready when it was judged.
    #[must_use]
    pub fn ready(&self) -> Ready {
        self.ready
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
        let back = rollback(application, objects, now);
        return Err(forward_only(application, &target, &back));
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
        // Those that go there leave the other role; the rest never served it, so that not all can be
        // taken back to it.
        Active::Split(_) => (None, application.other(to).map(|side| side.role.as_str())),
        Active::Neither(_) => (None, None),
    };
    let (from, left) = (from.map(str::to_owned), left.map(str::to_owned));
    let ready = |role: Option<&str>| {
        let side = role.and_then(|role| application.environment(role));
        side.map_or(0, |side| ready(side, &objects.pods))
    };
    let parts = application.production.iter().map(|production| {
        let part = Part::of(application, production, to, &objects.pods);
        (production.name().to_owned(), part)
    });
    FlipPlan {
        verdict: judge_all(&flips, objects, now),
        under_way: flips
            .iter()
            .filter_map(|flip| Intent::of(flip.before))
            .find(|intent| intent.holds(now)),
        ready: Ready {
            from: ready(left.as_deref()),
            to: ready(Some(to)),
        },
        parts: parts.collect(),
        from,
        left,
        to: to.to_owned(),
        flips,
    }
}

/// What the workloads of a side run, as the history has it.
pub(super) fn revision(side: &Environment<'_>, pods: &[Pod]) -> Option<String> {
    gate::revision(&side.workloads, &side.pods(pods))
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
    application.production.iter().any(|production| {
        let target = production.part_of(target);
        history::of(production.service).first().is_some_and(|last| {
            last.from.as_deref() == Some(&plan.to)
                && last.revision.from.as_ref().is_some_and(|served| {
                    revision(&target, &objects.pods).as_ref() == Some(served)
                        && gate::runs_nothing_but(
                            &target.workloads,
                            &target.pods(&objects.pods),
                            served,
                        )
                })
        })
    })
}
