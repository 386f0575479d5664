//! Both sides serve for a while, before the new one does alone: for load balancers outside that hear of
//! a flip later than the nodes.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::overlap::Overlap;
use bluegreen_shared::plan::switch::{FlipPlan, Switch, both, switch};
use bluegreen_shared::refusal::Refusal;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::look::{find, look_around, look_patiently};
use crate::render::Progress;

use super::finish::{judged, settled, told};
use super::flip::flip;
use super::held::Held;
use super::order::{Order, Stop};
use super::overlapping::Overlapping;
use super::run::Run;

/// Between two looks at production meanwhile.
const PAUSE: Duration = Duration::from_secs(1);
/// How long the new side may be what the gate would not let serve: pods come and go.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is to overlap, and for how long.
pub(crate) struct Wanted<'w> {
    /// The role that is to serve alone afterwards.
    pub(crate) to: &'w str,
    /// How long both serve.
    pub(crate) time: Span,
    /// How far.
    pub(crate) dry_run: DryRun,
}

impl<'w> Wanted<'w> {
    /// What is still to come before the plan is carried out; nothing where it goes back out of an overlap.
    pub(crate) fn before(
        plan: &'w FlipPlan<'_>,
        application: &Application<'_>,
        time: Option<Span>,
        dry_run: DryRun,
    ) -> Option<Self> {
        let returns = application.overlap().is_some() && plan.from.is_none();
        let time = time.filter(|_| !returns)?;
        let to = &plan.to;
        Some(Self { to, time, dry_run })
    }
}

/// Lets production select both sides, waits until the endpoints follow, and holds it so for that long. The
/// run knows from then on that it does, until the caller has flipped to the new side alone.
///
/// # Errors
/// It can't be, somebody else has ended it, or the new side may serve no more.
pub(crate) async fn overlap(
    cluster: &Cluster,
    target: &Target,
    wanted: &Wanted<'_>,
    run: &Run<'_>,
) -> Result<(), Stop> {
    let (output, dry_run) = (&run.context.output, wanted.dry_run);
    // Whatever else would be selected counts as well.
    let objects = look_around(cluster, target).await?;
    let application = find(&objects, target)?;
    let now = Context::now();
    let to = Some(wanted.to);
    let Switch::Flip(plan) = switch(&application, &objects, to, now).map_err(Failure::from)? else {
        return Ok(());
    };
    let first = both(&application, &objects, &plan, now).map_err(Failure::from)?;
    if !first.verdict.allows() {
        let (name, both) = (&application.name, first.selects());
        let what = format!("{name} may not be switched to {both}");
        let refused = Failure::refused(what, &first.verdict);
        // What was allowed a moment ago may be allowed again the next.
        return Err(if plan.verdict.allows() {
            Stop::Failed(refused)
        } else {
            Stop::Changed(refused)
        });
    }
    let overlap = Overlap {
        from: first.from.clone().unwrap_or_default(),
        to: first.to.clone(),
    };
    let order = Order {
        application: &application,
        pods: &objects.pods,
        plan: &first,
        reason: None,
        override_reason: None,
        dry_run,
        seen: Freshness::Live,
    };
    if dry_run != DryRun::None {
        let flipped = flip(cluster, &order, output).await?;
        told(&order, &flipped, output);
        let (time, suffix) = (wanted.time, dry_run.suffix());
        output.step(
            "held",
            format_args!("{} for {time}{suffix}", overlap.both()),
        );
        return Ok(());
    }
    let overlapping = Overlapping {
        cluster: cluster.clone(),
        target: target.clone(),
        overlap: overlap.clone(),
    };
    run.begin_overlap(overlapping.clone());
    if !first.flips.is_empty() {
        judged(&application, &objects, &first, dry_run, output);
        let flipped = match flip(cluster, &order, output).await {
            Err(stop @ (Stop::Changed(_) | Stop::Unsure)) => {
                // Nothing of it is left behind; after another failure a look has to tell.
                run.forget_overlap();
                return Err(stop);
            }
            flipped => flipped?,
        };
        told(&order, &flipped, output);
        settled(flipped.followed.as_ref())?;
    }
    let mut progress = Progress::new(output);
    progress.show(vec![format!(
        "{} serve, for {}",
        overlap.both(),
        wanted.time
    )]);
    hold(&overlapping, wanted.time, run).await?;
    progress.clear();
    let (both, time) = (overlap.both(), wanted.time);
    output.step("held", format_args!("{both} served for {time}"));
    Ok(())
}

/// Looks at production for that long, and as long as it takes the new side to be well again.
async fn hold(overlapping: &Overlapping, time: Span, run: &Run<'_>) -> Result<(), Failure> {
    let Overlapping {
        cluster,
        target,
        overlap,
    } = overlapping;
    let began = Instant::now();
    let mut unwell: Option<Instant> = None;
    loop {
        let rest = time.0.saturating_sub(began.elapsed());
        let pause = unwell.map_or_else(|| rest.min(PAUSE), |_| PAUSE);
        tokio::time::sleep(pause).await;
        run.held().as_deref().map_or(Ok(()), Held::check)?;
        let objects = look_patiently(cluster, target).await?;
        let application = find(&objects, target)?;
        overlapping.goes_on(&application, &overlap.to)?;
        let Switch::Flip(plan) = switch(&application, &objects, Some(&overlap.to), Context::now())?
        else {
            return Ok(());
        };
        let refusals = &plan.verdict.refusals;
        if refusals.is_empty() {
            unwell = None;
            if began.elapsed() >= time.0 {
                return Ok(());
            }
            continue;
        }
        let since = unwell.get_or_insert_with(Instant::now).elapsed();
        let passes = |refusal: &Refusal| refusal.code.passes();
        if since >= PATIENCE || !refusals.iter().all(passes) {
            let what = format!("{} may not serve alone any more", overlap.to);
            return Err(Failure::refused(what, &plan.verdict));
        }
    }
}
