//! The idle environment scaled down, with what it had kept for the way back.

use std::collections::BTreeMap;

use jiff::Timestamp;
use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;

use crate::application::{Application, Environment};
use crate::history;
use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::workload::Workload;

use super::Declined;
use super::idle::idle;

/// How the idle environment is scaled down.
#[derive(Clone, Debug)]
pub struct Retirement<'a> {
    /// The idle role.
    pub role: String,
    /// When production left it; `None` where its newest flip did not.
    pub left: Option<Timestamp>,
    /// What its workloads have, written on each production Service before anything is scaled down:
    /// `rollback` brings back as many.
    pub remember: Vec<(&'a Service, Patch)>,
    /// Its workloads that want pods, in the order of their names; none where it is retired already.
    pub shrink: Vec<Shrink<'a>>,
}

/// A workload that is to have no pods.
#[derive(Clone, Debug)]
pub struct Shrink<'a> {
    /// The workload; more than 0 replicas are wanted of it.
    pub workload: &'a Workload,
}

impl Shrink<'_> {
    /// Sets the replicas of the very object that was looked at to 0, where they are what was remembered.
    ///
    /// A `HorizontalPodAutoscaler` leaves a workload with 0 replicas alone (`ScalingDisabled` in
    /// `podautoscaler/horizontal.go`), so that it need not be known here.
    #[must_use]
    pub fn patch(&self) -> Patch {
        let same = patch::same(self.workload.metadata());
        // An absent field means 1 and is written by the API server's defaults.
        let had = patch::test(["spec", "replicas"], self.workload.replicas());
        let none = patch::replace(["spec", "replicas"], 0);
        Patch(same.into_iter().chain([had, none]).collect())
    }
}

/// Plans the retirement of the side that production does not select.
///
/// # Errors
/// No side is idle, or a switch to it is under way.
pub fn retire<'a>(
    application: &Application<'a>,
    now: Timestamp,
) -> Result<Retirement<'a>, Declined> {
    let idle = idle(application, now)?;
    let shrink: Vec<Shrink<'a>> = idle
        .workloads
        .iter()
        .filter(|workload| workload.replicas() > 0)
        .map(|workload| Shrink { workload })
        .collect();
    let remember = if shrink.is_empty() {
        Vec::new()
    } else {
        application
            .production
            .iter()
            .filter_map(|production| remember(production.service, idle))
            .collect()
    };
    Ok(Retirement {
        role: idle.role.clone(),
        left: left(application, &idle.role),
        remember,
        shrink,
    })
}

/// When the newest flip of any production Service took it from the role; `None` where that did not.
#[must_use]
pub fn left(application: &Application<'_>, role: &str) -> Option<Timestamp> {
    let newest = application
        .production
        .iter()
        .filter_map(|production| history::of(production.service).into_iter().next());
    newest
        .filter(|entry| entry.from.as_deref() == Some(role))
        .map(|entry| entry.at)
        .max()
}

/// Keeps what each workload has, and what was kept of those that have no pods already; `None` where
/// that stands there.
fn remember<'a>(service: &'a Service, idle: &Environment<'a>) -> Option<(&'a Service, Patch)> {
    let mut kept = remembered(service, &idle.role);
    for workload in &idle.workloads {
        if workload.replicas() > 0 {
            kept.insert(workload.reference(), workload.replicas());
        }
    }
    let key = key(&idle.role);
    let text = serde_json::to_string(&kept).unwrap_or_default();
    if annotation(&service.metadata, &key) == Some(text.as_str()) {
        return None;
    }
    let same = patch::same(&service.metadata);
    let kept = patch::annotate(&service.metadata, &key, text);
    Some((service, Patch(same.into_iter().chain(kept).collect())))
}

/// What the Service keeps of a role's workloads, by their references; nothing where it can't be read.
pub(super) fn remembered(service: &Service, role: &str) -> BTreeMap<String, i32> {
    annotation(&service.metadata, &key(role))
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

fn key(role: &str) -> String {
    format!("{}{role}", keys::REPLICAS_PREFIX)
}
