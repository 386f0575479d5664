//! What others are told of a stage.

use crate::context::Context;
use crate::notify::{Event, Notifier, State};
use crate::render::Output;

use super::row::{Row, Sides};

/// Tells others, in the name of who releases.
pub(super) struct Teller {
    pub(super) notifier: Notifier,
    /// Who releases, as the API server knows them.
    pub(super) by: String,
}

impl Teller {
    /// Tells of a stage; whoever can't be told is a warning.
    pub(super) async fn tell(&self, sides: &Sides, row: &Row, state: State, output: &Output) {
        let event = Event {
            application: sides.application.clone(),
            namespace: sides.namespace.clone(),
            role: sides.to.as_ref().map(|(role, _)| role.clone()),
            stage: row.stage.as_str(),
            state,
            message: row.what.clone(),
            details: row.details.clone(),
            by: self.by.clone(),
            at: Context::now(),
            seconds: Some(row.took.as_secs_f64()),
        };
        self.notifier.tell(&event, output).await;
    }
}
