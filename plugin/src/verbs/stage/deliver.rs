//! Applies manifests to the idle environment: all are judged and rehearsed before any is applied.

use bluegreen_shared::application::Application;
use bluegreen_shared::keys;
use bluegreen_shared::manifests::{
    Candidate, Finding, Kind, Piece, Scene, annotate, convert, judge, pieces, raise_minimum,
    set_replicas,
};
use bluegreen_shared::plan::stage::Match;
use futures::future::try_join_all;
use serde::Serialize;
use serde_json::Value;

use crate::cluster::{Cluster, Manifest, NotApplied};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::find;
use crate::release::{Held, nobody_else_releases};
use crate::render::Output;

use super::apply::staged;
use super::change::Change;
use super::first::look_for;
use super::handed::{Handed, tell_conversions};
use super::rehearse::{Rehearsed, rehearse};
use super::scalers::raise;
use super::view::Staged;
use super::{Args, replica_sets};

/// Applies the manifests; what was staged, and the objects as they were sent.
pub(super) async fn deliver(
    args: &Args,
    handed: &Handed,
    context: &Context,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<(Staged, Vec<Manifest>), Failure> {
    let objects = look_for(&args.target, &args.wishes, Some(handed), cluster).await?;
    let application = find(&objects, &args.target)?;
    let (dry_run, output) = (args.dry_run, &context.output);
    nobody_else_releases(held, cluster, &application, dry_run, output).await?;
    if args.is_watched() {
        // What can't be watched had better not be changed.
        replica_sets(cluster, &args.target, &objects).await?;
    }
    let now = Context::now();
    let scene = Scene::of(&application, &objects, now)?;
    let role = scene.idle.role.clone();
    let output = &context.output;
    for name in handed.unused(&args.wishes.manifests) {
        output.warning(format_args!("no manifest names the variable {name}"));
    }
    let mut documents = handed.documents(&role)?;
    if args.wishes.manifests.convert {
        tell_conversions(&convert(&mut documents, &objects), output);
    }
    let (pieces, findings) = pieces(documents, cluster.namespace());
    let mut judged = judge(stored(cluster, pieces).await?, &scene);
    judged.findings.extend(findings);
    if !judged.findings.is_empty() {
        return Err(refused(judged.findings, &application, &role));
    }
    for piece in &judged.left {
        output.note(format_args!("{} is so already", piece.reference()));
    }
    let matches = args.matches(&application, &objects, now)?;
    for candidate in &mut judged.apply {
        let matches = matches.as_deref().unwrap_or_default();
        adjust(args, &mut candidate.piece, matches)?;
    }
    let rehearsed = rehearse(args, cluster, &objects, judged.apply, args.sets(), output).await?;
    let mut done = Vec::new();
    if let Some(matches) = &matches {
        let named = scalers_of(&rehearsed);
        raise(args, cluster, matches, &named, &mut done, output).await?;
    }
    apply_all(args, cluster, &rehearsed, &mut done, output).await?;
    if done.is_empty() {
        output.note(format_args!("{role} of {} is so already", application.name));
    }
    let manifests = rehearsed.into_iter().map(|one| one.manifest).collect();
    Ok((staged(args, cluster, &application, role, done), manifests))
}

/// Each object beside what the cluster has of it.
pub(super) async fn stored(
    cluster: &Cluster,
    pieces: Vec<Piece>,
) -> Result<Vec<Candidate>, Failure> {
    let found = pieces.into_iter().map(|piece| async {
        let stored = cluster.fetch(&manifest(&piece)?).await?;
        let stored = stored.as_ref().map(value).transpose()?;
        Ok::<_, Failure>(Candidate { piece, stored })
    });
    try_join_all(found).await
}

/// What flags say on top of the manifests.
pub(super) fn adjust(args: &Args, piece: &mut Piece, matches: &[Match<'_>]) -> Result<(), Failure> {
    let adjusted = if is_workload(piece) {
        adjust_workload(args, piece, matches)
    } else if piece.kind == Kind::HorizontalPodAutoscaler {
        let target = piece.object["spec"]["scaleTargetRef"].clone();
        let count = matches.iter().find(|one| {
            target["kind"] == one.workload.kind() && target["name"] == one.workload.name()
        });
        count.map_or(Ok(()), |one| raise_minimum(&mut piece.object, one.replicas))
    } else {
        Ok(())
    };
    adjusted.map_err(|error| {
        let (place, name) = (&piece.place, piece.reference());
        Failure::usage(format!("{place}: {name} can't be changed: {error}"))
    })
}

fn adjust_workload(
    args: &Args,
    piece: &mut Piece,
    matches: &[Match<'_>],
) -> Result<(), json_patch::PatchError> {
    let (kind, name) = (piece.kind.as_str(), piece.name.as_str());
    let mut all = matches.iter();
    let as_active = all.find(|one| one.workload.kind() == kind && one.workload.name() == name);
    let replicas = args.wishes.replicas.or(as_active.map(|one| one.replicas));
    if let Some(replicas) = replicas {
        set_replicas(&mut piece.object, replicas)?;
    }
    if let Some(reason) = &args.reason {
        annotate(&mut piece.object, keys::CHANGE_CAUSE, reason)?;
    }
    Ok(())
}

/// Applies them one after the other; what each of them is then.
pub(super) async fn apply_all(
    args: &Args,
    cluster: &Cluster,
    rehearsed: &[Rehearsed],
    done: &mut Vec<Change>,
    output: &Output,
) -> Result<Vec<Value>, Failure> {
    let mut all = Vec::with_capacity(rehearsed.len());
    for one in rehearsed {
        let after = if args.dry_run == DryRun::None {
            let applied = cluster.apply_beside(&one.manifest, DryRun::None, one.force);
            value(&applied.await.map_err(|not| late(not, one, done))?)?
        } else {
            one.after.clone()
        };
        let Candidate { piece, stored } = &one.candidate;
        let change = Change::between(piece, stored.as_ref(), &after);
        if let Some(change) = change {
            output.step("applied", format_args!("{change}{}", args.dry_run.suffix()));
            done.push(change);
        }
        all.push(after);
    }
    Ok(all)
}

/// The autoscalers that come with the manifests.
fn scalers_of(rehearsed: &[Rehearsed]) -> Vec<&str> {
    let pieces = rehearsed.iter().map(|one| &one.candidate.piece);
    pieces
        .filter(|piece| piece.kind == Kind::HorizontalPodAutoscaler)
        .map(|piece| piece.name.as_str())
        .collect()
}

/// What was rehearsed just before did not come to pass.
fn late(not: NotApplied, one: &Rehearsed, done: &[Change]) -> Failure {
    let failure = match not {
        NotApplied::Other(failure) => failure,
        NotApplied::Owned(owned) => {
            let fields = owned
                .iter()
                .map(|owned| format!("{} is {}'s", owned.field, owned.manager));
            let name = one.candidate.piece.reference();
            Failure::could_not(format!("somebody else has changed {name} meanwhile"))
                .details(fields.collect::<Vec<_>>())
                .hint("stage again")
        }
    };
    let names = done
        .iter()
        .map(|change| format!("{} is applied already", change.object));
    failure.details(names.collect::<Vec<_>>())
}

fn refused(mut findings: Vec<Finding>, application: &Application<'_>, role: &str) -> Failure {
    findings.sort_by_key(|finding| {
        let place = &finding.place;
        (place.source.clone(), place.line, place.item.clone())
    });
    let name = &application.name;
    Failure::new(
        Exit::Refused,
        format!("the manifests are not of {role} of {name} alone, so nothing was applied"),
    )
    .details(findings.iter().map(ToString::to_string))
}

pub(super) fn is_workload(piece: &Piece) -> bool {
    matches!(piece.kind, Kind::Deployment | Kind::StatefulSet)
}

/// The whole object.
pub(super) fn value(object: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(object)
        .map_err(|error| Failure::could_not(format!("can't read an object: {error}")))
}

pub(super) fn manifest(piece: &Piece) -> Result<Manifest, Failure> {
    let lacking = || Failure::could_not(format!("{} is no object", piece.reference()));
    Manifest::of(piece.object.clone()).ok_or_else(lacking)
}
