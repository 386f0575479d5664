//! `verify`.

mod ask;
mod http;
mod record;
mod subject;
mod view;

use std::collections::BTreeSet;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::counted;
use bluegreen_shared::verified::Revision;
use clap::Args as ClapArgs;
use k8s_openapi::api::core::v1::{Pod, Service};
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{Span, Target};
use crate::look::{find, look};
use crate::outcome::Outcome;
use crate::render::Format;
use crate::verify::Tried;

use http::Http;
use view::Verification;

/// Looks until the pods that were asked are those that are there.
const LOOKS: usize = 4;

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
/// Exit codes: 0 every pod passed; 5 one did not, or the revision changed meanwhile; 6 the time was
/// up before that was known.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # The idle environment, before it is switched to
  kubectl bluegreen verify tomcat

  # A page that needs the database, in the version that is meant
  kubectl bluegreen verify tomcat --path /shop/health --expect-body 'db: +up' --expect-header 'X-Version: ^2'

  # As a user who is known, over TLS
  kubectl bluegreen verify tomcat --scheme https --header 'Host: shop.example.com' --header \"Cookie: $COOKIE\"

  # What serves now, patiently
  kubectl bluegreen verify tomcat --role blue --passes 10 --interval 3s")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// The environment; the idle one by default
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// How long all of it may take
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    timeout: Span,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
    #[command(flatten)]
    http: Http,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let end = args
        .timeout
        .limit()
        .and_then(|limit| Instant::now().checked_add(limit));
    let mut known = Known::default();
    let mut view = None;
    for _ in 0..LOOKS {
        view = Box::pin(look_and_ask(args, context, &cluster, &mut known, end)).await?;
        if view.is_some() {
            break;
        }
    }
    let Some(view) = view else {
        return Err(Failure::new(
            Exit::Unverified,
            format!("the pods of {} changed all the time", args.target.name),
        ));
    };
    let format = args.output.as_ref().unwrap_or(&Format::Text);
    if let Some(failure) = view.failure() {
        // What each pod said is worth as much when it is no.
        let text = context.output.render(&view, format)?;
        context.output.data(&text);
        return Err(failure);
    }
    let passes = usize::try_from(args.http.passes).unwrap_or(usize::MAX);
    context.output.step(
        "verified",
        format_args!(
            "{} of {}: {} passed {} in a row",
            view.role,
            view.application,
            counted(view.pods.len(), "pod"),
            counted(passes, "time"),
        ),
    );
    context.hint(&view.next());
    Ok(Outcome::view(view, format))
}

/// What was found out so far.
#[derive(Default)]
struct Known {
    /// The role, which stays the same whatever is switched meanwhile, and what it ran at first.
    subject: Option<(String, Revision)>,
    tried: Vec<Tried>,
}

/// Asks the pods that were not asked yet, or, where there are none, says what came of all of them
/// and records what passed.
///
/// Pods come and go while others are asked; only those count that are there in the end.
async fn look_and_ask(
    args: &Args,
    context: &Context,
    cluster: &Cluster,
    known: &mut Known,
    end: Option<Instant>,
) -> Result<Option<Verification>, Failure> {
    let objects = look_in_time(cluster, args, end).await?;
    let application = find(&objects, &args.target)?;
    let named = known.subject.as_ref().map(|(role, _)| role.as_str());
    let environment = subject::environment(&application, named.or(args.role.as_deref()))?;
    let found = subject::staying(&application, environment, &objects);
    let (revision, pods) = match (&known.subject, found) {
        (None, found) => found?,
        (Some((_, before)), Ok(found)) if found.0 == *before => found,
        (Some((role, _)), _) => return Err(changed(&application.name, role)),
    };
    let there: BTreeSet<&str> = pods.iter().map(|pod| pod::name(pod)).collect();
    known
        .tried
        .retain(|tried| there.contains(tried.pod.as_str()));
    let fresh: Vec<&Pod> = pods
        .into_iter()
        .filter(|pod| !known.tried.iter().any(|tried| tried.pod == pod::name(pod)))
        .collect();
    let role = environment.role.clone();
    if !fresh.is_empty() {
        let services: Vec<&Service> = application
            .production
            .iter()
            .map(|production| production.service)
            .collect();
        let tried = ask::ask(args, context, cluster, &role, &fresh, &services, end).await?;
        let late = tried.iter().any(|tried| tried.late);
        known.tried.extend(tried);
        if !late {
            known.subject = Some((role, revision));
            return Ok(None);
        }
        // There is no time left to look again.
    }
    let mut view = Verification {
        application: application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        serves: subject::serves(&application, &role),
        role,
        wanted: args.http.passes,
        limit: args.timeout,
        missing: subject::missing(environment, &objects),
        images: subject::images(environment),
        revision,
        pods: std::mem::take(&mut known.tried),
        by: None,
        at: None,
    };
    view.pods.sort_by(|one, other| one.pod.cmp(&other.pod));
    if view.failure().is_none() {
        record::record(cluster, &application, &mut view).await?;
    }
    Ok(Some(view))
}

fn changed(application: &str, role: &str) -> Failure {
    Failure::new(
        Exit::Unverified,
        format!("{role} of {application} was changed while it was verified; nothing was recorded"),
    )
    .hint(format!("kubectl bluegreen verify {application}"))
}

/// Looks at the cluster, for no longer than there is time.
async fn look_in_time(
    cluster: &Cluster,
    args: &Args,
    end: Option<Instant>,
) -> Result<Objects, Failure> {
    let look = look(cluster, &args.target);
    let Some(end) = end else {
        return look.await;
    };
    tokio::time::timeout_at(end, look)
        .await
        .unwrap_or_else(|_| {
            let (name, limit) = (&args.target.name, args.timeout);
            Err(Failure::new(
                Exit::TimedOut,
                format!(
                    "{name} was not verified within {limit}: the cluster was still being looked at"
                ),
            ))
        })
}
