//! Where asynchronous verbs run.

use std::time::Duration;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// How long a verb that was cut off may take to let go of what it held.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a verb to its end, or until Ctrl-C.
///
/// One thread: what a verb does is wait for a handful of requests, and a pool of threads costs more
/// to start than it could save.
pub(crate) fn block_on<T>(
    context: &Context,
    verb: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::CouldNot, format!("can't start: {error}")))?;
    let result = runtime.block_on(async {
        let ended = tokio::select! {
            result = verb => Some(result),
            _ = tokio::signal::ctrl_c() => None,
        };
        if let Some(result) = ended {
            return result;
        }
        // In vain is no harm: what is held ends by itself.
        let _ = tokio::time::timeout(GRACE, context.let_go()).await;
        Err(Failure::interrupted())
    });
    // A name that is still being resolved must not hold up the exit.
    runtime.shutdown_background();
    result
}
