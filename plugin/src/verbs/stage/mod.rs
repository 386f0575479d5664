//! `stage`.

mod apply;
mod change;
mod deliver;
mod end;
mod first;
mod goal;
mod handed;
mod in_place;
mod rehearse;
mod scalers;
mod served;
mod sources;
mod view;
mod wait;

use std::path::Path;

use bluegreen_shared::application::Application;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::Declined;
use bluegreen_shared::plan::stage::{ImageWish, Match, Wanted, matching};
use clap::Args as ClapArgs;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::ReplicaSet;

use crate::cluster::{Cluster, Manifest};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::look::find;
use crate::outcome::Outcome;
use crate::release::Held;
use crate::render::{Format, Manifests};

pub(super) use first::look_for;
pub(super) use goal::still_is;
use handed::Flags;
pub(super) use handed::Handed;
pub(super) use in_place::{Rehearsal, rehearsal, rolled_out};
pub(super) use served::serves;
pub(super) use view::Staged;

/// What the flags that speak of a number of pods set.
const COUNTS: [&str; 2] = [".spec.replicas", ".spec.minReplicas"];

/// Bring the idle environment to another image, size or manifest, and wait until it could serve
///
/// Only workloads of the idle environment are changed, in one guarded patch each; what serves now is
/// never touched. A container that serves and has no readiness probe gets one, as the webhook would
/// give it.
///
/// Manifests are applied as the server's own apply does it. First $VAR and ${VAR} are replaced by
/// their values, ${VAR:-default} by the default where VAR is not set or empty, and $$ by a dollar; any
/// other dollar stays, $(VAR) too. `TARGET_ROLE` is the idle side. A variable that is not defined is an
/// error. Then all objects are judged and rehearsed, and if one of them is not of the idle side alone,
/// nothing is applied: workloads, test Services, config maps, secrets, service accounts, claims,
/// autoscalers and disruption budgets may be. A side that is not there yet, or was deleted, is made of
/// its manifests.
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

  # As many pods as production has at this moment
  kubectl bluegreen stage shop --image shop:2.1 --match-active

  # From manifests with variables, or from a chart
  kubectl bluegreen stage tomcat -f deployment.yml -f test-endpoint.yml --set TOMCAT_VERSION=8
  helm template shop ./chart --set role=green | kubectl bluegreen stage shop -f -

  # What would change, admission asked, nothing stored
  kubectl bluegreen stage tomcat --image tomcat:8 --dry-run=server")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) wishes: Wishes,
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
    pub(super) wait: bool,
    /// How long to wait at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub(super) timeout: Span,
    /// Why, for `kubectl rollout history` (the annotation kubernetes.io/change-cause)
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
}

/// What the idle environment is to be like.
#[derive(ClapArgs, Clone, Debug)]
#[group(id = "change", required = true, multiple = true, args = ["image", "replicas", "match_active", "filename"])]
pub(super) struct Wishes {
    /// The image to run, of a named container or of the one that serves; may be given several times
    #[arg(long, value_name = "IMAGE|CONTAINER=IMAGE")]
    pub(in crate::verbs) image: Vec<ImageWish>,
    /// How many pods each workload of it is to have; one that was retired gets what it had
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..))]
    pub(in crate::verbs) replicas: Option<i32>,
    /// As many pods as production has now, ready or wanted, whichever is more; an autoscaler of the
    /// idle side that would make fewer has its minimum raised, until retire or sync lowers it again
    #[arg(long, conflicts_with = "replicas")]
    pub(in crate::verbs) match_active: bool,
    /// How long a pod may be without a node
    #[arg(long, value_name = "DURATION", default_value = "1m")]
    schedule_grace: Span,
    #[command(flatten)]
    pub(in crate::verbs) manifests: Flags,
}

impl Wishes {
    /// Whether the manifests are standard input.
    pub(super) fn take_standard_input(&self) -> bool {
        let names = &self.manifests.filename;
        names.iter().any(|name| name == Path::new("-"))
    }
}

/// Reads the manifests, which may come from a terminal: before anything else runs.
pub(super) fn read(wishes: &Wishes) -> Result<Option<Handed>, Failure> {
    Handed::read(&wishes.manifests)
}

pub(super) async fn run(
    args: &Args,
    handed: Option<Handed>,
    context: &Context,
) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let (staged, objects) = Box::pin(stage(args, handed.as_ref(), context, &cluster, None)).await?;
    if let (DryRun::Client, Some(objects), Some(format)) = (args.dry_run, objects, &args.output) {
        let what = format!("staged{}", args.dry_run.suffix());
        return Ok(Outcome::view(Manifests { objects, what }, format));
    }
    if args.dry_run == DryRun::None {
        context.hint(&format!("kubectl bluegreen verify {}", staged.application));
    }
    Ok(Outcome::view(
        staged,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

/// Stages, and waits where that is wanted; what was staged, and the objects of the manifests as they
/// were sent. `held` is the Lease of the release that this is a part of.
pub(super) async fn stage(
    args: &Args,
    handed: Option<&Handed>,
    context: &Context,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<(Staged, Option<Vec<Manifest>>), Failure> {
    let (mut staged, objects) = match handed {
        None => (
            Box::pin(apply::apply(args, context, cluster, held)).await?,
            None,
        ),
        Some(handed) => {
            let delivered = Box::pin(deliver::deliver(args, handed, context, cluster, held));
            let (staged, objects) = delivered.await?;
            (staged, Some(objects))
        }
    };
    if args.is_watched() {
        let ready = Box::pin(wait::wait(
            args,
            context,
            cluster,
            &staged,
            goal::Goal::Idle,
        ))
        .await?;
        staged.ready = Some(ready);
    }
    Ok((staged, objects))
}

impl Args {
    /// Whether it is waited for.
    fn is_watched(&self) -> bool {
        self.wait && self.dry_run == DryRun::None
    }

    /// Fields that a flag sets, whoever owns them.
    fn sets(&self) -> &'static [&'static str] {
        if self.wishes.replicas.is_some() || self.wishes.match_active {
            &COUNTS
        } else {
            &[]
        }
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            images: self.wishes.image.clone(),
            replicas: self.wishes.replicas,
            match_active: self.wishes.match_active,
        }
    }

    /// What each workload must have to match production; `None` where that is not asked for.
    fn matches<'a>(
        &self,
        application: &Application<'a>,
        objects: &Objects,
        now: Timestamp,
    ) -> Result<Option<Vec<Match<'a>>>, Declined> {
        let matches = self
            .wishes
            .match_active
            .then(|| matching(application, objects, now));
        matches.transpose()
    }
}

/// The `ReplicaSets` of the application, which alone know what a Deployment's newest template is called.
pub(super) async fn replica_sets(
    cluster: &Cluster,
    target: &Target,
    objects: &Objects,
) -> Result<Vec<ReplicaSet>, Failure> {
    let query = find(objects, target)?.pod_query();
    cluster
        .list::<ReplicaSet>(cluster.namespace(), query.as_deref())
        .await
}
