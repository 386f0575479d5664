//! `mark`.

use bluegreen_shared::application::Production;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::mark::{Mark, MarkPlan, mark};
use clap::Args as ClapArgs;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Freshness, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, HintFlags, Target};
use crate::outcome::Outcome;

/// Say what can't be seen: which Service is production, which is for tests, which keys carry the role
///
/// Writes annotations on the Service. Where no colour in their labels tells the workloads' roles
/// (version: 1.10 and 1.11), each workload gets its role as an annotation too, so that admission
/// sees it. Nothing is written that would not settle the question.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # Of several Services, this one is flipped
  kubectl bluegreen mark web --service web-public --production

  # The two sides differ in the label version
  kubectl bluegreen mark web --role-key version

  # This one stays where it is
  kubectl bluegreen mark web --service web-internal --test")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    /// It is production: switch flips it (the default)
    #[arg(long, conflicts_with = "test")]
    production: bool,
    /// It is for tests: it is never flipped
    #[arg(long)]
    test: bool,
    #[command(flatten)]
    dry_run: DryRun,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let HintFlags { role_key, .. } = &args.target.hints;
    let wanted = if args.test {
        if !role_key.is_empty() {
            return Err(Failure::usage(
                "a test Service has no --role-key: it is never flipped",
            ));
        }
        Mark::Test
    } else {
        Mark::Production(role_key.clone())
    };
    let cluster = context.cluster().await?;
    let objects = cluster
        .read_objects(cluster.namespace(), Freshness::Live)
        .await?;
    let service = meant(&objects, &args.target)?;
    let plan = mark(&objects, service, &wanted)?;
    let lines = write(&cluster, service, &plan, args.dry_run).await?;
    Ok(Outcome::Text(lines))
}

/// The Service that is named, by flag or by NAME, or the application's one production Service.
fn meant<'a>(objects: &'a Objects, target: &Target) -> Result<&'a Service, Failure> {
    if let Some(name) = &target.hints.service {
        return objects.service(name).ok_or_else(|| {
            Failure::could_not(format!("there is no Service {name:?}")).hint("kubectl get services")
        });
    }
    if let Some(service) = objects.service(&target.name) {
        return Ok(service);
    }
    let hints = Hints {
        role_keys: target.hints.role_key.clone(),
        service: None,
    };
    let application = discover::find(objects, &target.name, &hints)?;
    match application.production.as_slice() {
        [only] => Ok(only.service),
        several => {
            let names: Vec<&str> = several.iter().map(Production::name).collect();
            Err(Failure::could_not(format!(
                "{} has {} production Services: {}",
                application.name,
                names.len(),
                names.join(", ")
            ))
            .hint("name the one to mark with --service"))
        }
    }
}

/// The workloads first: once the Service is marked, everybody relies on what they say.
async fn write(
    cluster: &Cluster,
    service: &Service,
    plan: &MarkPlan<'_>,
    dry_run: DryRun,
) -> Result<String, Failure> {
    let namespace = cluster.namespace();
    let suffix = dry_run.suffix();
    let mut lines = Vec::new();
    for (workload, role, patch) in &plan.workloads {
        if dry_run != DryRun::Client {
            cluster
                .patch_workload(namespace, workload, patch, dry_run)
                .await?;
        }
        let name = resource(workload.kind(), workload.name());
        lines.push(format!("{name} marked as {role}{suffix}\n"));
    }
    let name = service.metadata.name.as_deref().unwrap_or_default();
    match &plan.service {
        Some(patch) => {
            if dry_run != DryRun::Client {
                cluster
                    .patch_service(namespace, name, patch, dry_run)
                    .await
                    .map_err(|rejected| match rejected {
                        Rejected::Conflict(_) => Failure::could_not(format!(
                            "service/{name} was changed by somebody else at the same moment"
                        ))
                        .hint("run the same command again"),
                        other => other.into(),
                    })?;
            }
            lines.push(format!("service/{name} marked{suffix}\n"));
        }
        None => lines.push(format!("service/{name} unchanged{suffix}\n")),
    }
    Ok(lines.concat())
}

/// `deployment.apps/web`, as kubectl speaks of what it changed.
fn resource(kind: &str, name: &str) -> String {
    format!("{}.apps/{name}", kind.to_ascii_lowercase())
}
