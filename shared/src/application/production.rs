//! A Service that may be flipped, and what it selects by.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Service;

use crate::overlap::Overlap;
use crate::selector::{self, Labels};
use crate::workload::Workload;

use super::Environment;

/// A Service that may be flipped, with its selector for either role.
#[derive(Clone, Debug)]
pub struct Production<'a> {
    /// The Service as it was read.
    pub service: &'a Service,
    /// The whole selector for each of the two roles; it differs in the role keys alone.
    pub selectors: BTreeMap<String, Labels>,
    /// The overlap that it is in: it selects both sides on purpose.
    pub overlap: Option<Overlap>,
}

impl<'a> Production<'a> {
    /// The workloads of a side that it routes to where it selects that: of an application of several parts,
    /// those of its own.
    #[must_use]
    pub fn part_of(&self, side: &Environment<'a>) -> Environment<'a> {
        let selector = self.selectors.get(&side.role);
        let is_of_it = |workload: &&&Workload| {
            selector.is_some_and(|selector| selector::matches(selector, workload.pod_labels()))
        };
        Environment {
            role: side.role.clone(),
            workloads: side.workloads.iter().filter(is_of_it).copied().collect(),
        }
    }

    /// The Service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.service.metadata.name.as_deref().unwrap_or_default()
    }

    /// The role that the Service selects now; `None` for neither alone.
    #[must_use]
    pub fn selects(&self) -> Option<&str> {
        self.selectors
            .iter()
            .find(|(_, wanted)| *wanted == selector::of(self.service))
            .map(|(role, _)| role.as_str())
    }

    /// What it selects by in either role: both sides, if nothing else were in its selector.
    #[must_use]
    pub fn without_role(&self) -> Labels {
        let mut sides = self.selectors.values();
        let (Some(one), Some(other)) = (sides.next(), sides.next()) else {
            return Labels::new();
        };
        selector::shared(one, other)
    }

    /// The selector keys whose values differ between the roles.
    #[must_use]
    pub fn role_keys(&self) -> BTreeSet<&str> {
        let mut sides = self.selectors.values();
        let (Some(one), Some(other)) = (sides.next(), sides.next()) else {
            return BTreeSet::new();
        };
        one.iter()
            .filter(|(key, value)| other.get(*key) != Some(value))
            .map(|(key, _)| key.as_str())
            .collect()
    }
}
