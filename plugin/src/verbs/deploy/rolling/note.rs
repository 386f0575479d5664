//! The note of what was before, on the first of the Services, for whoever finds the update cut off.

use bluegreen_shared::plan::rolling::{forget, remember};

use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::look;

use super::Rolling;
use super::check::Start;

impl Rolling<'_> {
    /// Writes it, before anything is changed.
    pub(super) async fn remember(&self, start: &Start) -> Result<(), Failure> {
        let patch = remember(&start.service, &start.before);
        let name = start.service.metadata.name.as_deref().unwrap_or_default();
        let namespace = self.cluster.namespace();
        let noted = self
            .cluster
            .patch_service(namespace, name, &patch, DryRun::None);
        noted.await?;
        Ok(())
    }

    /// Takes it away, once it is over. One that stays is void as soon as the Deployment gets another
    /// template.
    pub(super) async fn forget(&self) {
        if let Err(failure) = self.try_forget().await {
            self.pipeline.context.output.warning(format_args!(
                "the note of what was before stays on a Service of {}: {}",
                self.target.name, failure.message
            ));
        }
    }

    async fn try_forget(&self) -> Result<(), Failure> {
        let objects = look(self.cluster, &self.target).await?;
        let scene = self.scene(&objects)?;
        let namespace = self.cluster.namespace();
        for service in &scene.services {
            let name = service.metadata.name.as_deref().unwrap_or_default();
            if let Some(patch) = forget(service) {
                let answer = self
                    .cluster
                    .patch_service(namespace, name, &patch, DryRun::None);
                answer.await?;
            }
        }
        Ok(())
    }
}
