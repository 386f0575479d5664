//! Deployments and `StatefulSets` read alike.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::pod;
use crate::selector::{self, Labels};

/// Something that keeps the pods of an environment.
#[derive(Clone, Debug, PartialEq)]
pub enum Workload {
    /// `apps/v1` Deployment.
    Deployment(Box<Deployment>),
    /// `apps/v1` `StatefulSet`.
    StatefulSet(Box<StatefulSet>),
}

/// The counts that a workload's controller reports. A field that is absent counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pods of any template.
    pub replicas: i32,
    /// Pods of the newest template.
    pub updated: i32,
    /// Pods whose Ready condition is true.
    pub ready: i32,
    /// Ready for at least `minReadySeconds`.
    pub available: i32,
}

/// A condition of a workload's status, such as `Progressing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition<'a> {
    /// `Progressing`, `Available`, `ReplicaFailure`.
    pub kind: &'a str,
    /// `True`, `False`, `Unknown`.
    pub status: &'a str,
    /// A word in `CamelCase`, empty where there is none.
    pub reason: &'a str,
    /// A sentence, empty where there is none.
    pub message: &'a str,
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
        self.metadata()
            .annotations
            .as_ref()?
            .get(key)
            .map(String::as_str)
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

    /// What the controller counts.
    #[must_use]
    pub fn counts(&self) -> Counts {
        match self {
            Self::Deployment(deployment) => {
                deployment
                    .status
                    .as_ref()
                    .map_or_else(Counts::default, |status| Counts {
                        replicas: status.replicas.unwrap_or(0),
                        updated: status.updated_replicas.unwrap_or(0),
                        ready: status.ready_replicas.unwrap_or(0),
                        available: status.available_replicas.unwrap_or(0),
                    })
            }
            Self::StatefulSet(set) => {
                set.status
                    .as_ref()
                    .map_or_else(Counts::default, |status| Counts {
                        replicas: status.replicas,
                        updated: status.updated_replicas.unwrap_or(0),
                        ready: status.ready_replicas.unwrap_or(0),
                        available: status.available_replicas.unwrap_or(0),
                    })
            }
        }
    }

    /// The newest generation that the controller has seen.
    #[must_use]
    pub fn observed_generation(&self) -> i64 {
        match self {
            Self::Deployment(deployment) => deployment
                .status
                .as_ref()
                .and_then(|status| status.observed_generation),
            Self::StatefulSet(set) => set
                .status
                .as_ref()
                .and_then(|status| status.observed_generation),
        }
        .unwrap_or(0)
    }

    /// Whether the controller has seen the newest spec.
    #[must_use]
    pub fn is_observed(&self) -> bool {
        self.observed_generation() >= self.metadata().generation.unwrap_or(0)
    }

    /// Whether it is being deleted.
    #[must_use]
    pub fn is_deleting(&self) -> bool {
        self.metadata().deletion_timestamp.is_some()
    }

    /// A condition of its status.
    #[must_use]
    pub fn condition(&self, kind: &str) -> Option<Condition<'_>> {
        self.conditions().find(|condition| condition.kind == kind)
    }

    fn conditions(&self) -> Box<dyn Iterator<Item = Condition<'_>> + '_> {
        match self {
            Self::Deployment(deployment) => Box::new(
                deployment
                    .status
                    .iter()
                    .flat_map(|status| status.conditions.iter().flatten())
                    .map(|condition| Condition {
                        kind: &condition.type_,
                        status: &condition.status,
                        reason: condition.reason.as_deref().unwrap_or_default(),
                        message: condition.message.as_deref().unwrap_or_default(),
                    }),
            ),
            Self::StatefulSet(set) => Box::new(
                set.status
                    .iter()
                    .flat_map(|status| status.conditions.iter().flatten())
                    .map(|condition| Condition {
                        kind: &condition.type_,
                        status: &condition.status,
                        reason: condition.reason.as_deref().unwrap_or_default(),
                        message: condition.message.as_deref().unwrap_or_default(),
                    }),
            ),
        }
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
