//! Whether things are still as they were seen to be before.

use bluegreen_shared::application::Application;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::verified::{self, Revision};

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::release::{Attempt, Held, goes_back, take_back};
use crate::render::Output;
use crate::verify::production::{self, Checked, Flags as ProductionFlags};

use super::Args;

/// What was verified is what is flipped to, whoever has changed it meanwhile.
pub(in crate::verbs) fn still_runs(
    pinned: &Revision,
    application: &Application<'_>,
    objects: &Objects,
    to: &str,
) -> Result<(), Failure> {
    let side = application.environment(to);
    let runs = side.map(|side| verified::revision(&side.workloads, &side.pods(&objects.pods)));
    match runs {
        Some(Ok(runs)) if runs == *pinned => Ok(()),
        _ => Err(Failure::new(
            Exit::Refused,
            format!(
                "{to} of {} was changed since it was verified, and was not switched to",
                application.name
            ),
        )
        .hint(format!("kubectl bluegreen status {}", application.name))),
    }
}

/// Whether production passes the checks that were asked for, where there is nothing to flip. A release that
/// was cut off between flip and check is for the caller to make good.
pub(in crate::verbs) async fn still_well(
    checks: &ProductionFlags,
    cluster: &Cluster,
    application: &Application<'_>,
    role: &str,
    held: Option<&Held>,
    output: &Output,
) -> Result<Option<Checked>, Failure> {
    let goes_on = async || held.map_or(Ok(()), Held::check);
    production::check(cluster, application, role, checks, goes_on, output)
        .await
        .map_err(|seen| {
            let name = &application.name;
            seen.hint(format!("kubectl bluegreen rollback {name}"))
        })
}

/// Checks production, where that is asked for and there is nothing to flip. Where a release that was cut off
/// has flipped it, and this one takes its place, production goes back if it fails.
pub(super) async fn made_good(
    args: &Args,
    attempt: &Attempt<'_>,
    application: &Application<'_>,
    role: &str,
) -> Result<Option<Checked>, Failure> {
    let (cluster, held) = (attempt.cluster, attempt.held);
    let output = &attempt.run.context.output;
    let checked = still_well(&args.production, cluster, application, role, held, output).await;
    let left = application.other(role).map(|side| &side.role);
    match (checked, left) {
        (Err(seen), Some(left))
            if held.and_then(Held::left_unchecked) == Some(role)
                && goes_back(&seen, held.is_some_and(Held::may_settle)) =>
        {
            Err(take_back(cluster, &args.target, left, seen, output).await)
        }
        (checked, _) => checked,
    }
}
