//! Asks pods for `verify`.

use bluegreen_shared::refusal::counted;
use k8s_openapi::api::core::v1::{Pod, Service};
use tokio::time::Instant;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::render::Progress;
use crate::verify::{self, Tried};

use super::Args;

/// Failed pods that are shown while the others are asked.
const SHOWN: usize = 8;

/// Asks the pods, and shows how far that is.
pub(super) async fn ask(
    args: &Args,
    context: &Context,
    cluster: &Cluster,
    role: &str,
    pods: &[&Pod],
    services: &[&Service],
    end: Option<Instant>,
) -> Result<Vec<Tried>, Failure> {
    let (asked, manner) = (args.http.asked(), args.http.manner());
    let rounds = args.http.rounds(end);
    let mut progress = Progress::new(&context.output);
    let live = context.output.is_live();
    let all = pods.len();
    progress.show(vec![format!("verifying {role}: {}", counted(all, "pod"))]);
    let mut done = 0;
    let mut failed = Vec::new();
    let tried = verify::every(cluster, pods, services, &asked, &manner, &rounds, |tried| {
        done += 1;
        if !tried.passed {
            failed.push(format!("  Pod/{}: {}", tried.pod, tried.words));
        }
        // Elsewhere each change is a line of its own, and a pod that passed is none worth one.
        let count = if live { done } else { 0 };
        let first = match count {
            0 => format!("verifying {role}: {}", counted(all, "pod")),
            _ => format!("verifying {role}: {count} of {}", counted(all, "pod")),
        };
        progress.show(
            std::iter::once(first)
                .chain(failed.iter().take(SHOWN).cloned())
                .collect(),
        );
    })
    .await;
    progress.clear();
    tried
}
