//! `approve`.

use bluegreen_shared::application::{Application, Environment};
use bluegreen_shared::approvals::{self, Approval};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::idle::idle;
use bluegreen_shared::verified::{self, Revision};
use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look};
use crate::outcome::Outcome;
use crate::render::{Format, Style, View};

/// Attempts to change a Service that others change at the same time.
const ATTEMPTS: usize = 5;

/// Agree to the release of what the idle environment runs now
///
/// A switch with --approvals, by somebody else, asks for this: that of whoever switches does not count.
/// The consent is kept on the production Services, with your name, which the API server sees to, and
/// holds for the revision that the idle side runs at this moment alone: one that is staged afterwards
/// has to be approved anew.
///
/// Exit codes: 0 approved; 3 it is rolling out, so that there is no one revision; 4 refused by admission.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # See what it is, and agree
  kubectl bluegreen status tomcat
  kubectl bluegreen approve tomcat")]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let approved = Box::pin(approve(args, &cluster)).await?;
    Ok(Outcome::view(
        approved,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

async fn approve(args: &Args, cluster: &Cluster) -> Result<Approved, Failure> {
    let by = cluster.whoami().await?;
    let mut meant: Option<(String, Revision)> = None;
    let mut attempts = 0;
    loop {
        let objects = look(cluster, &args.target).await?;
        let application = find(&objects, &args.target)?;
        let (role, revision) = staged(&application, &objects)?;
        if meant
            .get_or_insert_with(|| (role.clone(), revision.clone()))
            .1
            != revision
        {
            return Err(changed(&application.name, &role));
        }
        let approval = Approval {
            revision,
            by: by.clone(),
            at: Context::now(),
        };
        match write(args, cluster, &application, &approval).await {
            Ok(()) => {
                return Ok(Approved {
                    application: application.name.clone(),
                    namespace: cluster.namespace().to_owned(),
                    images: application
                        .environment(&role)
                        .map(Environment::images)
                        .unwrap_or_default(),
                    role,
                    services: application
                        .production
                        .iter()
                        .map(|one| one.name().to_owned())
                        .collect(),
                    approval,
                    dry_run: args.dry_run,
                });
            }
            Err(Rejected::Conflict(_)) if attempts + 1 < ATTEMPTS => attempts += 1,
            Err(rejected) => return Err(rejected.into()),
        }
    }
}

/// The idle side and the one revision that it runs.
fn staged(application: &Application<'_>, objects: &Objects) -> Result<(String, Revision), Failure> {
    let side = idle(application, Context::now())?;
    let revision = verified::revision(&side.workloads, &side.pods(&objects.pods));
    let revision = revision.map_err(|not_one| {
        let name = &application.name;
        Failure::new(
            Exit::Refused,
            format!(
                "{} does not run one revision, so that there is nothing to approve",
                not_one.workload
            ),
        )
        .hint(format!("kubectl bluegreen wait {name} --for=staged"))
    })?;
    Ok((side.role.clone(), revision))
}

async fn write(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    approval: &Approval,
) -> Result<(), Rejected> {
    if args.dry_run == DryRun::Client {
        return Ok(());
    }
    for production in &application.production {
        let patch = approvals::add(production.service, approval);
        cluster
            .patch_service(cluster.namespace(), production.name(), &patch, args.dry_run)
            .await?;
    }
    Ok(())
}

fn changed(application: &str, role: &str) -> Failure {
    Failure::new(
        Exit::Refused,
        format!("{role} of {application} was changed meanwhile; the approval is not complete"),
    )
    .hint(format!("kubectl bluegreen status {application}"))
}

/// What was approved.
#[derive(Clone, Debug, Serialize)]
struct Approved {
    application: String,
    namespace: String,
    role: String,
    images: Vec<String>,
    #[serde(flatten)]
    approval: Approval,
    #[serde(skip)]
    services: Vec<String>,
    #[serde(skip)]
    dry_run: DryRun,
}

impl View for Approved {
    fn text(&self, style: Style, _wide: bool) -> String {
        let Self {
            application,
            images,
            approval,
            dry_run,
            ..
        } = self;
        format!(
            "{} of {application} is approved by {}: {}{}\n",
            style.strong(&self.role),
            approval.by,
            images.join(", "),
            dry_run.suffix()
        )
    }

    fn names(&self) -> Vec<String> {
        let services = self.services.iter();
        services.map(|name| format!("service/{name}")).collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}
