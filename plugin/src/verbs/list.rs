//! `list`.

use std::collections::{BTreeMap, BTreeSet};

use bluegreen_shared::application::{Active, Application, Environment};
use bluegreen_shared::discover::{self, Hints, Undecided};
use bluegreen_shared::history;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use clap::Args as ClapArgs;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Service;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::render::{Format, Style, Table, View, age};

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
        list.tell(context, scope);
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

fn line(namespace: &str, application: &Application<'_>) -> Line {
    let active = match application.active() {
        Active::Role(role) => Some(role.to_owned()),
        Active::Split(_) | Active::Neither(_) => None,
    };
    let newest = application
        .production
        .iter()
        .filter_map(|production| history::of(production.service).into_iter().next())
        .max_by_key(|entry| entry.at)
        .filter(|entry| active.as_ref() == Some(&entry.to));
    Line {
        namespace: namespace.to_owned(),
        application: application.name.clone(),
        split: matches!(application.active(), Active::Split(_)),
        services: application
            .production
            .iter()
            .map(|production| production.name().to_owned())
            .collect(),
        environments: application.environments.iter().map(side).collect(),
        rule: application.rule.to_string(),
        since: newest.map(|entry| entry.at),
        active,
    }
}

fn side(environment: &Environment<'_>) -> Side {
    Side {
        role: environment.role.clone(),
        images: environment
            .workloads
            .iter()
            .flat_map(|workload| workload.images())
            .map(str::to_owned)
            .collect(),
        ready: environment
            .workloads
            .iter()
            .map(|workload| workload.counts().ready)
            .sum(),
        replicas: environment
            .workloads
            .iter()
            .map(|workload| workload.replicas())
            .sum(),
    }
}

#[derive(Serialize)]
struct List {
    applications: Vec<Line>,
    undecided: Vec<Unclear>,
    #[serde(skip)]
    with_namespace: bool,
    #[serde(skip)]
    now: Timestamp,
}

#[derive(Serialize)]
struct Line {
    namespace: String,
    application: String,
    /// The role that serves; `None` where production is split or selects neither.
    active: Option<String>,
    split: bool,
    services: Vec<String>,
    environments: Vec<Side>,
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
}

#[derive(Serialize)]
struct Side {
    role: String,
    images: Vec<String>,
    /// By the controllers' count.
    ready: i32,
    replicas: i32,
}

#[derive(Serialize)]
struct Unclear {
    namespace: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    candidates: Vec<String>,
}

impl Unclear {
    fn of(namespace: &str, why: Undecided) -> Self {
        Self {
            namespace: namespace.to_owned(),
            message: why.message,
            hint: why.hint,
            candidates: why.candidates,
        }
    }
}

impl List {
    /// What is not data: that there is nothing, and what can't be decided.
    fn tell(&self, context: &Context, scope: Option<&str>) {
        if self.applications.is_empty() {
            context.output.note(match scope {
                Some(namespace) => format!("No applications found in {namespace} namespace."),
                None => "No applications found.".to_owned(),
            });
        }
        for unclear in self.undecided.iter().take(UNDECIDED) {
            let place = if self.with_namespace {
                format!("in {}: ", unclear.namespace)
            } else {
                String::new()
            };
            context
                .output
                .note(format_args!("undecided: {place}{}", unclear.message));
            if let Some(hint) = &unclear.hint {
                context.output.note(format_args!("hint: {hint}"));
            }
        }
        if self.undecided.len() > UNDECIDED {
            let more = self.undecided.len() - UNDECIDED;
            context
                .output
                .note(format_args!("and {more} more undecided; -o json lists all"));
        }
    }
}

impl View for List {
    fn text(&self, style: Style, wide: bool) -> String {
        let mut headers = vec![
            "NAME", "ACTIVE", "READY", "IMAGE", "IDLE", "READY", "IMAGE", "SINCE",
        ];
        if self.with_namespace {
            headers.insert(0, "NAMESPACE");
        }
        if wide {
            headers.extend(["SERVICES", "FOUND BY"]);
        }
        let mut table = Table::new(headers);
        for line in &self.applications {
            let mut row = Vec::new();
            if self.with_namespace {
                row.push(line.namespace.as_str().into());
            }
            row.push(line.application.as_str().into());
            // Where neither side is active alone, both are shown in the order of their names.
            let mut sides: Vec<&Side> = line.environments.iter().collect();
            sides.sort_by_key(|side| line.active.as_ref() != Some(&side.role));
            let undecided = if line.split { "<split>" } else { "<neither>" };
            for (place, side) in sides.into_iter().enumerate() {
                let role = match (&line.active, place) {
                    (None, 0) => format!("{undecided} {}", side.role),
                    _ => side.role.clone(),
                };
                row.push(role.into());
                row.push(format!("{}/{}", side.ready, side.replicas).into());
                row.push(side.images.join(",").into());
            }
            let since = line.since.map(|since| age(since, self.now));
            row.push(since.as_deref().unwrap_or("<unknown>").into());
            if wide {
                row.push(line.services.join(",").into());
                row.push(line.rule.as_str().into());
            }
            table.row(row);
        }
        table.render(style)
    }

    fn names(&self) -> Vec<String> {
        self.applications
            .iter()
            .flat_map(|line| &line.services)
            .map(|service| format!("service/{service}"))
            .collect()
    }

    fn value(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_has_the_active_side_first() {
        let side = |role: &str, image: &str| Side {
            role: role.to_owned(),
            images: vec![image.to_owned()],
            ready: 2,
            replicas: 2,
        };
        let list = List {
            applications: vec![
                Line {
                    namespace: "shop".to_owned(),
                    application: "tomcat".to_owned(),
                    active: Some("green".to_owned()),
                    split: false,
                    services: vec!["tomcat-service".to_owned()],
                    environments: vec![side("blue", "tomcat:7"), side("green", "tomcat:8")],
                    rule: "colour pair".to_owned(),
                    since: Some("2026-11-24T08:00:00Z".parse().unwrap()),
                },
                Line {
                    namespace: "shop".to_owned(),
                    application: "web".to_owned(),
                    active: None,
                    split: true,
                    services: vec!["web".to_owned(), "web-internal".to_owned()],
                    environments: vec![side("blue", "web:1"), side("green", "web:2")],
                    rule: "mark".to_owned(),
                    since: None,
                },
            ],
            undecided: Vec::new(),
            with_namespace: false,
            now: "2026-11-24T08:01:00Z".parse().unwrap(),
        };
        assert_eq!(
            list.text(Style::new(false), true),
            "\
NAME     ACTIVE         READY   IMAGE      IDLE    READY   IMAGE      SINCE       SERVICES           FOUND BY
tomcat   green          2/2     tomcat:8   blue    2/2     tomcat:7   60s         tomcat-service     colour pair
web      <split> blue   2/2     web:1      green   2/2     web:2      <unknown>   web,web-internal   mark
"
        );
        assert_eq!(list.names().len(), 3);
    }
}
