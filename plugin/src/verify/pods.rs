//! Every pod asked until it has passed so many times in a row, or failed as often.

use std::time::Duration;

use bluegreen_shared::pod;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use k8s_openapi::api::core::v1::{Pod, Service};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::failure::Failure;

use super::ask::{Check, Manner};
use super::question::{Asked, Question};

/// Requests at a time: each is a stream through API server and kubelet.
pub(super) const AT_ONCE: usize = 8;

/// How often, and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rounds {
    /// So many passes in a row pass a pod, and so many failures in a row fail it.
    pub(crate) passes: u32,
    /// Between two questions to the same pod.
    pub(crate) interval: Duration,
    /// For all of it; `None` waits for ever.
    pub(crate) timeout: Option<Duration>,
}

/// What came of one pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tried {
    /// The pod.
    pub(crate) pod: String,
    /// What it was asked; empty where there was nothing to ask.
    pub(crate) question: String,
    /// Whether it passed.
    pub(crate) passed: bool,
    /// Passes in a row at the end.
    pub(crate) passes: u32,
    /// How often it was asked.
    pub(crate) asked: u32,
    /// The status of the last answer that counts.
    pub(crate) status: Option<u16>,
    /// That answer, or why there was none; of a pod that did not pass, its last failure.
    pub(crate) words: String,
}

/// Asks all pods, eight at a time, and tells `progress` of each that is done.
///
/// The result is in the order of the pods' names.
///
/// # Errors
/// No pod can be asked: the user may not forward ports.
pub(crate) async fn every(
    cluster: &Cluster,
    pods: &[&Pod],
    services: &[&Service],
    asked: &Asked,
    manner: &Manner,
    rounds: &Rounds,
    mut progress: impl FnMut(&Tried),
) -> Result<Vec<Tried>, Failure> {
    let permits = Semaphore::new(AT_ONCE);
    let end = rounds
        .timeout
        .and_then(|limit| Instant::now().checked_add(limit));
    let mut running: FuturesUnordered<_> = pods
        .iter()
        .map(|pod| one(cluster, pod, services, asked, manner, rounds, end, &permits))
        .collect();
    let mut all = Vec::with_capacity(pods.len());
    while let Some(tried) = running.next().await {
        let tried = tried?;
        progress(&tried);
        all.push(tried);
    }
    all.sort_by(|one: &Tried, other: &Tried| one.pod.cmp(&other.pod));
    Ok(all)
}

#[expect(clippy::too_many_arguments, reason = "all that one pod is asked by")]
async fn one(
    cluster: &Cluster,
    pod: &Pod,
    services: &[&Service],
    asked: &Asked,
    manner: &Manner,
    rounds: &Rounds,
    end: Option<Instant>,
    permits: &Semaphore,
) -> Result<Tried, Failure> {
    let name = pod::name(pod);
    let mut tally = Tally::new(name, rounds.passes);
    let question = match Question::of(pod, services, asked) {
        Ok(question) => question,
        Err(words) => return Ok(tally.without_asking(words)),
    };
    tally.tried.question = question.to_string();
    if let Some(words) = not_running(pod) {
        return Ok(tally.without_asking(words));
    }
    loop {
        let check = {
            // The semaphore is never closed, so that there is nothing else to hear from it.
            let _permit = permits.acquire().await;
            manner.ask(cluster, name, &question).await?
        };
        let gone = check.is_final();
        if tally.count(check) || gone {
            return Ok(tally.tried);
        }
        let next = Instant::now() + rounds.interval;
        if end.is_some_and(|end| next >= end) {
            return Ok(tally.out_of_time(rounds.timeout));
        }
        tokio::time::sleep_until(next).await;
    }
}

/// The count of one pod's passes and failures.
struct Tally {
    tried: Tried,
    wanted: u32,
    failures: u32,
}

impl Tally {
    fn new(pod: &str, wanted: u32) -> Self {
        Self {
            tried: Tried {
                pod: pod.to_owned(),
                ..Tried::default()
            },
            wanted,
            failures: 0,
        }
    }

    /// Takes one check in; whether it decides.
    fn count(&mut self, check: Check) -> bool {
        let tried = &mut self.tried;
        tried.asked += 1;
        if check.passed {
            tried.passes += 1;
            self.failures = 0;
            tried.passed = tried.passes >= self.wanted;
        } else {
            tried.passes = 0;
            self.failures += 1;
        }
        // A failure stays in mind until the pod has passed: it is what has to be said of it.
        if !check.passed || tried.passed || tried.passes == tried.asked {
            tried.status = check.status;
            tried.words = check.words;
        }
        tried.passed || self.failures >= self.wanted
    }

    fn without_asking(mut self, words: String) -> Tried {
        self.tried.words = words;
        self.tried
    }

    fn out_of_time(mut self, limit: Option<Duration>) -> Tried {
        let tried = &mut self.tried;
        let limit = limit.unwrap_or_default();
        tried.words = format!(
            "{} of {} passes in a row after {limit:?}, last {}",
            tried.passes, self.wanted, tried.words
        );
        self.tried
    }
}

/// Why there is nobody in the pod who could answer.
fn not_running(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref();
    let phase = status
        .and_then(|status| status.phase.as_deref())
        .unwrap_or("Pending");
    let stopped = status
        .and_then(|status| status.container_statuses.as_ref())
        .into_iter()
        .flatten()
        .find_map(|container| {
            let state = container.state.as_ref()?;
            let reason = match (&state.waiting, &state.terminated) {
                (Some(waiting), _) => waiting
                    .reason
                    .clone()
                    .unwrap_or_else(|| "waiting".to_owned()),
                (_, Some(end)) => format!("exit code {}", end.exit_code),
                _ => return None,
            };
            Some(format!(
                "not running: container {}: {reason}",
                container.name
            ))
        });
    stopped.or_else(|| (phase != "Running").then(|| format!("not running: phase {phase}")))
}

#[cfg(test)]
mod tests;
