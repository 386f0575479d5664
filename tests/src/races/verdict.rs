//! What a round came to.

use super::application::Seen;
use super::contender::End;
use super::race::Race;

/// One round.
pub(super) struct Round {
    /// Whether the two requests overlapped, as the race counts that.
    pub(super) overlapped: bool,
    /// How the two ended.
    pub(super) ends: (End, End),
    /// What was lost.
    pub(super) lost: Option<String>,
    /// Whether an announcement is left that will end by itself.
    pub(super) announced: bool,
}

/// The application before a round, right after both have ended, and once nothing moves any more.
pub(super) struct Course {
    pub(super) before: Seen,
    pub(super) at_once: Seen,
    pub(super) settled: Seen,
}

/// What was lost, if anything.
pub(super) fn lost(race: Race, ends: &(End, End), course: &Course) -> Option<String> {
    let Course {
        before,
        at_once,
        settled,
    } = course;
    if settled.serving == 0 {
        return Some(format!(
            "production is {} and has no ready pod",
            settled.role
        ));
    }
    if race == Race::Control {
        return None;
    }
    if ends.0 == End::Done && at_once.serving == 0 {
        return Some(
            "production had no ready pod when the switch said that it was done".to_owned(),
        );
    }
    if race == Race::Switch && ends_like(ends, &End::Done) > 1 {
        return Some("both say that they have flipped".to_owned());
    }
    let entries = new_entries(before, settled);
    let back = ends_like(ends, &End::TakenBack);
    let flips = 2 * back + usize::from(settled.role != before.role);
    if !matches!(ends.0, End::Failed(_)) && entries != flips {
        return Some(format!(
            "{entries} entries in the history for {flips} flips"
        ));
    }
    None
}

fn ends_like(ends: &(End, End), end: &End) -> usize {
    usize::from(ends.0 == *end) + usize::from(ends.1 == *end)
}

/// Entries that are newer than the newest one before.
fn new_entries(before: &Seen, after: &Seen) -> usize {
    let known = |entry| before.history.first() == Some(entry);
    let all = &after.history;
    all.iter().position(known).unwrap_or(all.len())
}
