//! Who may come in: so many connections at a time, each with its age.

use std::future::Future;
use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use crate::app::App;
use crate::args::ServerArgs;
use crate::metrics::Metrics;

use super::visit::Visit;

/// Lets connections in to one port, before anything is read of them.
#[derive(Clone)]
pub(super) struct Door {
    port: &'static str,
    permits: Arc<Semaphore>,
    patience: Duration,
    max_age: Duration,
    app: Arc<App>,
}

/// A connection's place; given back when the last part of it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    port: &'static str,
    metrics: Arc<Metrics>,
}

impl Door {
    /// The one that the API server comes in by.
    pub(super) fn of_reviews(args: &ServerArgs, app: &Arc<App>) -> Self {
        Self::new("reviews", args.max_connection_age, args, app)
    }

    /// The one that the kubelet and Prometheus come in by. Each answer there is the last of its
    /// connection, so that nobody keeps a place who has nothing to ask.
    pub(super) fn of_probes(args: &ServerArgs, app: &Arc<App>) -> Self {
        Self::new("probes", Duration::ZERO, args, app)
    }

    fn new(port: &'static str, max_age: Duration, args: &ServerArgs, app: &Arc<App>) -> Self {
        Self {
            port,
            permits: Arc::new(Semaphore::new(args.max_connections)),
            patience: args.handshake_timeout,
            max_age,
            app: app.clone(),
        }
    }

    async fn place(self) -> Result<Place, Error> {
        let (port, metrics) = (self.port, self.app.metrics.clone());
        let permit = timeout(self.patience, self.permits.acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            metrics.turned_away(port);
            return Err(Error::new(
                ErrorKind::ConnectionRefused,
                "too many connections (more: --max-connections)",
            ));
        };
        metrics.connections(port).inc();
        Ok(Place {
            _permit: permit,
            port,
            metrics,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.connections(self.port).dec();
    }
}

impl<S: Send + 'static> Accept<TcpStream, S> for Door {
    type Stream = TcpStream;
    type Service = Visit<S>;
    type Future = Pin<Box<dyn Future<Output = Result<(TcpStream, Visit<S>), Error>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let door = self.clone();
        Box::pin(async move {
            stream.set_nodelay(true)?;
            let (phase, end) = (door.app.phase.clone(), Instant::now() + door.max_age);
            let place = door.place().await?;
            Ok((stream, Visit::new(service, place, end, phase)))
        })
    }
}
