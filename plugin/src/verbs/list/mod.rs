//! `list`.

mod model;
mod screen;

use std::collections::{BTreeMap, BTreeSet};

use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use clap::Args as ClapArgs;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Service;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::render::Format;

use model::{List, Unclear, line};

/// Of what can't be decided, so many are told of.
const UNDECIDED: usize = 5;

/// List the applications of a namespace, with the side that serves
///
/// What looks like blue/green and can't be told for certain is named below the list, with the
/// command that settles it.
#[derive(ClapArgs, Debug)]
#[command(
    visible_alias = "ls",
    after_help = "\
Examples:
  kubectl bluegreen list
  kubectl bluegreen list --all-namespaces
  kubectl bluegreen list -l team=shop -o name"
)]
pub(crate) struct Args {
    /// Of every namespace
    #[arg(short = 'A', long)]
    all_namespaces: bool,
    /// Only applications with a production Service of these labels
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let format = args.output.clone().unwrap_or_default();
    let scope = (!args.all_namespaces).then(|| cluster.namespace());
    let (namespaces, selected) = tokio::try_join!(
        read(&cluster, scope),
        selected(&cluster, scope, args.selector.as_deref())
    )?;
    let is_wanted = |namespace: &str, service: &str| {
        selected
            .as_ref()
            .is_none_or(|all| all.contains(&(namespace.to_owned(), service.to_owned())))
    };
    let mut list = List {
        applications: Vec::new(),
        undecided: Vec::new(),
        with_namespace: args.all_namespaces,
        now: Context::now(),
    };
    for (namespace, objects) in &namespaces {
        let (applications, undecided) = discover::all(objects, &Hints::default());
        list.applications.extend(
            applications
                .iter()
                .filter(|application| {
                    let mut production = application.production.iter();
                    production.any(|one| is_wanted(namespace, one.name()))
                })
                .map(|application| line(namespace, application)),
        );
        list.undecided.extend(
            undecided
                .into_iter()
                .filter(|why| {
                    why.candidates.is_empty()
                        || why.candidates.iter().any(|name| is_wanted(namespace, name))
                })
                .map(|why| Unclear::of(namespace, why)),
        );
    }
    if matches!(format, Format::Text | Format::Wide) {
        tell(&list, context, scope);
        if list.applications.is_empty() {
            return Ok(Outcome::Done);
        }
    }
    Ok(Outcome::view(list, &format))
}

/// The objects of each namespace that discovery looks at.
async fn read(
    cluster: &Cluster,
    scope: Option<&str>,
) -> Result<BTreeMap<String, Objects>, Failure> {
    let (services, deployments, sets) = tokio::try_join!(
        cluster.list_in::<Service>(scope, None),
        cluster.list_in::<Deployment>(scope, None),
        cluster.list_in::<StatefulSet>(scope, None),
    )?;
    let mut namespaces: BTreeMap<String, Objects> = BTreeMap::new();
    for service in services {
        let namespace = service.metadata.namespace.clone().unwrap_or_default();
        namespaces
            .entry(namespace)
            .or_default()
            .services
            .push(service);
    }
    let workloads = deployments
        .into_iter()
        .map(Workload::from)
        .chain(sets.into_iter().map(Workload::from));
    for workload in workloads {
        let namespace = workload.metadata().namespace.clone().unwrap_or_default();
        namespaces
            .entry(namespace)
            .or_default()
            .workloads
            .push(workload);
    }
    Ok(namespaces)
}

/// Namespace and name of the Services that a selector finds; `None` without a selector.
async fn selected(
    cluster: &Cluster,
    scope: Option<&str>,
    selector: Option<&str>,
) -> Result<Option<BTreeSet<(String, String)>>, Failure> {
    let Some(selector) = selector else {
        return Ok(None);
    };
    let services = cluster.list_in::<Service>(scope, Some(selector)).await?;
    let names = services.into_iter().map(|service| {
        (
            service.metadata.namespace.unwrap_or_default(),
            service.metadata.name.unwrap_or_default(),
        )
    });
    Ok(Some(names.collect()))
}

/// What is not data: that there is nothing, and what can't be decided.
fn tell(list: &List, context: &Context, scope: Option<&str>) {
    if list.applications.is_empty() {
        context.output.note(match scope {
            Some(namespace) => format!("No applications found in {namespace} namespace."),
            None => "No applications found.".to_owned(),
        });
    }
    for unclear in list.undecided.iter().take(UNDECIDED) {
        let place = if list.with_namespace {
            format!("in {}: ", unclear.namespace)
        } else {
            String::new()
        };
        context
            .output
            .note(format_args!("undecided: {place}{}", unclear.message));
        if let Some(hint) = &unclear.hint {
            let hint = context.connection.repeat_in(hint);
            context.output.note(format_args!("hint: {hint}"));
        }
    }
    if list.undecided.len() > UNDECIDED {
        let more = list.undecided.len() - UNDECIDED;
        context
            .output
            .note(format_args!("and {more} more undecided; -o json lists all"));
    }
}
