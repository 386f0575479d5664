//! What a workload's controller says of it.

use super::Workload;

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
}
