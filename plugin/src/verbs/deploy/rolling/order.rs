//! What is sent to bring the Deployment to what is wanted.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling::{Scene, Update, Wanted, update};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::Deployment;

use crate::cluster::Rejected;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::verbs::stage::{self, Rehearsal};

use super::Rolling;

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

    /// Sends it.
    pub(super) async fn send(
        &self,
        order: &Order,
        workload: &Workload,
        changes: &[String],
    ) -> Result<(), Failure> {
        let output = &self.pipeline.context.output;
        let dry_run = self.args.dry_run;
        match order {
            Order::Nothing => Ok(()),
            Order::Manifests(rehearsal) => rehearsal.apply(&self.args, self.cluster, output).await,
            Order::Patch(update) => {
                if dry_run != DryRun::Client {
                    let namespace = self.cluster.namespace();
                    let sent =
                        self.cluster
                            .patch_workload(namespace, workload, &update.patch, dry_run);
                    sent.await
                        .map_err(|rejected| conflicting(workload, rejected))?;
                }
                let (what, words) = (workload.reference(), changes.join(", "));
                let suffix = dry_run.suffix();
                output.step("changed", format_args!("{what}: {words}{suffix}"));
                Ok(())
            }
        }
    }
}

/// What was read is not there any more.
fn conflicting(workload: &Workload, rejected: Rejected) -> Failure {
    match rejected {
        Rejected::Conflict(failure) => Failure {
            exit: Exit::Busy,
            message: format!(
                "{} was changed by somebody else while it was looked at",
                workload.reference()
            ),
            server: None,
            ..failure
        },
        other => other.into(),
    }
}
