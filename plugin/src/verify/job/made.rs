//! What was made in the cluster, to be deleted whatever becomes of it.

use std::cell::RefCell;
use std::time::Duration;

use tokio::time::timeout;

use crate::cluster::{Cluster, Manifest};
use crate::flags::DryRun;
use crate::render::Output;

/// How long all of them may take to be deleted.
const TIDYING: Duration = Duration::from_secs(10);

/// The Jobs that were made, to be deleted whatever becomes of them.
#[derive(Default)]
pub(crate) struct Made(RefCell<Vec<Manifest>>);

impl Made {
    pub(super) fn note(&self, manifest: &Manifest) {
        self.0.borrow_mut().push(manifest.clone());
    }

    /// The API server has said that it was not made.
    pub(super) fn forget(&self, manifest: &Manifest) {
        let mut all = self.0.borrow_mut();
        all.retain(|made| made.name() != manifest.name());
    }

    /// Deletes all of them, and their pods with them.
    pub(crate) async fn delete(&self, cluster: &Cluster, output: &Output) {
        let all = self.0.take();
        let deleting = async {
            for manifest in &all {
                if let Err(failure) = cluster.delete(manifest, DryRun::None).await {
                    let reference = manifest.reference();
                    let why = failure.message;
                    output.warning(format_args!("{reference} was not deleted: {why}"));
                }
            }
        };
        if timeout(TIDYING, deleting).await.is_err() {
            output.warning("the API server did not answer: Jobs of this check may be left");
        }
    }
}
