//! `status`.

mod build;
mod events;
mod model;
mod notes;
mod screen;
#[cfg(test)]
mod tests;
mod watch;

use bluegreen_shared::objects::Objects;
use clap::Args as ClapArgs;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::Target;
use crate::look::find;
use crate::outcome::Outcome;
use crate::release::release_under_way;
use crate::render::Format;

use model::Status;

/// Show which side of an application serves, and whether the other one may
///
/// For each side: what it runs, how many of its pods are ready, whether that was verified, and what
/// the gate says of a switch to it, with the reasons as the kubelet and the controllers give them.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen status tomcat
  kubectl bluegreen status tomcat --watch

  # The role that serves, for a script
  kubectl bluegreen status tomcat -o jsonpath='{.active}'")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
    /// Look again every second, and show what has changed
    #[arg(short, long)]
    watch: bool,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let format = args.output.clone().unwrap_or_default();
    if args.watch {
        return watch::watch(&cluster, &args.target, &format, context).await;
    }
    Ok(Outcome::view(look(&cluster, &args.target).await?, &format))
}

/// Reads everything that the screen shows.
async fn look(cluster: &Cluster, target: &Target) -> Result<Status, Failure> {
    let namespace = cluster.namespace();
    let (objects, ingresses) = tokio::try_join!(
        cluster.read_objects(namespace, Freshness::Live),
        cluster.read_ingresses(namespace)
    )?;
    let mut objects = Objects {
        ingresses,
        ..objects
    };
    let query = find(&objects, target)?.pod_query();
    let query = query.as_deref();
    let rest = cluster.read_rest(namespace, query, Freshness::Live);
    (objects.namespace, objects.pods) = rest.await?;
    let application = find(&objects, target)?;
    let mut status = build::status(&application, &objects, namespace, Context::now());
    let release = release_under_way(cluster, &application).await;
    if let (Some(overlap), Some(release)) = (&mut status.overlap, &release) {
        overlap.interrupted = !release.goes_on;
    }
    status.notes.extend(release.map(|release| release.told));
    if status.blamed_pods().next().is_some() {
        let events = cluster.read_pod_warnings(namespace).await?;
        events::add(&mut status, &events);
    }
    Ok(status)
}
