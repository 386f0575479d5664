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
use super::tally::{Tally, Tried};

/// Requests at a time: each is a stream through API server and kubelet.
pub(super) const AT_ONCE: usize = 8;

/// How often, and how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rounds {
    /// So many passes in a row pass a pod, and so many failures in a row fail it.
    pub(crate) passes: u32,
    /// Between two questions to the same pod.
    pub(crate) interval: Duration,
    /// When the time for all of it is up; `None` waits for ever.
    pub(crate) end: Option<Instant>,
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
    let mut running: FuturesUnordered<_> = pods
        .iter()
        .map(|pod| one(cluster, pod, services, asked, manner, rounds, &permits))
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

async fn one(
    cluster: &Cluster,
    pod: &Pod,
    services: &[&Service],
    asked: &Asked,
    manner: &Manner,
    rounds: &Rounds,
    permits: &Semaphore,
) -> Result<Tried, Failure> {
    let name = pod::name(pod);
    let mut tally = Tally::new(name, rounds.passes);
    let question = match Question::of(pod, services, asked) {
        Ok(question) => question,
        Err(words) => return Ok(tally.without_asking(words)),
    };
    tally.tried.question = format!("{question}{}", manner.expect);
    if let Some(words) = not_running(pod) {
        return Ok(tally.without_asking(words));
    }
    in_time(tally, rounds, async || {
        // The semaphore is never closed, so that there is nothing else to hear from it.
        let _permit = permits.acquire().await;
        manner.ask(cluster, name, &question).await
    })
    .await
}

/// Asks until it is decided or the time is up, be it in the midst of a question.
async fn in_time(
    mut tally: Tally,
    rounds: &Rounds,
    ask: impl AsyncFn() -> Result<Check, Failure>,
) -> Result<Tried, Failure> {
    let decided = async {
        loop {
            let check = ask().await?;
            let gone = check.is_final();
            if tally.count(check) || gone {
                return Ok(());
            }
            tokio::time::sleep(rounds.interval).await;
        }
    };
    let Some(end) = rounds.end else {
        return decided.await.map(|()| tally.tried);
    };
    match tokio::time::timeout_at(end, decided).await {
        Ok(decided) => decided.map(|()| tally.tried),
        Err(_) => Ok(tally.out_of_time()),
    }
}

/// Why there is nobody in the pod who could answer.
pub(super) fn not_running(pod: &Pod) -> Option<String> {
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
