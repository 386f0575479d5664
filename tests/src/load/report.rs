//! What the clients saw, counted.

use std::time::{Duration, Instant};

/// How a client connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connections {
    /// Anew for every request: such clients follow a flip at once.
    New,
    /// One for as long as it lasts: such clients stay where they are until the pod closes.
    Kept,
}

/// One request and what came of it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// On which kind of connection.
    pub connections: Connections,
    /// When the client began, before it connected.
    pub began: Instant,
    /// When it had the whole answer, or none.
    pub ended: Instant,
    /// The side that answered, or why nobody did.
    pub side: Result<String, String>,
}

/// All answers, in the order of their ends.
#[derive(Clone, Debug)]
pub struct Report {
    /// When the load began.
    pub started: Instant,
    /// Every request.
    pub answers: Vec<Answer>,
}

impl Report {
    /// How many requests were made.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.answers.len()
    }

    /// The requests that got no good answer.
    #[must_use]
    pub fn failures(&self) -> Vec<&Answer> {
        self.answers
            .iter()
            .filter(|answer| answer.side.is_err())
            .collect()
    }

    /// How many answers a side gave on one kind of connection.
    #[must_use]
    pub fn answers_of(&self, side: &str, connections: Connections) -> usize {
        self.of(side, connections).count()
    }

    /// How long after an instant this side gave its first answer since.
    #[must_use]
    pub fn first_of(
        &self,
        side: &str,
        connections: Connections,
        after: Instant,
    ) -> Option<Duration> {
        self.of(side, connections)
            .filter(|answer| answer.ended >= after)
            .map(|answer| answer.ended.saturating_duration_since(after))
            .min()
    }

    /// How long after an instant this side's last answer came; `None` where it gave none since.
    #[must_use]
    pub fn last_of(
        &self,
        side: &str,
        connections: Connections,
        after: Instant,
    ) -> Option<Duration> {
        self.of(side, connections)
            .filter(|answer| answer.ended >= after)
            .map(|answer| answer.ended.saturating_duration_since(after))
            .max()
    }

    /// How many requests that began after an instant this side answered.
    #[must_use]
    pub fn begun_after(&self, side: &str, connections: Connections, after: Instant) -> usize {
        self.of(side, connections)
            .filter(|answer| answer.began > after)
            .count()
    }

    fn of<'r>(
        &'r self,
        side: &'r str,
        connections: Connections,
    ) -> impl Iterator<Item = &'r Answer> {
        self.answers.iter().filter(move |answer| {
            answer.connections == connections && answer.side.as_deref() == Ok(side)
        })
    }
}
