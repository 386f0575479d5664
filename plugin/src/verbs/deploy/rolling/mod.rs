//! The other strategy: the one Deployment that serves is updated in place, and goes back to what it was
//! where that does not pass.

mod already;
mod check;
mod confirm;
mod note;
mod order;
mod undo;
mod update;

use std::cell::RefCell;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling::{Bounds, Scene, find};
use bluegreen_shared::workload::Workload;
use tokio::sync::Mutex;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find as find_application, look};
use crate::release::{Held, exclusively};
use crate::runtime::Stop;
use crate::verbs::stage;

use super::heed::{heeding, lost};
use super::pipeline::Pipeline;
use super::row::Step;
use check::{Checked, Start};

/// Attempts to change what others change at the same time, such as an autoscaler.
const ATTEMPTS: usize = 5;

/// One update in place, and what it is made with.
struct Rolling<'a> {
    pipeline: &'a Pipeline<'a>,
    cluster: &'a Cluster,
    target: Target,
    args: stage::Args,
    bounds: Bounds,
    /// The Deployment as it was updated, once it is.
    ours: RefCell<Option<Workload>>,
    /// Held while the change is on its way to the API server.
    sending: Mutex<()>,
}

/// All stages that are its turn. It sees to being interrupted itself: what is changed is taken back first.
pub(super) async fn run(pipeline: &Pipeline<'_>) -> Result<(), Failure> {
    let stop = Stop::default();
    stop.until_stopped(released(pipeline, &stop)).await
}

async fn released(pipeline: &Pipeline<'_>, stop: &Stop) -> Result<(), Failure> {
    let cluster = pipeline.connected().await?;
    let target = pipeline.args.target.in_place();
    let objects = look(cluster, &target).await?;
    let application = find_application(&objects, &target)?;
    let rolling = Rolling {
        pipeline,
        cluster,
        args: pipeline.stage_args(target.clone()),
        target,
        bounds: pipeline.args.stage.bounds(),
        ours: RefCell::default(),
        sending: Mutex::default(),
    };
    if pipeline.args.dry_run != DryRun::None {
        return rolling.rehearse().await;
    }
    pipeline.tells_others(cluster).await?;
    let release = exclusively(cluster, &application, pipeline.run, async |held| {
        rolling.release(held, stop).await
    });
    Box::pin(release).await
}

impl Rolling<'_> {
    /// Everything that other releases must not come between.
    async fn release(&self, held: &Held, stop: &Stop) -> Result<(), Failure> {
        let record = self.pipeline.record;
        let checked = record.stage(Step::Check, self.check());
        let start = match Box::pin(checked).await? {
            Checked::Already(what) => return self.already(held, &what).await,
            Checked::Start(start) => start,
        };
        let confirm = heeding(held, "nothing was changed", self.confirm(&start));
        Box::pin(record.stage(Step::Confirm, confirm)).await?;
        held.check()?;
        stop.heed();
        let changed = tokio::select! {
            changed = Box::pin(self.change(held, &start)) => changed,
            stopped = self.stopped(held, stop) => Err(stopped),
        };
        match changed {
            Ok(()) => {
                self.forget(&start).await;
                self.pipeline.record.sides.borrow_mut().last = start.done();
                Ok(())
            }
            Err(seen) => {
                record.cut_off(&seen);
                Err(Box::pin(self.settle(held, &start, seen)).await)
            }
        }
    }

    /// Waits until the release must not go on, and until nothing of it is on its way.
    async fn stopped(&self, held: &Held, stop: &Stop) -> Failure {
        let why = tokio::select! {
            why = lost(held) => why,
            () = stop.wished() => Failure::interrupted(),
        };
        drop(self.sending.lock().await);
        why
    }

    /// What is taken back where any of it fails.
    async fn change(&self, held: &Held, start: &Start) -> Result<(), Failure> {
        let record = self.pipeline.record;
        let update = record.stage(Step::Update, self.update(start));
        Box::pin(update).await?;
        let what = start.workload.reference();
        let verify = record.stage(Step::Verify, self.pipeline.verify(self.cluster, what));
        Box::pin(verify).await?;
        if self.pipeline.checks().wanted() {
            let production = record.stage(Step::Production, self.production(held, start));
            Box::pin(production).await?;
        }
        Ok(())
    }

    /// What would be done, and in which order.
    async fn rehearse(&self) -> Result<(), Failure> {
        let record = self.pipeline.record;
        let checked = record.stage(Step::Check, self.check());
        let start = match Box::pin(checked).await? {
            Checked::Already(_) => return Ok(()),
            Checked::Start(start) => start,
        };
        let update = record.stage(Step::Update, self.rehearsed(&start));
        Box::pin(update).await?;
        let checks = if self.pipeline.checks().wanted() {
            ", production is checked through its Services"
        } else {
            ""
        };
        let output = &self.pipeline.context.output;
        output.note(format_args!(
            "then every pod is verified{checks}; where any of it fails, {} goes back to {}",
            start.workload.reference(),
            start.before.images.join(", ")
        ));
        record.sides.borrow_mut().last =
            format!("{} would be updated in place", start.workload.reference());
        Ok(())
    }

    /// The Deployment that is updated.
    fn scene<'o>(&self, objects: &'o Objects) -> Result<Scene<'o>, Failure> {
        Ok(find(objects, &self.target.name, &self.target.hints())?)
    }

    /// That nobody has changed what we have.
    async fn still_ours(&self) -> Result<(), Failure> {
        let ours = self.ours.borrow().clone();
        match ours {
            Some(ours) => stage::still_is(&self.read(&ours).await?, &ours),
            None => Ok(()),
        }
    }
}
