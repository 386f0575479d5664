//! A release of what serves already.

use crate::failure::Failure;
use crate::release::Held;

use super::super::row::Step;
use super::Rolling;

impl Rolling<'_> {
    /// That production is well is all that there is to see to: nothing is rolled again, and so nothing
    /// could be taken back.
    pub(super) async fn already(&self, held: &Held, role: &str) -> Result<(), Failure> {
        if !self.pipeline.checks().wanted() {
            return Ok(());
        }
        let well = async { Ok(((), self.well(held, role).await?)) };
        let well = self.pipeline.record.stage(Step::Production, well);
        Box::pin(well).await.map_err(|seen| {
            seen.hint("it ran this before, and nothing was changed: kubectl get pods")
        })
    }
}
