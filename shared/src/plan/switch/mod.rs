//! The way forward: production to the idle environment.

mod both;
mod flip_plan;
mod part;
mod target;
mod undo;

use jiff::Timestamp;

use crate::application::{Active, Application};
use crate::gate::{self, Course, Flip, Verdict};
use crate::history::Ready;
use crate::intent::Intent;
use crate::objects::Objects;

use super::Declined;
use super::flip::ServiceFlip;
use super::rollback::rollback;
use part::{Part, ready};
use target::{forward_only, is_way_back, target};

pub use both::{both, can_be_both};
pub use flip_plan::FlipPlan;
pub(super) use part::revision;
pub use undo::Undo;

/// What a switch comes to.
#[derive(Clone, Debug)]
pub enum Switch<'a> {
    /// Production selects that role already.
    Already(String),
    /// These flips, if the verdict allows them.
    Flip(Box<FlipPlan<'a>>),
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
