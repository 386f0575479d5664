//! The time that open connections are given after production has left a side.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};

use crate::context::Context;
use crate::flags::Span;
use crate::render::Progress;

/// Between two looks while connections drain.
const PAUSE: Duration = Duration::from_secs(5);

/// How long production must have been elsewhere before pods of a side may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drain {
    /// For how long.
    time: Span,
    /// When the verb began, where nothing tells when production left.
    began: Timestamp,
}

impl Drain {
    /// A time that counts from now, where nothing tells when production left.
    pub(crate) fn new(time: Span) -> Self {
        Self {
            time,
            began: Context::now(),
        }
    }

    /// How long there is still to wait.
    pub(crate) fn rest(self, left: Option<Timestamp>, now: Timestamp) -> Duration {
        // By another clock than ours production may have left in what is still to come.
        let since = now.duration_since(left.unwrap_or(self.began));
        let since = since.max(SignedDuration::ZERO);
        self.time.0.saturating_sub(since.unsigned_abs())
    }

    /// Says until when, and waits for a part of it: production may come back meanwhile.
    pub(crate) async fn pause(
        self,
        progress: &mut Progress<'_>,
        role: &str,
        left: Option<Timestamp>,
    ) {
        progress.show(vec![self.line(role, left)]);
        let rest = self.rest(left, Context::now());
        tokio::time::sleep(rest.min(PAUSE)).await;
    }

    /// The same line all the while, which is printed once where there is no terminal.
    fn line(self, role: &str, left: Option<Timestamp>) -> String {
        let clock = |time: Timestamp| {
            let time = time.round(Unit::Second).unwrap_or(time);
            time.strftime("%H:%M:%S UTC").to_string()
        };
        let now = Context::now();
        let end = now.checked_add(self.rest(left, now));
        let end = clock(end.unwrap_or(Timestamp::MAX));
        match left.map(clock) {
            Some(left) => {
                format!("production left {role} at {left}: connections may drain until {end}")
            }
            None => format!(
                "nothing tells when production left {role}: connections may drain until {end}, or --drain 0"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drain_time_counts_from_when_production_left() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let drain = Drain {
            time: Span(Duration::from_mins(10)),
            began: at("2026-05-01T12:03:00Z"),
        };
        let left = Some(at("2026-05-01T12:00:00Z"));
        let rest = |now: &str| drain.rest(left, at(now));
        assert_eq!(rest("2026-05-01T12:04:00Z"), Duration::from_mins(6));
        assert_eq!(rest("2026-05-01T12:10:00Z"), Duration::ZERO);
        assert_eq!(rest("2026-05-02T00:00:00Z"), Duration::ZERO);
        assert_eq!(rest("2026-05-01T11:59:00Z"), Duration::from_mins(10));
        let unknown = drain.rest(None, at("2026-05-01T12:04:00Z"));
        assert_eq!(unknown, Duration::from_mins(9));
    }
}
