//! What will not heal by itself, or has had its time to.

use std::time::Duration;

/// A reason to give up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// What kind it is of.
    pub(crate) kind: Kind,
    /// `Pod/web-green-5d8f-x`, `Deployment/web-green`.
    pub(crate) object: String,
    /// What its status says.
    pub(crate) words: String,
    /// Where its last words are, of a container that crashed.
    pub(crate) log: Option<Log>,
    /// What to do about it, where the gate knows.
    pub(crate) remedy: Option<String>,
}

/// The log of a run that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Log {
    /// The container.
    pub(crate) container: String,
    /// Whether it has been started again since.
    pub(crate) previous: bool,
}

impl Fault {
    /// A fault without a log.
    pub(super) fn new(kind: Kind, object: String, words: String) -> Self {
        Self {
            kind,
            object,
            words,
            log: None,
            remedy: None,
        }
    }
}

/// The kinds of reason, by how long each may last before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A container ended with an error, again.
    Crash,
    /// An image can't be had.
    Image,
    /// A container can't be created from what its pod says.
    Config,
    /// No node takes the pod.
    Unschedulable,
    /// The controller can't create pods: quota, admission.
    CannotCreate,
    /// The rollout took longer than `progressDeadlineSeconds`.
    Deadline,
    /// A `StatefulSet` waits for a pod of an older template that it will not replace.
    Stuck,
    /// A container runs again after it ended with an error; once it has done so for a while, all is
    /// well.
    Unsteady,
    /// What is left of the gate's reasons is none that waiting could mend.
    Settled,
}

impl Kind {
    /// How long it may last. `schedule` is what an autoscaler is given.
    pub(crate) fn grace(self, schedule: Duration) -> Duration {
        match self {
            Self::Crash | Self::Image => Duration::ZERO,
            // The conditions of a rollout that was just replaced are there for one more look.
            Self::Deadline => Duration::from_secs(2),
            // Counts and pods are read one after the other, and may disagree for a moment.
            Self::Settled => Duration::from_secs(3),
            // A ConfigMap of the same release may come a moment later; with a quota for one pod
            // more or less, pods of the old template must go first; and the kubelet backs off for
            // as long before it starts a container for the third time.
            Self::Config | Self::CannotCreate | Self::Stuck | Self::Unsteady => {
                Duration::from_secs(10)
            }
            Self::Unschedulable => schedule,
        }
    }
}
