//! Asks the endpoints of production, as they come and go.

use std::collections::BTreeSet;

use bluegreen_shared::application::Application;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{counted, three};
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;

use super::super::ask::{Check, Manner};
use super::super::pods::AT_ONCE;
use super::super::question::{Asked, Question};
use super::served::Served;
use super::{Flags, failed};

/// The endpoints of production, checked again and again.
pub(super) struct Endpoints<'a> {
    cluster: &'a Cluster,
    application: &'a Application<'a>,
    role: &'a str,
    flags: &'a Flags,
    manner: &'a Manner,
    served: Served,
}

impl<'a> Endpoints<'a> {
    /// None of them was looked at yet.
    pub(super) fn new(
        cluster: &'a Cluster,
        application: &'a Application<'a>,
        role: &'a str,
        flags: &'a Flags,
        manner: &'a Manner,
    ) -> Self {
        Self {
            cluster,
            application,
            role,
            flags,
            manner,
            served: Served::default(),
        }
    }

    /// Checks every endpoint once; what was asked, of how many.
    pub(super) async fn check(&mut self) -> Result<String, Failure> {
        let Self {
            cluster,
            application,
            role,
            flags,
            manner,
            served,
        } = self;
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
            return Err(failed(failures));
        }
        if counting.is_empty() {
            return Err(failed([format!(
                "production of {} has no ready endpoint of {role} to check",
                application.name
            )]));
        }
        Ok(summary(&counting))
    }
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
        ..Asked::default()
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
