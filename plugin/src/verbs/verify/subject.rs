//! What is verified: an environment, what it runs, and its pods that are there to stay.

use bluegreen_shared::application::{Active, Application, Environment};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{counted, three};
use bluegreen_shared::verified::{self, Revision};
use k8s_openapi::api::core::v1::Pod;

use crate::exit::Exit;
use crate::failure::Failure;

/// The environment that is meant: the named one, or the idle one.
pub(super) fn environment<'e, 'a>(
    application: &'e Application<'a>,
    role: Option<&str>,
) -> Result<&'e Environment<'a>, Failure> {
    let [one, two] = &application.environments;
    let roles = format!("--role {} or --role {}", one.role, two.role);
    if let Some(role) = role {
        return application.environment(role).ok_or_else(|| {
            Failure::could_not(format!("{} has no environment {role:?}", application.name))
                .hint(roles)
        });
    }
    match application.active() {
        Active::Role(active) => application.other(active),
        Active::Split(_) | Active::Neither(_) | Active::Overlap(_) => None,
    }
    .ok_or_else(|| {
        Failure::could_not(format!("no side of {} is idle", application.name)).hint(roles)
    })
}

/// Whether that role is what production selects, be it beside the other one.
pub(super) fn serves(application: &Application<'_>, role: &str) -> bool {
    application.serves(role)
}

/// What the environment runs, and its pods that are there to stay.
pub(super) fn staying<'o>(
    application: &Application<'_>,
    environment: &Environment<'_>,
    objects: &'o Objects,
) -> Result<(Revision, Vec<&'o Pod>), Failure> {
    let pods: Vec<&Pod> = environment
        .pods(&objects.pods)
        .into_iter()
        .filter(|pod| !pod::is_terminating(pod) && !pod::is_finished(pod))
        .collect();
    let revision = verified::revision(&environment.workloads, &pods).map_err(|not_one| {
        let workload = &not_one.workload;
        let several: Vec<String> = not_one.revisions.into_iter().collect();
        let (message, next) = if several.is_empty() {
            (format!("{workload} has no pod to verify"), "stage")
        } else {
            (
                format!(
                    "{workload} is rolling out, its pods run {}",
                    three(&several)
                ),
                "status",
            )
        };
        Failure::new(Exit::Unverified, message)
            .hint(format!("kubectl bluegreen {next} {}", application.name))
    })?;
    Ok((revision, pods))
}

/// Replicas that have no pod which could be asked, one sentence for each workload.
pub(super) fn missing(environment: &Environment<'_>, objects: &Objects) -> Vec<String> {
    environment
        .workloads
        .iter()
        .filter_map(|workload| {
            let there = objects
                .pods
                .iter()
                .filter(|pod| workload.owns(pod))
                .filter(|pod| !pod::is_terminating(pod) && !pod::is_finished(pod))
                .count();
            let wanted = usize::try_from(workload.replicas()).unwrap_or(0);
            (there < wanted).then(|| {
                format!(
                    "{} has {there} of {}",
                    workload.reference(),
                    counted(wanted, "pod")
                )
            })
        })
        .collect()
}
