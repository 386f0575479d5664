//! Whether things are still as they were seen to be before.

use bluegreen_shared::application::Application;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::verified::{self, Revision};

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::release::Held;
use crate::render::Output;
use crate::verify::production::{self, Checked, Flags as ProductionFlags};

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

/// Whether production passes the checks that were asked for, where there is nothing to flip: a run
/// that was cut off between flip and check is made good by the next.
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
