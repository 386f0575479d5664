//! What the mutating hook makes of an update of a Service.

use bluegreen_shared::keys;
use bluegreen_shared::mutate;
use k8s_openapi::api::core::v1::Service;
use tokio::time::Instant;

use crate::app::{App, Failure};
use crate::guard::requester;
use crate::release::{self, allow};
use crate::review::{Answer, Review};

/// Puts back the history that the update leaves out, and completes the rest as if it were there.
pub(crate) async fn complete(
    app: &App,
    review: &Review<'_>,
    deadline: Instant,
) -> Result<Answer, Failure> {
    let (before, after) = (review.old_object::<Service>()?, review.object::<Service>()?);
    let Some((before, mut after)) = before.zip(after) else {
        return Ok(allow(Vec::new(), Vec::new()));
    };
    let restored = mutate::restore(&mut after, &before, &requester(app, review));
    let answer = match release::complete(app, review, &before, &after, deadline).await {
        // Whose it is can be written down without looking at anything.
        Err(failure @ Failure::CannotLook(_)) => signed(review, &before, &after, &failure),
        answer => answer?,
    };
    Ok(match answer {
        Answer::Allow { patch, warnings } if !restored.is_empty() => {
            // Nobody may believe that it is gone.
            let (name, key) = (review.name(), keys::HISTORY);
            let kept = format!("Service/{name:.80} keeps {key}, which this update leaves out");
            allow([restored, patch].concat(), [vec![kept], warnings].concat())
        }
        answer => answer,
    })
}

fn signed(review: &Review<'_>, before: &Service, after: &Service, failure: &Failure) -> Answer {
    let name = review.name();
    let warning =
        format!("Service/{name:.80}: what is going on could not be written down: {failure}");
    let patch = mutate::stamp(after, before, review.user(), None);
    allow(patch, vec![warning])
}
