//! What a Deployment that is updated in place is given, and how it is waited for: as the idle side is,
//! but for what is judged and for what is waited for.

use bluegreen_shared::manifests::{Candidate, Judged, Kind, convert, pieces, set};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling::{Bounds, Scene, judge_pieces, merged};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

use super::Args;
use super::deliver::{adjust, apply_all, stored, value};
use super::goal::Goal;
use super::handed::{Handed, tell_conversions};
use super::rehearse::{Rehearsed, rehearse};
use super::view::Staged;
use super::wait::wait;

/// Where a Deployment says how it is updated.
const STRATEGY: [&str; 2] = ["spec", "strategy"];
/// Where it says how far that may go, and which flag does.
const ROLLING: &str = "rollingUpdate";
const SURGE: (&str, &str) = ("maxSurge", ".spec.strategy.rollingUpdate.maxSurge");
const UNAVAILABLE: (&str, &str) = (
    "maxUnavailable",
    ".spec.strategy.rollingUpdate.maxUnavailable",
);

/// Manifests that may be applied.
pub(in crate::verbs) struct Rehearsal {
    rehearsed: Vec<Rehearsed>,
    /// What the Deployment will be.
    pub(in crate::verbs) after: Deployment,
}

impl Rehearsal {
    /// What is not there yet, in words.
    pub(in crate::verbs) fn creations(&self) -> impl Iterator<Item = String> {
        let new = self.rehearsed.iter().map(|one| &one.candidate);
        new.filter(|candidate| candidate.stored.is_none())
            .map(|candidate| format!("{} is new", candidate.piece.reference()))
    }

    /// Applies all of them, where the Deployment is still what it is `now`; a dry run has done so
    /// already. What the Deployment is then.
    pub(in crate::verbs) async fn apply(
        &self,
        args: &Args,
        cluster: &Cluster,
        now: &Workload,
        output: &Output,
    ) -> Result<Workload, Rejected> {
        let mut rehearsed = self.rehearsed.clone();
        for one in rehearsed.iter_mut().filter(|one| is_deployment(one)) {
            let version = json!(now.metadata().resource_version);
            one.manifest.object["metadata"]["resourceVersion"] = version;
        }
        let mut done = Vec::new();
        let applied = apply_all(args, cluster, &rehearsed, &mut done, output).await;
        let applied = applied.map_err(|failure| match failure.server.as_deref() {
            Some("Conflict") => Rejected::Conflict(failure),
            _ => Rejected::Other(failure),
        })?;
        let mut all = rehearsed.iter().zip(applied);
        let ours = all.find(|(one, _)| is_deployment(one));
        let ours = ours.and_then(|(_, object)| deployment(object));
        Ok(ours.unwrap_or_else(|| now.clone()))
    }

    /// What the Deployment would be, as admission leaves it; `None` where nobody can say.
    pub(in crate::verbs) async fn foretold(&self, cluster: &Cluster) -> Option<Workload> {
        let one = self.rehearsed.iter().find(|one| is_deployment(one))?;
        let asked = cluster.apply_beside(&one.manifest, DryRun::Server, one.force);
        deployment(value(&asked.await.ok()?).ok()?)
    }
}

/// There is one: manifests of another one are refused.
fn is_deployment(one: &Rehearsed) -> bool {
    one.candidate.piece.kind == Kind::Deployment
}

fn deployment(object: Value) -> Option<Workload> {
    let typed: Deployment = serde_json::from_value(object).ok()?;
    Some(typed.into())
}

/// Judges all manifests, and puts them to the API server without storing them.
pub(in crate::verbs) async fn rehearsal(
    args: &Args,
    handed: &Handed,
    bounds: &Bounds,
    context: &Context,
    cluster: &Cluster,
    objects: &Objects,
    scene: &Scene<'_>,
) -> Result<Rehearsal, Failure> {
    let output = &context.output;
    for name in handed.unused(&args.wishes.manifests) {
        output.warning(format_args!("no manifest names the variable {name}"));
    }
    let mut documents = handed.documents(scene.role())?;
    if args.wishes.manifests.convert {
        tell_conversions(&convert(&mut documents, objects), output);
    }
    let (pieces, findings) = pieces(documents, cluster.namespace());
    let mut judged = judge_pieces(stored(cluster, pieces).await?, scene);
    judged.findings.extend(findings);
    may_be_applied(&judged, scene)?;
    for candidate in &mut judged.apply {
        adjust(args, &mut candidate.piece, &[])?;
        if is_it(candidate, scene) {
            bound(candidate, bounds)?;
        }
    }
    let sets: Vec<&str> = args.sets().iter().copied().chain(flagged(bounds)).collect();
    let rehearsed = rehearse(args, cluster, objects, judged.apply, &sets, output).await?;
    let after = rehearsed.iter().find(|one| is_it(&one.candidate, scene));
    let after = after.map(|one| match (args.dry_run, &one.candidate.stored) {
        (DryRun::Client, Some(stored)) => merged(stored, &one.after),
        _ => one.after.clone(),
    });
    let after = serde_json::from_value(after.unwrap_or_default()).map_err(|error| {
        Failure::could_not(format!("can't read {}: {error}", scene.reference()))
    })?;
    Ok(Rehearsal { rehearsed, after })
}

fn is_it(candidate: &Candidate, scene: &Scene<'_>) -> bool {
    let piece = &candidate.piece;
    piece.kind.as_str() == scene.workload.kind() && piece.name == scene.workload.name()
}

fn may_be_applied(judged: &Judged, scene: &Scene<'_>) -> Result<(), Failure> {
    let what = scene.reference();
    if !judged.findings.is_empty() {
        let message = format!(
            "the manifests are not of {what} alone, which is updated in place, so nothing was applied"
        );
        let findings = judged.findings.iter().map(ToString::to_string);
        return Err(Failure::new(Exit::Refused, message).details(findings));
    }
    if judged.apply.iter().any(|candidate| is_it(candidate, scene)) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "the manifests don't have {what}, so that they release nothing"
    ))
    .hint(format!(
        "production of that name is {what}: give its manifest, or name another application"
    )))
}

/// Says in the manifest how far the update may go.
fn bound(candidate: &mut Candidate, bounds: &Bounds) -> Result<(), Failure> {
    let amounts = [
        (SURGE.0, &bounds.max_surge),
        (UNAVAILABLE.0, &bounds.max_unavailable),
    ];
    let [spec, strategy] = STRATEGY;
    for (field, amount) in amounts {
        let Some(amount) = amount else {
            continue;
        };
        let path = [spec, strategy, ROLLING, field];
        let piece = &mut candidate.piece;
        set(&mut piece.object, &path, amount.value()).map_err(|error| {
            let (place, name) = (&piece.place, piece.reference());
            Failure::usage(format!("{place}: {name} can't be changed: {error}"))
        })?;
    }
    Ok(())
}

/// The fields that flags set.
fn flagged(bounds: &Bounds) -> impl Iterator<Item = &'static str> {
    let surge = bounds.max_surge.as_ref().map(|_| SURGE.1);
    let unavailable = bounds.max_unavailable.as_ref().map(|_| UNAVAILABLE.1);
    surge.into_iter().chain(unavailable)
}

/// Waits until all pods of the Deployment are as it is here, or until it is plain that they won't be;
/// what came of it, in words.
pub(in crate::verbs) async fn rolled_out(
    args: &Args,
    ours: &Workload,
    context: &Context,
    cluster: &Cluster,
) -> Result<String, Failure> {
    let role = ours.reference();
    let staged = Staged {
        application: ours.name().to_owned(),
        namespace: cluster.namespace().to_owned(),
        production: role.clone(),
        role,
        changes: Vec::new(),
        ready: None,
        dry_run: args.dry_run,
    };
    let waited = wait(args, context, cluster, &staged, Goal::InPlace(ours));
    Ok(Box::pin(waited).await?.to_string())
}
