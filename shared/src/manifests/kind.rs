//! The kinds of objects that an environment is made of.

use std::fmt;

/// A kind that may be staged, in the order in which they are applied: what is needed comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `v1`
    ServiceAccount,
    /// `v1`
    ConfigMap,
    /// `v1`
    Secret,
    /// `v1`
    PersistentVolumeClaim,
    /// `v1`
    Service,
    /// `apps/v1`
    Deployment,
    /// `apps/v1`
    StatefulSet,
    /// `autoscaling/v1` or `autoscaling/v2`
    HorizontalPodAutoscaler,
    /// `policy/v1`
    PodDisruptionBudget,
}

/// Why an object is of no kind that may be staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Its API version is served no more; the one that is.
    Old(&'static str),
    /// It is of the whole cluster.
    OfTheCluster,
    /// It may be anything to either side.
    Unknown,
}

/// Kinds that are in no namespace, among those that charts and manifests have.
const OF_THE_CLUSTER: [&str; 11] = [
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
];

impl Kind {
    /// The kind of an object by its `apiVersion` and `kind`.
    ///
    /// # Errors
    /// It is none of those.
    pub fn of(api: &str, kind: &str) -> Result<Self, Unfit> {
        Ok(match (api, kind) {
            ("v1", "ServiceAccount") => Self::ServiceAccount,
            ("v1", "ConfigMap") => Self::ConfigMap,
            ("v1", "Secret") => Self::Secret,
            ("v1", "PersistentVolumeClaim") => Self::PersistentVolumeClaim,
            ("v1", "Service") => Self::Service,
            ("apps/v1", "Deployment") => Self::Deployment,
            ("apps/v1", "StatefulSet") => Self::StatefulSet,
            ("autoscaling/v1" | "autoscaling/v2", "HorizontalPodAutoscaler") => {
                Self::HorizontalPodAutoscaler
            }
            ("policy/v1", "PodDisruptionBudget") => Self::PodDisruptionBudget,
            ("extensions/v1beta1" | "apps/v1beta1" | "apps/v1beta2", "Deployment")
            | ("apps/v1beta1" | "apps/v1beta2", "StatefulSet") => {
                return Err(Unfit::Old("apps/v1"));
            }
            ("policy/v1beta1", "PodDisruptionBudget") => return Err(Unfit::Old("policy/v1")),
            ("autoscaling/v2beta1" | "autoscaling/v2beta2", "HorizontalPodAutoscaler") => {
                return Err(Unfit::Old("autoscaling/v2"));
            }
            (_, kind) if OF_THE_CLUSTER.contains(&kind) => return Err(Unfit::OfTheCluster),
            _ => return Err(Unfit::Unknown),
        })
    }

    /// The kind as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceAccount => "ServiceAccount",
            Self::ConfigMap => "ConfigMap",
            Self::Secret => "Secret",
            Self::PersistentVolumeClaim => "PersistentVolumeClaim",
            Self::Service => "Service",
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::HorizontalPodAutoscaler => "HorizontalPodAutoscaler",
            Self::PodDisruptionBudget => "PodDisruptionBudget",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
