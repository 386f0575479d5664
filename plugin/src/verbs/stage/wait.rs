//! Waits until the idle environment could serve, or what is updated in place does, or until it is plain
//! that it won't.

use std::cell::OnceCell;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::diagnosis::{
    Fault, Kind, Newest, Patience, Restarts, Sight, refused_pods, scale_up_is_coming,
};
use crate::failure::Failure;
use crate::look::{A_WHILE, find, look, patiently};
use crate::render::Progress;

use super::goal::Goal;
use super::view::{Ready, Staged};
use super::{Args, replica_sets};

/// Between two looks at first, and later.
const PAUSES: [Duration; 2] = [Duration::from_millis(300), Duration::from_secs(1)];
/// How long looks are frequent.
const AT_FIRST: Duration = Duration::from_secs(10);

/// What is remembered between looks.
pub(super) struct Wait<'a> {
    pub(super) args: &'a Args,
    pub(super) cluster: &'a Cluster,
    pub(super) staged: &'a Staged,
    pub(super) goal: Goal<'a>,
    began: Instant,
    since: Timestamp,
    restarts: OnceCell<Restarts>,
    patience: Patience,
    /// How long pods have been steady that had crashed, by this machine's clock: the node's may differ.
    steady: Patience,
}

/// Waits; how ready it is in the end, and how long that took.
///
/// # Errors
/// It can't succeed (exit code 3), or did not in time (6).
pub(super) async fn wait(
    args: &Args,
    context: &Context,
    cluster: &Cluster,
    staged: &Staged,
    goal: Goal<'_>,
) -> Result<Ready, Failure> {
    let mut wait = Wait {
        args,
        cluster,
        staged,
        goal,
        began: Instant::now(),
        since: Context::now(),
        restarts: OnceCell::new(),
        patience: Patience::new(args.wishes.schedule_grace.0),
        steady: Patience::new(Duration::ZERO),
    };
    let mut progress = Progress::new(&context.output);
    loop {
        let sight = match patiently(A_WHILE, async || Box::pin(wait.look()).await).await {
            Ok(Some(sight)) if sight.complete && wait.is_steady(&sight) => {
                progress.clear();
                let took = wait.began.elapsed();
                let ready = Ready::new(&sight, took);
                context
                    .output
                    .step("ready", format_args!("{}: {ready}", wait.side()));
                return Ok(ready);
            }
            Ok(Some(sight)) => sight,
            Ok(None) => {
                progress.clear();
                context.output.warning(format_args!(
                    "production of {} was switched to {} meanwhile",
                    staged.application, staged.role
                ));
                return Ok(Ready::unknown(wait.began.elapsed()));
            }
            Err(failure) => {
                progress.clear();
                return Err(failure);
            }
        };
        progress.show(wait.lines(&sight, context.output.is_live()));
        let exhausted = wait.exhausted(&sight).await;
        if !exhausted.is_empty() {
            progress.clear();
            return Err(wait.given_up(&exhausted).await);
        }
        if wait.is_late() {
            progress.clear();
            return Err(wait.late(&sight).await);
        }
        tokio::time::sleep(wait.pause()).await;
    }
}

impl Wait<'_> {
    /// Looks once; `None` when the environment serves by now.
    async fn look(&self) -> Result<Option<Sight>, Failure> {
        let target = &self.args.target;
        let objects = Box::pin(look(self.cluster, target)).await?;
        let sets = replica_sets(self.cluster, target, &objects).await?;
        let application = find(&objects, target)?;
        let role = &self.staged.role;
        let Some(environment) = application.environment(role) else {
            return self.goal.missed(role, &application);
        };
        let Some(verdict) = self.goal.verdict(&application, environment, &objects)? else {
            return Ok(None);
        };
        let restarts = self.restarts.get_or_init(|| Restarts::of(&objects.pods));
        let newest = Newest::of(&environment.workloads, &sets);
        let pods = &objects.pods;
        let production = &application.production;
        let mut sight = Sight::of(
            environment,
            production,
            pods,
            &newest,
            restarts,
            &verdict,
            Context::now(),
        );
        if !sight.complete {
            let refused = refused_pods(self.cluster, environment, pods, self.since).await;
            sight.faults.extend(refused);
        }
        Ok(Some(sight))
    }

    /// What is waited for, as messages call it.
    pub(super) fn side(&self) -> String {
        let Staged {
            application, role, ..
        } = self.staged;
        match self.goal {
            Goal::Idle => format!("{role} of {application}"),
            Goal::InPlace(_) => role.clone(),
        }
    }

    fn is_steady(&mut self, sight: &Sight) -> bool {
        let unsteady = sight.unsteady.clone();
        let healed = self.steady.exhausted(unsteady, Instant::now());
        healed.len() == sight.unsteady.len()
    }

    fn lines(&self, sight: &Sight, live: bool) -> Vec<String> {
        let doing = match self.goal {
            Goal::Idle => "staging",
            Goal::InPlace(_) => "updating",
        };
        let mut lines = sight.lines(&format!("{doing} {}", self.staged.role));
        // Elsewhere each change of a line is a line of its own, and time always changes.
        if live && let Some(first) = lines.first_mut() {
            let seconds = self.began.elapsed().as_secs();
            *first = format!("{first} ({seconds} s)");
        }
        lines
    }

    /// The faults that have lasted too long.
    async fn exhausted(&mut self, sight: &Sight) -> Vec<Fault> {
        let mut exhausted = self
            .patience
            .exhausted(sight.faults.clone(), Instant::now());
        let unscheduled = exhausted
            .iter()
            .find(|fault| fault.kind == Kind::Unschedulable);
        if let Some(fault) = unscheduled
            && scale_up_is_coming(self.cluster, fault).await
        {
            exhausted.retain(|fault| fault.kind != Kind::Unschedulable);
        }
        exhausted
    }

    fn is_late(&self) -> bool {
        let limit = self.args.timeout.limit();
        limit.is_some_and(|limit| self.began.elapsed() >= limit)
    }

    fn pause(&self) -> Duration {
        let [at_first, later] = PAUSES;
        let pause = if self.began.elapsed() < AT_FIRST {
            at_first
        } else {
            later
        };
        match self.args.timeout.limit() {
            Some(limit) => pause.min(limit.saturating_sub(self.began.elapsed())),
            None => pause,
        }
    }
}
