//! A relay in front of the API server that counts what it sends.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::cluster::kubeconfig;
use crate::eventually::eventually;

/// For the connections of a process that has ended to end.
const SOON: Duration = Duration::from_secs(10);

const BUFFER: usize = 64 * 1024;

#[derive(Default)]
struct Count {
    bytes: AtomicU64,
    open: AtomicU64,
}

/// Listens on the loopback, and knows the kubeconfig that leads through it.
pub(super) struct Relay {
    count: Arc<Count>,
    kubeconfig: PathBuf,
}

impl Relay {
    pub(super) async fn open(sandbox: &Path) -> Result<Self> {
        let mut config: serde_json::Value = serde_json::from_slice(&fs::read(kubeconfig())?)?;
        let cluster = &mut config["clusters"][0]["cluster"];
        let server = cluster["server"].as_str().unwrap_or_default();
        let server = server.strip_prefix("https://");
        let server = server.context("the API server has no address")?.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        cluster["server"] = format!("https://{}", listener.local_addr()?).into();
        let kubeconfig = sandbox.join("relayed.kubeconfig");
        fs::write(&kubeconfig, config.to_string())?;
        let count = Arc::new(Count::default());
        tokio::spawn(relay(listener, server, Arc::clone(&count)));
        Ok(Self { count, kubeconfig })
    }

    /// What the API server sends to a command, in KiB, as it is on the wire: encrypted, and compressed where the
    /// command takes that.
    pub(super) async fn bytes_of(&self, command: &[&str]) -> Result<f64> {
        self.count.bytes.store(0, Ordering::SeqCst);
        let output = Command::new(command[0])
            .args(&command[1..])
            .env("KUBECONFIG", &self.kubeconfig)
            .output()
            .await?;
        ensure!(output.status.success(), "{command:?}: {output:?}");
        eventually(SOON, || async {
            let open = self.count.open.load(Ordering::SeqCst);
            ensure!(open == 0, "{open} connections are open");
            Ok(())
        })
        .await?;
        let bytes = self.count.bytes.load(Ordering::SeqCst);
        ensure!(bytes > 0, "{command:?} did not come through the relay");
        Ok(u32::try_from(bytes).map(f64::from)? / 1024.0)
    }
}

async fn relay(listener: TcpListener, server: String, count: Arc<Count>) {
    while let Ok((client, _)) = listener.accept().await {
        let (server, count) = (server.clone(), Arc::clone(&count));
        count.open.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(server).await {
                pass(client, server, &count).await;
            }
            count.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

/// Until either side ends, in whichever way.
async fn pass(mut client: TcpStream, mut server: TcpStream, count: &Count) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let back = async {
        let mut buffer = vec![0; BUFFER];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            count.bytes.fetch_add(read as u64, Ordering::SeqCst);
            if to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut from_client, &mut to_server) => {}
        () = back => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_server_sends_is_counted_and_passed_on() {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relayed = listener.local_addr().unwrap();
        let count = Arc::new(Count::default());
        tokio::spawn(relay(listener, address, Arc::clone(&count)));

        let mut client = TcpStream::connect(relayed).await.unwrap();
        client.write_all(b"ask").await.unwrap();
        let (mut accepted, _) = server.accept().await.unwrap();
        let mut asked = [0; 3];
        accepted.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"ask");
        accepted.write_all(b"an answer").await.unwrap();
        drop(accepted);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();

        assert_eq!(answer, "an answer");
        assert_eq!(count.bytes.load(Ordering::SeqCst), 9);
    }
}
