//! Runs the server until it is told to stop, or to crash.

use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use axum::serve::ListenerExt;
use test_server::{Behaviour, Settings, UnreadableSetting, router};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};

/// What a crash asked for over HTTP leaves to its own answer to get out.
const ANSWER_FIRST: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Setting(#[from] UnreadableSetting),
    #[error("can't serve on port {0}: {1}")]
    Serve(u16, io::Error),
    #[error("can't wait for signals: {0}")]
    Signals(io::Error),
}

/// Without a handler the kernel would not deliver these to process 1 of a container at all.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(Failure::Signals)?,
            interrupt: signal(SignalKind::interrupt()).map_err(Failure::Signals)?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    run().await.unwrap_or_else(|failure| {
        say(&failure.to_string());
        ExitCode::FAILURE
    })
}

async fn run() -> Result<ExitCode, Failure> {
    let settings = Settings::read(|name| std::env::var(name).ok())?;
    let behaviour = Arc::new(Behaviour::new(&settings));
    let stop = Stop::new()?;
    tokio::select! {
        biased;
        code = crash(&settings, &behaviour) => {
            say(&settings.last_words);
            Ok(code.into())
        }
        served = serve(&settings, &behaviour, stop) => served.map(|()| ExitCode::SUCCESS),
    }
}

async fn crash(settings: &Settings, behaviour: &Behaviour) -> u8 {
    let by_itself = async {
        match settings.crash_after {
            Some(delay) => sleep(delay).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        () = by_itself => settings.exit_code,
        code = behaviour.crashed() => {
            sleep(ANSWER_FIRST).await;
            code
        }
    }
}

async fn serve(
    settings: &Settings,
    behaviour: &Arc<Behaviour>,
    mut stop: Stop,
) -> Result<(), Failure> {
    tokio::select! {
        () = sleep(settings.start_delay) => {}
        () = stop.wait() => return Ok(()),
    }
    let port = settings.port;
    let listener = TcpListener::bind(("0.0.0.0", port))
        .await
        .map_err(|error| Failure::Serve(port, error))?
        .tap_io(|stream| {
            // A client that has gone already makes this fail, and needs no answer.
            let _ = stream.set_nodelay(true);
        });
    say(&format!(
        "version {} listens on port {port}",
        settings.version
    ));
    if !settings.fail_probe && !settings.ready_delay.is_zero() {
        let (behaviour, delay) = (Arc::clone(behaviour), settings.ready_delay);
        tokio::spawn(async move {
            sleep(delay).await;
            behaviour.set_ready(true);
        });
    }
    axum::serve(listener, router(settings, Arc::clone(behaviour)))
        .with_graceful_shutdown(async move {
            stop.wait().await;
            say("stopping: no new connections, the open ones are finished");
        })
        .await
        .map_err(|error| Failure::Serve(port, error))
}

/// Nobody may be reading, and that must not stop the server.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
