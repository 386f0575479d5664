//! A port of this machine that leads to an environment, for programs that know nothing of clusters.

use std::cell::{Cell, RefCell};
use std::net::Ipv4Addr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::net::{TcpListener, TcpStream};

use crate::cluster::{Cluster, NoForward};
use crate::failure::Failure;

use super::side::Door;

/// Connections at a time; further ones wait to be taken.
const AT_ONCE: usize = 32;
/// After a connection that could not be taken, such as for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// A port on the loopback address. It is closed when this is dropped.
pub(super) struct LocalPort {
    listener: TcpListener,
    number: u16,
    /// The connections that were taken so far.
    taken: Cell<usize>,
    /// Why the last connection that led nowhere did not.
    fault: RefCell<Option<String>>,
}

impl LocalPort {
    /// Opens a port that is free.
    pub(super) async fn open() -> Result<Self, Failure> {
        let opened = async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let number = listener.local_addr()?.port();
            Ok::<_, std::io::Error>((listener, number))
        };
        let (listener, number) = opened.await.map_err(|error| {
            Failure::could_not(format!("can't open a port of this machine: {error}"))
        })?;
        Ok(Self {
            listener,
            number,
            taken: Cell::new(0),
            fault: RefCell::default(),
        })
    }

    /// Its number.
    pub(super) fn number(&self) -> u16 {
        self.number
    }

    /// Why the last connection that led nowhere did not.
    pub(super) fn fault(&self) -> Option<String> {
        self.fault.borrow().clone()
    }

    /// Leads connections to the doors, one after the other, for as long as it is polled.
    ///
    /// # Errors
    /// The user may not forward ports.
    pub(super) async fn serve(&self, cluster: &Cluster, doors: &[Door<'_>]) -> Failure {
        let mut open = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if open.len() < AT_ONCE => match accepted {
                    Ok((stream, _)) => open.push(self.lead(stream, cluster, doors)),
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
                Some(ended) = open.next() => if let Err(failure) = ended {
                    return failure;
                },
            }
        }
    }

    /// Leads one connection to the door whose turn it is, or to the next one where that is shut.
    async fn lead(
        &self,
        mut near: TcpStream,
        cluster: &Cluster,
        doors: &[Door<'_>],
    ) -> Result<(), Failure> {
        let turn = self.taken.get();
        self.taken.set(turn.wrapping_add(1));
        // Small answers are to come at once; where that can't be had, they come a little later.
        let _ = near.set_nodelay(true);
        let count = doors.len().max(1);
        for door in doors.iter().cycle().skip(turn % count).take(doors.len()) {
            let opened = cluster.forward(cluster.namespace(), door.pod(), door.port);
            let words = match opened.await {
                Ok(tunnel) => {
                    let (mut far, mut closed) = tunnel.into_parts();
                    tokio::select! {
                        // How it ends is for the two that speak to know.
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        words = closed.words() => self.note(door, &words),
                    }
                    return Ok(());
                }
                Err(NoForward::Forbidden(failure)) => return Err(failure),
                Err(NoForward::Gone) => "the pod is gone".to_owned(),
                Err(NoForward::Other(words)) => words,
            };
            self.note(door, &words);
        }
        Ok(())
    }

    fn note(&self, door: &Door<'_>, words: &str) {
        let line = format!("Pod/{} port {}: {words}", door.pod(), door.port);
        *self.fault.borrow_mut() = Some(line);
    }
}
