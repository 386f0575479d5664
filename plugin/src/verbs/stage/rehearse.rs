//! Every object sent once without being stored: what admission, or the owners of its fields, would say
//! is known before anything is applied.
//!
//! The answer also shows what an object will be, of which the manifest is only a part. What the
//! webhook would add to that is put into the manifest, so that the result is the same without it.

use bluegreen_shared::keys;
use bluegreen_shared::manifests::{Candidate, Kind, Piece, complete};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use serde_json::Value;

use crate::cluster::{Cluster, Manifest, NotApplied, Owned};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

use super::Args;
use super::deliver::{is_workload, manifest, value};

/// Owned fields of one object that are named at most.
const FIELDS: usize = 8;

/// An object that may be applied.
#[derive(Clone)]
pub(super) struct Rehearsed {
    pub(super) candidate: Candidate,
    /// As it is to be sent.
    pub(super) manifest: Manifest,
    /// Whether it takes over what others own.
    pub(super) force: bool,
    /// What it will be.
    pub(super) after: Value,
}

/// Rehearses all of them; `--dry-run=client` asks nobody. `sets` are the fields that flags set.
///
/// # Errors
/// One would not be taken, or others own what would change.
pub(super) async fn rehearse(
    args: &Args,
    cluster: &Cluster,
    objects: &Objects,
    candidates: Vec<Candidate>,
    sets: &[&str],
    output: &Output,
) -> Result<Vec<Rehearsed>, Failure> {
    let mut rehearsed = Vec::with_capacity(candidates.len());
    let mut owned = Vec::new();
    for candidate in candidates {
        let sent = manifest(&candidate.piece)?;
        if args.dry_run == DryRun::Client {
            rehearsed.push(Rehearsed {
                after: sent.object.clone(),
                manifest: sent,
                force: false,
                candidate,
            });
            continue;
        }
        match ask(args, cluster, &sent, sets).await {
            Ok((after, force)) => {
                let manifest = completed(&candidate, &after, objects, output)?;
                rehearsed.push(Rehearsed {
                    candidate,
                    manifest,
                    force,
                    after,
                });
            }
            Err(NotApplied::Owned(fields)) => owned.extend(told(&candidate.piece, &fields)),
            Err(NotApplied::Other(failure)) => {
                let place = &candidate.piece.place;
                let name = candidate.piece.reference();
                return Err(failure.details([format!("{name} ({place}); nothing was applied")]));
            }
        }
    }
    if owned.is_empty() {
        return Ok(rehearsed);
    }
    Err(
        Failure::could_not("others own fields that would change, so nothing was applied")
            .details(owned)
            .hint("leave these fields to their owners, or take them over with --force-conflicts"),
    )
}

/// What the object would be, and whether that takes force.
///
/// What a verb of ours has patched is owned by an entry of its own, though by the same manager: that
/// may be taken over, and so may what a flag sets, such as the number of pods.
async fn ask(
    args: &Args,
    cluster: &Cluster,
    manifest: &Manifest,
    sets: &[&str],
) -> Result<(Value, bool), NotApplied> {
    let force = args.wishes.manifests.force_conflicts;
    let first = cluster.apply_beside(manifest, DryRun::Server, force).await;
    let may_take = |owned: &Owned| {
        owned.manager == keys::FIELD_MANAGER || sets.contains(&owned.field.as_str())
    };
    let (object, force) = match first {
        Err(NotApplied::Owned(owned)) if owned.iter().all(may_take) => {
            let forced = cluster.apply_beside(manifest, DryRun::Server, true);
            (forced.await?, true)
        }
        other => (other?, force),
    };
    let object = value(&object).map_err(NotApplied::Other)?;
    Ok((object, force))
}

/// The manifest with what the webhook would add.
fn completed(
    candidate: &Candidate,
    after: &Value,
    objects: &Objects,
    output: &Output,
) -> Result<Manifest, Failure> {
    let Candidate { piece, stored } = candidate;
    if !is_workload(piece) {
        return manifest(piece);
    }
    let unreadable = |error: &dyn std::fmt::Display| {
        Failure::could_not(format!("can't read {}: {error}", piece.reference()))
    };
    let merged = workload(piece.kind, after).map_err(|error| unreadable(&error))?;
    let before = stored.as_ref().map(|stored| workload(piece.kind, stored));
    let before = before.transpose().map_err(|error| unreadable(&error))?;
    let mut piece = piece.clone();
    let warnings = complete(
        &mut piece.object,
        &merged,
        before.as_ref(),
        &objects.services,
        Context::now(),
    );
    for warning in warnings.map_err(|error| unreadable(&error))? {
        output.warning(warning);
    }
    manifest(&piece)
}

/// The object of a workload's kind as one.
pub(super) fn workload(kind: Kind, object: &Value) -> serde_json::Result<Workload> {
    let object = object.clone();
    Ok(match kind {
        Kind::StatefulSet => serde_json::from_value::<StatefulSet>(object)?.into(),
        _ => serde_json::from_value::<Deployment>(object)?.into(),
    })
}

/// Whose fields of an object would change.
fn told(piece: &Piece, owned: &[Owned]) -> Vec<String> {
    let name = format!("{}: {}", piece.place, piece.reference());
    let fields = owned.iter().take(FIELDS);
    let mut lines: Vec<String> = fields
        .map(|owned| format!("{name}: {} is {}'s", owned.field, owned.manager))
        .collect();
    let more = owned.len().saturating_sub(FIELDS);
    if more > 0 {
        lines.push(format!("{name}: and {more} more"));
    }
    lines
}
