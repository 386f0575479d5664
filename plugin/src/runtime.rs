//! Where asynchronous verbs run.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// How long a verb that was cut off may take to let go of what it held.
const GRACE: Duration = Duration::from_secs(2);

/// Runs a verb to its end, or until it is stopped.
pub(crate) fn block_on<T>(
    context: &Context,
    verb: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    block_on_to_the_end(async {
        let result = until_stopped(verb).await;
        // Only what was stopped still holds something. In vain is no harm: it ends by itself.
        let _ = tokio::time::timeout(GRACE, context.let_go()).await;
        result
    })
}

/// Runs a verb to its end, which sees to being interrupted itself: it has something to put away.
///
/// One thread: what a verb does is wait for a handful of requests, and a pool of threads costs more
/// to start than it could save.
pub(crate) fn block_on_to_the_end<T>(
    verb: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::CouldNot, format!("can't start: {error}")))?;
    let result = runtime.block_on(verb);
    // A name that is still being resolved must not hold up the exit.
    runtime.shutdown_background();
    result
}

/// Does a part of a verb until Ctrl-C, or until it is told to end, as a pipeline does whose time is
/// up or whose terminal is closed.
pub(crate) async fn until_stopped<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let (Ok(mut end), Ok(mut closed)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return Err(Failure::could_not("can't listen to signals"));
    };
    tokio::select! {
        result = work => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
        _ = end.recv() => Err(Failure::interrupted()),
        _ = closed.recv() => Err(Failure::interrupted()),
    }
}
