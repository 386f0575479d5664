//! The update itself, and the check of production after it.

use bluegreen_shared::workload::Workload;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::look::{find, look};
use crate::release::Held;
use crate::verbs::stage::rolled_out;
use crate::verify::production;

use super::Rolling;
use super::check::Start;

impl Rolling<'_> {
    /// Notes what was before, sends what is to be, and waits until all pods are so.
    pub(super) async fn update(&self, start: &Start) -> Result<((), String), Failure> {
        if !start.changes.is_empty() {
            self.remember(start).await?;
            self.send(&start.order, &start.workload, &start.changes)
                .await?;
        }
        let ours = self.read(&start.workload).await?;
        *self.ours.borrow_mut() = Some(ours.clone());
        let waited = rolled_out(&self.args, &ours, self.pipeline.context, self.cluster);
        let ready = Box::pin(waited).await?;
        let mut words = start.changes.clone();
        words.push(ready);
        Ok(((), format!("{}: {}", ours.reference(), words.join(", "))))
    }

    /// The same as far as nobody is to notice.
    pub(super) async fn rehearsed(&self, start: &Start) -> Result<((), String), Failure> {
        if !start.changes.is_empty() {
            self.send(&start.order, &start.workload, &start.changes)
                .await?;
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
