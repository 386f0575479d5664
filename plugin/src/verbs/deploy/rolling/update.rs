//! The update itself, and the check of production after it.

use bluegreen_shared::workload::Workload;

use crate::cluster::Rejected;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::{find, look};
use crate::release::Held;
use crate::verbs::stage::rolled_out;
use crate::verify::production;

use super::check::Start;
use super::{ATTEMPTS, Rolling};

impl Rolling<'_> {
    /// Notes what was before, sends what is to be, and waits until all pods are so.
    pub(super) async fn update(&self, start: &Start) -> Result<((), String), Failure> {
        let ours = self.changed(start).await?;
        let waited = rolled_out(&self.args, &ours, self.pipeline.context, self.cluster);
        let ready = Box::pin(waited).await?;
        let mut words = start.changes.clone();
        words.push(ready);
        Ok(((), format!("{}: {}", ours.reference(), words.join(", "))))
    }

    /// Notes and sends it, which nothing cuts off: what is on its way may still be stored by the API
    /// server, and would be taken for not sent.
    async fn changed(&self, start: &Start) -> Result<Workload, Failure> {
        let _whole = self.sending.lock().await;
        let mut now = self.as_planned(start).await?;
        if !start.changes.is_empty() {
            self.remember(start, &now).await?;
            let mut attempts = 0;
            now = loop {
                match self.send(start, &now).await {
                    Err(Rejected::Conflict(_)) if attempts < ATTEMPTS => attempts += 1,
                    sent => break sent?,
                }
                now = match self.as_planned(start).await {
                    // No update was cut off before, so that nothing of ours is there: the note would
                    // be of what they have changed.
                    Err(theirs) if start.before.sent.is_empty() => {
                        self.forget(start).await;
                        return Err(theirs);
                    }
                    found => found?,
                };
            };
        }
        *self.ours.borrow_mut() = Some(now.clone());
        Ok(now)
    }

    /// The Deployment as it is, where that is still what the update was planned on and somebody has
    /// agreed to.
    async fn as_planned(&self, start: &Start) -> Result<Workload, Failure> {
        let now = self.read(&start.workload).await?;
        if let (Workload::Deployment(planned), Workload::Deployment(is)) = (&start.workload, &now)
            && start.before.is_as_planned(planned, is)
        {
            return Ok(now);
        }
        Err(Failure::new(
            Exit::Busy,
            format!(
                "{} was changed by somebody else since it was looked at",
                now.reference()
            ),
        )
        .hint("run the command once more"))
    }

    /// The same as far as nobody is to notice.
    pub(super) async fn rehearsed(&self, start: &Start) -> Result<((), String), Failure> {
        if !start.changes.is_empty() {
            let now = self.as_planned(start).await?;
            self.send(start, &now).await?;
        }
        let suffix = self.args.dry_run.suffix();
        let (what, words) = (start.workload.reference(), start.changes.join(", "));
        Ok(((), format!("{what}: {words}{suffix}")))
    }

    /// Production is asked through its Services.
    pub(super) async fn production(
        &self,
        held: &Held,
        start: &Start,
    ) -> Result<((), String), Failure> {
        let what = start.workload.reference();
        let passed = self.well(held, &what).await?;
        Ok(((), passed))
    }

    /// Whether production passes its checks, for as long as it is the same; in words.
    pub(super) async fn well(&self, held: &Held, role: &str) -> Result<String, Failure> {
        let objects = look(self.cluster, &self.target).await?;
        let application = find(&objects, &self.target)?;
        let checks = self.pipeline.checks();
        let goes_on = async || {
            held.check()?;
            self.still_ours().await
        };
        let output = &self.pipeline.context.output;
        let checked = production::check(self.cluster, &application, role, &checks, goes_on, output);
        let checked = Box::pin(checked).await?;
        Ok(checked.map_or_else(String::new, |checked| checked.to_string()))
    }

    /// The Deployment as it is by now.
    pub(super) async fn read(&self, workload: &Workload) -> Result<Workload, Failure> {
        let namespace = self.cluster.namespace();
        let found = self.cluster.read_workloads(namespace, &[workload]).await?;
        let is_it = |one: &Workload| {
            one.kind() == workload.kind() && one.metadata().uid == workload.metadata().uid
        };
        found.into_iter().find(is_it).ok_or_else(|| {
            Failure::new(
                Exit::Busy,
                format!(
                    "{} was deleted by somebody else meanwhile",
                    workload.reference()
                ),
            )
        })
    }
}
