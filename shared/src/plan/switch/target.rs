//! Which role a switch goes to, whether that is forward, and why there is none.

use crate::application::{Active, Application};
use crate::gate;
use crate::history;
use crate::objects::Objects;
use crate::plan::rollback::Rollback;
use crate::plan::{Declined, Why};

use super::FlipPlan;
use super::part::revision;

/// The role that is named, else the idle one.
pub(super) fn target(application: &Application<'_>, to: Option<&str>) -> Result<String, Declined> {
    if let Some(to) = to {
        return application
            .environment(to)
            .map(|environment| environment.role.clone())
            .ok_or_else(|| no_such_role(application, to));
    }
    match application.active() {
        Active::Role(role) => application
            .other(role)
            .map(|environment| environment.role.clone())
            .ok_or_else(|| no_such_role(application, role)),
        Active::Overlap(overlap) => Ok(overlap.to.clone()),
        Active::Split(seen) => Err(Declined {
            why: Why::Ambiguous,
            message: format!(
                "production of {} is split: {}",
                application.name,
                seen.iter()
                    .map(|(service, role)| format!("Service/{service} selects {role}"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
            hint: to_which(application),
        }),
        Active::Neither(service) => Err(Declined {
            why: Why::Ambiguous,
            message: format!(
                "Service/{service} of {} selects neither {} alone",
                application.name,
                roles(application, " nor ")
            ),
            hint: to_which(application),
        }),
    }
}

/// Whether it would go to what served last: that revision, and nothing newer beside it.
pub(super) fn is_way_back(
    application: &Application<'_>,
    plan: &FlipPlan<'_>,
    objects: &Objects,
) -> bool {
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

/// It would go back, and nobody named the role; `back` is what a rollback comes to.
pub(super) fn forward_only(
    application: &Application<'_>,
    target: &str,
    back: &Result<Rollback<'_>, Declined>,
) -> Declined {
    let name = &application.name;
    Declined {
        why: Why::ForwardOnly,
        message: format!(
            "{target} still runs the revision of {name} that served before: a switch goes forward only"
        ),
        hint: match back {
            Ok(Rollback::Back { plan, .. }) if plan.to == target => format!(
                "to go back: kubectl bluegreen rollback {name} (or switch {name} --to {target})"
            ),
            Ok(_) => format!(
                "stage another revision, or release that one again: kubectl bluegreen switch {name} --to {target}"
            ),
            Err(_) => format!("to go back: kubectl bluegreen switch {name} --to {target}"),
        },
    }
}

fn no_such_role(application: &Application<'_>, to: &str) -> Declined {
    Declined {
        why: Why::NoSuchRole,
        message: format!("{} has no environment {to:?}", application.name),
        hint: to_which(application),
    }
}

fn to_which(application: &Application<'_>) -> String {
    format!("name the role: --to {}", roles(application, " or --to "))
}

fn roles(application: &Application<'_>, between: &str) -> String {
    let [one, two] = &application.environments;
    format!("{}{between}{}", one.role, two.role)
}
