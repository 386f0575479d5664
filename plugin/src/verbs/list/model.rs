//! What `list` found out, apart from how it is shown; the names are those of `-o json`.

use bluegreen_shared::application::{Active, Application, Environment};
use bluegreen_shared::discover::Undecided;
use bluegreen_shared::history;
use jiff::Timestamp;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct List {
    pub(super) applications: Vec<Line>,
    pub(super) undecided: Vec<Unclear>,
    #[serde(skip)]
    pub(super) with_namespace: bool,
    #[serde(skip)]
    pub(super) now: Timestamp,
}

#[derive(Serialize)]
pub(super) struct Line {
    pub(super) namespace: String,
    pub(super) application: String,
    /// The role that serves, in an overlap the one that did before; `None` where production is split or
    /// selects neither.
    pub(super) active: Option<String>,
    pub(super) split: bool,
    /// Whether the other role serves as well, in an overlap.
    pub(super) overlaps: bool,
    pub(super) services: Vec<String>,
    pub(super) environments: Vec<Side>,
    pub(super) rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct Side {
    pub(super) role: String,
    pub(super) images: Vec<String>,
    /// By the controllers' count.
    pub(super) ready: i32,
    pub(super) replicas: i32,
}

#[derive(Serialize)]
pub(super) struct Unclear {
    pub(super) namespace: String,
    pub(super) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
    pub(super) candidates: Vec<String>,
}

impl Unclear {
    pub(super) fn of(namespace: &str, why: Undecided) -> Self {
        Self {
            namespace: namespace.to_owned(),
            message: why.message,
            hint: why.hint,
            candidates: why.candidates,
        }
    }
}

pub(super) fn line(namespace: &str, application: &Application<'_>) -> Line {
    let active = match application.active() {
        Active::Role(role) => Some(role.to_owned()),
        Active::Overlap(overlap) => Some(overlap.from.clone()),
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
        overlaps: application.overlap().is_some(),
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
