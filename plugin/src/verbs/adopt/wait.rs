//! Waits for the pods of the new Deployment, or until it is plain that they won't come up.

use std::time::{Duration, Instant};

use bluegreen_shared::keys;
use bluegreen_shared::plan::adopt::{Scene, crossing};
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::ReplicaSet;

use crate::context::Context;
use crate::diagnosis::{Fault, Newest, Patience, Restarts, Sight, last_logs, refused_pods};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Output;

use super::Run;
use super::look::Seen;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(300);
/// How long a pod may be without a node: an autoscaler may be at work.
const SCHEDULE: Duration = Duration::from_mins(1);

/// What is remembered between looks.
pub(super) struct Waiting {
    patience: Patience,
    since: Option<(Instant, Timestamp)>,
}

impl Waiting {
    /// Nothing is waited for yet.
    pub(super) fn new() -> Self {
        Self {
            patience: Patience::new(SCHEDULE),
            since: None,
        }
    }

    /// Says so, where something was waited for.
    pub(super) fn over(&mut self, scene: &Scene<'_>, output: &Output) {
        if let Some((since, _)) = self.since.take() {
            let name = scene.side_name(scene.role);
            let took = since.elapsed().as_secs();
            output.step("ready", format_args!("deployment.apps/{name} ({took} s)"));
        }
    }
}

/// Looks at what was seen, and pauses before it is looked at again.
pub(super) async fn once(run: &mut Run<'_>, scene: &Scene<'_>, seen: &Seen) -> Result<(), Failure> {
    let cluster = run.cluster;
    let now = Context::now();
    let (began, since) = *run.waiting.since.get_or_insert((Instant::now(), now));
    let role = scene.role.as_str();
    let Some(crossing) = crossing(scene, &seen.objects, now) else {
        tokio::time::sleep(PAUSE).await;
        return Ok(());
    };
    let Some(side) = crossing.application.environment(role) else {
        return Ok(());
    };
    let query = scene.query();
    let sets: Vec<ReplicaSet> = cluster.list(cluster.namespace(), Some(&query)).await?;
    // Nothing ran before, so that every restart is one of this start.
    let mut sight = Sight::of(
        side,
        &crossing.application.production,
        &seen.objects.pods,
        &Newest::of(&side.workloads, &sets),
        &Restarts::default(),
        &crossing.plan.verdict,
        now,
    );
    let pods = &seen.objects.pods;
    sight
        .faults
        .extend(refused_pods(cluster, side, pods, since).await);
    let name = scene.side_name(scene.role);
    let exhausted = run.waiting.patience.exhausted(sight.faults, Instant::now());
    if let Some(first) = exhausted.first() {
        run.progress.clear();
        let logs = last_logs(cluster, &exhausted).await;
        return Err(given_up(scene, first).details(logs));
    }
    let (ready, wanted) = sight.ready;
    let mut lines = vec![format!("Deployment/{name}: {ready} of {wanted} pods ready")];
    lines.extend(sight.missing.iter().map(|line| format!("  {line}")));
    let limit = run.args.timeout.limit();
    if limit.is_some_and(|limit| began.elapsed() >= limit) {
        run.progress.clear();
        let timeout = run.args.timeout;
        let message = format!("Deployment/{name} is not ready within {timeout}");
        return Err(Failure::new(Exit::TimedOut, message)
            .details(sight.missing)
            .hint(go_on(scene)));
    }
    run.progress.show(lines);
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

fn given_up(scene: &Scene<'_>, fault: &Fault) -> Failure {
    let name = scene.side_name(scene.role);
    Failure::new(
        Exit::Refused,
        format!(
            "Deployment/{name} will not come up: {}: {}",
            fault.object, fault.words
        ),
    )
    .hint(go_on(scene))
}

/// Production is as it was; what there is to do about the copy.
fn go_on(scene: &Scene<'_>) -> String {
    let (service, name) = (scene.service_name(), scene.side_name(scene.role));
    format!(
        "everything is served by Deployment/{} as before; once it is repaired: kubectl bluegreen adopt {service}; \
         to give it up: kubectl annotate deployment/{name} {}=REASON; kubectl delete deployment/{name}",
        scene.origin.name,
        keys::TAKEDOWN
    )
}
