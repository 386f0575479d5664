//! The Deployment and the Service that are meant, and how far an adoption of them has come.

use k8s_openapi::api::core::v1::Service;

use crate::plan::init::Side;
use crate::selector::{self, Labels};
use crate::workload::Workload;

use super::origin::Origin;

/// What is adopted.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The production Service.
    pub service: &'a Service,
    /// The Deployment that was there before; `None` once it is deleted.
    pub old: Option<&'a Workload>,
    /// The one that takes its place; `None` before it is made.
    pub made: Option<&'a Workload>,
    /// The role of what serves.
    pub role: Side,
    /// The old Deployment's name and uid, and the label key of the role.
    pub origin: Origin,
    /// What the Service selects by, without the role.
    pub base: Labels,
}

impl Scene<'_> {
    /// The Service's name.
    #[must_use]
    pub fn service_name(&self) -> &str {
        self.service.metadata.name.as_deref().unwrap_or_default()
    }

    /// The Deployment's name that has the role, or is to have it.
    #[must_use]
    pub fn side_name(&self, role: Side) -> String {
        format!("{}-{}", self.origin.name, role.as_str())
    }

    /// The name of the test Service of a role.
    pub(super) fn test_name(&self, role: Side) -> String {
        format!("{}-test-{}", self.service_name(), role.as_str())
    }

    /// The other role.
    #[must_use]
    pub fn idle(&self) -> Side {
        match self.role {
            Side::Blue => Side::Green,
            Side::Green => Side::Blue,
        }
    }

    /// The selector of a role.
    #[must_use]
    pub fn selector(&self, role: Side) -> Labels {
        let mut labels = self.base.clone();
        labels.insert(self.origin.key.clone(), role.as_str().to_owned());
        labels
    }

    /// Whether the Service selects a role already.
    #[must_use]
    pub fn is_flipped(&self) -> bool {
        selector::of(self.service).contains_key(&self.origin.key)
    }

    /// A label selector that finds all pods in question.
    #[must_use]
    pub fn query(&self) -> String {
        selector::query(&self.base)
    }
}
