//! How long each fault has lasted.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::fault::{Fault, Kind};

/// Remembers when each fault was first seen.
#[derive(Debug)]
pub(crate) struct Patience {
    schedule: Duration,
    since: HashMap<(Kind, String), Instant>,
}

impl Patience {
    /// With the time that a pod may be without a node.
    pub(crate) fn new(schedule: Duration) -> Self {
        Self {
            schedule,
            since: HashMap::new(),
        }
    }

    /// Those of the faults that have lasted as long as they may; others start anew when they come back.
    pub(crate) fn exhausted(&mut self, faults: Vec<Fault>, now: Instant) -> Vec<Fault> {
        let key = |fault: &Fault| (fault.kind, fault.object.clone());
        let before = std::mem::take(&mut self.since);
        self.since = faults
            .iter()
            .map(key)
            .map(|key| {
                let since = before.get(&key).copied().unwrap_or(now);
                (key, since)
            })
            .collect();
        faults
            .into_iter()
            .filter(|fault| {
                let since = self.since.get(&key(fault)).copied().unwrap_or(now);
                now.duration_since(since) >= fault.kind.grace(self.schedule)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: Kind) -> Fault {
        Fault::new(kind, "Pod/a".to_owned(), String::new())
    }

    #[test]
    fn a_crash_counts_at_once_and_a_pod_without_a_node_later() {
        let mut patience = Patience::new(Duration::from_mins(1));
        let start = Instant::now();
        let faults = || vec![fault(Kind::Crash), fault(Kind::Unschedulable)];
        assert_eq!(patience.exhausted(faults(), start), [fault(Kind::Crash)]);
        let later = start + Duration::from_mins(1);
        assert_eq!(patience.exhausted(faults(), later).len(), 2);
    }

    #[test]
    fn what_was_gone_for_a_look_starts_anew() {
        let mut patience = Patience::new(Duration::from_secs(5));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let faults = || vec![fault(Kind::Unschedulable)];
        assert!(patience.exhausted(faults(), at(0)).is_empty());
        assert!(patience.exhausted(Vec::new(), at(4)).is_empty());
        assert!(patience.exhausted(faults(), at(6)).is_empty());
        assert_eq!(patience.exhausted(faults(), at(11)).len(), 1);
    }
}
