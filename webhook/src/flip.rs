//! The validating hook: may this Service select something else?

use std::time::Instant;

use bluegreen_shared::gate::{self, Flip};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use tokio::time;

use crate::app::{App, Failure};
use crate::review::{Answer, Malformed, Review};

/// How this hook is called in metrics and logs.
pub(crate) const HOOK: &str = "flip";

/// Judges an update of a Service on what is read now.
///
/// Every error is an error of the call, for the failure policy to decide about; only a verdict denies.
pub(crate) async fn judge(
    app: &App,
    review: &Review<'_>,
    deadline: time::Instant,
) -> Result<Answer, Failure> {
    let (group, kind) = review.kind();
    if (group, kind, review.operation()) != ("", "Service", "UPDATE") {
        let operation = review.operation();
        return Err(Failure::Malformed(Malformed(format!(
            "the flip hook judges the UPDATE of a Service, not {operation:.20} of {kind:.60}"
        ))));
    }
    let (before, after) = (review.old_object()?, review.object()?);
    let (Some(before), Some(after)): (Option<Service>, Option<Service>) = (before, after) else {
        let missing = "the review of an update must carry object and oldObject";
        return Err(Failure::Malformed(Malformed(missing.to_owned())));
    };
    let started = Instant::now();
    let objects = app
        .lookup
        .around_flip(review.namespace(), &before, &after, deadline)
        .await?;
    app.metrics.took(HOOK, "read", started.elapsed());
    let started = Instant::now();
    let verdict = gate::judge(
        &Flip {
            before: &before,
            after: &after,
            now: Timestamp::now(),
        },
        &objects,
    );
    app.metrics.took(HOOK, "judge", started.elapsed());
    for refusal in verdict.refusals.iter().chain(&verdict.warnings) {
        app.metrics.refused(HOOK, refusal.code.as_str());
    }
    if verdict.allows() {
        return Ok(Answer::Allow {
            patch: Vec::new(),
            warnings: verdict.warnings.iter().map(ToString::to_string).collect(),
        });
    }
    Ok(Answer::Deny(verdict.refusals))
}
