//! The application that manifests are judged against.

use std::collections::BTreeSet;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;

use crate::application::{Application, Environment};
use crate::objects::Objects;
use crate::plan::Declined;
use crate::plan::idle::idle;
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

/// An application with one side that may be changed, and the namespace that it is in.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'s> {
    /// The application.
    pub application: &'s Application<'s>,
    /// The Services and workloads of its namespace.
    pub objects: &'s Objects,
    /// The side that may be changed.
    pub idle: &'s Environment<'s>,
    /// The side that serves.
    pub active: &'s Environment<'s>,
}

impl<'s> Scene<'s> {
    /// What may be changed now.
    ///
    /// # Errors
    /// No side is idle, or a switch to it is under way.
    pub fn of(
        application: &'s Application<'s>,
        objects: &'s Objects,
        now: Timestamp,
    ) -> Result<Self, Declined> {
        let idle = idle(application, now)?;
        let [one, two] = &application.environments;
        let active = if idle.role == one.role { two } else { one };
        Ok(Self {
            application,
            objects,
            idle,
            active,
        })
    }

    /// Whether a name has the colour of the side that serves and no other one.
    pub(super) fn is_named_for_active(&self, name: &str) -> bool {
        words::colour(name) == Some(self.active.role.as_str())
    }

    /// Whether labels say that something is of the side that serves.
    pub(super) fn says_active(&self, labels: &Labels) -> bool {
        self.says(labels, &self.active.role)
    }

    /// Whether labels say that something is of the idle side, and not of the other one too.
    pub(super) fn says_idle(&self, labels: &Labels) -> bool {
        self.says(labels, &self.idle.role) && !self.says_active(labels)
    }

    /// What production selects for the role, its values of the role keys, or the colour itself.
    fn says(&self, labels: &Labels, role: &str) -> bool {
        let production = self.application.production.iter();
        let is_selected = production
            .filter_map(|production| Some((production, production.selectors.get(role)?)))
            .any(|(production, selector)| {
                let keys: BTreeSet<&str> = production.role_keys();
                let has = |key: &&str| {
                    let value = selector.get(*key);
                    value.is_some() && labels.get(*key) == value
                };
                selector::matches(selector, labels) || (!keys.is_empty() && keys.iter().all(has))
            });
        is_selected
            || labels
                .values()
                .any(|value| words::colour(value) == Some(role))
    }

    /// A workload of the side that serves whose pods the Service routes to.
    pub(super) fn serves_by(&self, service: &Service) -> Option<&'s Workload> {
        first(self.active, service)
    }

    /// Whether the Service routes to pods of the idle side as it stands in the cluster.
    pub(super) fn is_in_front_of_idle(&self, service: &Service) -> bool {
        first(self.idle, service).is_some()
    }

    /// Whether the Service is one of those that a switch flips.
    pub(super) fn is_production(&self, name: &str) -> bool {
        let mut all = self.application.production.iter();
        all.any(|production| production.name() == name)
    }

    /// Whether the Service is bound to the idle side, though nothing of it may be there.
    pub(super) fn is_bound_to_idle(&self, name: &str) -> bool {
        let mut all = self.application.bound.iter();
        all.any(|bound| {
            bound.role == self.idle.role && bound.service.metadata.name.as_deref() == Some(name)
        })
    }

    /// The workload of that kind and name of a side.
    pub(super) fn workload(
        environment: &Environment<'s>,
        kind: &str,
        name: &str,
    ) -> Option<&'s Workload> {
        let mut all = environment.workloads.iter();
        all.find(|workload| workload.kind() == kind && workload.name() == name)
            .copied()
    }

    /// `green of tomcat`.
    pub(super) fn side(&self) -> String {
        format!("{} of {}", self.idle.role, self.application.name)
    }
}

fn first<'s>(environment: &Environment<'s>, service: &Service) -> Option<&'s Workload> {
    let selector = selector::of(service);
    let mut all = environment.workloads.iter();
    all.find(|workload| selector::matches(selector, workload.pod_labels()))
        .copied()
}
