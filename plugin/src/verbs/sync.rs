//! `sync`.

use bluegreen_shared::plan::goal::Goal;
use bluegreen_shared::plan::retire::left;
use bluegreen_shared::plan::sync::{Copied, Pair, copy, sync};
use bluegreen_shared::workload::Workload;
use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Manifest, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::look::{find, look, look_again};
use crate::outcome::Outcome;
use crate::release::{Drain, lower_minimums, nobody_releases, serves_by_now};
use crate::render::{Format, Output, Progress, Style, View};

use super::wait::until;

/// Attempts to change objects that others change at the same time.
const ATTEMPTS: usize = 5;

/// Make the idle environment a hot backup: let it run what production runs
///
/// Each workload of the idle side gets the pod template of its counterpart, and at least as many
/// replicas, in one guarded patch. What its selector asks for stays, and so does what differs in nothing
/// but the role's name, such as configuration shop-blue beside shop-green.
///
/// What served before is gone then: rollback can't go back to it any more. So it waits as retire does,
/// until production has been elsewhere for the drain time.
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
    let drain = Drain {
        time: args.drain,
        began: Context::now(),
    };
    let mut progress = Progress::new(output);
    let mut meant: Option<String> = None;
    let mut changes = Vec::new();
    let mut attempts = 0;
    let mut objects = look(cluster, &args.target).await?;
    loop {
        let application = find(&objects, &args.target)?;
        nobody_releases(cluster, &application, output).await?;
        let plan = sync(&application, Context::now())?;
        let role = meant.get_or_insert_with(|| plan.role.clone());
        if *role != plan.role {
            return Err(serves_by_now(&application.name, role));
        }
        let left = left(&application, role);
        let rest = drain.rest(left, Context::now());
        if args.dry_run == DryRun::None && !rest.is_zero() {
            drain.pause(&mut progress, role, left).await;
            objects = look_again(cluster, &args.target).await?;
            continue;
        }
        progress.clear();
        let roles = (plan.role.as_str(), plan.active.as_str());
        match copy_all(args, cluster, &plan.pairs, roles, &mut changes, output).await {
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
            Err(Rejected::Conflict(_)) if attempts + 1 < ATTEMPTS => attempts += 1,
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

async fn copy_all(
    args: &Args,
    cluster: &Cluster,
    pairs: &[Pair<'_>],
    roles: (&str, &str),
    done: &mut Vec<Change>,
    output: &Output,
) -> Result<(), Rejected> {
    for pair in pairs {
        let (idle, active) = (
            raw(cluster, pair.idle).await?,
            raw(cluster, pair.active).await?,
        );
        let Some(copied) = copy(&idle, &active, roles) else {
            continue;
        };
        for place in &copied.suspicious {
            output.warning(format_args!(
                "{} will name {}: {place}",
                pair.idle.reference(),
                roles.1
            ));
        }
        if args.dry_run != DryRun::Client {
            let namespace = cluster.namespace();
            cluster
                .patch_workload(namespace, pair.idle, &copied.patch, args.dry_run)
                .await?;
        }
        let change = Change::of(pair, &copied);
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

/// What was made like production.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Synced {
    application: String,
    namespace: String,
    /// The idle role.
    role: String,
    /// What was changed; nothing where it ran the same already.
    changes: Vec<Change>,
    #[serde(skip)]
    dry_run: DryRun,
}

/// A workload that was changed.
#[derive(Clone, Debug, Serialize)]
struct Change {
    /// `Deployment/tomcat-deployment-blue`.
    object: String,
    /// In words.
    what: String,
    #[serde(skip)]
    resource: String,
}

impl Change {
    fn of(pair: &Pair<'_>, copied: &Copied) -> Self {
        let like = pair.active.reference();
        let template = copied.template.then(|| format!("the template of {like}"));
        let replicas = copied
            .replicas
            .map(|(from, to)| format!("{from} → {to} replicas"));
        let all: Vec<String> = template.into_iter().chain(replicas).collect();
        Self {
            object: pair.idle.reference(),
            what: all.join(", "),
            resource: pair.idle.resource(),
        }
    }
}

impl View for Synced {
    fn text(&self, style: Style, _wide: bool) -> String {
        let Self {
            application,
            changes,
            dry_run,
            ..
        } = self;
        let role = style.strong(&self.role);
        match (changes.is_empty(), dry_run) {
            (true, _) => format!("{role} of {application} runs what production runs already\n"),
            (false, DryRun::None) => format!("{role} of {application} runs what production runs\n"),
            (false, _) => changes.iter().fold(String::new(), |text, change| {
                text + &change.resource + " changed" + dry_run.suffix() + "\n"
            }),
        }
    }

    fn names(&self) -> Vec<String> {
        let changes = self.changes.iter();
        changes.map(|change| change.resource.clone()).collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}
