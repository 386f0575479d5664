//! The way back: what the Deployment was before, and waited for.

use std::time::{Duration, Instant};

use bluegreen_shared::plan::rolling::{is_back, undo};
use bluegreen_shared::workload::Workload;
use json_patch::Patch;

use crate::cluster::Rejected;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{A_LONG_WHILE, patiently};
use crate::release::Held;
use crate::render::Progress;
use crate::verbs::stage::still_is;

use super::super::row::Step;
use super::check::Start;
use super::{ATTEMPTS, Rolling};

/// How long pods of the earlier template may take to be there again.
const LONGEST: Duration = Duration::from_mins(5);
/// Between two looks meanwhile.
const PAUSE: Duration = Duration::from_millis(300);

impl Rolling<'_> {
    /// What the release ends with that failed so: taken back, or why it could not be.
    pub(super) async fn settle(&self, held: &Held, start: &Start, seen: Failure) -> Failure {
        // Whoever else is at it decides what becomes of it.
        if seen.exit == Exit::Busy && !held.may_settle() {
            return seen;
        }
        if matches!(self.planned(start).await, Ok(None)) {
            self.forget(start).await;
            return seen;
        }
        let what = start.workload.reference();
        let images = start.before.images.join(", ");
        self.pipeline.context.output.warning(format_args!(
            "{}: {what} goes back to {images}",
            seen.message
        ));
        let undo = self.pipeline.record.stage(Step::Undo, self.undo(start));
        match Box::pin(undo).await {
            Ok(()) => {
                self.forget(start).await;
                Failure {
                    exit: Exit::TakenBack,
                    message: format!("{}; {what} is back on {images}", seen.message),
                    hint: Some(
                        "production serves as before; once it is repaired, the same command releases it"
                            .to_owned(),
                    ),
                    ..seen
                }
            }
            Err(why) if why.exit == Exit::Busy => {
                why.details([format!("before that: {}", seen.message)])
            }
            Err(why) => Failure {
                exit: Exit::Unverified,
                message: format!(
                    "{}; and it could not be taken back: {}",
                    seen.message, why.message
                ),
                details: seen.details.into_iter().chain(why.details).collect(),
                hint: Some(format!(
                    "the same command goes on, or tries to take it back again; what it runs: kubectl rollout status {0}; one \
                     template back: kubectl rollout undo {0}",
                    start.workload.resource()
                )),
                server: None,
                lasts: false,
            },
        }
    }

    async fn undo(&self, start: &Start) -> Result<((), String), Failure> {
        let began = Instant::now();
        self.set_back(start).await?;
        let what = start.workload.reference();
        let images = start.before.images.join(", ");
        let mut progress = Progress::new(&self.pipeline.context.output);
        loop {
            let now = self.now(start).await?;
            if is_back(&now, &start.before) {
                progress.clear();
                let took = began.elapsed().as_secs_f64();
                let words = format!("{what} is back on {images} ({took:.1} s)");
                self.pipeline.context.output.step("undone", &words);
                return Ok(((), words));
            }
            let (counts, wanted) = (now.counts(), now.replicas());
            let line = format!(
                "taking back {what}: {} of {wanted} pods run {images}, {} available",
                counts.updated, counts.available
            );
            if began.elapsed() >= LONGEST {
                progress.clear();
                let limit = LONGEST.as_secs() / 60;
                return Err(Failure::new(
                    Exit::TimedOut,
                    format!("{what} was given {images} again, and has not come up within {limit} minutes"),
                )
                .details([line]));
            }
            progress.show(vec![line]);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Gives it back what it was.
    async fn set_back(&self, start: &Start) -> Result<(), Failure> {
        let mut attempts = 0;
        while let Some((now, patch)) = self.planned(start).await? {
            let namespace = self.cluster.namespace();
            let sent = self
                .cluster
                .patch_workload(namespace, &now, &patch, DryRun::None);
            match sent.await {
                Ok(_) => return Ok(()),
                Err(Rejected::Conflict(_)) if attempts < ATTEMPTS => attempts += 1,
                Err(rejected) => return Err(rejected.into()),
            }
        }
        Ok(())
    }

    /// The patch that leads back from what is there; `None` where it is so already.
    ///
    /// # Errors
    /// Somebody else has changed it (exit code 8), or what it was is not known any more.
    async fn planned(&self, start: &Start) -> Result<Option<(Workload, Patch)>, Failure> {
        let now = self.now(start).await?;
        let Workload::Deployment(deployment) = &now else {
            return Ok(None);
        };
        let Some(template) = &start.template else {
            return Err(Failure::could_not(format!(
                "what {} ran before is not known any more: ReplicaSet/{} is gone",
                now.reference(),
                start.before.replica_set
            )));
        };
        let patch = undo(&start.before, template, deployment).map_err(|error| {
            Failure::could_not(format!(
                "what {} ran before can't be read: {error}",
                now.reference()
            ))
        })?;
        let Some(patch) = patch else {
            return Ok(None);
        };
        if let Some(ours) = &*self.ours.borrow() {
            still_is(&now, ours)?;
        }
        Ok(Some((now, patch)))
    }

    /// The Deployment as it is, whatever its Services select by now, though the API server may be away
    /// for a while.
    async fn now(&self, start: &Start) -> Result<Workload, Failure> {
        patiently(A_LONG_WHILE, async || self.read(&start.workload).await).await
    }
}
