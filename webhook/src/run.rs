//! Wires the parts together and waits for the end.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use crate::app::App;
use crate::args::Args;
use crate::certs::{self, Served};
use crate::connect;
use crate::lookup::Lookup;
use crate::metrics::Metrics;
use crate::phase::Phase;
use crate::server::{Bound, Room};

/// Any error that ends the process.
pub(crate) type Fatal = Box<dyn std::error::Error + Send + Sync>;

/// Serves until a signal asks for the end.
pub(crate) async fn run(args: Args) -> Result<(), Fatal> {
    // Named here although there is only one: a second one that a dependency brings would panic.
    if rustls::crypto::ring::default_provider()
        .install_default()
        .is_err()
    {
        tracing::debug!("a TLS provider was installed already");
    }
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let bound = Bound::bind(&args.server)?;
    let api = connect::config()?;
    let metrics = Arc::new(Metrics::new());
    let lookups = connect::for_lookups(&api)?;
    let app = Arc::new(App {
        lookup: Lookup::new(lookups.clone(), args.max_lookups, metrics.clone()),
        mutate_lookup: Lookup::new(lookups, args.max_mutate_lookups, metrics.clone()),
        delivery_tools: args.delivery_tools.clone(),
        room: Room::new(args.server.body_timeout),
        metrics: metrics.clone(),
        phase: Arc::new(Phase::default()),
    });
    let certificate = Arc::new(Served::default());
    let server = bound.spawn(&app, certificate.clone())?;
    let keeping = certs::keep(
        connect::for_watches(api)?,
        args.certificates,
        certificate,
        &app,
    )?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    tokio::select! {
        ended = keeping => return Err(format!("nobody looks after the certificate any more: {ended}").into()),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tokio::select! {
        () = server.drain() => Ok(()),
        _ = terminate.recv() => Err("aborted by a second signal".into()),
        _ = interrupt.recv() => Err("aborted by a second signal".into()),
    }
}
