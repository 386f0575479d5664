//! A side that is not there yet: what the manifests will make of it.

use bluegreen_shared::manifests::{convert, pieces};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::flags::Target;
use crate::look::{look, look_at_what_will_be};

use super::Wishes;
use super::deliver::is_workload;
use super::handed::Handed;
use super::rehearse::workload;

/// A live look at the application, with what the manifests will make of it where a side is not there yet.
pub(in crate::verbs) async fn look_for(
    target: &Target,
    wishes: &Wishes,
    handed: Option<&Handed>,
    cluster: &Cluster,
) -> Result<Objects, Failure> {
    let Some(handed) = handed else {
        return look(cluster, target).await;
    };
    let will_be = |role: &str| workloads(wishes, handed, cluster, role);
    look_at_what_will_be(cluster, target, will_be).await
}

/// The workloads of the manifests, as if they were there: who stages a side for the first time has no
/// other one of it.
fn workloads(
    wishes: &Wishes,
    handed: &Handed,
    cluster: &Cluster,
    role: &str,
) -> Result<Vec<Workload>, Failure> {
    let mut documents = handed.documents(role)?;
    if wishes.manifests.convert {
        // What that changes is told where it is applied.
        let _ = convert(&mut documents, &Objects::default());
    }
    let (pieces, _) = pieces(documents, cluster.namespace());
    // What can't be read is told by the rehearsal, in the API server's words.
    let read = pieces
        .iter()
        .filter(|piece| is_workload(piece))
        .filter_map(|piece| workload(piece.kind, &piece.object).ok());
    Ok(read.collect())
}
