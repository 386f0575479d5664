//! `stage`.

mod apply;
mod end;
mod view;
mod wait;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::stage::{ImageWish, Wanted};
use clap::Args as ClapArgs;
use k8s_openapi::api::apps::v1::ReplicaSet;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::look::find;
use crate::outcome::Outcome;
use crate::render::Format;

/// Bring the idle environment to another image or size, and wait until it could serve
///
/// Only workloads of the idle environment are changed, in one guarded patch each; what serves now is
/// never touched. A container that serves and has no readiness probe gets one, as the webhook would
/// give it.
///
/// Then it waits until the gate would let production flip to it, capacity included, and gives up
/// early where that will not happen: a container of the new template crashed twice or backs off, an
/// image can't be had, no node takes a pod (for a minute, unless an autoscaler has announced a new
/// node), a container's settings are missing or pods can't be created (quota, admission) for ten
/// seconds, or the rollout exceeded its progress deadline. One crash alone may heal and is waited
/// for. On failure the idle environment stays as it is, for you to look at; the next stage replaces
/// it.
///
/// Exit codes: 0 staged, or so already; 3 it can't succeed; 4 refused by admission; 6 timed out; 8 a
/// switch to the idle environment is under way.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # The next version, on whichever side is idle
  kubectl bluegreen stage tomcat --image tomcat:8

  # Two containers, and as many pods as production will need
  kubectl bluegreen stage shop --image web=shop:2.1 --image proxy=envoy:v1.32 --replicas 6

  # What would change, admission asked, nothing stored
  kubectl bluegreen stage tomcat --image tomcat:8 --dry-run=server")]
#[group(id = "change", required = true, multiple = true, args = ["image", "replicas"])]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// The image to run, of a named container or of the one that serves; may be given several times
    #[arg(long, value_name = "IMAGE|CONTAINER=IMAGE")]
    image: Vec<ImageWish>,
    /// How many pods each workload of it is to have
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..))]
    replicas: Option<i32>,
    /// Wait until it could serve
    #[arg(
        long,
        value_name = "true|false",
        default_value_t = true,
        action = clap::ArgAction::Set,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    wait: bool,
    /// How long to wait at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: Span,
    /// How long a pod may be without a node
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    schedule_grace: Span,
    /// Why, for `kubectl rollout history` (the annotation kubernetes.io/change-cause)
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let mut staged = Box::pin(apply::apply(args, context, &cluster)).await?;
    if args.wait && args.dry_run == DryRun::None {
        let ready = Box::pin(wait::wait(args, context, &cluster, &staged)).await?;
        staged.ready = Some(ready);
    }
    if args.dry_run == DryRun::None {
        context.hint(&format!("kubectl bluegreen verify {}", staged.application));
    }
    Ok(Outcome::view(
        staged,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

impl Args {
    fn wanted(&self) -> Wanted {
        Wanted {
            images: self.image.clone(),
            replicas: self.replicas,
        }
    }
}

/// The `ReplicaSets` of the application, which alone know what a Deployment's newest template is called.
async fn replica_sets(
    cluster: &Cluster,
    target: &Target,
    objects: &Objects,
) -> Result<Vec<ReplicaSet>, Failure> {
    let query = find(objects, target)?.pod_query();
    cluster
        .list::<ReplicaSet>(cluster.namespace(), query.as_deref())
        .await
}
