//! What brings production back from where a plan has brought it.

use jiff::Timestamp;

use crate::application::Application;
use crate::history::{self, Entry};
use crate::plan::flip::ServiceFlip;

use super::FlipPlan;

/// The way from where production is then to where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// `rollback` takes it back.
    Rollback,
    /// It is a release of that role, which has to be named, for the plan itself was the way back.
    Forward(String),
    /// That role has to be named, for the history does not tell: nothing but flips back and forth is in it
    /// any more, or what was left was neither side.
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
        let is_told = entry.from.is_some()
            && !self.is_changed(flip)
            && self
                .others(application)
                .all(|last| left(last.as_ref(), &other));
        let mut entries = vec![entry];
        entries.extend(history::of(flip.before));
        entries.truncate(history::ENTRIES);
        Some(match history::is_taken_back(&entries) {
            Some(false) if is_told => Undo::Rollback,
            Some(true) => Undo::Forward(other),
            Some(false) | None => Undo::Named(other),
        })
    }

    /// The newest entry of each Service that the plan leaves alone.
    fn others<'p>(
        &self,
        application: &'p Application<'_>,
    ) -> impl Iterator<Item = Option<Entry>> + use<'p, '_> {
        let flipped: Vec<&str> = self.flips.iter().map(ServiceFlip::name).collect();
        let all = application.production.iter();
        all.filter(move |production| !flipped.contains(&production.name()))
            .map(|production| history::of(production.service).into_iter().next())
    }
}

/// Whether the flip went away from that role.
fn left(last: Option<&Entry>, role: &str) -> bool {
    last.is_some_and(|last| last.from.as_deref() == Some(role))
}
