//! The mutating hook: readiness probes and role labels for workloads, and what is written down of a
//! release on its Service.
//!
//! It fails open: whatever goes wrong, the object is stored as it was sent, and a warning says so.
//! What slips in without a probe is stopped at the gate. It refuses nothing but an intent whose side may
//! not serve.

use std::time::Duration;

use bluegreen_shared::mutate;
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::app::{App, Failure};
use crate::review::{Answer, Review};
use crate::service;

/// How this hook is called in metrics and logs.
pub(crate) const HOOK: &str = "mutate";

/// How long the Services are waited for: an apply is not held up for a port number.
const PATIENCE: Duration = Duration::from_secs(1);

/// Adds what is missing.
pub(crate) async fn complete(app: &App, review: &Review<'_>, deadline: Instant) -> Answer {
    let result = match review.kind() {
        ("apps", "Deployment") => {
            workload(app, review, deadline, |object: Box<Deployment>| {
                Workload::Deployment(object)
            })
            .await
        }
        ("apps", "StatefulSet") => {
            workload(app, review, deadline, |object: Box<StatefulSet>| {
                Workload::StatefulSet(object)
            })
            .await
        }
        ("", "Service") => service::complete(app, review, deadline).await,
        _ => Ok(untouched(Vec::new())),
    };
    result.unwrap_or_else(|failure| {
        let (kind, name) = (review.kind().1, review.name());
        untouched(vec![format!(
            "{kind:.40}/{name:.80} is stored as it was sent, without what is missing: {failure}"
        )])
    })
}

async fn workload<K: DeserializeOwned>(
    app: &App,
    review: &Review<'_>,
    deadline: Instant,
    wrap: impl Fn(K) -> Workload,
) -> Result<Answer, Failure> {
    let Some(after) = review.object()?.map(&wrap) else {
        return Ok(untouched(Vec::new()));
    };
    let before = review.old_object()?.map(&wrap);
    let deadline = deadline.min(Instant::now() + PATIENCE);
    let services = app
        .mutate_lookup
        .services(review.namespace(), deadline)
        .await?;
    let mutation = mutate::workload(&after, before.as_ref(), &services, Timestamp::now());
    Ok(Answer::Allow {
        patch: mutation.patch,
        warnings: mutation.warnings,
    })
}

fn untouched(warnings: Vec<String>) -> Answer {
    Answer::Allow {
        patch: Vec::new(),
        warnings,
    }
}
