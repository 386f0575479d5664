//! Both sides first: the flips that let production overlap.

use jiff::Timestamp;

use crate::application::Application;
use crate::objects::Objects;
use crate::overlap::Overlap;
use crate::plan::flip::ServiceFlip;
use crate::plan::{Declined, Why};

use super::{FlipPlan, judge_all};

/// The flips after which production selects the side that serves and the one that the plan goes to; none
/// where it does by now. `objects` must hold the pods of [`Application::overlap_query`].
///
/// # Errors
/// There is no one side to come from, or a Service selects by the role alone.
pub fn both<'a>(
    application: &Application<'a>,
    objects: &Objects,
    plan: &FlipPlan<'_>,
    now: Timestamp,
) -> Result<FlipPlan<'a>, Declined> {
    let Some(from) = &plan.from else {
        return Err(Declined {
            why: Why::Unfit,
            message: format!(
                "production of {} is not one side, which could overlap with {}",
                application.name, plan.to
            ),
            hint: format!(
                "without --overlap: kubectl bluegreen switch {} --to {}",
                application.name, plan.to
            ),
        });
    };
    can_be_both(application)?;
    let overlap = Overlap {
        from: from.clone(),
        to: plan.to.clone(),
    };
    let flips: Vec<ServiceFlip<'a>> = application
        .production
        .iter()
        .filter(|production| production.selects() == Some(from))
        .filter_map(|production| {
            let part = plan.parts.get(production.name());
            let served = part.and_then(|part| part.revision.from.as_deref());
            ServiceFlip::to_both(production, &overlap, served)
        })
        .collect();
    Ok(FlipPlan {
        from: Some(overlap.from),
        to: overlap.to,
        verdict: judge_all(&flips, objects, now),
        under_way: plan.under_way.clone(),
        left: plan.left.clone(),
        ready: plan.ready,
        parts: plan.parts.clone(),
        flips,
    })
}

/// Whether every production Service has something to select both sides by.
///
/// # Errors
/// One of them selects by the role alone.
pub fn can_be_both(application: &Application<'_>) -> Result<(), Declined> {
    let mut production = application.production.iter();
    let Some(production) = production.find(|one| one.without_role().is_empty()) else {
        return Ok(());
    };
    let (name, service) = (&application.name, production.name());
    let [one, two] = &application.environments;
    Err(Declined {
        why: Why::Unfit,
        message: format!(
            "Service/{service} of {name} selects by nothing but the role, so that it can't select both {} and {}",
            one.role, two.role
        ),
        hint: format!(
            "flip without --overlap, or let it select as well by a label that the pods of both sides have and no others: \
             kubectl patch service {service} -p '{{\"spec\":{{\"selector\":{{\"KEY\":\"VALUE\"}}}}}}'"
        ),
    })
}
