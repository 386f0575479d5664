//! When the second request is sent, so that it meets the first one.

/// How much of the aim the newest round moves.
const WEIGHT: f64 = 0.2;
/// Milliseconds from the start of a switch in which its two patches are likely, before any was seen.
const FIRST: (f64, f64) = (0.0, 60.0);
/// The golden ratio's fraction: its multiples spread evenly, however many are taken.
const STRIDE: f64 = 0.618_033_988_749_894_9;

/// A span of milliseconds from the start of the first request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    from: f64,
    to: f64,
    place: f64,
}

impl Aim {
    pub(super) fn new() -> Self {
        let (from, to) = FIRST;
        Self {
            from,
            to,
            place: 0.0,
        }
    }

    /// The next delay, spread over the span.
    pub(super) fn next(&mut self) -> f64 {
        self.place = (self.place + STRIDE).fract();
        (self.to - self.from)
            .mul_add(self.place, self.from)
            .max(0.0)
    }

    /// Moves the span to where the first request has just been.
    pub(super) fn learn(&mut self, from: f64, to: f64) {
        self.from += WEIGHT * (from - self.from);
        self.to += WEIGHT * (to - self.to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_to_where_the_first_request_is() {
        let mut aim = Aim::new();
        for _ in 0..50 {
            aim.learn(20.0, 30.0);
        }
        let delays: Vec<f64> = (0..100).map(|_| aim.next()).collect();
        assert!(delays.iter().all(|delay| (19.9..30.1).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 21.0));
        assert!(delays.iter().any(|delay| *delay > 29.0));
    }
}
