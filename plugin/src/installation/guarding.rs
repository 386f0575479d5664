//! Whether the guard really guards: the only proof is a request that it refuses.

use std::time::{Duration, Instant};

use bluegreen_shared::keys;
use json_patch::Patch;
use serde_json::json;

use crate::cluster::{Cluster, Rejected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;

/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);
/// A Service that every cluster has.
const SERVICE: (&str, &str) = ("default", "kubernetes");

/// What is refused by the webhook, and what by the API server itself.
const REFUSED: [&str; 2] = [keys::MIN_CAPACITY, keys::HISTORY];

/// Tries, as a dry run, what the guard must refuse, until it does.
///
/// The API server needs a moment to honour a new configuration. Nothing is stored: the request is a
/// dry run, and it is refused besides.
pub(crate) async fn wait_until_it_guards(
    cluster: &Cluster,
    deadline: Instant,
) -> Result<(), Failure> {
    for key in REFUSED {
        wait_until_refused(cluster, key, deadline).await?;
    }
    Ok(())
}

/// Tries to set an annotation to what none may be.
async fn wait_until_refused(
    cluster: &Cluster,
    key: &str,
    deadline: Instant,
) -> Result<(), Failure> {
    let (namespace, name) = SERVICE;
    let patch: Patch = serde_json::from_value(json!([
        {"op": "test", "path": "/metadata/name", "value": name},
        {"op": "add", "path": "/metadata/annotations", "value": {key: "is anybody there?"}},
    ]))
    .map_err(|error| Failure::could_not(error.to_string()))?;
    loop {
        let asked = cluster
            .patch_service(namespace, name, &patch, DryRun::Server)
            .await;
        let last = match asked {
            Err(Rejected::Denied(_)) => return Ok(()),
            Err(Rejected::Other(failure) | Rejected::Conflict(failure)) => return Err(failure),
            Err(Rejected::Unguarded(failure)) => failure.message,
            Ok(_) => "the API server does not ask it yet".to_owned(),
        };
        if Instant::now() >= deadline {
            return Err(Failure::new(
                Exit::TimedOut,
                format!("the webhook is installed, but it does not guard: {last}"),
            )
            .hint(format!(
                "can the control plane reach the pods in bluegreen-system? Is namespace {namespace} labelled {}=off?",
                keys::POLICY
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
