//! Deployments and `StatefulSets` read alike.

mod status;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, PodSpec, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

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

    /// What of a Deployment's strategy lets a new template stop all its pods before there are new ones:
    /// `Recreate`, or a rolling update that may do without any (`deployment/util`, `ResolveFenceposts`).
    #[must_use]
    pub fn recreates(&self) -> Option<String> {
        let Self::Deployment(deployment) = self else {
            return None;
        };
        let strategy = deployment.spec.as_ref()?.strategy.as_ref()?;
        if strategy.type_.as_deref() == Some("Recreate") {
            return Some("strategy Recreate".to_owned());
        }
        let rolling = strategy.rolling_update.as_ref()?;
        let replicas = i64::from(self.replicas());
        let surplus = hundredths(rolling.max_surge.as_ref(), replicas)?;
        let lacking = hundredths(rolling.max_unavailable.as_ref(), replicas)?;
        // Of what is left of a pod, a surplus is rounded up and a lack down; where that leaves neither, one
        // may lack, or nothing would ever change.
        let stands_still = surplus <= 0 && lacking < 100;
        let may_lack = if stands_still { 1 } else { lacking / 100 };
        (replicas > 0 && may_lack >= replicas).then(|| {
            let written = written(rolling.max_unavailable.as_ref());
            if stands_still {
                format!("maxSurge 0 and maxUnavailable {written}, which comes to one pod")
            } else {
                format!("maxUnavailable {written}")
            }
        })
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

/// A quarter of all, as the API server fills in where nothing is said.
const A_QUARTER: i64 = 25;

/// Hundredths of pods: so many pods, or that share of all.
fn hundredths(amount: Option<&IntOrString>, replicas: i64) -> Option<i64> {
    Some(match amount {
        None => A_QUARTER * replicas,
        Some(IntOrString::Int(pods)) => i64::from(*pods) * 100,
        Some(IntOrString::String(share)) => {
            i64::from(share.strip_suffix('%')?.parse::<u32>().ok()?) * replicas
        }
    })
}

fn written(amount: Option<&IntOrString>) -> String {
    match amount {
        None => format!("{A_QUARTER}%"),
        Some(IntOrString::Int(pods)) => pods.to_string(),
        Some(IntOrString::String(share)) => share.clone(),
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
