//! The note of what was before, on the first of the Services, for whoever finds the update cut off.

use bluegreen_shared::plan::rolling::{forget, remember};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::core::v1::Service;

use crate::failure::Failure;
use crate::flags::DryRun;

use super::Rolling;
use super::check::Start;

impl Rolling<'_> {
    /// Writes it, with what is about to be sent to the Deployment as it is `now`.
    pub(super) async fn remember(&self, start: &Start, now: &Workload) -> Result<(), Failure> {
        let foretold = self.foretold(start, now).await;
        let before = start.before.clone();
        let before = match foretold.template() {
            Some(template) => before.sending(template),
            None => before,
        };
        let patch = remember(&start.service, &before);
        let name = start.service.metadata.name.as_deref().unwrap_or_default();
        let namespace = self.cluster.namespace();
        let noted = self
            .cluster
            .patch_service(namespace, name, &patch, DryRun::None);
        noted.await?;
        Ok(())
    }

    /// Takes it away, once it is over. One that stays is void as soon as the Deployment gets a template
    /// that is not of it.
    pub(super) async fn forget(&self, start: &Start) {
        if let Err(failure) = self.try_forget(start).await {
            self.pipeline.context.output.warning(format_args!(
                "the note of what was before stays on a Service of {}: {}",
                self.target.name, failure.message
            ));
        }
    }

    /// From whichever Service it is on: which one routes to the Deployment may have changed.
    async fn try_forget(&self, start: &Start) -> Result<(), Failure> {
        let namespace = self.cluster.namespace();
        let uid = start.before.uid.as_str();
        for service in self.cluster.list::<Service>(namespace, None).await? {
            let name = service.metadata.name.as_deref().unwrap_or_default();
            if let Some(patch) = forget(&service, uid) {
                let answer = self
                    .cluster
                    .patch_service(namespace, name, &patch, DryRun::None);
                answer.await?;
            }
        }
        Ok(())
    }
}
