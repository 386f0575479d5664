//! What every verb is handed: where to connect to, and where to write.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::flags::Connection;
use crate::release::{Held, Overlapping};
use crate::render::Output;

/// The world around a verb.
pub(crate) struct Context {
    /// The connection flags.
    pub(crate) connection: Connection,
    /// The only way to print.
    pub(crate) output: Output,
    held: RefCell<Option<Rc<Held>>>,
    overlapping: RefCell<Option<Overlapping>>,
}

impl Context {
    /// For one run.
    pub(crate) fn new(connection: Connection, output: Output) -> Self {
        Self {
            connection,
            output,
            held: RefCell::new(None),
            overlapping: RefCell::new(None),
        }
    }

    /// Connects; a verb calls this once, and not before it has checked its arguments.
    pub(crate) async fn cluster(&self) -> Result<Cluster, Failure> {
        Cluster::connect(&self.connection).await
    }

    /// Says what to do next; its commands go where this one went.
    pub(crate) fn hint(&self, text: &str) {
        let text = self.connection.repeat_in(text);
        self.output.note(format_args!("hint: {text}"));
    }

    /// Remembers what must be let go of, however the verb ends.
    pub(crate) fn holds(&self, held: Option<Rc<Held>>) {
        *self.held.borrow_mut() = held;
    }

    /// What the verb holds.
    pub(crate) fn held(&self) -> Option<Rc<Held>> {
        self.held.borrow().clone()
    }

    /// Remembers that production selects both sides because of this verb, which has to end that.
    pub(crate) fn begin_overlap(&self, overlapping: Overlapping) {
        *self.overlapping.borrow_mut() = Some(overlapping);
    }

    /// The overlap that this verb has to end.
    pub(crate) fn overlapping(&self) -> Option<Overlapping> {
        self.overlapping.borrow().clone()
    }

    /// Remembers that this verb has no overlap to end any more; which it had.
    pub(crate) fn end_overlap(&self) -> Option<Overlapping> {
        self.overlapping.borrow_mut().take()
    }

    /// Lets go of what a verb held that was cut off.
    pub(crate) async fn let_go(&self) {
        let held = self.held.borrow_mut().take();
        if let Some(held) = held {
            held.let_go(&self.output).await;
        }
    }

    /// The time by this machine's clock.
    pub(crate) fn now() -> Timestamp {
        Timestamp::now()
    }
}
