//! What a release that was cut off has left behind.

use bluegreen_shared::application::Application;
use bluegreen_shared::intent::Intent;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::flip::withdraw;
use bluegreen_shared::plan::rollback::{Rollback, rollback};
use bluegreen_shared::plan::rolling::is_noted;

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::release::go_back;
use crate::render::Output;

use super::Args;

/// An update in place that was cut off is for the next one to end: that has the template to go back to.
pub(super) fn no_half_update(
    target: &Target,
    application: &Application<'_>,
) -> Result<(), Failure> {
    let mut services = application.production.iter().map(|one| one.service);
    if !target.in_place || !services.any(is_noted) {
        return Ok(());
    }
    let name = &application.name;
    let [side, _] = &application.environments;
    let deployment = &side.role;
    Err(Failure::new(
        Exit::Refused,
        format!("an update of {deployment} was cut off, and is not undone by abort"),
    )
    .hint(format!(
        "kubectl bluegreen deploy {name} --strategy rolling goes on from there, and takes it back where it fails"
    )))
}

/// Takes every intent away; who is flipping at this moment begins anew, and sees that.
pub(super) async fn take_intents_away(
    cluster: &Cluster,
    application: &Application<'_>,
) -> Result<Vec<String>, Failure> {
    let mut taken = Vec::new();
    for production in &application.production {
        let Some(patch) = withdraw(production.service) else {
            continue;
        };
        // One that can't be read is in the way as well.
        let what = Intent::of(production.service).map_or_else(
            || "an intent that can't be read".to_owned(),
            |intent| {
                let by = intent.by.as_deref().unwrap_or("somebody");
                format!("the switch to {} by {by}", intent.to)
            },
        );
        let answer = cluster
            .patch_service(cluster.namespace(), production.name(), &patch, DryRun::None)
            .await;
        match answer {
            Ok(_) => taken.push(what),
            Err(Rejected::Conflict(_)) => {}
            Err(rejected) => return Err(rejected.into()),
        }
    }
    taken.dedup();
    Ok(taken)
}

/// Lets production leave an overlap that nobody ends, as a rollback does.
pub(super) async fn end_overlap(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    objects: &Objects,
    output: &Output,
) -> Result<Option<String>, Failure> {
    let Some(overlap) = application.overlap() else {
        return Ok(None);
    };
    let planned = rollback(application, objects, Context::now())?;
    if let Rollback::Back { plan, .. } = planned {
        let reason = args.reason.as_deref().unwrap_or("aborted");
        go_back(cluster, &args.target, &plan.to, reason, output).await?;
    }
    Ok(Some(format!("the overlap of {}", overlap.both())))
}
