//! One pod asked once, through the API server.

use std::time::{Duration, Instant};

use futures::StreamExt;
use tokio::time::timeout;

use crate::cluster::{Cluster, NoForward};
use crate::failure::Failure;

use super::engine::{Answer, Fault, exchange};
use super::expected::Expected;
use super::pods::AT_ONCE;
use super::question::Question;
use super::tls::{self, Trust};

/// What is said of a pod that is not there any more.
const GONE: &str = "the pod is gone";
/// How long the reason for an end may lag behind it.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How long a connection that nobody takes may stay silent about it. The kubelet dials within the node,
/// so that a refusal is there in a few milliseconds; that somebody listens is told by nothing at all.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);

/// How an answer is asked for and judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Manner {
    /// What passes.
    pub(crate) expect: Expected,
    /// How long one answer may take.
    pub(crate) request_timeout: Duration,
}

/// What came of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// Whether the answer is one that passes.
    pub(crate) passed: bool,
    /// The HTTP status, if there was an answer.
    pub(crate) status: Option<u16>,
    /// The answer, or why there is none.
    pub(crate) words: String,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Check {
    /// Whether there is no use in asking again.
    pub(super) fn is_final(&self) -> bool {
        self.status.is_none() && self.words == GONE
    }
}

impl Manner {
    /// Asks a pod once, and tries its undeclared ports beside. The pod's own failure is a check that did
    /// not pass.
    ///
    /// # Errors
    /// The pod could not be asked at all, and no other one could: the user may not forward ports.
    pub(super) async fn ask(
        &self,
        cluster: &Cluster,
        pod: &str,
        question: &Question,
    ) -> Result<Check, Failure> {
        let mut forbidden = None;
        let asked = self.check(async {
            forward(cluster, pod, question, self.expect.body_bytes())
                .await
                .map_err(|error| match error {
                    Unanswered::Pod(fault) => fault,
                    Unanswered::Forbidden(failure) => {
                        let fault = Fault(failure.message.clone());
                        forbidden = Some(failure);
                        fault
                    }
                })
        });
        let (mut check, refused) = tokio::join!(
            asked,
            refusal(cluster, pod, &question.undeclared, self.request_timeout)
        );
        if let Some(words) = refused.filter(|_| check.passed) {
            check = Check {
                passed: false,
                status: None,
                words,
                ..check
            };
        }
        forbidden.map_or(Ok(check), Err)
    }

    /// Waits for an answer as long as one may take, and judges it.
    pub(super) async fn check(&self, answer: impl Future<Output = Result<Answer, Fault>>) -> Check {
        let began = Instant::now();
        let answer = timeout(self.request_timeout, answer).await;
        let took = began.elapsed();
        let (passed, status, words) = match answer {
            Ok(Ok(answer)) => {
                let lack = self.expect.lack(&answer);
                let words = match &lack {
                    Some(lack) => format!("{lack}{}", behind(&answer.words())),
                    None => answer.to_string(),
                };
                (lack.is_none(), Some(answer.status), words)
            }
            Ok(Err(Fault(words))) => (false, None, words),
            Err(_) => {
                let limit = self.request_timeout;
                (false, None, format!("no answer within {limit:?}"))
            }
        };
        Check {
            passed,
            status,
            words,
            took,
        }
    }
}

/// Words that may be none, behind others.
fn behind(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        format!(": {words}")
    }
}

enum Unanswered {
    Pod(Fault),
    Forbidden(Failure),
}

async fn forward(
    cluster: &Cluster,
    pod: &str,
    question: &Question,
    most: usize,
) -> Result<Answer, Unanswered> {
    let tunnel = cluster
        .forward(cluster.namespace(), pod, question.port)
        .await
        .map_err(|error| match error {
            NoForward::Forbidden(failure) => Unanswered::Forbidden(failure),
            NoForward::Gone => Unanswered::Pod(Fault(GONE.to_owned())),
            NoForward::Other(words) => Unanswered::Pod(Fault(words)),
        })?;
    let (stream, mut closed) = tunnel.into_parts();
    let answering = async {
        if question.secure {
            let host = without_port(&question.request.host);
            let stream = tls::over(stream, host, Trust::AsTheKubelet).await?;
            exchange(stream, &question.request, most).await
        } else {
            exchange(stream, &question.request, most).await
        }
    };
    let fault = tokio::select! {
        answer = answering => match answer {
            Ok(answer) => return Ok(answer),
            Err(fault) => fault,
        },
        words = closed.words() => Fault(words),
    };
    // What the kubelet says of a port that it can't reach comes on a channel of its own, and says more
    // than that the stream has ended.
    let words = timeout(LAST_WORDS, closed.words()).await;
    Err(Unanswered::Pod(words.map_or(fault, Fault)))
}

/// The first of these ports of a pod that nobody listens on, in words.
async fn refusal(cluster: &Cluster, pod: &str, ports: &[u16], limit: Duration) -> Option<String> {
    let tried = ports.iter().map(|port| async move {
        // Whether the pod can be reached at all is what the question tells.
        let tunnel = cluster.forward(cluster.namespace(), pod, *port);
        let tunnel = timeout(limit, tunnel).await.ok()?.ok()?;
        let (_stream, mut closed) = tunnel.into_parts();
        let words = timeout(REFUSED_WITHIN, closed.words()).await.ok()?;
        Some(format!(
            "port {port}, which a production Service leads to: {words}"
        ))
    });
    let tried = futures::stream::iter(tried).buffered(AT_ONCE);
    std::pin::pin!(tried.filter_map(std::future::ready))
        .next()
        .await
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner() -> Manner {
        Manner {
            expect: Expected::default(),
            request_timeout: Duration::from_millis(50),
        }
    }

    #[tokio::test]
    async fn an_answer_passes_by_its_status() {
        let answer = |status| async move {
            Ok(Answer {
                status,
                headers: http::HeaderMap::new(),
                body: b"words".to_vec(),
                complete: true,
            })
        };
        assert!(manner().check(answer(204)).await.passed);
        let bad = manner().check(answer(500)).await;
        assert!(!bad.passed);
        assert_eq!(
            (bad.status, bad.words.as_str()),
            (Some(500), "status 500: words")
        );
    }

    #[tokio::test]
    async fn a_server_that_is_too_slow_does_not_pass() {
        let late = manner().check(std::future::pending()).await;
        assert!(!late.passed);
        assert_eq!(late.words, "no answer within 50ms");
    }

    #[test]
    fn a_host_may_come_with_its_port() {
        assert_eq!(without_port("[fd00::1]:8443"), "[fd00::1]");
        assert_eq!(without_port("web.local"), "web.local");
        assert_eq!(without_port("10.0.0.1:80"), "10.0.0.1");
    }
}
