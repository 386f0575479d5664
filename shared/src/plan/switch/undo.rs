//! What brings production back from where a plan has brought it.

use jiff::Timestamp;

use crate::application::Application;
use crate::history;

use super::FlipPlan;

/// The way from where production is then to where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// `rollback` takes it back.
    Rollback,
    /// It is a release of that role, which has to be named, for the plan itself was the way back.
    Forward(String),
    /// That role has to be named, for the history does not tell: nothing but flips back and forth is in it
    /// any more, what was left was neither side, or runs something else by now, or a Service never left it.
    Named(String),
}

impl FlipPlan<'_> {
    /// How the flips are undone, once they are stored; `None` where the application has no other side.
    #[must_use]
    pub fn undo(&self, application: &Application<'_>, now: Timestamp) -> Option<Undo> {
        let other = application.other(&self.to)?.role.clone();
        // Where several are of one time, a rollback goes by the last of them.
        let mut recorded = self.flips.iter().filter(|flip| flip.step.is_recorded());
        let Some(flip) = recorded.next_back() else {
            return Some(Undo::Forward(other));
        };
        let entry = self.entry(flip, now, "", None);
        let is_told =
            entry.from.is_some() && !self.is_changed(flip) && self.others_left(application, &other);
        let mut entries = vec![entry];
        entries.extend(history::of(flip.before));
        entries.truncate(history::ENTRIES);
        Some(match history::is_taken_back(&entries) {
            Some(false) if is_told => Undo::Rollback,
            Some(true) => Undo::Forward(other),
            Some(false) | None => Undo::Named(other),
        })
    }

    /// Whether every Service that the plan leaves alone went away from that role.
    fn others_left(&self, application: &Application<'_>, role: &str) -> bool {
        let is_flipped = |name: &str| self.flips.iter().any(|flip| flip.name() == name);
        let mut all = application.production.iter();
        all.all(|production| {
            is_flipped(production.name())
                || history::of(production.service)
                    .first()
                    .is_some_and(|last| last.from.as_deref() == Some(role))
        })
    }
}
