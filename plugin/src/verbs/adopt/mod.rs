//! `adopt`.

mod act;
mod cross;
mod look;
mod rehearse;
mod view;
mod wait;

use bluegreen_shared::plan::adopt::{Act, Adoption, Ask, Found, Scene, Step, find, plan};
use clap::Args as ClapArgs;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, checked};
use crate::outcome::Outcome;
use crate::release::{Conflicts, Drain};
use crate::render::{Format, Progress};

use super::init::Colour;
use look::Seen;
use view::{Adopted, Done};
use wait::Waiting;

/// Turn an existing Deployment and Service into two environments, without a request lost
///
/// NAME is the production Service. A Deployment's selector can't be changed, and a new label on its
/// template would restart its pods in place. So it is replaced: a copy with the label role=blue comes
/// up beside it, with a readiness probe where there was none, and shares its requests; once as many of
/// its pods are ready, the gate judges, and the Service selects role=blue. The other side is made
/// without pods, so that nothing costs more than before (stage gives it as many as production has), and
/// a test Service for each. Autoscalers scale the new Deployment from then on. The old one is deleted
/// when connections have had time to drain and no endpoint of the Service is a pod of it.
///
/// The old Deployment's selector matches the new pods too. That is no harm: Deployments never take pods
/// that have an owner.
///
/// Cut off at any point, the same command goes on from there; until the Service is flipped, everything is
/// served as before. What else names the old Deployment (pipelines, charts, dashboards) is for
/// its owners to change: adopt says what it sees.
///
/// Exit codes: 0 done, or so already; 3 requests would be lost, or the copy does not come up; 4 refused
/// by admission; 6 timed out; 7 flipped and taken back; 8 somebody else is at it.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # Each step, and nothing done
  kubectl bluegreen adopt shop --dry-run=server

  kubectl bluegreen adopt shop

  # Where nothing outside the cluster sends requests, and the label role means something else
  kubectl bluegreen adopt shop --drain 30s --role-key slot")]
pub(crate) struct Args {
    /// The production Service, or the application as its selector calls it
    pub(super) name: String,
    /// The role of what is there; the other side gets the other one. By default blue
    #[arg(long, value_enum, value_name = "ROLE")]
    role: Option<Colour>,
    /// The label key of the role. By default role
    #[arg(long, value_name = "KEY")]
    role_key: Option<String>,
    /// The pods of the other side, once production selects its own alone
    #[arg(long, value_name = "N", default_value = "0")]
    idle_replicas: u16,
    /// How long connections to the old pods may drain; by default longer than clouds' load balancers lag
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    drain: Span,
    /// How long to wait for the new pods at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: Span,
    /// Why, for the history
    #[arg(long, value_name = "TEXT", value_parser = checked::reason)]
    reason: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let adopted = Box::pin(adopted(args, &cluster, context)).await?;
    if adopted.has_changed() {
        context.hint(&format!("kubectl bluegreen status {}", args.name));
    }
    Ok(Outcome::view(
        adopted,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

/// Says how to go on, where it was cut off.
pub(super) fn told(name: &str, failure: Failure) -> Failure {
    match failure.exit {
        Exit::Interrupted => failure.hint(format!(
            "what was done stays, and the same command goes on from there: kubectl bluegreen adopt {name}"
        )),
        _ => failure,
    }
}

/// What is remembered between two looks.
struct Run<'r> {
    args: &'r Args,
    cluster: &'r Cluster,
    context: &'r Context,
    drain: Drain,
    progress: Progress<'r>,
    waiting: Waiting,
    conflicts: Conflicts,
    done: Vec<Done>,
}

/// Looks, takes the next step, and looks again: what is left is read off the cluster each time.
async fn adopted(args: &Args, cluster: &Cluster, context: &Context) -> Result<Adopted, Failure> {
    let ask = args.ask();
    let mut run = Run {
        args,
        cluster,
        context,
        drain: Drain::new(args.drain),
        progress: Progress::new(&context.output),
        waiting: Waiting::new(),
        conflicts: Conflicts::default(),
        done: Vec::new(),
    };
    let mut seen = Seen::look(cluster, &ask).await?;
    let mut is_first = true;
    loop {
        let scene = match find(&seen.objects, &ask)? {
            Found::Already(name) => return Ok(Adopted::already(name, cluster.namespace())),
            Found::Scene(scene) => scene,
        };
        let beside = seen.beside();
        let left = plan(&scene, &seen.objects, &beside, &ask, Context::now())?;
        if is_first {
            for warning in &left.warnings {
                context.output.warning(warning);
            }
        }
        is_first = false;
        if args.dry_run != DryRun::None {
            return rehearse::all(args, cluster, context, &scene, &seen, &left).await;
        }
        let Some(step) = run.next(&left) else {
            let namespace = cluster.namespace();
            return Ok(Adopted::of(&scene, namespace, run.done, args.dry_run));
        };
        run.take(step, &scene, &seen).await?;
        seen = Seen::again(cluster, &ask).await?;
    }
}

impl Args {
    fn ask(&self) -> Ask {
        Ask {
            name: self.name.clone(),
            role: self.role.map(Colour::side),
            role_key: self.role_key.clone(),
            idle_replicas: i32::from(self.idle_replicas),
        }
    }
}

impl Run<'_> {
    /// The first step that is not over.
    fn next<'s, 'a>(&self, left: &'s Adoption<'a>) -> Option<&'s Step<'a>> {
        let is_over = |step: &&Step<'_>| match step.act {
            Act::Drain(left) => self.drain.rest(left, Context::now()).is_zero(),
            _ => false,
        };
        left.steps.iter().find(|step| !is_over(step))
    }

    async fn take(
        &mut self,
        step: &Step<'_>,
        scene: &Scene<'_>,
        seen: &Seen,
    ) -> Result<(), Failure> {
        match &step.act {
            Act::Await => return wait::once(self, scene, seen).await,
            Act::Drain(left) => {
                let old = format!("Deployment/{}", scene.origin.name);
                self.drain.pause(&mut self.progress, &old, *left).await;
                return Ok(());
            }
            _ => {}
        }
        self.progress.clear();
        self.waiting.over(scene, &self.context.output);
        if act::act(self, step, scene, seen).await? {
            self.done.push(Done::of(step, DryRun::None));
        }
        Ok(())
    }
}
