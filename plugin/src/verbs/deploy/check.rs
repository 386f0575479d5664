//! The first stage: which side is which, and whether there is anything to do.

use bluegreen_shared::application::{Active, Application, Environment, Production};
use bluegreen_shared::history;
use bluegreen_shared::intent::Intent;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::idle::idle;
use bluegreen_shared::plan::switch::can_be_both;
use bluegreen_shared::plan::way_out::{told, ways_out};
use bluegreen_shared::verified;
use k8s_openapi::api::core::v1::Service;

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
    /// How far it has come before.
    pub(super) stands: Stands,
    /// Whether what production runs has passed a verification.
    pub(super) verified: bool,
}

/// How far a release has come that may have been cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stands {
    /// One side serves, and the other one is to be staged.
    Before,
    /// Both sides serve, in an overlap: nothing is staged any more.
    Overlap,
    /// Some of the production Services are flipped and others are not: nothing is staged any more.
    Split,
    /// Production runs what is to be released.
    Already,
}

/// Looks at both sides; says what they run, and what there is to do.
pub(super) async fn check(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<(Start, String), Failure> {
    let target = &pipeline.args.target;
    let mut objects = pipeline.look(cluster).await?;
    let settles = held.is_some_and(Held::settles_another);
    if settles && withdrawn(pipeline, cluster, &find(&objects, target)?).await? {
        objects = pipeline.look(cluster).await?;
    }
    let application = find(&objects, target)?;
    let (active, idle, begun) = sides(&application, settles)?;
    if let (Stands::Overlap, Some(held)) = (begun, held) {
        // It is on the Services for all to see: no Lease has to tell of it.
        held.set_unfinished(false);
    }
    if pipeline.args.overlap.is_some() {
        can_be_both(&application)?;
    }
    let active = active.to_owned();
    let runs_it = async |role: &str| already(pipeline, cluster, &application, role, &objects).await;
    let stands = match begun {
        Stands::Before if runs_it(&active).await? => Stands::Already,
        Stands::Overlap | Stands::Split if !runs_it(&idle.role).await? => {
            return Err(other_release(&application, &objects, &idle.role));
        }
        begun => begun,
    };
    let runs = |role: &str| {
        let images = application.environment(role).map(Environment::images);
        images.unwrap_or_default()
    };
    let from = runs(&active);
    let (images, role) = (from.join(", "), idle.role.clone());
    let what = match stands {
        Stands::Before => format!("production is {active} ({images}); {role} is idle"),
        Stands::Overlap => format!("{active} and {role} serve, in an overlap"),
        Stands::Split => format!("production is split, on its way from {active} to {role}"),
        Stands::Already => format!("production is {active} and runs this already: {images}"),
    };
    pipeline.context.output.step("checked", &what);
    let mut sides = pipeline.record.sides.borrow_mut();
    sides.application.clone_from(&application.name);
    cluster.namespace().clone_into(&mut sides.namespace);
    sides.already = stands == Stands::Already;
    if sides.already {
        sides.last = format!("{} is {active} already", application.name);
        sides.to = Some((active.clone(), from));
    } else {
        sides.to = Some((role.clone(), idle.images()));
        sides.from = Some((active.clone(), from));
    }
    let verified = is_verified(&application, &objects, &active);
    let start = Start {
        active,
        role,
        stands,
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

/// The role that serves and the side that is to; half way the one that served before and the other. `settles`
/// says whether a release was cut off before this one: only then is a split its.
fn sides<'e, 'a>(
    application: &'e Application<'a>,
    settles: bool,
) -> Result<(&'e str, &'e Environment<'a>, Stands), Failure> {
    let (to, stands) = match application.active() {
        Active::Overlap(overlap) => (Some(overlap.to.as_str()), Stands::Overlap),
        Active::Split(_) if settles => (newest(application), Stands::Split),
        _ => (None, Stands::Before),
    };
    let half_way = to.and_then(|to| Some((application.environment(to)?, stands)));
    let (to, stands) = match half_way {
        Some(half_way) => half_way,
        None => (idle(application, Context::now())?, Stands::Before),
    };
    let from = application.other(&to.role);
    Ok((from.map_or("", |side| &side.role), to, stands))
}

/// The role that the newest flip went to, where that is still so.
fn newest<'e>(application: &'e Application<'_>) -> Option<&'e str> {
    let last = |one: &Production<'_>| history::of(one.service).into_iter().next();
    let production = application.production.iter();
    let flipped = production.filter_map(|one| Some((one, last(one)?)));
    let (flipped, last) = flipped.max_by_key(|(_, last)| last.at)?;
    flipped.selects().filter(|role| *role == last.to)
}

/// What is on its way into production is something else.
fn other_release(application: &Application<'_>, objects: &Objects, to: &str) -> Failure {
    let name = &application.name;
    let half_way = match application.overlap() {
        Some(_) => "in an overlap",
        None => "split",
    };
    let failure = Failure::new(
        Exit::Refused,
        format!("production of {name} is {half_way}, and {to} does not run what is to be released"),
    );
    if application.overlap().is_none() {
        let [one, two] = &application.environments;
        return failure.hint(format!(
            "bring production to one side first: kubectl bluegreen switch {name} --to {} (or {})",
            one.role, two.role
        ));
    }
    let ways = told(&ways_out(application, objects, Context::now()));
    failure.hint(match ways {
        Some(ways) => format!("end it first: {ways}"),
        None => format!("neither side may serve alone: kubectl bluegreen status {name}"),
    })
}

/// Takes away what a release that was cut off has said of a flip: it would keep the idle side from being staged
/// until it ends. Whether there was anything.
async fn withdrawn(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    application: &Application<'_>,
) -> Result<bool, Failure> {
    let production = application.production.iter().map(|one| one.service);
    let announced: Vec<&Service> = production
        .filter(|service| Intent::of(service).is_some())
        .collect();
    if announced.is_empty() {
        return Ok(false);
    }
    let ours = announced_by(&cluster.whoami().await?, &announced);
    withdraw_all(cluster, &ours, &pipeline.context.output).await;
    Ok(!ours.is_empty())
}

/// Those whose flip this user, or nobody by name, has announced.
fn announced_by(user: &str, announced: &[&Service]) -> Vec<Service> {
    let by = |service: &Service| Intent::of(service).and_then(|intent| intent.by);
    let ours = announced
        .iter()
        .filter(|service| by(service).is_none_or(|by| by == user));
    ours.map(|service| (*service).clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    #[test]
    fn what_somebody_else_has_announced_is_left_to_them() {
        let announced = |name: &str, by: Option<&str>| {
            let intent = json!({"to": "green", "by": by, "until": "2026-05-01T12:00:00Z"});
            let annotations = json!({"bluegreen.dev/intent": intent.to_string()});
            let metadata = json!({"name": name, "annotations": annotations});
            from_value::<Service>(json!({"metadata": metadata})).unwrap()
        };
        let services = [
            announced("ours", Some("ann")),
            announced("theirs", Some("bob")),
            announced("unnamed", None),
        ];
        let ours = announced_by("ann", &services.iter().collect::<Vec<_>>());
        let names: Vec<_> = ours.iter().flat_map(|one| &one.metadata.name).collect();
        assert_eq!(names, ["ours", "unnamed"]);
    }
}
