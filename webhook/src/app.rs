//! What every review is answered with.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::lookup::{CannotLook, Lookup};
use crate::metrics::Metrics;
use crate::phase::Phase;
use crate::review::Malformed;

/// The parts that the handlers share.
pub(crate) struct App {
    /// Reads the cluster.
    pub(crate) lookup: Lookup,
    /// KiB of bodies that may be held in memory at the same time.
    pub(crate) room: Semaphore,
    /// Counts.
    pub(crate) metrics: Arc<Metrics>,
    /// Whether we are ready, and for how long.
    pub(crate) phase: Arc<Phase>,
}

/// KiB of all bodies together. A few of the largest fit, or thousands of the usual ones.
pub(crate) const ROOM: usize = 32 * 1024;

/// No verdict could be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The review makes no sense: asking again would not help.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The cluster could not be read: another replica may do better.
    #[error("the cluster could not be looked at: {0}")]
    CannotLook(#[from] CannotLook),
}
