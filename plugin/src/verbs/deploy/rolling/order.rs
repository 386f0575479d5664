//! What is sent to bring the Deployment to what is wanted.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling::{Scene, Update, Wanted, update};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::Deployment;

use crate::cluster::Rejected;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::verbs::stage::{self, Rehearsal};

use super::Rolling;
use super::check::Start;

/// What is sent.
pub(super) enum Order {
    /// It is so already.
    Nothing,
    /// A patch, for images and numbers.
    Patch(Box<Update>),
    /// Manifests, which were rehearsed.
    Manifests(Box<Rehearsal>),
}

impl Order {
    /// The Deployment as it will be.
    pub(super) fn after<'o>(&'o self, now: &'o Deployment) -> &'o Deployment {
        match self {
            Self::Patch(update) => match &update.after {
                Workload::Deployment(after) => after,
                Workload::StatefulSet(_) => now,
            },
            Self::Manifests(rehearsal) => &rehearsal.after,
            Self::Nothing => now,
        }
    }

    /// What comes beside it that is not there yet, in words.
    pub(super) fn creations(&self) -> Vec<String> {
        match self {
            Self::Manifests(rehearsal) => rehearsal.creations().collect(),
            Self::Patch(_) | Self::Nothing => Vec::new(),
        }
    }
}

impl Rolling<'_> {
    /// Plans it, from images or from manifests.
    pub(super) async fn order(
        &self,
        scene: &Scene<'_>,
        objects: &Objects,
    ) -> Result<Order, Failure> {
        if let Some(handed) = self.pipeline.handed {
            let rehearsal = stage::rehearsal(
                &self.args,
                handed,
                &self.bounds,
                self.pipeline.context,
                self.cluster,
                objects,
                scene,
            );
            return Ok(Order::Manifests(Box::new(Box::pin(rehearsal).await?)));
        }
        let wanted = Wanted {
            images: &self.args.wishes.image,
            replicas: self.args.wishes.replicas,
            bounds: &self.bounds,
            reason: self.args.reason.as_deref(),
        };
        Ok(match update(scene, objects, &wanted)? {
            Some(update) => Order::Patch(Box::new(update)),
            None => Order::Nothing,
        })
    }

    /// Sends it, where the Deployment's spec is still what it is `now`; what it is then.
    pub(super) async fn send(&self, start: &Start, now: &Workload) -> Result<Workload, Rejected> {
        let output = &self.pipeline.context.output;
        let dry_run = self.args.dry_run;
        match &start.order {
            Order::Nothing => Ok(now.clone()),
            Order::Manifests(rehearsal) => {
                rehearsal.apply(&self.args, self.cluster, now, output).await
            }
            Order::Patch(update) => {
                let mut after = update.after.clone();
                if dry_run != DryRun::Client {
                    let (namespace, patch) = (self.cluster.namespace(), update.patch(now));
                    let sent = self.cluster.patch_workload(namespace, now, &patch, dry_run);
                    after = sent.await?;
                }
                let (what, words) = (now.reference(), start.changes.join(", "));
                let suffix = dry_run.suffix();
                output.step("changed", format_args!("{what}: {words}{suffix}"));
                Ok(after)
            }
        }
    }

    /// What the Deployment would be, as admission leaves it; as planned where nobody can say.
    pub(super) async fn foretold(&self, start: &Start, now: &Workload) -> Workload {
        let foretold = match &start.order {
            Order::Nothing => return now.clone(),
            Order::Manifests(rehearsal) => rehearsal.foretold(self.cluster).await,
            Order::Patch(update) => {
                let (namespace, patch) = (self.cluster.namespace(), update.patch(now));
                let asked = self
                    .cluster
                    .patch_workload(namespace, now, &patch, DryRun::Server);
                asked.await.ok()
            }
        };
        let planned = |deployment: &Deployment| start.order.after(deployment).clone().into();
        foretold.unwrap_or_else(|| match now {
            Workload::Deployment(deployment) => planned(deployment),
            Workload::StatefulSet(_) => now.clone(),
        })
    }
}
