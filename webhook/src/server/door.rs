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

/// Lets connections in before the TLS handshake.
#[derive(Clone)]
pub(super) struct Door {
    permits: Arc<Semaphore>,
    patience: Duration,
    max_age: Duration,
    app: Arc<App>,
}

/// A connection's place; given back when the last part of it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    metrics: Arc<Metrics>,
}

impl Door {
    pub(super) fn new(args: &ServerArgs, app: &Arc<App>) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(args.max_connections)),
            patience: args.handshake_timeout,
            max_age: args.max_connection_age,
            app: app.clone(),
        }
    }

    async fn place(self) -> Result<Place, Error> {
        let metrics = self.app.metrics.clone();
        let permit = timeout(self.patience, self.permits.acquire_owned()).await;
        let Ok(Ok(permit)) = permit else {
            metrics.turned_away.inc();
            return Err(Error::new(
                ErrorKind::ConnectionRefused,
                "too many connections (more: --max-connections)",
            ));
        };
        metrics.connections.inc();
        Ok(Place {
            _permit: permit,
            metrics,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.metrics.connections.dec();
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
