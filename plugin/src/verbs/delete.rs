//! `delete`.

use bluegreen_shared::application::{Application, Production};
use bluegreen_shared::keys;
use bluegreen_shared::plan::takedown::{revoked, takedown};
use bluegreen_shared::refusal::three;
use clap::Args as ClapArgs;
use k8s_openapi::api::core::v1::Service;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Manifest};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Target, checked};
use crate::look::{A_LONG_WHILE, find, look, patiently};
use crate::outcome::Outcome;
use crate::release::nobody_releases;
use crate::render::{Format, Output, Style, View};

/// Take an application down: its Services and the workloads of both sides
///
/// Says why on the production Services first (bluegreen.dev/takedown), which takes the RBAC verb
/// "override" on services in bluegreen.dev where the guard stands, and is in the audit log. Then it
/// deletes the production Services, the test Services, and the workloads of both sides with their
/// pods. What else belongs to the application (configuration, autoscalers, Ingresses, volumes) stays.
///
/// Exit codes: 0 all of it is deleted; 4 refused by admission; 8 it is being released.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # What would go
  kubectl bluegreen delete tomcat --reason 'moved to another cluster' --dry-run=client

  kubectl bluegreen delete tomcat --reason 'moved to another cluster'")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = checked::reason)]
    reason: String,
    #[command(flatten)]
    dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let deleted = Box::pin(delete(args, &cluster, &context.output)).await?;
    Ok(Outcome::view(
        deleted,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

async fn delete(args: &Args, cluster: &Cluster, output: &Output) -> Result<Deleted, Failure> {
    let objects = look(cluster, &args.target).await?;
    let application = find(&objects, &args.target)?;
    nobody_releases(cluster, &application, args.dry_run, output).await?;
    let all = manifests(&application, cluster.namespace(), &args.reason);
    if args.dry_run != DryRun::Client {
        say(args, cluster, &application, output).await?;
    }
    let mut failures = Vec::new();
    let mut left = Vec::new();
    for manifest in &all {
        // Where nothing is stored it is not said either that it is to go, and the guard would refuse.
        if args.dry_run == DryRun::None
            && let Err(failure) = cluster.delete(manifest, DryRun::None).await
        {
            left.push(manifest.reference());
            failures.push(failure);
            continue;
        }
        let suffix = args.dry_run.suffix();
        output.step("deleted", format_args!("{}{suffix}", manifest.reference()));
    }
    if let Some(first) = failures.into_iter().next() {
        let stays = application.production.iter().map(Production::name);
        let stays = stays.filter(|name| left.contains(&format!("service/{name}")));
        unsay(args, cluster, &stays.collect::<Vec<_>>(), output).await;
        let command = format!(
            "kubectl delete -n {} {}",
            cluster.namespace(),
            left.join(" ")
        );
        return Err(first.hint(format!("what is left: {command}")));
    }
    Ok(Deleted {
        application: application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        objects: all.iter().map(Manifest::reference).collect(),
        dry_run: args.dry_run,
    })
}

/// Says on every production Service that it is to go, or on none.
async fn say(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let mut said = Vec::new();
    for (service, patch) in takedown(application, &args.reason).say {
        let name = service.metadata.name.as_deref().unwrap_or_default();
        said.push(name);
        let answer = cluster
            .patch_service(cluster.namespace(), name, &patch, args.dry_run)
            .await;
        if let Err(rejected) = answer {
            if args.dry_run == DryRun::None {
                unsay(args, cluster, &said, output).await;
            }
            return Err(rejected.into());
        }
    }
    Ok(())
}

/// These Services stay, and are protected again.
async fn unsay(args: &Args, cluster: &Cluster, names: &[&str], output: &Output) {
    if names.is_empty() {
        return;
    }
    let unsaid = async || unsaid(&args.reason, cluster, names).await;
    if let Err(why) = patiently(A_LONG_WHILE, unsaid).await {
        output.warning(unprotected(cluster.namespace(), names, &why));
    }
}

/// Takes back all that can be, of what is still said.
async fn unsaid(reason: &str, cluster: &Cluster, names: &[&str]) -> Result<(), Failure> {
    let namespace = cluster.namespace();
    let mut failed = None;
    for service in cluster.list::<Service>(namespace, None).await? {
        let name = service.metadata.name.as_deref().unwrap_or_default();
        let Some(patch) = revoked(&service, reason).filter(|_| names.contains(&name)) else {
            continue;
        };
        let answer = cluster
            .patch_service(namespace, name, &patch, DryRun::None)
            .await;
        failed = failed.or(answer.err());
    }
    failed.map_or(Ok(()), |rejected| Err(rejected.into()))
}

/// What is left to do by hand.
fn unprotected(namespace: &str, names: &[&str], why: &Failure) -> String {
    let services: Vec<String> = names.iter().map(|name| format!("Service/{name}")).collect();
    format!(
        "{} may be protected no more: kubectl annotate service {} -n {namespace} {}- ({})",
        three(&services),
        names.join(" "),
        keys::TAKEDOWN,
        why.message
    )
}

/// What goes, in this order.
fn manifests(application: &Application<'_>, namespace: &str, reason: &str) -> Vec<Manifest> {
    let plan = takedown(application, reason);
    let named = |api: &str, kind: &str, name: &str| {
        Manifest::of(json!({
            "apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace},
        }))
    };
    let services = plan.services.iter().filter_map(|service| {
        named(
            "v1",
            "Service",
            service.metadata.name.as_deref().unwrap_or_default(),
        )
    });
    let workloads = plan
        .workloads
        .iter()
        .filter_map(|workload| named("apps/v1", workload.kind(), workload.name()));
    services.chain(workloads).collect()
}

/// What was deleted.
#[derive(Clone, Debug, Serialize)]
struct Deleted {
    application: String,
    namespace: String,
    /// `service/tomcat-service`, in the order in which they went.
    objects: Vec<String>,
    #[serde(skip)]
    dry_run: DryRun,
}

impl View for Deleted {
    fn text(&self, style: Style, _wide: bool) -> String {
        let name = style.strong(&self.application);
        match self.dry_run {
            DryRun::None => format!("{name} is taken down\n"),
            dry_run => {
                let suffix = dry_run.suffix();
                let lines = self.objects.iter();
                lines.fold(String::new(), |text, one| {
                    text + one + " deleted" + suffix + "\n"
                })
            }
        }
    }

    fn names(&self) -> Vec<String> {
        self.objects.clone()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_unsaid_is_named_with_the_command_for_it() {
        let why = Failure::could_not("can't reach the API server");
        assert_eq!(
            unprotected("shop", &["web-inner", "web-public"], &why),
            "Service/web-inner and Service/web-public may be protected no more: \
             kubectl annotate service web-inner web-public -n shop bluegreen.dev/takedown- \
             (can't reach the API server)"
        );
    }
}
