//! Where asynchronous verbs run.

use std::cell::Cell;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Notify;

use crate::exit::Exit;
use crate::failure::Failure;

/// Runs a verb to its end, or until it is stopped.
pub(crate) fn block_on<T>(verb: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    block_on_to_the_end(until_stopped(verb))
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
    let mut signals = Signals::listen()?;
    tokio::select! {
        result = work => result,
        () = signals.next() => Err(Failure::interrupted()),
    }
}

/// The wish that a verb ends, where it has something to take back first.
#[derive(Default)]
pub(crate) struct Stop {
    heeded: Cell<bool>,
    wish: Notify,
}

impl Stop {
    /// From here on the first wish is handed to [`Self::wished`], and only the second one cuts off.
    pub(crate) fn heed(&self) {
        self.heeded.set(true);
    }

    /// Waits for the wish.
    pub(crate) async fn wished(&self) {
        self.wish.notified().await;
    }

    /// Does a part of a verb until it is stopped, as [`until_stopped`] does, or has heeded the wish.
    pub(crate) async fn until_stopped<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut signals = Signals::listen()?;
        let mut work = Box::pin(work);
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = signals.next() => {}
            }
            if !self.heeded.replace(false) {
                return Err(Failure::interrupted());
            }
            self.wish.notify_one();
        }
    }
}

/// What tells a verb to end.
struct Signals([Signal; 3]);

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let [pressed, end, closed] = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ]
        .map(signal);
        match (pressed, end, closed) {
            (Ok(pressed), Ok(end), Ok(closed)) => Ok(Self([pressed, end, closed])),
            _ => Err(Failure::could_not("can't listen to signals")),
        }
    }

    async fn next(&mut self) {
        let [pressed, end, closed] = &mut self.0;
        tokio::select! {
            _ = pressed.recv() => {}
            _ = end.recv() => {}
            _ = closed.recv() => {}
        }
    }
}
