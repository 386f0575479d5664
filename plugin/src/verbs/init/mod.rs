//! `init`.

mod existing;
mod objects;
mod wait;

use std::num::NonZeroU16;

use bluegreen_shared::plan::init::{Expose, Init, Side, plan};
use clap::{Args as ClapArgs, ValueEnum};

use crate::cluster::{Cluster, Manifest};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span};
use crate::outcome::Outcome;
use crate::render::{Format, Manifests};

use existing::Known;

/// Make an application from scratch: two Deployments and the Services in front of them
///
/// Creates the Deployments NAME-deployment-blue and -green, a test Service for each, and the
/// production Service NAME-service, which selects the active one. Nothing that is there already is
/// ever changed: objects that are just as they would be made are left alone, and if one differs,
/// nothing is created at all.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen init tomcat --image tomcat:7 --port 8080

  # Into a file, without asking any cluster
  kubectl bluegreen init tomcat --image tomcat:7 --port 8080 --dry-run=client -o yaml

  # The next version on the idle side from the start, production through a load balancer
  kubectl bluegreen init tomcat --image tomcat:7 --idle-image tomcat:8 --port 8080 --type LoadBalancer")]
pub(crate) struct Args {
    /// The application's name, from which the objects get theirs
    name: String,
    /// The image of the active side
    #[arg(long, value_name = "IMAGE")]
    image: String,
    /// The image of the idle side; the same by default
    #[arg(long, value_name = "IMAGE")]
    idle_image: Option<String>,
    /// The port that the container listens on
    #[arg(long, value_name = "PORT")]
    port: NonZeroU16,
    /// The port of the Services
    #[arg(long, value_name = "PORT", default_value = "80")]
    service_port: NonZeroU16,
    /// The pods of either side
    #[arg(long, value_name = "N", default_value = "2")]
    replicas: NonZeroU16,
    /// The type of the production Service
    #[arg(long = "type", value_enum, value_name = "TYPE", default_value_t)]
    kind: Kind,
    /// The path of the readiness probe
    #[arg(long, value_name = "PATH", default_value = "/")]
    probe_path: String,
    /// The side that serves first
    #[arg(long, value_enum, value_name = "ROLE", default_value_t)]
    active: Colour,
    /// Wait until all pods are ready
    #[arg(long, value_name = "true|false", default_value_t = true, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    wait: bool,
    /// How long to wait at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: Span,
    #[command(flatten)]
    dry_run: DryRun,
    /// Print the objects: yaml, json, name or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

/// How production is reached.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Kind {
    #[default]
    #[value(name = "ClusterIP")]
    ClusterIp,
    #[value(name = "NodePort")]
    NodePort,
    #[value(name = "LoadBalancer")]
    LoadBalancer,
}

/// One of the two sides.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Colour {
    #[default]
    Blue,
    Green,
}

impl Colour {
    /// As the plans call it.
    pub(super) fn side(self) -> Side {
        match self {
            Self::Blue => Side::Blue,
            Self::Green => Side::Green,
        }
    }
}

/// The objects themselves, where nobody is to be asked.
pub(crate) fn printed(args: &Args, context: &Context) -> Result<Option<Outcome>, Failure> {
    if args.dry_run != DryRun::Client {
        return Ok(None);
    }
    let pattern = plan(&wanted(args))?;
    let namespace = context.connection.namespace.as_deref();
    let manifests = objects::of(&pattern, namespace, None)?;
    Ok(Some(shown(manifests, "created", args)))
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let pattern = plan(&wanted(args))?;
    let cluster = context.cluster().await?;
    let by = cluster.whoami().await?;
    let first = objects::first_entry(&wanted(args), by, Context::now());
    let namespace = cluster.namespace().to_owned();
    let manifests = objects::of(&pattern, Some(&namespace), Some(first))?;
    let compared = existing::compared(&cluster, manifests).await?;
    existing::unselected(&cluster, &compared).await?;
    let made = create(&cluster, compared, args.dry_run).await?;
    if args.output.is_none() {
        for (manifest, what) in &made {
            let reference = manifest.reference();
            context
                .output
                .data(&format!("{reference} {what}{}\n", args.dry_run.suffix()));
        }
    }
    if args.wait && args.dry_run == DryRun::None {
        wait::wait(&args.name, args.timeout, &cluster, context).await?;
    }
    let manifests = made.into_iter().map(|(manifest, _)| manifest).collect();
    match &args.output {
        Some(_) => Ok(shown(manifests, "created", args)),
        None => Ok(Outcome::Done),
    }
}

/// Creates what is not there; the production Service comes last, when it has something to select.
async fn create(
    cluster: &Cluster,
    objects: Vec<(Manifest, Known)>,
    dry_run: DryRun,
) -> Result<Vec<(Manifest, &'static str)>, Failure> {
    let mut made = Vec::with_capacity(objects.len());
    for (manifest, known) in objects {
        let what = match known {
            Known::Same => "unchanged",
            Known::Missing => {
                cluster.create(&manifest, dry_run).await?;
                "created"
            }
        };
        made.push((manifest, what));
    }
    Ok(made)
}

fn shown(objects: Vec<Manifest>, what: &str, args: &Args) -> Outcome {
    let what = format!("{what}{}", args.dry_run.suffix());
    let format = args.output.clone().unwrap_or_default();
    Outcome::view(Manifests { objects, what }, &format)
}

fn wanted(args: &Args) -> Init {
    Init {
        name: args.name.clone(),
        image: args.image.clone(),
        idle_image: args.idle_image.clone(),
        port: args.port,
        service_port: args.service_port,
        replicas: args.replicas,
        expose: match args.kind {
            Kind::ClusterIp => Expose::ClusterIp,
            Kind::NodePort => Expose::NodePort,
            Kind::LoadBalancer => Expose::LoadBalancer,
        },
        probe_path: args.probe_path.clone(),
        active: args.active.side(),
    }
}
