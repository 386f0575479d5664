//! Deployments and `StatefulSets` read alike.

mod rollout;
mod status;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::metadata::annotation;
use crate::pod;
use crate::selector::{self, Labels};

pub use status::{Condition, Counts};

/// Something that keeps the pods of an environment.
#[derive(Clone, Debug, PartialEq)]
pub enum Workload {
    /// `apps/v1` Deployment.
    Deployment(Box<Deployment>),
    /// `apps/v1` `StatefulSet`.
    StatefulSet(Box<StatefulSet>),
}

impl Workload {
    /// `Deployment` or `StatefulSet`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Deployment(_) => "Deployment",
            Self::StatefulSet(_) => "StatefulSet",
        }
    }

    /// The object's metadata.
    #[must_use]
    pub fn metadata(&self) -> &ObjectMeta {
        match self {
            Self::Deployment(deployment) => &deployment.metadata,
            Self::StatefulSet(set) => &set.metadata,
        }
    }

    /// The object's name; empty only for an object that was never created.
    #[must_use]
    pub fn name(&self) -> &str {
        self.metadata().name.as_deref().unwrap_or_default()
    }

    /// The object as people write it: `Deployment/tomcat-deployment-blue`.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{}/{}", self.kind(), self.name())
    }

    /// The object as kubectl takes it: `deployment/tomcat-deployment-blue`.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("{}/{}", self.kind().to_ascii_lowercase(), self.name())
    }

    /// An annotation's value.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        annotation(self.metadata(), key)
    }

    /// The object's own labels.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        selector::or_empty(self.metadata().labels.as_ref())
    }

    /// What its pods are made from.
    #[must_use]
    pub fn template(&self) -> Option<&PodTemplateSpec> {
        match self {
            Self::Deployment(deployment) => deployment.spec.as_ref().map(|spec| &spec.template),
            Self::StatefulSet(set) => set.spec.as_ref().map(|spec| &spec.template),
        }
    }

    /// What its pods are made from, to be changed.
    pub fn template_mut(&mut self) -> Option<&mut PodTemplateSpec> {
        match self {
            Self::Deployment(deployment) => deployment.spec.as_mut().map(|spec| &mut spec.template),
            Self::StatefulSet(set) => set.spec.as_mut().map(|spec| &mut spec.template),
        }
    }

    /// The labels that its pods get.
    #[must_use]
    pub fn pod_labels(&self) -> &Labels {
        selector::or_empty(
            self.template()
                .and_then(|template| template.metadata.as_ref())
                .and_then(|metadata| metadata.labels.as_ref()),
        )
    }

    /// What its pods run.
    #[must_use]
    pub fn pod_spec(&self) -> Option<&PodSpec> {
        self.template()?.spec.as_ref()
    }

    /// `spec.selector`, which cannot change after creation.
    #[must_use]
    pub fn selector(&self) -> Option<&LabelSelector> {
        match self {
            Self::Deployment(deployment) => deployment.spec.as_ref().map(|spec| &spec.selector),
            Self::StatefulSet(set) => set.spec.as_ref().map(|spec| &spec.selector),
        }
    }

    /// The wanted number of pods; absent means 1 (`apps/v1` defaulting).
    #[must_use]
    pub fn replicas(&self) -> i32 {
        match self {
            Self::Deployment(deployment) => deployment.spec.as_ref().and_then(|spec| spec.replicas),
            Self::StatefulSet(set) => set.spec.as_ref().and_then(|spec| spec.replicas),
        }
        .unwrap_or(1)
    }

    /// Sets the wanted number of pods.
    pub fn set_replicas(&mut self, replicas: i32) {
        match self {
            Self::Deployment(deployment) => {
                deployment.spec.get_or_insert_default().replicas = Some(replicas);
            }
            Self::StatefulSet(set) => {
                set.spec.get_or_insert_default().replicas = Some(replicas);
            }
        }
    }

    /// How long a pod must be ready before it counts as available.
    #[must_use]
    pub fn min_ready_seconds(&self) -> i32 {
        match self {
            Self::Deployment(deployment) => deployment
                .spec
                .as_ref()
                .and_then(|spec| spec.min_ready_seconds),
            Self::StatefulSet(set) => set.spec.as_ref().and_then(|spec| spec.min_ready_seconds),
        }
        .unwrap_or(0)
    }

    /// Whether it is being deleted.
    #[must_use]
    pub fn is_deleting(&self) -> bool {
        self.metadata().deletion_timestamp.is_some()
    }

    /// Whether the pod was made by this workload's controller.
    #[must_use]
    pub fn owns(&self, pod: &Pod) -> bool {
        pod::maker(pod) == Some((self.kind(), self.name()))
            && match (self, pod::controller(pod)) {
                (Self::StatefulSet(set), Some(owner)) => {
                    let uid = set.metadata.uid.as_ref();
                    uid.is_none_or(|uid| *uid == owner.uid)
                }
                _ => true,
            }
    }

    /// The images of its containers, in order, without init containers.
    pub fn images(&self) -> impl Iterator<Item = &str> {
        self.pod_spec()
            .into_iter()
            .flat_map(|spec| spec.containers.iter())
            .filter_map(|container| container.image.as_deref())
    }
}

impl From<Deployment> for Workload {
    fn from(deployment: Deployment) -> Self {
        Self::Deployment(Box::new(deployment))
    }
}

impl From<StatefulSet> for Workload {
    fn from(set: StatefulSet) -> Self {
        Self::StatefulSet(Box::new(set))
    }
}
