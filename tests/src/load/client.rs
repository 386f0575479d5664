//! One client: asks, waits for the whole answer, says who answered.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONNECTION, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Plan;
use super::report::{Answer, Connections};

/// A request without an answer for this long has failed.
const LONGEST: Duration = Duration::from_secs(5);

pub(super) struct Client<'a> {
    plan: &'a Plan,
    kind: Connections,
    kept: Option<SendRequest<Empty<Bytes>>>,
}

impl<'a> Client<'a> {
    pub(super) fn new(plan: &'a Plan, kind: Connections) -> Self {
        Self {
            plan,
            kind,
            kept: None,
        }
    }

    pub(super) async fn ask(&mut self) -> Answer {
        let began = Instant::now();
        let result = match timeout(LONGEST, self.get()).await {
            Ok(result) => result,
            Err(_) => Err(anyhow::anyhow!("no answer within {LONGEST:?}")),
        };
        if result.is_err() {
            self.kept = None;
        }
        Answer {
            connections: self.kind,
            began,
            ended: Instant::now(),
            side: result.map_err(|error| format!("{error:#}")),
        }
    }

    /// The side that answered 200.
    async fn get(&mut self) -> Result<String> {
        let mut sender = self.connection().await?;
        let close = self.kind == Connections::New;
        let request = Request::get(&self.plan.path)
            .header(HOST, self.plan.address.to_string())
            .header(CONNECTION, if close { "close" } else { "keep-alive" })
            .body(Empty::new())?;
        let response = sender.send_request(request).await.context("no answer")?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !close {
            self.kept = Some(sender);
        }
        if !status.is_success() {
            bail!("HTTP {status}");
        }
        let body = String::from_utf8_lossy(&body);
        self.plan
            .sides
            .iter()
            .find(|(_, text)| body.contains(text.as_str()))
            .map(|(side, _)| side.clone())
            .context("an answer of neither side")
    }

    /// The kept connection; a new one where there is none or the server has closed it.
    async fn connection(&mut self) -> Result<SendRequest<Empty<Bytes>>> {
        if let Some(mut sender) = self.kept.take()
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        self.connect().await
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>> {
        let stream = TcpStream::connect(self.plan.address)
            .await
            .context("no connection")?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}
