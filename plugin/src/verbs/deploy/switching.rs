//! The flip of what was verified, and what is said of it.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use bluegreen_shared::verified::Revision;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Span};
use crate::look::{find, look_patiently};
use crate::release::{Attempt, Held, Release, goes_back, is_settled, take_back};
use crate::verbs::switch;

use super::check::{Stands, Start};
use super::pipeline::{Pipeline, Verified};
use super::row::{State, Step};

/// How long the switch waits for a gate that was open a moment before.
const SWITCH_TIMEOUT: Span = Span(Duration::from_mins(1));

impl Pipeline<'_> {
    /// Flips production to it, and checks that.
    pub(super) async fn switch(
        &self,
        cluster: &Cluster,
        held: &Held,
        start: &Start,
        to: Verified,
    ) -> Result<(), Failure> {
        // What is split serves in part from the new side alone: both can't be selected any more.
        let is_split = start.stands == Stands::Split;
        let overlap = self.args.overlap.filter(|_| !is_split);
        let args = switch::Args {
            target: self.args.target.clone(),
            to: Some(to.role),
            wait: true,
            approvals: self.args.confirm.approvals,
            timeout: SWITCH_TIMEOUT,
            overlap,
            reason: self.args.reason.clone(),
            override_reason: None,
            dry_run: DryRun::None,
            production: self.checks(),
            pinned: Some(to.revision.clone()),
            output: None,
        };
        let verified = to.revision;
        let released = RefCell::new(None);
        let half_way = Cell::new(false);
        let switched = self.record.stage(Step::Switch, async {
            let work = async {
                let attempt =
                    Attempt::new(self.run, cluster, &args.target, Some(held), args.overlap);
                let released = switch::released(&args, attempt).await;
                let checked = |failure: &Failure| failure.exit == Exit::Unverified;
                let is_checked = released.as_ref().err().is_none_or(checked);
                half_way.set(self.run.overlapping().is_some() || is_split && !is_checked);
                released
            };
            let release = match self.run.ending_overlap(work).await {
                // The plan of a split knows no side that all of production has left.
                Err(seen) if is_split && goes_back(&seen, held.may_settle()) => {
                    let (target, output) = (&self.args.target, &self.context.output);
                    return Err(take_back(cluster, target, &start.active, seen, output).await);
                }
                release => release?,
            };
            let role = &release.to;
            self.runs_still(cluster, role, &verified).await?;
            let what = flipped(&release);
            *released.borrow_mut() = Some(release);
            Ok(((), what))
        });
        held.set_unfinished(true);
        let result = Box::pin(switched).await;
        if is_split && !is_settled(&result) {
            held.inherit_unfinished();
        } else {
            held.set_unfinished(false);
        }
        // What fails half way has not got as far as the checks of production.
        let failed = |failure: &Failure| {
            !half_way.get() && matches!(failure.exit, Exit::TakenBack | Exit::Unverified)
        };
        match (&result, released.take()) {
            (Ok(()), Some(release)) => self.switched(&release).await,
            (Err(failure), _) if failed(failure) => {
                let (message, details) = (failure.message.clone(), failure.details.clone());
                let record = self.record;
                record.production(State::Failed, Duration::ZERO, message, details);
            }
            _ => {}
        }
        result
    }

    /// What serves is what was verified, whatever somebody has done to it while it was checked.
    async fn runs_still(
        &self,
        cluster: &Cluster,
        role: &str,
        verified: &Revision,
    ) -> Result<(), Failure> {
        let objects = look_patiently(cluster, &self.args.target).await?;
        let application = find(&objects, &self.args.target)?;
        switch::still_runs(verified, &application, &objects, role).map_err(|failure| Failure {
            exit: Exit::Busy,
            message: format!(
                "{role} of {} serves, and was changed by somebody else since it was verified",
                application.name
            ),
            ..failure
        })
    }

    async fn switched(&self, release: &Release) {
        let name = &self.args.target.name;
        let next = if release.changed {
            release.next.clone()
        } else {
            format!("Back: kubectl bluegreen rollback {name}")
        };
        self.record.sides.borrow_mut().last = format!("{name} is {} now. {next}", release.to);
        if let Some(checked) = &release.production {
            let took = Duration::from_millis(checked.took_ms);
            let record = self.record;
            record.production(State::Passed, took, checked.to_string(), Vec::new());
            record.tell_of_the_last().await;
        }
    }
}

fn flipped(release: &Release) -> String {
    let from = release.from.as_deref().unwrap_or("<none>");
    let services = release.services.join(", ");
    if release.changed {
        format!("{services}: {from} → {}", release.to)
    } else {
        format!("{} serves already", release.to)
    }
}
