//! Carries out what a live look allows, by way of an overlap where that is wanted.

use bluegreen_shared::objects::Objects;

use crate::cluster::Cluster;
use crate::failure::Failure;
use crate::flags::{Span, Target};
use crate::verify::production::Flags as ProductionFlags;

use super::finish::{finish, judged};
use super::flip::flip;
use super::held::Held;
use super::order::{Conflicts, Order};
use super::overlap::{Wanted, overlap};
use super::run::Run;
use super::view::Release;

/// What is remembered of a release that is planned anew each time somebody else has changed something.
pub(crate) struct Attempt<'a> {
    /// What knows of an overlap that it has to end.
    pub(crate) run: &'a Run<'a>,
    /// Where.
    pub(crate) cluster: &'a Cluster,
    /// Of which application.
    target: &'a Target,
    /// The Lease of the release that this is, or is a part of.
    pub(crate) held: Option<&'a Held>,
    /// How long both sides are still to serve before; nothing once they have.
    pub(crate) time: Option<Span>,
    /// How often somebody else was faster.
    conflicts: Conflicts,
}

impl<'a> Attempt<'a> {
    /// Nothing has been tried yet. `held` is the Lease of the release that this is, or is a part of; `time`
    /// is how long both sides are to serve first.
    pub(crate) fn new(
        run: &'a Run<'a>,
        cluster: &'a Cluster,
        target: &'a Target,
        held: Option<&'a Held>,
        time: Option<Span>,
    ) -> Self {
        Self {
            run,
            cluster,
            target,
            held,
            time,
            conflicts: Conflicts::default(),
        }
    }

    /// Takes the next step of the order: both sides, or the new one alone. `None` where it has to be looked
    /// at again and decided again, because that is done or things are not what they were.
    pub(crate) async fn next(
        &mut self,
        order: &Order<'_>,
        objects: &Objects,
        checks: &ProductionFlags,
    ) -> Result<Option<Release>, Failure> {
        let (cluster, target, run) = (self.cluster, self.target, self.run);
        let (application, plan, dry_run) = (order.application, order.plan, order.dry_run);
        if let Some(wanted) = Wanted::before(plan, application, self.time, dry_run) {
            match Box::pin(overlap(cluster, target, &wanted, run)).await {
                Ok(()) => self.time = None,
                Err(stop) => self.conflicts.again(stop)?,
            }
            return Ok(None);
        }
        if let Some(overlapping) = run.overlapping() {
            overlapping.goes_on(application, &plan.to)?;
        }
        if let (Some(held), true) = (self.held, checks.wanted()) {
            // Who is cut off between flip and check leaves production unchecked.
            held.set_unfinished(true);
        }
        let output = &run.context.output;
        let result = match flip(cluster, order, output).await {
            Ok(flipped) => {
                judged(application, objects, plan, dry_run, output);
                run.forget_overlap();
                let finish = finish(cluster, target, order, flipped, checks, self.held, output);
                Box::pin(finish).await.map(Some)
            }
            Err(stop) => self.conflicts.again(stop).map(|()| None),
        };
        if let Some(held) = self.held {
            held.inherit_unfinished();
        }
        result
    }
}
