//! Asks what production serves, right after a flip.

use std::collections::BTreeSet;
use std::time::Duration;

use bluegreen_shared::application::{Application, Production};
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{counted, three};
use clap::Args;
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::cluster::{Cluster, Freshness};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Output;

use super::ask::{Check, Manner};
use super::pods::AT_ONCE;
use super::question::{Asked, Question};
use super::statuses::Statuses;
use super::url::Url;

/// Checks that all must pass.
const CHECKS: usize = 5;
/// Between two of them.
const INTERVAL: Duration = Duration::from_millis(500);
/// For one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// How production is checked after a flip.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Flags {
    /// Check production after the flip, and flip back if a check fails or can't be made
    ///
    /// Five times, half a second apart, every endpoint that the production Services list as ready is
    /// asked what the readiness probe asks: GET of its path and port, else of / on the Service's
    /// target port; 2xx passes. It is asked by port-forward, so that it works from outside the
    /// cluster; load balancers, Ingresses and kube-proxy are not on that way. To have them checked
    /// too, name an address with --verify-url.
    #[arg(long = "verify-prod")]
    production: bool,
    /// Check this address instead, from here: http://… or https://…; implies --verify-prod
    #[arg(long = "verify-url", value_name = "URL")]
    url: Option<Url>,
    /// The path to check instead of the readiness probe's; implies --verify-prod
    #[arg(long = "verify-path", value_name = "PATH", conflicts_with = "url")]
    path: Option<String>,
}

impl Flags {
    /// Whether production is to be checked at all.
    pub(crate) fn wanted(&self) -> bool {
        self.production || self.url.is_some() || self.path.is_some()
    }
}

/// Checks production, where that is wanted, and says how it went.
///
/// # Errors
/// A check failed (exit code 5), or production could not be looked at.
pub(crate) async fn check(
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    flags: &Flags,
    output: &Output,
) -> Result<(), Failure> {
    if !flags.wanted() {
        return Ok(());
    }
    let manner = Manner {
        expect: Statuses::default(),
        request_timeout: REQUEST_TIMEOUT,
    };
    let what = match &flags.url {
        Some(url) => of_url(url, &manner).await?,
        None => of_endpoints(cluster, application, role, flags, &manner).await?,
    };
    output.step(
        "production",
        format_args!("{CHECKS} of {CHECKS} checks passed: {what}"),
    );
    Ok(())
}

async fn of_url(url: &Url, manner: &Manner) -> Result<String, Failure> {
    for number in 1..=CHECKS {
        let check = manner.check(url.ask()).await;
        if !check.passed {
            return Err(failed(number, [format!("{url}: {}", check.words)]));
        }
        if number < CHECKS {
            tokio::time::sleep(INTERVAL).await;
        }
    }
    Ok(url.to_string())
}

async fn of_endpoints(
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    flags: &Flags,
    manner: &Manner,
) -> Result<String, Failure> {
    let services: Vec<&Service> = application
        .production
        .iter()
        .map(|production| production.service)
        .collect();
    let names: Vec<&str> = application
        .production
        .iter()
        .map(Production::name)
        .collect();
    let ready = ready_pods(cluster, &names).await?;
    let query = application.pod_query();
    let pods = cluster
        .read_pods(cluster.namespace(), query.as_deref(), Freshness::Live)
        .await?;
    let asked = Asked {
        path: flags.path.clone(),
        port: None,
    };
    let questions = pods
        .iter()
        .filter(|pod| ready.contains(pod::name(pod)))
        .map(|pod| question(pod, &services, &asked))
        .collect::<Result<Vec<_>, _>>()?;
    if questions.is_empty() {
        return Err(Failure::new(
            Exit::Unverified,
            format!(
                "production of {} has no ready endpoint of {role} to check",
                application.name
            ),
        ));
    }
    for number in 1..=CHECKS {
        let failures = round(cluster, manner, &questions).await?;
        if !failures.is_empty() {
            return Err(failed(number, failures));
        }
        if number < CHECKS {
            tokio::time::sleep(INTERVAL).await;
        }
    }
    let what: BTreeSet<String> = questions
        .iter()
        .map(|(_, question)| question.to_string())
        .collect();
    let what: Vec<String> = what.into_iter().collect();
    Ok(format!(
        "{} of {}",
        three(&what),
        counted(questions.len(), "ready endpoint")
    ))
}

/// The pods that the Services' slices list as ready.
async fn ready_pods(cluster: &Cluster, services: &[&str]) -> Result<BTreeSet<String>, Failure> {
    let slices = cluster.read_slices(cluster.namespace(), services).await?;
    Ok(slices
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
        .collect())
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

/// Asks every endpoint once; what failed.
async fn round(
    cluster: &Cluster,
    manner: &Manner,
    questions: &[(&str, Question)],
) -> Result<Vec<String>, Failure> {
    let checks: Vec<(&str, &Question, Check)> = futures::stream::iter(questions)
        .map(|(pod, question)| async move {
            let mut check = manner.ask(cluster, pod, question).await?;
            if check.status.is_none() {
                // What gave no answer may have been the way to it, which production does not take.
                check = manner.ask(cluster, pod, question).await?;
            }
            Ok::<_, Failure>((*pod, question, check))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let mut failures: Vec<String> = checks
        .into_iter()
        .filter(|(_, _, check)| !check.passed)
        .map(|(pod, question, check)| format!("Pod/{pod}: {question}: {}", check.words))
        .collect();
    failures.sort();
    Ok(failures)
}

fn failed(number: usize, details: impl IntoIterator<Item = String>) -> Failure {
    Failure::new(
        Exit::Unverified,
        format!("check {number} of {CHECKS} of production failed"),
    )
    .details(details)
}
