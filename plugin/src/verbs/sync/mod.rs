//! `sync`.

mod view;

use bluegreen_shared::plan::goal::Goal;
use bluegreen_shared::plan::retire::left;
use bluegreen_shared::plan::sync::{Copied, Pair, Sync, copy, sync};
use bluegreen_shared::workload::Workload;
use clap::Args as ClapArgs;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Manifest, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::look::{find, look, look_again};
use crate::outcome::Outcome;
use crate::release::{Idle, lower_minimums, nobody_releases};
use crate::render::{Format, Output};

use super::wait::until;

use view::{Change, Synced};

/// Make the idle environment a hot backup: let it run what production runs
///
/// Each workload of the idle side gets the pod template of its counterpart, and at least as many
/// replicas, in one guarded patch. What its selector asks for stays, and so does what differs in nothing
/// but the role's name, such as configuration shop-blue beside shop-green.
///
/// What served before is gone then: rollback can't go back to it any more. So it waits as retire does,
/// until production has been elsewhere for the drain time, where anything is to change.
///
/// Exit codes: 0 done, or so already; 3 it serves by now, or does not come up; 4 refused by admission;
/// 6 timed out; 8 a switch or a release is under way.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen sync tomcat

  # What would change
  kubectl bluegreen sync tomcat --dry-run=server")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// How long production must have been elsewhere; by default longer than clouds' load balancers lag
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(super) drain: Span,
    /// How long to wait until the side is up at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub(super) timeout: Span,
    #[command(flatten)]
    pub(super) dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let synced = Box::pin(backed(args, &cluster, &context.output)).await?;
    Ok(Outcome::view(
        synced,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

/// Makes the idle environment run what production runs, and waits until it does.
pub(super) async fn backed(
    args: &Args,
    cluster: &Cluster,
    output: &Output,
) -> Result<Synced, Failure> {
    let synced = Box::pin(synced(args, cluster, output)).await?;
    if args.dry_run == DryRun::None {
        let (target, role) = (&args.target, Some(synced.role.as_str()));
        let up = until(cluster, target, &Goal::Staged, role, args.timeout, output);
        Box::pin(up).await?;
    }
    Ok(synced)
}

async fn synced(args: &Args, cluster: &Cluster, output: &Output) -> Result<Synced, Failure> {
    let mut idle = Idle::new(args.drain, output);
    let mut changes = Vec::new();
    let mut objects = look(cluster, &args.target).await?;
    loop {
        let application = find(&objects, &args.target)?;
        nobody_releases(cluster, &application, args.dry_run, output).await?;
        let plan = sync(&application, Context::now())?;
        idle.ensure_same(&plan.role, &application.name)?;
        let copied = match copies(cluster, &plan).await {
            Ok(copies) => {
                let must_drain = args.dry_run == DryRun::None && !copies.is_empty();
                let left = left(&application, &plan.role);
                if !idle.may_go_on(must_drain, left).await {
                    objects = look_again(cluster, &args.target).await?;
                    continue;
                }
                copy_all(args, cluster, &copies, &mut changes, output).await
            }
            Err(rejected) => Err(rejected),
        };
        match copied {
            Ok(()) => {
                lower_minimums(cluster, &application, args.dry_run, output).await?;
                return Ok(Synced {
                    application: application.name.clone(),
                    namespace: cluster.namespace().to_owned(),
                    role: plan.role,
                    changes,
                    dry_run: args.dry_run,
                });
            }
            Err(Rejected::Conflict(_)) if idle.may_try_again() => {}
            Err(rejected) => {
                let already = changes
                    .iter()
                    .map(|one| format!("{} is changed already", one.object));
                return Err(Failure::from(rejected).details(already));
            }
        }
        objects = look_again(cluster, &args.target).await?;
    }
}

/// What is to change of each workload that does not run what its counterpart runs.
struct Copy<'p, 'a> {
    pair: &'p Pair<'a>,
    copied: Copied,
    /// The role that it must not name any more.
    active: &'p str,
}

async fn copies<'p, 'a>(
    cluster: &Cluster,
    plan: &'p Sync<'a>,
) -> Result<Vec<Copy<'p, 'a>>, Rejected> {
    let mut copies = Vec::new();
    for pair in &plan.pairs {
        let idle = raw(cluster, pair.idle).await?;
        let active = raw(cluster, pair.active).await?;
        let roles = (plan.role.as_str(), plan.active.as_str());
        let copy = copy(&idle, &active, roles).map(|copied| Copy {
            pair,
            copied,
            active: &plan.active,
        });
        copies.extend(copy);
    }
    Ok(copies)
}

async fn copy_all(
    args: &Args,
    cluster: &Cluster,
    copies: &[Copy<'_, '_>],
    done: &mut Vec<Change>,
    output: &Output,
) -> Result<(), Rejected> {
    for Copy {
        pair,
        copied,
        active,
    } in copies
    {
        for place in &copied.suspicious {
            output.warning(format_args!(
                "{} will name {active}: {place}",
                pair.idle.reference(),
            ));
        }
        if args.dry_run != DryRun::Client {
            let namespace = cluster.namespace();
            cluster
                .patch_workload(namespace, pair.idle, &copied.patch, args.dry_run)
                .await?;
        }
        let change = Change::of(pair, copied);
        let suffix = args.dry_run.suffix();
        output.step(
            "changed",
            format_args!("{}: {}{suffix}", change.object, change.what),
        );
        done.push(change);
    }
    Ok(())
}

/// The workload as the API server has it, with the fields that only a newer one knows.
async fn raw(cluster: &Cluster, workload: &Workload) -> Result<Value, Rejected> {
    let named = json!({
        "apiVersion": "apps/v1", "kind": workload.kind(),
        "metadata": {"name": workload.name(), "namespace": cluster.namespace()},
    });
    let gone = || {
        let message = format!("{} is gone", workload.reference());
        Rejected::Conflict(Failure::could_not(message))
    };
    let manifest = Manifest::of(named).ok_or_else(gone)?;
    let found = cluster.fetch(&manifest).await.map_err(Rejected::Other)?;
    Ok(json!(found.ok_or_else(gone)?))
}
