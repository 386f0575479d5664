//! After the flip: says what happened, checks production, takes back what went wrong.

use std::time::Duration;

use bluegreen_shared::application::Application;
use bluegreen_shared::gate::Course;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::switch::{FlipPlan, Undo};
use bluegreen_shared::{pod, selector};
use k8s_openapi::api::core::v1::Service;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{A_WHILE, patiently};
use crate::render::Output;
use crate::verify::production::{self, Flags as ProductionFlags};

use super::back::take_back;
use super::exclusive::goes_back;
use super::held::Held;
use super::order::{Flipped, Followed, Order};
use super::view::Release;

/// Says what the gate said of a plan that will be carried out.
pub(crate) fn judged(
    application: &Application<'_>,
    objects: &Objects,
    plan: &FlipPlan<'_>,
    dry_run: DryRun,
    output: &Output,
) {
    let pods = application.environment(&plan.to).map_or(0, |environment| {
        let mut pods = environment.pods(&objects.pods);
        pods.retain(|pod| !pod::is_terminating(pod) && !pod::is_finished(pod));
        pods.len()
    });
    let to = &plan.to;
    let ready = plan.ready().to;
    let state = match plan.verdict.course {
        _ if !plan.verdict.allows() && dry_run != DryRun::None => "is not ready yet",
        _ if !plan.verdict.allows() => "is refused by the gate, overridden",
        Course::Forward => "is ready",
        Course::WayBack => "served before",
        Course::Rescue => "is better than what serves",
    };
    output.step(
        "judged",
        format_args!("{to} {state}: {ready} of {pods} pods ready"),
    );
    for refusal in plan.verdict.refusals.iter().chain(&plan.verdict.warnings) {
        output.warning(refusal);
    }
}

/// Says what was flipped, and how the slices followed.
pub(super) fn told(order: &Order<'_>, flipped: &Flipped, output: &Output) {
    let plan = order.plan;
    let selects = plan.selects();
    output.step(
        "flipped",
        format_args!(
            "{}: {} → {selects}{}",
            flipped.services.join(", "),
            plan.leaves(),
            match order.dry_run {
                DryRun::None => format!(" ({} ms)", flipped.took.as_millis()),
                rehearsed => rehearsed.suffix().to_owned(),
            }
        ),
    );
    if let Some(Followed::Yes { endpoints, took }) = &flipped.followed {
        output.step(
            "followed",
            format_args!(
                "{endpoints} of {endpoints} endpoints are {selects} ({} ms)",
                took.as_millis()
            ),
        );
    }
}

/// How long the slices took; nothing of a dry run.
///
/// # Errors
/// They did not follow, or lead nowhere.
pub(super) fn settled(followed: Option<&Followed>) -> Result<Option<Duration>, Failure> {
    match followed {
        None => Ok(None),
        Some(Followed::Yes { took, .. }) => Ok(Some(*took)),
        Some(Followed::Lost(what)) => Err(Failure::new(Exit::Unverified, what.clone())),
        Some(Followed::Late(seen)) => Err(seen.clone()),
    }
}

/// Ends a release whose Services are flipped.
pub(crate) async fn finish(
    cluster: &Cluster,
    target: &Target,
    order: &Order<'_>,
    flipped: Flipped,
    production: &ProductionFlags,
    held: Option<&Held>,
    output: &Output,
) -> Result<Release, Failure> {
    let plan = order.plan;
    if order.dry_run == DryRun::None {
        told(order, &flipped, output);
    }
    let is_late = matches!(flipped.followed, Some(Followed::Late(_)));
    let followed = match settled(flipped.followed.as_ref()) {
        Ok(took) => took,
        Err(late) if is_late && !production.wanted() => return Err(late),
        Err(seen) => return Err(failed(cluster, target, order, seen, output).await),
    };
    let goes_on = async || {
        if let Some(held) = held {
            held.check()?;
        }
        still_there(cluster, order).await
    };
    let (application, to) = (order.application, &plan.to);
    let mut production_passed = None;
    if order.dry_run == DryRun::None {
        match production::check(cluster, application, to, production, goes_on, output).await {
            Ok(checked) => production_passed = checked,
            // Whoever else is at it decides what becomes of production.
            Err(seen) if !goes_back(&seen, held.is_some_and(Held::may_settle)) => {
                return Err(seen);
            }
            Err(seen) => return Err(failed(cluster, target, order, seen, output).await),
        }
    }
    Ok(Release {
        application: order.application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        from: plan.left().map(str::to_owned),
        to: plan.to.clone(),
        services: flipped.services,
        changed: true,
        flipped_ms: u64::try_from(flipped.took.as_millis()).ok(),
        followed_ms: followed.and_then(|took| u64::try_from(took.as_millis()).ok()),
        production: production_passed,
        warnings: plan
            .verdict
            .refusals
            .iter()
            .chain(&plan.verdict.warnings)
            .map(ToString::to_string)
            .collect(),
        next: next(order),
        dry_run: order.dry_run,
    })
}

/// What undoes it. A flip that went back is not taken back by another rollback.
fn next(order: &Order<'_>) -> String {
    let name = &order.application.name;
    match order.plan.undo(order.application, Context::now()) {
        Some(Undo::Rollback) => format!("Back: kubectl bluegreen rollback {name}"),
        Some(Undo::Forward(role)) => {
            format!("Forward again: kubectl bluegreen switch {name} --to {role}")
        }
        Some(Undo::Named(role)) => format!("Back: kubectl bluegreen switch {name} --to {role}"),
        None => String::new(),
    }
}

/// Whether production still selects what is checked: the checks take a while, and others flip too.
async fn still_there(cluster: &Cluster, order: &Order<'_>) -> Result<(), Failure> {
    let list = async || cluster.list::<Service>(cluster.namespace(), None).await;
    let services = patiently(A_WHILE, list).await?;
    for flip in &order.plan.flips {
        let same = |service: &&Service| service.metadata.name.as_deref() == Some(flip.name());
        let what = match services.iter().find(same) {
            Some(service) if selector::of(service) == selector::of(&flip.after) => continue,
            Some(_) => format!("was flipped away from {}", order.plan.to),
            None => "was deleted".to_owned(),
        };
        let name = &order.application.name;
        return Err(Failure::new(
            Exit::Busy,
            format!(
                "Service/{} {what} by somebody else while production was checked",
                flip.name()
            ),
        )
        .hint(format!("kubectl bluegreen history {name}")));
    }
    Ok(())
}

async fn failed(
    cluster: &Cluster,
    target: &Target,
    order: &Order<'_>,
    seen: Failure,
    output: &Output,
) -> Failure {
    match &order.plan.from {
        Some(role) => take_back(cluster, target, role, seen, output).await,
        // Production was split: there is no one side that it could go back to.
        None => Failure {
            message: format!("{}; production stays on {}", seen.message, order.plan.to),
            ..seen
        }
        .hint(next(order)),
    }
}
