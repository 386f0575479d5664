//! `abort`.

mod view;

use std::time::{Duration, Instant};

use bluegreen_shared::application::{Active, Application};
use bluegreen_shared::intent::Intent;
use bluegreen_shared::lease::{self, Abort, Holder, Standing};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::flip::withdraw;
use bluegreen_shared::plan::rollback::{Rollback, rollback};
use bluegreen_shared::plan::rolling::is_noted;
use clap::Args as ClapArgs;
use k8s_openapi::api::coordination::v1::Lease;

use crate::cluster::{Cluster, Freshness, Rejected, Written};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target, checked};
use crate::look::{find, look};
use crate::outcome::Outcome;
use crate::release::{go_back, nobody_releases};
use crate::render::{Format, Output, Progress};

use view::Aborted;

/// Between two looks at a release that is to end.
const PAUSE: Duration = Duration::from_millis(500);
/// Attempts to write on what its holder renews at the same time.
const ATTEMPTS: usize = 5;

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
    if let Some(holder) = ask_to_end(args, cluster, &application).await? {
        await_end(args, cluster, &application, &holder, output).await?;
        ended.push(format!("the release by {holder}"));
    }
    let objects = look(cluster, &target).await?;
    let application = find(&objects, &target)?;
    nobody_releases(cluster, &application, output).await?;
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

/// An update in place that was cut off is for the next one to end: that has the template to go back to.
fn no_half_update(target: &Target, application: &Application<'_>) -> Result<(), Failure> {
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

/// Writes the wish on the Lease of a release that is under way; who holds it.
async fn ask_to_end(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
) -> Result<Option<Holder>, Failure> {
    let name = lease::name(application);
    let mut wish: Option<Abort> = None;
    for _ in 0..ATTEMPTS {
        let Some((lease, holder)) = held(cluster, &name).await? else {
            return Ok(None);
        };
        let abort = match wish.take() {
            Some(wish) => wish,
            None => Abort {
                by: cluster.whoami().await?,
                reason: args.reason.clone(),
            },
        };
        let asked = lease::aborted(&lease, &abort);
        if let Written::Stored(_) = cluster.write_lease(&asked).await? {
            return Ok(Some(holder));
        }
        wish = Some(abort);
    }
    Err(Failure::new(
        Exit::Busy,
        format!("others write Lease/{name} all the time"),
    ))
}

async fn held(cluster: &Cluster, name: &str) -> Result<Option<(Lease, Holder)>, Failure> {
    let Some(lease) = cluster.lease(name).await? else {
        return Ok(None);
    };
    Ok(match lease::standing(&lease, Context::now()) {
        Standing::Held(holder) => Some((lease, holder)),
        Standing::Free | Standing::Ended(_) => None,
    })
}

async fn await_end(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    holder: &Holder,
    output: &Output,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut progress = Progress::new(output);
    progress.show(vec![format!(
        "waiting for the end of the release by {holder}"
    )]);
    let name = lease::name(application);
    while held(cluster, &name)
        .await?
        .is_some_and(|(_, now)| now.identity == holder.identity)
    {
        let limit = args.timeout.limit();
        if limit.is_some_and(|limit| began.elapsed() >= limit) {
            progress.clear();
            return Err(Failure::new(
                Exit::TimedOut,
                format!(
                    "the release of {} by {holder} has not ended within {}",
                    application.name, args.timeout
                ),
            )
            .hint(format!(
                "where nobody releases any more: kubectl delete lease {name} -n {}",
                cluster.namespace()
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
    progress.clear();
    Ok(())
}

/// Takes every intent away; who is flipping at this moment begins anew, and sees that.
async fn take_intents_away(
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
async fn end_overlap(
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
