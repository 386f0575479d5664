//! The first stage: which side is which, and whether there is anything to do.

use bluegreen_shared::application::{Active, Application, Environment};
use bluegreen_shared::intent::Intent;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::idle::idle;
use bluegreen_shared::plan::switch::can_be_both;
use bluegreen_shared::plan::way_out::{told, ways_out};
use bluegreen_shared::verified;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::find;
use crate::release::{Held, withdraw_all};
use crate::verbs::stage;

use super::pipeline::Pipeline;

/// Where the release begins.
pub(super) struct Start {
    /// The role that serves.
    pub(super) active: String,
    /// The role that is idle.
    pub(super) role: String,
    /// Whether production runs already what is to be released.
    pub(super) already: bool,
    /// Whether both serve, since a release was cut off in an overlap: nothing is staged any more.
    pub(super) overlaps: bool,
    /// Whether what production runs has passed a verification.
    pub(super) verified: bool,
}

/// Looks at both sides; says what they run, and what there is to do.
pub(super) async fn check(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<(Start, String), Failure> {
    let target = &pipeline.args.target;
    let mut objects = pipeline.look(cluster).await?;
    if held.is_some_and(Held::settles_another)
        && let Some(by) = left_behind(&find(&objects, target)?)
        && by.is_none_or_same(&cluster.whoami().await?)
    {
        withdraw_all(cluster, &objects.services, &pipeline.context.output).await;
        objects = pipeline.look(cluster).await?;
    }
    let application = find(&objects, target)?;
    let (active, idle) = sides(&application)?;
    if pipeline.args.overlap.is_some() {
        can_be_both(&application)?;
    }
    let active = active.to_owned();
    let runs_it = async |role: &str| already(pipeline, cluster, &application, role, &objects).await;
    let overlaps = application.overlap().is_some();
    if overlaps && !runs_it(&idle.role).await? {
        return Err(other_overlap(&application, &objects, &idle.role));
    }
    let already = !overlaps && runs_it(&active).await?;
    let runs = |role: &str| {
        let images = application.environment(role).map(Environment::images);
        images.unwrap_or_default()
    };
    let from = runs(&active);
    let what = if already {
        format!(
            "production is {active} and runs this already: {}",
            from.join(", ")
        )
    } else if overlaps {
        format!("{active} and {} serve, in an overlap", idle.role)
    } else {
        format!(
            "production is {active} ({}); {} is idle",
            from.join(", "),
            idle.role
        )
    };
    pipeline.context.output.step("checked", &what);
    let mut sides = pipeline.record.sides.borrow_mut();
    sides.application.clone_from(&application.name);
    cluster.namespace().clone_into(&mut sides.namespace);
    sides.already = already;
    if already {
        sides.last = format!("{} is {active} already", application.name);
        sides.to = Some((active.clone(), from));
    } else {
        sides.to = Some((idle.role.clone(), idle.images()));
        sides.from = Some((active.clone(), from));
    }
    let role = idle.role.clone();
    let verified = is_verified(&application, &objects, &active);
    let start = Start {
        active,
        role,
        already,
        overlaps,
        verified,
    };
    Ok((start, what))
}

/// Whether every production Service carries a verification of what that side runs.
fn is_verified(application: &Application<'_>, objects: &Objects, role: &str) -> bool {
    let Some(side) = application.environment(role) else {
        return false;
    };
    let Ok(runs) = verified::revision(&side.workloads, &side.pods(&objects.pods)) else {
        return false;
    };
    let mut services = application.production.iter();
    services.all(|one| verified::of(one.service, role).is_some_and(|seen| seen.matches(&runs)))
}

async fn already(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    objects: &Objects,
) -> Result<bool, Failure> {
    let (wishes, handed) = (&pipeline.args.stage.wishes, pipeline.handed);
    let serves = stage::serves(wishes, handed, cluster, application, role, objects);
    Box::pin(serves).await
}

/// The role that serves and the side that is to; in an overlap the one that served before and the other.
fn sides<'e, 'a>(
    application: &'e Application<'a>,
) -> Result<(&'e str, &'e Environment<'a>), Failure> {
    if let Active::Overlap(overlap) = application.active()
        && let Some(to) = application.environment(&overlap.to)
    {
        return Ok((&overlap.from, to));
    }
    let idle = idle(application, Context::now())?;
    let active = application.other(&idle.role);
    Ok((active.map_or("", |side| &side.role), idle))
}

/// What is on its way into production is something else.
fn other_overlap(application: &Application<'_>, objects: &Objects, to: &str) -> Failure {
    let name = &application.name;
    let ways = told(&ways_out(application, objects, Context::now()));
    Failure::new(
        Exit::Refused,
        format!(
            "production of {name} is in an overlap, and {to} does not run what is to be released"
        ),
    )
    .hint(match ways {
        Some(ways) => format!("end it first: {ways}"),
        None => format!("neither side may serve alone: kubectl bluegreen status {name}"),
    })
}

/// Whose switch an intent speaks of that is still on a production Service.
struct By(Option<String>);

impl By {
    fn is_none_or_same(&self, user: &str) -> bool {
        self.0.as_ref().is_none_or(|by| by == user)
    }
}

/// An intent of the release that was cut off would keep the idle side from being staged until it ends.
fn left_behind(application: &Application<'_>) -> Option<By> {
    let mut services = application.production.iter();
    let intent = services.find_map(|one| Intent::of(one.service))?;
    Some(By(intent.by))
}
