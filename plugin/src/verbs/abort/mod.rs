//! `abort`.

mod left;
mod under_way;
mod view;

use bluegreen_shared::application::Active;
use clap::Args as ClapArgs;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target, checked};
use crate::look::{find, look};
use crate::outcome::Outcome;
use crate::release::nobody_releases;
use crate::render::{Format, Output};

use left::{end_overlap, no_half_update, take_intents_away};
use under_way::end_release;
use view::Aborted;

/// End a release that somebody else runs, or clear away what is left of one
///
/// A release that is under way in another terminal is asked to end: before its flip nothing was
/// changed of production; while production is still being checked it goes back to what served before,
/// and so does a Deployment that is being updated in place.
/// What a release has left that was cut off (its Lease, its intent) is cleared away; an overlap ends in the
/// side that served before the release, and that of a rollback in the side that it was going back to.
///
/// Exit codes: 0 nothing is under way any more; 3 the side that an overlap is to end in may not serve, or
/// an update in place was cut off, which the next deploy finishes or takes back; 6 it has not ended in
/// time; 8 somebody else releases by now.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen abort tomcat --reason 'wrong build'")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// Why, for who is releasing
    #[arg(long, value_name = "TEXT", value_parser = checked::reason)]
    reason: Option<String>,
    /// How long to wait for its end at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    timeout: Span,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let aborted = Box::pin(abort(args, &cluster, &context.output)).await?;
    Ok(Outcome::view(
        aborted,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

async fn abort(args: &Args, cluster: &Cluster, output: &Output) -> Result<Aborted, Failure> {
    let mut ended = Vec::new();
    let target = aimed(cluster, &args.target).await?;
    let objects = look(cluster, &target).await?;
    let application = find(&objects, &target)?;
    if let Some(holder) = end_release(args, cluster, &application, output).await? {
        ended.push(format!("the release by {holder}"));
    }
    let objects = look(cluster, &target).await?;
    let application = find(&objects, &target)?;
    nobody_releases(cluster, &application, DryRun::None, output).await?;
    no_half_update(&target, &application)?;
    ended.extend(take_intents_away(cluster, &application).await?);
    let objects = look(cluster, &target).await?;
    let application = find(&objects, &target)?;
    ended.extend(end_overlap(args, cluster, &application, &objects, output).await?);
    let objects = look(cluster, &target).await?;
    let application = find(&objects, &target)?;
    for one in &ended {
        output.step("ended", one);
    }
    let production = match application.active() {
        Active::Role(role) => Some(role.to_owned()),
        Active::Split(_) | Active::Neither(_) | Active::Overlap(_) => None,
    };
    Ok(Aborted {
        application: application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        production,
        ended,
        services: application
            .production
            .iter()
            .map(|one| one.name().to_owned())
            .collect(),
    })
}

/// Two environments, or else the one Deployment that a rolling update may be of.
async fn aimed(cluster: &Cluster, target: &Target) -> Result<Target, Failure> {
    let namespace = cluster.namespace();
    let objects = cluster.read_objects(namespace, Freshness::Live).await?;
    let in_place = target.in_place();
    Ok(match find(&objects, target) {
        Err(_) if find(&objects, &in_place).is_ok() => in_place,
        _ => target.clone(),
    })
}
