//! Constant load on an address, with new connections and kept-alive ones counted apart.
//!
//! Every answer is put down with its times and with which side gave it, so that a flip can be told
//! afterwards by what clients saw and not by what we believe.

mod client;
mod report;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;

pub use report::{Answer, Connections, Report};

/// What to ask, of whom, and how hard.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Address of the Service.
    pub address: SocketAddr,
    /// Path of the GET.
    pub path: String,
    /// A side's name and the text that its answers contain; the first that fits wins.
    pub sides: Vec<(String, String)>,
    /// Clients that open a connection for every request.
    pub on_new_connections: usize,
    /// Clients that keep one connection as long as it lasts.
    pub on_kept_connections: usize,
    /// Rest between two requests of one client.
    pub pause: Duration,
    /// When the load ends by itself.
    pub longest: Duration,
}

/// Load that runs until it is stopped.
#[derive(Debug)]
pub struct Load {
    started: Instant,
    stop: Arc<AtomicBool>,
    clients: JoinSet<Vec<Answer>>,
}

impl Load {
    /// Starts all clients.
    #[must_use]
    pub fn start(plan: &Plan) -> Self {
        let started = Instant::now();
        let stop = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        let kinds = std::iter::repeat_n(Connections::New, plan.on_new_connections).chain(
            std::iter::repeat_n(Connections::Kept, plan.on_kept_connections),
        );
        for kind in kinds {
            let plan = plan.clone();
            let stop = Arc::clone(&stop);
            clients.spawn(async move {
                let mut answers = Vec::new();
                let mut client = client::Client::new(&plan, kind);
                while !stop.load(Ordering::Relaxed) && started.elapsed() < plan.longest {
                    answers.push(client.ask().await);
                    tokio::time::sleep(plan.pause).await;
                }
                answers
            });
        }
        Self {
            started,
            stop,
            clients,
        }
    }

    /// Ends the load and tells what the clients saw.
    ///
    /// # Errors
    /// A client panicked.
    pub async fn stop(mut self) -> Result<Report> {
        self.stop.store(true, Ordering::Relaxed);
        let mut answers = Vec::new();
        while let Some(client) = self.clients.join_next().await {
            answers.extend(client.context("a load client ended early")?);
        }
        answers.sort_by_key(|answer| answer.ended);
        Ok(Report {
            started: self.started,
            answers,
        })
    }
}
