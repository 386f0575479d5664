//! Changes the idle environment: read, plan, patch; and once more where it was changed meanwhile.

use bluegreen_shared::application::{Active, Application};
use bluegreen_shared::keys;
use bluegreen_shared::plan::idle::idle;
use bluegreen_shared::plan::stage::{self, WorkloadPatch};
use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation};
use serde_json::{Value, json};

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{find, look};
use crate::release::{Held, nobody_else_releases};
use crate::render::Output;

use super::change::Change;
use super::scalers::raise;
use super::view::Staged;
use super::{Args, replica_sets};

/// Attempts to change objects that others change at the same time.
const ATTEMPTS: usize = 5;

/// Patches every workload of the idle environment that is not as wanted yet.
pub(super) async fn apply(
    args: &Args,
    context: &Context,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<Staged, Failure> {
    let wanted = args.wanted();
    let mut done: Vec<Change> = Vec::new();
    let mut attempts = 0;
    loop {
        let objects = look(cluster, &args.target).await?;
        let application = find(&objects, &args.target)?;
        if args.is_watched() && attempts == 0 {
            // What can't be watched had better not be changed.
            replica_sets(cluster, &args.target, &objects).await?;
        }
        let (dry_run, output) = (args.dry_run, &context.output);
        nobody_else_releases(held, cluster, &application, dry_run, output).await?;
        let now = Context::now();
        let role = idle(&application, now)?.role.clone();
        let patches = stage::plan(&application, &objects, &wanted, now)?;
        let matches = args.matches(&application, &objects, now)?;
        let changed = async {
            if let Some(matches) = &matches {
                raise(args, cluster, matches, &[], &mut done, &context.output).await?;
            }
            patch_all(args, cluster, &patches, &mut done, &context.output).await
        };
        match changed.await {
            Ok(()) => {
                if done.is_empty() {
                    context
                        .output
                        .note(format_args!("{role} of {} is so already", application.name));
                }
                return Ok(staged(args, cluster, &application, role, done));
            }
            Err(Rejected::Conflict(_)) if attempts + 1 < ATTEMPTS => attempts += 1,
            Err(rejected) => {
                let failure = Failure::from(rejected);
                let names = done
                    .iter()
                    .map(|change| format!("{} is changed already", change.object));
                return Err(failure.details(names.collect::<Vec<_>>()));
            }
        }
    }
}

async fn patch_all(
    args: &Args,
    cluster: &Cluster,
    patches: &[WorkloadPatch<'_>],
    done: &mut Vec<Change>,
    output: &Output,
) -> Result<(), Rejected> {
    for planned in patches {
        for warning in &planned.warnings {
            output.warning(warning);
        }
        if args.dry_run != DryRun::Client {
            let patch = with_reason(planned, args.reason.as_deref());
            cluster
                .patch_workload(cluster.namespace(), planned.workload, &patch, args.dry_run)
                .await?;
        }
        let change = Change::of(planned);
        output.step("changed", format_args!("{change}{}", args.dry_run.suffix()));
        done.push(change);
    }
    Ok(())
}

pub(super) fn staged(
    args: &Args,
    cluster: &Cluster,
    application: &Application<'_>,
    role: String,
    changes: Vec<Change>,
) -> Staged {
    let production = match application.active() {
        Active::Role(active) => active.to_owned(),
        Active::Split(_) | Active::Neither(_) | Active::Overlap(_) => String::new(),
    };
    Staged {
        application: application.name.clone(),
        namespace: cluster.namespace().to_owned(),
        role,
        production,
        changes,
        ready: None,
        dry_run: args.dry_run,
    }
}

/// The planned patch, and in the same update the reason for it.
fn with_reason(planned: &WorkloadPatch<'_>, reason: Option<&str>) -> Patch {
    let mut operations = planned.patch.0.clone();
    let Some(reason) = reason else {
        return Patch(operations);
    };
    let annotations = PointerBuf::from_tokens(["metadata", "annotations"]);
    let exists = planned.workload.metadata().annotations.is_some()
        || operations.iter().any(
            |operation| matches!(operation, PatchOperation::Add(add) if add.path == annotations),
        );
    if !exists {
        operations.push(PatchOperation::Add(AddOperation {
            path: annotations,
            value: json!({}),
        }));
    }
    operations.push(PatchOperation::Add(AddOperation {
        path: PointerBuf::from_tokens(["metadata", "annotations", keys::CHANGE_CAUSE]),
        value: Value::from(reason),
    }));
    Patch(operations)
}

#[cfg(test)]
mod tests {
    use bluegreen_shared::workload::Workload;

    use super::*;

    fn patched(metadata: &Value, reason: Option<&str>) -> Value {
        let object = json!({
            "metadata": metadata,
            "spec": { "selector": {}, "template": {}, "replicas": 1 },
        });
        let workload =
            Workload::Deployment(Box::new(serde_json::from_value(object.clone()).unwrap()));
        let planned = WorkloadPatch {
            workload: &workload,
            images: Vec::new(),
            replicas: Some((1, 2)),
            patch: serde_json::from_value(
                json!([{ "op": "replace", "path": "/spec/replicas", "value": 2 }]),
            )
            .unwrap(),
            warnings: Vec::new(),
        };
        let mut after = object;
        json_patch::patch(&mut after, &with_reason(&planned, reason)).unwrap();
        after
    }

    #[test]
    fn the_reason_is_kept_in_the_same_update() {
        let after = patched(&json!({ "name": "web" }), Some("release 8"));
        assert_eq!(after["spec"]["replicas"], 2);
        assert_eq!(
            after["metadata"]["annotations"][keys::CHANGE_CAUSE],
            "release 8"
        );
    }

    #[test]
    fn other_annotations_stay() {
        let metadata = json!({ "name": "web", "annotations": { "a": "b" } });
        let after = patched(&metadata, Some("why"));
        assert_eq!(after["metadata"]["annotations"]["a"], "b");
        assert_eq!(patched(&metadata, None)["metadata"], metadata);
    }
}
