//! The way forward: production to the idle environment.

mod both;
mod flip_plan;
mod part;
mod target;

use jiff::Timestamp;

use crate::application::{Active, Application, Environment};
use crate::gate::{self, Course, Flip, Verdict};
use crate::history::Ready;
use crate::intent::Intent;
use crate::objects::Objects;

use super::Declined;
use super::flip::ServiceFlip;
use part::{Part, ready};
use target::{forward_only, is_way_back, target};

pub use both::{both, can_be_both};
pub use flip_plan::FlipPlan;
pub(super) use part::revision;

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
    let sides = (
        left.as_deref()
            .and_then(|role| application.environment(role)),
        application.environment(to),
    );
    let ready = |side: Option<&Environment<'_>>| side.map_or(0, |side| ready(side, &objects.pods));
    let parts = application.production.iter().map(|production| {
        let part = |side: Option<&Environment<'a>>| side.map(|side| production.part_of(side));
        let (left, next) = (part(sides.0), part(sides.1));
        let name = production.name().to_owned();
        (name, Part::of(left.as_ref(), next.as_ref(), &objects.pods))
    });
    FlipPlan {
        verdict: judge_all(&flips, objects, now),
        under_way: flips
            .iter()
            .filter_map(|flip| Intent::of(flip.before))
            .find(|intent| intent.holds(now)),
        ready: Ready {
            from: ready(sides.0),
            to: ready(sides.1),
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
