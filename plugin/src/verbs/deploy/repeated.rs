//! A release of what production runs already.

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::look::{find, look_patiently};
use crate::release::{Held, goes_back, is_settled, take_back};
use crate::verbs::switch;

use super::check::Start;
use super::heed::heeding;
use super::pipeline::{Pipeline, UNTOUCHED};
use super::row::Step;

/// Production runs it already: that it was verified and is well is all that there is to see to.
pub(super) async fn repeated(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    held: &Held,
    start: &Start,
) -> Result<(), Failure> {
    let record = pipeline.record;
    if !start.verified {
        let verify = heeding(
            held,
            UNTOUCHED,
            pipeline.verify(cluster, start.active.clone()),
        );
        Box::pin(record.stage(Step::Verify, verify)).await?;
    }
    let mut result = Ok(());
    if pipeline.checks().wanted() {
        let well = record.stage(Step::Production, still_well(pipeline, cluster, held, start));
        result = Box::pin(well).await;
    }
    if is_settled(&result) {
        held.set_unfinished(false);
    }
    result
}

/// Production, which runs this already: what was cut off between flip and check is made good.
async fn still_well(
    pipeline: &Pipeline<'_>,
    cluster: &Cluster,
    held: &Held,
    start: &Start,
) -> Result<((), String), Failure> {
    let objects = look_patiently(cluster, &pipeline.args.target).await?;
    let application = find(&objects, &pipeline.args.target)?;
    let (checks, output) = (pipeline.checks(), &pipeline.context.output);
    let checked = switch::still_well(
        &checks,
        cluster,
        &application,
        &start.active,
        Some(held),
        output,
    );
    match Box::pin(checked).await {
        Ok(checked) => {
            let what = checked.map_or_else(String::new, |checked| checked.to_string());
            Ok(((), what))
        }
        // Only of a release that was cut off is it known that it went there, by the history.
        Err(seen)
            if held.left_unchecked() == Some(start.active.as_str())
                && goes_back(&seen, held.may_settle()) =>
        {
            Err(take_back(cluster, &pipeline.args.target, &start.role, seen, output).await)
        }
        Err(seen) => Err(seen),
    }
}
