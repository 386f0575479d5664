//! What is waited for: an idle side that could serve, or a Deployment that serves while it is updated.

use bluegreen_shared::application::{Application, Environment};
use bluegreen_shared::gate::Verdict;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling;
use bluegreen_shared::plan::switch::{Switch, switch};
use bluegreen_shared::workload::Workload;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// What is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Goal<'a> {
    /// An idle environment that could serve.
    Idle,
    /// A Deployment that serves: all of its pods run what it was given, as here.
    InPlace(&'a Workload),
}

impl Goal<'_> {
    /// What the environment lacks still; `None` when it serves by now.
    ///
    /// # Errors
    /// Somebody else has changed it (exit code 8).
    pub(super) fn verdict(
        self,
        application: &Application<'_>,
        environment: &Environment<'_>,
        objects: &Objects,
    ) -> Result<Option<Verdict>, Failure> {
        let now = Context::now();
        let ours = match self {
            Self::Idle => {
                let to = Some(environment.role.as_str());
                return Ok(match switch(application, objects, to, now)? {
                    Switch::Already(_) => None,
                    Switch::Flip(plan) => Some(plan.verdict),
                });
            }
            Self::InPlace(ours) => ours,
        };
        for workload in &environment.workloads {
            still_is(workload, ours)?;
        }
        Ok(Some(rolling::state(application, objects, now)))
    }

    /// What it means that the environment is none of the application any more: an idle one may have
    /// become production meanwhile.
    ///
    /// # Errors
    /// Production was taken from the Deployment that is updated in place (exit code 8).
    pub(super) fn missed<T>(
        self,
        role: &str,
        application: &Application<'_>,
    ) -> Result<Option<T>, Failure> {
        match self {
            Self::Idle => Ok(None),
            Self::InPlace(_) => Err(Failure::new(
                Exit::Busy,
                format!(
                    "production was taken from {role} by somebody else meanwhile: it is {} now",
                    application.environments[0].role
                ),
            )
            .hint("kubectl get services -o wide")),
        }
    }
}

/// That it was not given another template than ours meanwhile.
///
/// # Errors
/// Somebody else has changed it (exit code 8).
pub(in crate::verbs) fn still_is(now: &Workload, ours: &Workload) -> Result<(), Failure> {
    let is_same = now.metadata().uid == ours.metadata().uid && now.template() == ours.template();
    if is_same {
        return Ok(());
    }
    let what = now.reference();
    Err(Failure::new(
        Exit::Busy,
        format!("{what} was changed by somebody else meanwhile, and stays as they left it"),
    )
    .hint(format!("kubectl rollout history {}", now.resource())))
}
