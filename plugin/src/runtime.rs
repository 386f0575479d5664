//! Where asynchronous verbs run.

use crate::exit::Exit;
use crate::failure::Failure;

/// Runs a verb to its end, or until Ctrl-C.
///
/// One thread: what a verb does is wait for a handful of requests, and a pool of threads costs more
/// to start than it could save.
pub(crate) fn block_on<T>(verb: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::CouldNot, format!("can't start: {error}")))?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = verb => result,
            _ = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
        }
    });
    // A name that is still being resolved must not hold up the exit.
    runtime.shutdown_background();
    result
}
