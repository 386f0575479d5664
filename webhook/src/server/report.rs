//! What is left of a decision when it is made: a line and a count.

use std::time::Duration;

use crate::app::{App, Failure};
use crate::review::{Answer, Review};

/// One line and one count for each decision; never an object, and nothing at any length.
pub(super) fn decision(
    app: &App,
    hook: &'static str,
    review: &Review<'_>,
    decided: &Result<Answer, Failure>,
    took: Duration,
) {
    let (decision, why) = match decided {
        Ok(Answer::Allow { patch, warnings }) if patch.is_empty() => ("allow", warnings.join("; ")),
        Ok(Answer::Allow { warnings, .. }) => ("patch", warnings.join("; ")),
        Ok(Answer::Deny(refusals)) => {
            let codes: Vec<&str> = refusals.iter().map(|one| one.code.as_str()).collect();
            ("deny", codes.join(","))
        }
        Err(Failure::Malformed(malformed)) => ("malformed", malformed.to_string()),
        Err(Failure::CannotLook(why)) => ("undecided", why.to_string()),
    };
    app.metrics.decided(hook, decision, review.is_dry_run());
    tracing::info!(
        hook,
        decision,
        why,
        uid = format_args!("{:.256}", review.uid()),
        user = format_args!("{:.256}", review.user()),
        kind = format_args!("{:.256}", review.kind().1),
        namespace = format_args!("{:.256}", review.namespace()),
        name = format_args!("{:.256}", review.name()),
        dry_run = review.is_dry_run(),
        us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "decided"
    );
}
