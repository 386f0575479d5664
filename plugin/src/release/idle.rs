//! What `retire` and `sync` have in common: the idle side changes once production has been elsewhere for
//! the drain time, and only while it is.

use jiff::Timestamp;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Span;
use crate::render::{Output, Progress};

use super::drain::Drain;

/// Attempts to change objects that others change at the same time.
const ATTEMPTS: usize = 5;

/// The side that is to change, over all looks at it.
pub(crate) struct Idle<'a> {
    drain: Drain,
    progress: Progress<'a>,
    /// What was idle at the first look.
    role: Option<String>,
    attempts: usize,
}

impl<'a> Idle<'a> {
    /// A side that production must have left for so long.
    pub(crate) fn new(drain: Span, output: &'a Output) -> Self {
        Self {
            drain: Drain::new(drain),
            progress: Progress::new(output),
            role: None,
            attempts: 1,
        }
    }

    /// Makes sure that the role which is idle now is the one that was at the first look.
    ///
    /// # Errors
    /// Production came back to that one: exit 3.
    pub(crate) fn ensure_same(&mut self, role: &str, application: &str) -> Result<(), Failure> {
        let meant = self.role.get_or_insert_with(|| role.to_owned());
        if meant == role {
            return Ok(());
        }
        let message = format!("production of {application} came back to {meant} meanwhile");
        let hint = format!("kubectl bluegreen history {application}");
        Err(Failure::new(Exit::Refused, message).hint(hint))
    }

    /// Whether to go on: nothing has to drain, or the time for it is over. Otherwise waits for a part of
    /// that, after which the cluster is to be looked at anew.
    pub(crate) async fn may_go_on(&mut self, must_drain: bool, left: Option<Timestamp>) -> bool {
        if must_drain && !self.drain.rest(left, Context::now()).is_zero() {
            let role = self.role.as_deref().unwrap_or_default();
            self.drain.pause(&mut self.progress, role, left).await;
            return false;
        }
        self.progress.clear();
        true
    }

    /// Whether to try once more after somebody else changed an object first.
    pub(crate) fn may_try_again(&mut self) -> bool {
        self.attempts += 1;
        self.attempts <= ATTEMPTS
    }
}
