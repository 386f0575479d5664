//! Asks the endpoints of production, as they come and go.

use std::collections::BTreeSet;

use bluegreen_shared::application::{Application, Production};
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{counted, three};
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::cluster::{Cluster, Freshness};
use crate::exit::Exit;
use crate::failure::Failure;

use super::super::ask::{Check, Manner};
use super::super::pods::AT_ONCE;
use super::super::question::{Asked, Question};
use super::{CHECKS, Flags, INTERVAL, failed};

/// Checks every endpoint as often as all must pass; what was asked, of how many.
pub(super) async fn check(
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    flags: &Flags,
    manner: &Manner,
) -> Result<String, Failure> {
    let mut served = Served::default();
    let mut last = String::new();
    for number in 1..=CHECKS {
        if number > 1 {
            tokio::time::sleep(INTERVAL).await;
        }
        served.look(cluster, application).await?;
        let round = round(cluster, application, flags, manner, &served.pods).await?;
        if round.iter().any(|asked| !asked.check.passed) {
            // Who leaves stops answering before that is known.
            served.look(cluster, application).await?;
        }
        let counting: Vec<&AskedPod> = round
            .iter()
            .filter(|asked| asked.check.passed || served.has(&asked.pod))
            .collect();
        let failures: Vec<String> = counting
            .iter()
            .filter(|asked| !asked.check.passed)
            .map(|asked| {
                format!(
                    "Pod/{}: {}: {}",
                    asked.pod, asked.question, asked.check.words
                )
            })
            .collect();
        if !failures.is_empty() {
            return Err(failed(number, failures));
        }
        if counting.is_empty() {
            return Err(Failure::new(
                Exit::Unverified,
                format!(
                    "production of {} has no ready endpoint of {role} to check",
                    application.name
                ),
            ));
        }
        last = summary(&counting);
    }
    Ok(last)
}

fn summary(asked: &[&AskedPod]) -> String {
    let questions: BTreeSet<String> = asked
        .iter()
        .map(|asked| asked.question.to_string())
        .collect();
    let questions: Vec<String> = questions.into_iter().collect();
    format!(
        "{} of {}",
        three(&questions),
        counted(asked.len(), "ready endpoint")
    )
}

/// The pods that production has been served by since the flip, and that have not left.
#[derive(Default)]
struct Served {
    /// The names of all that were ready once: one that is ready no more has failed, not left.
    once: BTreeSet<String>,
    pods: Vec<Pod>,
}

impl Served {
    async fn look(
        &mut self,
        cluster: &Cluster,
        application: &Application<'_>,
    ) -> Result<(), Failure> {
        let namespace = cluster.namespace();
        let services: Vec<&str> = application
            .production
            .iter()
            .map(Production::name)
            .collect();
        let query = application.pod_query();
        let (slices, pods) = tokio::try_join!(
            cluster.read_slices(namespace, &services),
            cluster.read_pods(namespace, query.as_deref(), Freshness::Live)
        )?;
        self.take_in(slices, pods);
        Ok(())
    }

    fn take_in(&mut self, slices: Vec<EndpointSlice>, pods: Vec<Pod>) {
        self.once.extend(ready(slices));
        self.pods = pods;
        self.pods.retain(|pod| {
            self.once.contains(pod::name(pod))
                && !pod::is_terminating(pod)
                && !pod::is_finished(pod)
        });
    }

    fn has(&self, name: &str) -> bool {
        self.pods.iter().any(|pod| pod::name(pod) == name)
    }
}

/// The pods that the slices list as ready.
fn ready(slices: Vec<EndpointSlice>) -> impl Iterator<Item = String> {
    slices
        .into_iter()
        .flat_map(|slice| slice.endpoints)
        .filter(|endpoint| {
            // Absent means ready (`discovery/v1`).
            endpoint
                .conditions
                .as_ref()
                .and_then(|conditions| conditions.ready)
                .unwrap_or(true)
        })
        .filter_map(|endpoint| endpoint.target_ref)
        .filter(|target| target.kind.as_deref() == Some("Pod"))
        .filter_map(|target| target.name)
}

/// What came of one pod.
struct AskedPod {
    pod: String,
    question: Question,
    check: Check,
}

/// Asks every pod once.
async fn round(
    cluster: &Cluster,
    application: &Application<'_>,
    flags: &Flags,
    manner: &Manner,
    pods: &[Pod],
) -> Result<Vec<AskedPod>, Failure> {
    let services: Vec<&Service> = application
        .production
        .iter()
        .map(|production| production.service)
        .collect();
    let wanted = Asked {
        path: flags.path.clone(),
        port: None,
    };
    let questions = pods
        .iter()
        .map(|pod| question(pod, &services, &wanted))
        .collect::<Result<Vec<_>, _>>()?;
    let mut round: Vec<AskedPod> = futures::stream::iter(questions)
        .map(|(pod, question)| async move {
            let mut check = manner.ask(cluster, pod, &question).await?;
            if check.status.is_none() {
                // What gave no answer may have been the way to it, which production does not take.
                check = manner.ask(cluster, pod, &question).await?;
            }
            Ok::<_, Failure>(AskedPod {
                pod: pod.to_owned(),
                question,
                check,
            })
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    round.sort_by(|one, other| one.pod.cmp(&other.pod));
    Ok(round)
}

fn question<'p>(
    pod: &'p Pod,
    services: &[&Service],
    asked: &Asked,
) -> Result<(&'p str, Question), Failure> {
    let name = pod::name(pod);
    let question = Question::of(pod, services, asked).map_err(|words| {
        Failure::new(
            Exit::Unverified,
            format!("Pod/{name} can't be asked: {words}"),
        )
    })?;
    Ok((name, question))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn slices(ready: &[&str]) -> Vec<EndpointSlice> {
        let endpoints: Vec<Value> = ready
            .iter()
            .map(|name| json!({"addresses": [], "targetRef": {"kind": "Pod", "name": name}}))
            .chain([json!({"addresses": [], "conditions": {"ready": false},
                           "targetRef": {"kind": "Pod", "name": "never"}})])
            .collect();
        let slice = json!({"metadata": {}, "addressType": "IPv4", "endpoints": endpoints});
        vec![serde_json::from_value(slice).unwrap()]
    }

    fn pod(name: &str, deleted: bool, phase: &str) -> Pod {
        let mut pod = json!({"metadata": {"name": name}, "status": {"phase": phase}});
        if deleted {
            pod["metadata"]["deletionTimestamp"] = json!("2026-11-24T12:00:00Z");
        }
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn who_leaves_does_not_count_and_who_is_ready_no_more_does() {
        let mut served = Served::default();
        let names = ["scaled", "evicted", "gone", "broken", "never"];
        let running = |name: &&str| pod(name, false, "Running");
        served.take_in(
            slices(&["scaled", "evicted", "gone", "broken"]),
            names.iter().map(running).collect(),
        );
        assert_eq!(served.pods.len(), 4);
        assert!(!served.has("never"));
        served.take_in(
            slices(&["new"]),
            vec![
                pod("scaled", true, "Running"),
                pod("evicted", false, "Failed"),
                pod("broken", false, "Running"),
                pod("new", false, "Running"),
                pod("never", false, "Running"),
            ],
        );
        for left in ["scaled", "evicted", "gone", "never"] {
            assert!(!served.has(left), "{left}");
        }
        assert!(served.has("broken"), "it was served by, and has not left");
        assert!(served.has("new"));
    }
}
