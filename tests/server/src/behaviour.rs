//! How the server behaves right now: the part that `/control` changes.

use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::Relaxed};

use axum::http::StatusCode;
use tokio::sync::watch;

use crate::Settings;

/// Shared by all connections.
#[derive(Debug)]
pub struct Behaviour {
    ready: AtomicBool,
    status: AtomicU16,
    served: AtomicU64,
    crash: watch::Sender<Option<u8>>,
}

impl Behaviour {
    /// Begins as the settings say: ready unless a delay or a failing probe is wanted.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            ready: AtomicBool::new(!settings.fail_probe && settings.ready_delay.is_zero()),
            status: AtomicU16::new(settings.status.as_u16()),
            served: AtomicU64::new(0),
            crash: watch::Sender::new(None),
        }
    }

    /// Whether the readiness probe passes.
    pub fn ready(&self) -> bool {
        self.ready.load(Relaxed)
    }

    /// Makes the readiness probe pass or fail from now on.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Relaxed);
    }

    /// The status of `/`.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status.load(Relaxed)).unwrap_or(StatusCode::OK)
    }

    /// Answers `/` with this status from now on.
    pub fn set_status(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Relaxed);
    }

    /// Counts one more answer of `/`.
    pub fn count(&self) {
        self.served.fetch_add(1, Relaxed);
    }

    /// How many requests `/` has answered.
    pub fn served(&self) -> u64 {
        self.served.load(Relaxed)
    }

    /// Asks the process to end with this code.
    pub fn crash(&self, code: u8) {
        self.crash.send_replace(Some(code));
    }

    /// Waits until somebody asks for a crash, and says with which code.
    pub async fn crashed(&self) -> u8 {
        let mut asked = self.crash.subscribe();
        loop {
            if let Some(code) = *asked.borrow_and_update() {
                return code;
            }
            if asked.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}
