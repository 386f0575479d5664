//! The server is answering; it can only end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::args::ServerArgs;
use crate::phase::Phase;

/// Both ports, being served.
#[derive(Debug)]
pub(crate) struct Spawned {
    reviews: Listener,
    probes: Listener,
    phase: Arc<Phase>,
    drain: Duration,
    grace: Duration,
}

/// One port, being served.
#[derive(Debug)]
pub(super) struct Listener {
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

impl Listener {
    pub(super) fn new(
        handle: Handle<SocketAddr>,
        serving: impl Future<Output = io::Result<()>> + Send + 'static,
    ) -> Self {
        let task = tokio::spawn(serving);
        Self { handle, task }
    }

    async fn finish(self, grace: Duration) {
        self.handle.graceful_shutdown(Some(grace));
        match self.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("the server ended: {error}"),
            Err(error) => tracing::error!("the server ended: {error}"),
        }
    }
}

impl Spawned {
    pub(super) fn new(
        reviews: Listener,
        probes: Listener,
        phase: Arc<Phase>,
        args: &ServerArgs,
    ) -> Self {
        Self {
            reviews,
            probes,
            phase,
            drain: args.drain,
            grace: args.grace,
        }
    }

    /// The addresses of the two ports: reviews and probes.
    #[cfg(test)]
    pub(super) async fn addresses(&self) -> (SocketAddr, SocketAddr) {
        let reviews = self.reviews.handle.listening().await;
        let probes = self.probes.handle.listening().await;
        (reviews.unwrap(), probes.unwrap())
    }

    /// Ends without losing a request.
    ///
    /// First every answer closes its connection, and the endpoints follow meanwhile, so that the API
    /// server asks the others; only then does the door close. Whoever still asks in between is
    /// answered: sending them away would cost them a second, or their request where we are alone.
    pub(crate) async fn drain(self) {
        self.phase.drain();
        tracing::info!(seconds = self.drain.as_secs_f64(), "draining");
        sleep(self.drain).await;
        self.reviews.finish(self.grace).await;
        self.probes.finish(Duration::ZERO).await;
        tracing::info!("drained");
    }
}
