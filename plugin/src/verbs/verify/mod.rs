//! `verify`.

mod ask;
mod board;
mod checks;
mod http;
mod look;
mod record;
mod subject;
mod view;

use clap::Args as ClapArgs;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Span, Target};
use crate::outcome::Outcome;
use crate::render::Format;
use crate::runtime::until_stopped;
use crate::verify::Made;

pub(super) use checks::{Checks, Whole};
pub(super) use http::Http;
use look::Looks;
pub(super) use view::Verification;

/// Looks until the pods that were asked are those that are there.
const LOOKS: usize = 4;

/// Check every pod of an environment over HTTP, or by whatever else tells, and record what passed
///
/// Asks each pod what its readiness probe asks, GET of the probe's path and port; where there is no
/// such probe, / of the Service's target port. Where a production Service leads to a port that no
/// container declares, somebody must listen there too. All pods are asked, not one: eight at a time, each
/// until it has passed three times in a row, or failed as often in a row, or the time is up.
/// Redirects are not followed. Pods that are being deleted are left out; one that does not run has
/// failed, and so has a replica that has no pod.
///
/// Pods are reached by port-forward, so that this works from outside the cluster. The port is
/// dialled on the loopback address inside the pod: a server that listens on the pod's address alone
/// can't be reached that way. A certificate is not checked, as the kubelet's probes don't either.
///
/// Beside that, and at the same time, the environment can be checked as a whole, and everything must
/// pass: by a program of this machine (behind --), by a Job in the cluster (--job), by what a
/// Prometheus says (--query). The pods are asked too, unless --http=false is given.
///
/// The program and the Job find the environment's address in their variables. For the program it is
/// a port of this machine, which leads to the ready pods in turn for as long as it runs; it reads
/// nothing from the terminal, and is killed with all that it started when the time is up or this is
/// interrupted. For the Job it is the test Service of that side, else a pod. The Job gets a name of
/// its own, and is deleted afterwards, whatever became of it.
///
/// A query must give at least one sample, and every sample must be as expected, for as long as --for
/// says. Arguments of the program and headers that are sent may hold secrets: they are recorded
/// nowhere.
///
/// What passed is recorded on the production Services, with the revision that it is true of; pods
/// that run another one by then are verified anew.
///
/// Exit codes: 0 everything passed; 5 something did not, or the revision changed meanwhile; 6 the time
/// was up before that was known; 130 interrupted.
#[derive(ClapArgs, Clone, Debug)]
#[command(after_help = "\
Variables of a program and of a Job:
  BLUEGREEN_URL            where the environment is: http://HOST:PORT, or https
  BLUEGREEN_HOST, _PORT    the same in two parts
  BLUEGREEN_APPLICATION, _ROLE, _NAMESPACE

Examples:
  # The idle environment, before it is switched to
  kubectl bluegreen verify tomcat

  # A page that needs the database, in the version that is meant
  kubectl bluegreen verify tomcat --path /shop/health --expect-body 'db: +up' --expect-header 'X-Version: ^2'

  # As a user who is known, over TLS
  kubectl bluegreen verify tomcat --scheme https --header 'Host: shop.example.com' --header \"Cookie: $COOKIE\"

  # By a script that asks $BLUEGREEN_URL, and by a Job in the cluster
  kubectl bluegreen verify tomcat --job smoke.yaml --timeout 5m -- ./smoke.sh --fast

  # By what is measured, for two minutes, and by nothing else
  kubectl bluegreen verify tomcat --http=false --timeout 3m --prometheus http://localhost:9090 \\
    --query 'sum(rate(errors_total{role=\"green\"}[1m]))' --expect '< 0.01' --for 2m

  # What serves now, patiently
  kubectl bluegreen verify tomcat --role blue --passes 10 --interval 3s")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// The environment; the idle one by default
    #[arg(long, value_name = "ROLE")]
    pub(super) role: Option<String>,
    /// How long all of it may take; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub(super) timeout: Span,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
    #[command(flatten)]
    pub(super) http: Http,
    #[command(flatten)]
    pub(super) checks: Checks,
}

impl Args {
    /// The checks of the environment as a whole, ready to be run.
    ///
    /// # Errors
    /// The flags ask for what can't be.
    pub(super) fn whole(&self) -> Result<Whole<'_>, Failure> {
        self.checks.read(self.http.answer_timeout, self.timeout)
    }
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let whole = args.whole()?;
    let cluster = until_stopped(context.cluster()).await?;
    let made = Made::default();
    let result = until_stopped(Box::pin(verify(args, context, &cluster, &whole, &made))).await;
    // Whatever has become of it, and however it was stopped; who stops this too does not wait for it.
    let tidied = until_stopped(async {
        made.delete(&cluster, &context.output).await;
        Ok(())
    });
    let tidied = tidied.await;
    let view = result?;
    tidied?;
    shown(args, context, view)
}

/// Looks and asks until all pods that are there were asked; whether they passed is for the caller to see.
pub(super) async fn verify(
    args: &Args,
    context: &Context,
    cluster: &Cluster,
    whole: &Whole<'_>,
    made: &Made,
) -> Result<Verification, Failure> {
    let end = args
        .timeout
        .limit()
        .and_then(|limit| Instant::now().checked_add(limit));
    let mut looks = Looks::new(args, context, cluster, end);
    for _ in 0..LOOKS {
        let view = Box::pin(looks.look_and_ask(whole, made)).await?;
        if let Some(view) = view {
            return Ok(view);
        }
    }
    Err(Failure::new(
        Exit::Unverified,
        format!("the pods of {} changed all the time", args.target.name),
    ))
}

fn shown(args: &Args, context: &Context, view: Verification) -> Result<Outcome, Failure> {
    let format = args.output.as_ref().unwrap_or(&Format::Text);
    if let Some(failure) = view.failure() {
        // What each pod said is worth as much when it is no.
        let text = context.output.render(&view, format)?;
        context.output.data(&text);
        return Err(failure);
    }
    let summary = view.summary();
    context.output.step(
        "verified",
        format_args!("{} of {}: {summary}", view.role, view.application),
    );
    context.hint(&view.next());
    Ok(Outcome::view(view, format))
}
