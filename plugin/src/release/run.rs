//! One run of a verb that releases: the world around it, and what it must not leave behind.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::runtime::until_stopped;

use super::held::Held;
use super::overlapping::Overlapping;

/// How long a run that was cut off may take to let go of what it held.
const GRACE: Duration = Duration::from_secs(2);

/// A run, and what it has begun and has to end, however it ends itself.
pub(crate) struct Run<'c> {
    /// The world around it.
    pub(crate) context: &'c Context,
    held: RefCell<Option<Rc<Held>>>,
    overlapping: RefCell<Option<Overlapping>>,
}

impl<'c> Run<'c> {
    /// Nothing is begun yet.
    pub(crate) fn new(context: &'c Context) -> Self {
        Self {
            context,
            held: RefCell::new(None),
            overlapping: RefCell::new(None),
        }
    }

    /// Does a verb to its end, or until it is stopped: it then lets go of what it held, and production comes
    /// out of an overlap. What was flipped and not checked is left, and known to the next release.
    pub(crate) async fn until_stopped<T>(
        &self,
        verb: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let result = self.settled(until_stopped(verb).await).await;
        let result = result.map_err(|failure| self.unchecked(failure));
        // Only what was stopped still holds something. In vain is no harm: it ends by itself.
        let _ = tokio::time::timeout(GRACE, self.let_go()).await;
        result
    }

    /// Says how to go on where production may be flipped, and was not checked to the end.
    fn unchecked(&self, failure: Failure) -> Failure {
        match self.held() {
            Some(held) if failure.exit == Exit::Interrupted && held.is_unfinished() => {
                let hint = held.how_to_go_on();
                failure.hint(hint)
            }
            _ => failure,
        }
    }

    /// What a verb ends with that was stopped: first of all production is what it was. Who stops that too
    /// leaves it as it is.
    pub(crate) async fn settled<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        match result {
            Err(failure) if failure.exit == Exit::Interrupted => {
                let back = async { Err(self.out_of_overlap(failure).await) };
                Box::pin(until_stopped(back)).await
            }
            result => result,
        }
    }

    /// Does a release that may let both sides serve for a while: one that fails meanwhile ends in the old one.
    pub(crate) async fn ending_overlap<T>(
        &self,
        release: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match Box::pin(release).await {
            Err(seen) => Err(Box::pin(self.out_of_overlap(seen)).await),
            release => release,
        }
    }

    async fn out_of_overlap(&self, seen: Failure) -> Failure {
        match self.forget_overlap() {
            Some(overlapping) => {
                let (held, output) = (self.held(), &self.context.output);
                overlapping.end(seen, held.as_deref(), output).await
            }
            None => seen,
        }
    }

    /// Lets go of what a verb held that was cut off.
    pub(crate) async fn let_go(&self) {
        let held = self.held.borrow_mut().take();
        if let Some(held) = held {
            held.let_go(&self.context.output).await;
        }
    }

    /// Remembers the Lease that must be let go of.
    pub(super) fn holds(&self, held: Option<Rc<Held>>) {
        *self.held.borrow_mut() = held;
    }

    /// The Lease that it holds.
    pub(super) fn held(&self) -> Option<Rc<Held>> {
        self.held.borrow().clone()
    }

    /// Remembers that production selects both sides because of this run, which has to end that.
    pub(super) fn begin_overlap(&self, overlapping: Overlapping) {
        *self.overlapping.borrow_mut() = Some(overlapping);
    }

    /// The overlap that it has to end.
    pub(crate) fn overlapping(&self) -> Option<Overlapping> {
        self.overlapping.borrow().clone()
    }

    /// Remembers that it has no overlap to end any more; which it had.
    pub(super) fn forget_overlap(&self) -> Option<Overlapping> {
        self.overlapping.borrow_mut().take()
    }
}
