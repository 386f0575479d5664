//! The Deployment that is updated, and the Services that it serves.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;

use crate::application::{Application, Environment, Production, Rule};
use crate::keys;
use crate::selector;
use crate::workload::Workload;

/// What is updated.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The Deployment, as a workload.
    pub workload: &'a Workload,
    /// The same as a Deployment.
    pub deployment: &'a Deployment,
    /// The Services that route to it, by name; one at least.
    pub services: Vec<&'a Service>,
}

impl<'a> Scene<'a> {
    /// `Deployment/web`: what messages call it. No label value has a slash, so that it is nobody's role.
    #[must_use]
    pub fn reference(&self) -> String {
        self.workload.reference()
    }

    /// What `TARGET_ROLE` stands for in manifests: the role that its pods have, else its name.
    #[must_use]
    pub fn role(&self) -> &'a str {
        let labels = self.workload.pod_labels();
        labels
            .get(keys::ROLE_LABEL)
            .map_or(self.workload.name(), String::as_str)
    }

    /// As an application with one environment, which serves: so it is locked, verified and checked as
    /// every other one is. It is called like the Deployment, whatever it was asked for by, so that two
    /// releases of it exclude each other.
    #[must_use]
    pub fn application(&self) -> Application<'a> {
        let role = self.reference();
        let production = self.services.iter().map(|service| Production {
            service,
            selectors: BTreeMap::from([(role.clone(), selector::of(service).clone())]),
            overlap: None,
        });
        let nothing = Environment {
            role: String::new(),
            workloads: Vec::new(),
        };
        let serves = Environment {
            role: role.clone(),
            workloads: vec![self.workload],
        };
        Application {
            name: self.workload.name().to_owned(),
            rule: Rule::Mark,
            production: production.collect(),
            environments: [serves, nothing],
            bound: Vec::new(),
            notes: Vec::new(),
        }
    }
}
