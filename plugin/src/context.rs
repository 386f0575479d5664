//! What every verb is handed: where to connect to, and where to write.

use jiff::Timestamp;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::flags::Connection;
use crate::render::Output;

/// The world around a verb.
pub(crate) struct Context {
    /// The connection flags.
    pub(crate) connection: Connection,
    /// The only way to print.
    pub(crate) output: Output,
}

impl Context {
    /// For one run.
    pub(crate) fn new(connection: Connection, output: Output) -> Self {
        Self { connection, output }
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

    /// The time by this machine's clock.
    pub(crate) fn now() -> Timestamp {
        Timestamp::now()
    }
}
