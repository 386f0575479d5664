//! `verify`.

mod record;
mod view;

use std::collections::BTreeSet;
use std::time::Duration;

use bluegreen_shared::application::{Active, Application, Environment};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{counted, three};
use bluegreen_shared::verified::{self, Revision};
use clap::Args as ClapArgs;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Span, Target};
use crate::look::{find, look};
use crate::outcome::Outcome;
use crate::render::{Format, Progress, to_text};
use crate::verify::{self, Asked, Manner, PortName, Rounds, Statuses, Tried};

use view::Verification;

/// Failed pods that are shown while the others are asked.
const SHOWN: usize = 8;

/// Check every pod of an environment over HTTP, and record what passed
///
/// Asks each pod what its readiness probe asks, GET of the probe's path and port; where there is no
/// such probe, / of the Service's target port. All pods are asked, not one: eight at a time, each
/// until it has passed three times in a row, or failed as often in a row, or the time is up.
/// Redirects are not followed. Pods that are being deleted are left out; one that does not run has
/// failed, and so has a replica that has no pod.
///
/// Pods are reached by port-forward, so that this works from outside the cluster. The port is
/// dialled on the loopback address inside the pod: a server that listens on the pod's address alone
/// can't be reached that way. A certificate is not checked, as the kubelet's probes don't either.
///
/// What passed is recorded on the production Services, with the revision that it is true of; pods
/// that run another one by then are verified anew.
///
/// Exit codes: 0 every pod passed; 5 one did not, or the revision changed meanwhile.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # The idle environment, before it is switched to
  kubectl bluegreen verify tomcat

  # A page that needs the database
  kubectl bluegreen verify tomcat --path /shop/health --expect-status 200

  # What serves now, patiently
  kubectl bluegreen verify tomcat --role blue --passes 10 --interval 3s")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// The environment; the idle one by default
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// The path to GET, instead of the readiness probe's
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// The port of the pods, number or name, instead of the readiness probe's
    #[arg(long, value_name = "PORT")]
    port: Option<PortName>,
    /// The statuses that pass, such as 200,204 or 200-399
    #[arg(long, value_name = "STATUSES", default_value_t)]
    expect_status: Statuses,
    /// How often in a row a pod must pass
    #[arg(long, value_name = "NUMBER", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    passes: u32,
    /// How long to wait between two checks of a pod
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    interval: Span,
    /// How long all of it may take
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    timeout: Span,
    /// How long one answer may take
    #[arg(long, value_name = "DURATION", default_value = "5s")]
    answer_timeout: Span,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let objects = look(&cluster, &args.target).await?;
    let application = find(&objects, &args.target)?;
    let environment = environment(&application, args.role.as_deref())?;
    let (revision, pods) = staying(&application, environment, &objects)?;
    let services: Vec<&Service> = application
        .production
        .iter()
        .map(|production| production.service)
        .collect();
    let tried = ask(args, context, &cluster, environment, &pods, &services).await?;
    let mut view = Verification {
        application: application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        role: environment.role.clone(),
        wanted: args.passes,
        missing: missing(environment, &objects),
        images: images(environment),
        revision,
        pods: tried,
        by: None,
        at: None,
    };
    let recorded = match view.failure() {
        Some(failure) => Err(failure),
        None => record::record(&cluster, &args.target, &mut view).await,
    };
    let format = args.output.as_ref().unwrap_or(&Format::Text);
    if let Err(failure) = recorded {
        // What each pod said is worth as much when it is no.
        context
            .output
            .data(&to_text(&view, format, context.output.style())?);
        return Err(failure);
    }
    context.output.step(
        "verified",
        format_args!(
            "{} of {}: {} passed {} in a row",
            view.role,
            view.application,
            counted(view.pods.len(), "pod"),
            times(args.passes),
        ),
    );
    context
        .output
        .note(format_args!("hint: {}", next(&application, &view.role)));
    Ok(Outcome::view(view, format))
}

/// The environment that is meant: the named one, or the idle one.
fn environment<'e, 'a>(
    application: &'e Application<'a>,
    role: Option<&str>,
) -> Result<&'e Environment<'a>, Failure> {
    let [one, two] = &application.environments;
    let roles = format!("--role {} or --role {}", one.role, two.role);
    if let Some(role) = role {
        return application.environment(role).ok_or_else(|| {
            Failure::could_not(format!("{} has no environment {role:?}", application.name))
                .hint(roles)
        });
    }
    match application.active() {
        Active::Role(active) => application.other(active),
        Active::Split(_) | Active::Neither(_) => None,
    }
    .ok_or_else(|| {
        Failure::could_not(format!("no side of {} is idle", application.name)).hint(roles)
    })
}

/// What the environment runs, and its pods that are there to stay.
fn staying<'o>(
    application: &Application<'_>,
    environment: &Environment<'_>,
    objects: &'o Objects,
) -> Result<(Revision, Vec<&'o Pod>), Failure> {
    let pods: Vec<&Pod> = environment
        .pods(&objects.pods)
        .into_iter()
        .filter(|pod| !pod::is_terminating(pod) && !pod::is_finished(pod))
        .collect();
    let revision = verified::revision(&environment.workloads, &pods).map_err(|not_one| {
        let workload = &not_one.workload;
        let several: Vec<String> = not_one.revisions.into_iter().collect();
        let (message, next) = if several.is_empty() {
            (format!("{workload} has no pod to verify"), "stage")
        } else {
            (
                format!(
                    "{workload} is rolling out, its pods run {}",
                    three(&several)
                ),
                "status",
            )
        };
        Failure::new(Exit::Unverified, message)
            .hint(format!("kubectl bluegreen {next} {}", application.name))
    })?;
    Ok((revision, pods))
}

async fn ask(
    args: &Args,
    context: &Context,
    cluster: &Cluster,
    environment: &Environment<'_>,
    pods: &[&Pod],
    services: &[&Service],
) -> Result<Vec<Tried>, Failure> {
    let asked = Asked {
        path: args.path.clone(),
        port: args.port.clone(),
    };
    let manner = Manner {
        expect: args.expect_status.clone(),
        request_timeout: args.answer_timeout.limit().unwrap_or(Duration::MAX),
    };
    let rounds = Rounds {
        passes: args.passes,
        interval: args.interval.0,
        timeout: args.timeout.limit(),
    };
    let mut progress = Progress::new(&context.output);
    let live = context.output.is_live();
    let (role, all) = (&environment.role, pods.len());
    progress.show(vec![format!("verifying {role}: {}", counted(all, "pod"))]);
    let mut done = 0;
    let mut failed = Vec::new();
    let tried = verify::every(cluster, pods, services, &asked, &manner, &rounds, |tried| {
        done += 1;
        if !tried.passed {
            failed.push(format!("  Pod/{}: {}", tried.pod, tried.words));
        }
        // Elsewhere each change is a line of its own, and a pod that passed is none worth one.
        let count = if live { done } else { 0 };
        let first = match count {
            0 => format!("verifying {role}: {}", counted(all, "pod")),
            _ => format!("verifying {role}: {count} of {}", counted(all, "pod")),
        };
        progress.show(
            std::iter::once(first)
                .chain(failed.iter().take(SHOWN).cloned())
                .collect(),
        );
    })
    .await;
    progress.clear();
    tried
}

/// Replicas that have no pod which could be asked, one sentence for each workload.
fn missing(environment: &Environment<'_>, objects: &Objects) -> Vec<String> {
    environment
        .workloads
        .iter()
        .filter_map(|workload| {
            let there = objects
                .pods
                .iter()
                .filter(|pod| workload.owns(pod))
                .filter(|pod| !pod::is_terminating(pod) && !pod::is_finished(pod))
                .count();
            let wanted = usize::try_from(workload.replicas()).unwrap_or(0);
            (there < wanted).then(|| {
                format!(
                    "{} has {there} of {}",
                    workload.reference(),
                    counted(wanted, "pod")
                )
            })
        })
        .collect()
}

fn images(environment: &Environment<'_>) -> Vec<String> {
    let images: BTreeSet<&str> = environment
        .workloads
        .iter()
        .flat_map(|workload| workload.images())
        .collect();
    images.into_iter().map(str::to_owned).collect()
}

fn times(number: u32) -> String {
    counted(usize::try_from(number).unwrap_or(usize::MAX), "time")
}

fn next(application: &Application<'_>, role: &str) -> String {
    let verb = if application.active() == Active::Role(role) {
        "status"
    } else {
        "switch"
    };
    format!("kubectl bluegreen {verb} {}", application.name)
}
