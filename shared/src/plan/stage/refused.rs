//! Why nothing is staged.

use std::fmt;

use crate::application::{Active, Application, Environment};
use crate::intent::Intent;

/// Why nothing is staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRefused {
    /// The kind of reason, which decides the exit code.
    pub reason: Reason,
    /// One sentence.
    pub message: String,
    /// What to do instead.
    pub hint: String,
}

/// The kinds of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Production selects both sides or neither.
    NothingIdle,
    /// A switch to the idle side is under way.
    UnderWay,
    /// What is wanted does not fit the containers, or says two things at once.
    Usage,
}

impl fmt::Display for StageRefused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for StageRefused {}

impl StageRefused {
    pub(super) fn nothing_idle(application: &Application<'_>) -> Self {
        let name = &application.name;
        let [one, two] = &application.environments;
        let why = match application.active() {
            Active::Split(seen) => seen
                .iter()
                .map(|(service, role)| format!("Service/{service} selects {role}"))
                .collect::<Vec<_>>()
                .join(", "),
            Active::Neither(service) => format!(
                "Service/{service} selects neither {} nor {} alone",
                one.role, two.role
            ),
            Active::Role(role) => format!("{role} is the only side"),
        };
        Self {
            reason: Reason::NothingIdle,
            message: format!("no side of {name} is idle: {why}"),
            hint: format!(
                "bring production to one side first: kubectl bluegreen switch {name} --to {} (or {})",
                one.role, two.role
            ),
        }
    }

    pub(super) fn under_way(application: &Application<'_>, intent: &Intent) -> Self {
        let by = intent.by.as_deref().unwrap_or("somebody");
        Self {
            reason: Reason::UnderWay,
            message: format!(
                "a switch of {} to {} by {by} is under way until {}",
                application.name, intent.to, intent.until
            ),
            hint: "wait until it is done, or until that time, and stage then".to_owned(),
        }
    }

    pub(super) fn no_replicas(idle: &Environment<'_>) -> Self {
        Self {
            reason: Reason::Usage,
            message: format!("without pods, {} could not be switched to", idle.role),
            hint: "ask for one replica or more".to_owned(),
        }
    }

    pub(super) fn no_container(idle: &Environment<'_>, name: &str, image: &str) -> Self {
        let (listed, first) = containers(idle);
        Self {
            reason: Reason::Usage,
            message: format!("no container {name:?} in {}: {listed}", idle.role),
            hint: format!("--image {first}={image}"),
        }
    }

    pub(super) fn which_container(idle: &Environment<'_>, image: &str) -> Self {
        let (listed, first) = containers(idle);
        Self {
            reason: Reason::Usage,
            message: format!(
                "{image:?} may be for any container of {}: {listed}",
                idle.role
            ),
            hint: format!("--image {first}={image}"),
        }
    }

    pub(super) fn two_images(container: &str, one: &str, other: &str) -> Self {
        Self {
            reason: Reason::Usage,
            message: format!("two images for container {container}: {one} and {other}"),
            hint: format!("--image {container}={other}"),
        }
    }
}

/// Every container by workload, and the name of the first.
fn containers(idle: &Environment<'_>) -> (String, String) {
    let mut first = None;
    let listed: Vec<String> = idle
        .workloads
        .iter()
        .map(|workload| {
            let spec = workload.pod_spec();
            let names: Vec<&str> = spec
                .into_iter()
                .flat_map(|spec| {
                    spec.containers
                        .iter()
                        .chain(spec.init_containers.iter().flatten())
                })
                .map(|container| container.name.as_str())
                .collect();
            first = first.or(names.first().copied());
            format!("{} has {}", workload.reference(), names.join(", "))
        })
        .collect();
    (listed.join("; "), first.unwrap_or("CONTAINER").to_owned())
}
