//! The three phases of the process's life, in one direction only.

use std::sync::atomic::{AtomicU8, Ordering};

/// Where the process is in its life.
#[derive(Debug, Default)]
pub(crate) struct Phase(AtomicU8);

const STARTING: u8 = 0;
const READY: u8 = 1;
const DRAINING: u8 = 2;

impl Phase {
    /// There is a certificate that the published bundle vouches for. What happens to the bundle
    /// afterwards is repaired and alarmed, and makes nobody unready: taking replicas away helps nothing.
    pub(crate) fn become_ready(&self) {
        // It fails where the phase is another one already, which is as good.
        let _ = self
            .0
            .compare_exchange(STARTING, READY, Ordering::AcqRel, Ordering::Acquire);
    }

    /// The process has been asked to end.
    pub(crate) fn drain(&self) {
        self.0.store(DRAINING, Ordering::Release);
    }

    /// Whether requests should be sent here.
    pub(crate) fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire) == READY
    }

    /// Whether there is no certificate yet that anybody trusts.
    pub(crate) fn is_starting(&self) -> bool {
        self.0.load(Ordering::Acquire) == STARTING
    }

    /// Whether every answer is to be the last one of its connection.
    pub(crate) fn is_draining(&self) -> bool {
        self.0.load(Ordering::Acquire) == DRAINING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_drains_does_not_become_ready_again() {
        let phase = Phase::default();
        assert!(phase.is_starting() && !phase.is_ready());
        phase.become_ready();
        assert!(phase.is_ready());
        phase.drain();
        phase.become_ready();
        assert!(phase.is_draining() && !phase.is_ready() && !phase.is_starting());
    }
}
