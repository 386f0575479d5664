//! The memory that bodies take, charged for as they come: who only claims a large one takes nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::body::{LARGEST, NoBody};

const KIB: usize = 1024;
/// What every body may take without asking: most reviews are no larger, so that no number of large
/// bodies keeps them out. Connections are counted, and each has one body at a time.
const FREE: usize = 32 * KIB;
/// KiB of all bodies together, beyond what is free. Two of the largest fit.
const SHARED: usize = 16 * 1024;

/// Where bodies are held.
#[derive(Debug)]
pub(crate) struct Room {
    shared: Arc<Semaphore>,
    patience: Duration,
}

/// A body as far as it has come, and the part of the room that it takes.
#[derive(Debug)]
pub(super) struct Held {
    bytes: Vec<u8>,
    shared: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// An empty one, where a body has so much time to come in whole.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            shared: Arc::new(Semaphore::new(SHARED)),
            patience,
        }
    }

    /// How long a body may take to come.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// A body that has not begun to come.
    pub(super) fn enter(&self) -> Held {
        Held {
            bytes: Vec::new(),
            shared: self.shared.clone(),
            taken: None,
        }
    }

    /// Leaves no more than is free.
    #[cfg(test)]
    pub(super) async fn fill(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(SHARED).unwrap();
        self.shared.clone().acquire_many_owned(all).await.unwrap()
    }
}

impl Held {
    /// What has come so far.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Keeps what came next, once there is room for it.
    pub(super) async fn push(&mut self, chunk: &[u8], end: Instant) -> Result<(), NoBody> {
        let length = self.bytes.len() + chunk.len();
        if length > LARGEST {
            return Err(NoBody::TooLarge);
        }
        if length > self.bytes.capacity() {
            // Doubled, so that it is seldom moved; at most twice of what has come is charged for.
            let capacity = length.next_power_of_two().clamp(4 * KIB, LARGEST);
            self.take(capacity, end).await?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    async fn take(&mut self, capacity: usize, end: Instant) -> Result<(), NoBody> {
        let wanted = capacity.saturating_sub(FREE) / KIB;
        let taken = self
            .taken
            .as_ref()
            .map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(wanted.saturating_sub(taken)).unwrap_or(u32::MAX);
        if more == 0 {
            return Ok(());
        }
        let permit = self.shared.clone().acquire_many_owned(more);
        let Ok(Ok(permit)) = timeout_at(end, permit).await else {
            return Err(NoBody::NoRoom);
        };
        match &mut self.taken {
            Some(taken) => taken.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}
