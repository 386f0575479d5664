//! Waits until both sides are up, or until it is plain that one won't be.

use std::time::{Duration, Instant};

use bluegreen_shared::gate::{Course, Verdict};
use k8s_openapi::api::apps::v1::ReplicaSet;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::diagnosis::{Fault, Newest, Patience, Restarts, Sight, last_logs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{HintFlags, Span, Target};
use crate::look::{find, look};
use crate::render::Progress;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// How long a pod may be without a node: an autoscaler may be at work.
const SCHEDULE: Duration = Duration::from_mins(1);

/// One look at both sides.
struct Seen {
    ready: bool,
    lines: Vec<String>,
    faults: Vec<Fault>,
}

pub(super) async fn wait(
    name: &str,
    timeout: Span,
    cluster: &Cluster,
    context: &Context,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut progress = Progress::new(&context.output);
    let mut patience = Patience::new(SCHEDULE);
    loop {
        let seen = Box::pin(see(name, cluster)).await?;
        if seen.ready {
            progress.clear();
            let (mark, took) = ("ready", began.elapsed().as_secs());
            context
                .output
                .step(mark, format_args!("{} ({took} s)", seen.lines.join(", ")));
            return Ok(());
        }
        let faults = patience.exhausted(seen.faults, Instant::now());
        let hint = format!("kubectl bluegreen status {name}");
        if let Some(first) = faults.first() {
            progress.clear();
            let logs = last_logs(cluster, &faults).await;
            return Err(Failure::new(
                Exit::Refused,
                format!("{name} will not come up: {}: {}", first.object, first.words),
            )
            .details(logs)
            .hint(hint));
        }
        if timeout
            .limit()
            .is_some_and(|limit| began.elapsed() >= limit)
        {
            progress.clear();
            return Err(Failure::new(
                Exit::TimedOut,
                format!("{name} was created and is not ready within {timeout}"),
            )
            .details(seen.lines)
            .hint(hint));
        }
        progress.show(seen.lines);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn see(name: &str, cluster: &Cluster) -> Result<Seen, Failure> {
    let target = Target {
        name: name.to_owned(),
        hints: HintFlags::default(),
        in_place: false,
    };
    let objects = look(cluster, &target).await?;
    let application = find(&objects, &target)?;
    let query = application.pod_query();
    let sets: Vec<ReplicaSet> = cluster.list(cluster.namespace(), query.as_deref()).await?;
    // Nothing ran before, so that every restart is one of this start.
    let restarts = Restarts::default();
    let nothing = Verdict {
        course: Course::Forward,
        refusals: Vec::new(),
        warnings: Vec::new(),
    };
    let mut seen = Seen {
        ready: true,
        lines: Vec::new(),
        faults: Vec::new(),
    };
    for side in &application.environments {
        let newest = Newest::of(&side.workloads, &sets);
        let sight = Sight::of(
            side,
            &application.production,
            &objects.pods,
            &newest,
            &restarts,
            &nothing,
            Context::now(),
        );
        let (ready, wanted) = sight.ready;
        seen.ready &= ready >= wanted;
        seen.lines
            .push(format!("{}: {ready} of {wanted} pods", side.role));
        seen.faults.extend(sight.faults);
    }
    Ok(seen)
}
