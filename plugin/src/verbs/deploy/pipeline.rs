//! The stages, one after the other, under one Lease.

use std::cell::OnceCell;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::verified::Revision;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::find;
use crate::notify::Notifier;
use crate::release::{Held, Run, exclusively};
use crate::verbs::stage::{self, Handed, Staged};
use crate::verbs::verify::{self, Verification, Whole};
use crate::verify::Made;
use crate::verify::production::Flags as ProductionFlags;

use super::Args;
use super::after::after;
use super::check::{Stands, Start, check};
use super::confirm::confirm;
use super::flags::Then;
use super::heed::heeding;
use super::record::Record;
use super::repeated::repeated;
use super::row::Step;
use super::teller::Teller;

/// How things stand where a release ends before its flip.
pub(super) const UNTOUCHED: &str = "this run has not touched production";
const IS_STAGED: &str = "this run has not touched production; the idle side is staged";

/// One release, and what it is made with.
pub(super) struct Pipeline<'a> {
    pub(super) args: &'a Args,
    pub(super) handed: Option<&'a Handed>,
    /// What is verified; the role is not known yet.
    pub(super) verify: &'a verify::Args,
    pub(super) whole: &'a Whole<'a>,
    pub(super) context: &'a Context,
    /// What of it must not be left behind, however it ends.
    pub(super) run: &'a Run<'a>,
    /// What the verification made in the cluster.
    pub(super) made: &'a Made,
    pub(super) record: &'a Record<'a>,
    pub(super) cluster: OnceCell<Cluster>,
}

impl Pipeline<'_> {
    /// All stages that are its turn.
    pub(super) async fn run(&self) -> Result<(), Failure> {
        let cluster = self.connected().await?;
        let objects = self.look(cluster).await?;
        let application = find(&objects, &self.args.target)?;
        if self.args.dry_run != DryRun::None {
            return self.rehearse(cluster).await;
        }
        self.tells_others(cluster).await?;
        let release = exclusively(cluster, &application, self.run, async |held| {
            self.release(cluster, held).await
        });
        Box::pin(release).await?;
        if self.args.after.after == Then::Nothing {
            return Ok(());
        }
        let after = self
            .record
            .stage(Step::After, after(self.args, cluster, &self.context.output));
        Box::pin(after).await
    }

    /// The connection, which is one for all stages.
    pub(super) async fn connected(&self) -> Result<&Cluster, Failure> {
        let cluster = self.context.cluster().await?;
        Ok(self.cluster.get_or_init(|| cluster))
    }

    /// Each stage is told to others from here on, where that is wanted.
    pub(super) async fn tells_others(&self, cluster: &Cluster) -> Result<(), Failure> {
        let notifier = Notifier::new(&self.args.notify, cluster).await?;
        if !notifier.is_silent() {
            let by = cluster.whoami().await?;
            self.record.tells(Teller { notifier, by });
        }
        Ok(())
    }

    /// Deletes what the verification made, however it ended.
    pub(super) async fn tidy(&self) {
        if let Some(cluster) = self.cluster.get() {
            self.made.delete(cluster, &self.context.output).await;
        }
    }

    /// What would be staged; the rest depends on what becomes of that.
    async fn rehearse(&self, cluster: &Cluster) -> Result<(), Failure> {
        let record = self.record;
        let start = record
            .stage(Step::Check, check(self, cluster, None))
            .await?;
        if start.stands == Stands::Before {
            let stage = record.stage(Step::Stage, self.stage(cluster, None));
            Box::pin(stage).await?;
            record.sides.borrow_mut().last = format!("{} would be staged", start.role);
        }
        Ok(())
    }

    /// Everything that other releases must not come between.
    async fn release(&self, cluster: &Cluster, held: &Held) -> Result<(), Failure> {
        let record = self.record;
        let start = record.stage(Step::Check, check(self, cluster, Some(held)));
        let start = Box::pin(start).await?;
        let (role, stands) = match start.stands {
            Stands::Already => return Box::pin(repeated(self, cluster, held, &start)).await,
            Stands::Before => {
                held.set_unfinished(false);
                (self.staged(cluster, held, &start).await?, IS_STAGED)
            }
            Stands::Overlap | Stands::Split => (start.role.clone(), UNTOUCHED),
        };
        let verify = heeding(held, stands, self.verify(cluster, role));
        let verified = Box::pin(record.stage(Step::Verify, verify)).await?;
        let confirm = heeding(held, stands, confirm(self, cluster, &verified));
        Box::pin(record.stage(Step::Confirm, confirm)).await?;
        self.switch(cluster, held, &start, verified).await
    }

    /// The role that is staged then.
    async fn staged(
        &self,
        cluster: &Cluster,
        held: &Held,
        start: &Start,
    ) -> Result<String, Failure> {
        let stands = format!("{UNTOUCHED}; {} may be staged in part", start.role);
        let stage = heeding(held, &stands, self.stage(cluster, Some(held)));
        let staged = Box::pin(self.record.stage(Step::Stage, stage)).await?;
        Ok(staged.role)
    }

    /// What `stage` is asked for.
    pub(super) fn stage_args(&self, target: Target) -> stage::Args {
        stage::Args {
            target,
            wishes: self.args.stage.wishes.clone(),
            wait: true,
            timeout: self.args.stage.timeout,
            reason: self.args.reason.clone(),
            dry_run: self.args.dry_run,
            output: None,
        }
    }

    /// A live look before anything is staged.
    pub(super) async fn look(&self, cluster: &Cluster) -> Result<Objects, Failure> {
        let (target, wishes) = (&self.args.target, &self.args.stage.wishes);
        stage::look_for(target, wishes, self.handed, cluster).await
    }

    async fn stage(
        &self,
        cluster: &Cluster,
        held: Option<&Held>,
    ) -> Result<(Staged, String), Failure> {
        let args = self.stage_args(self.args.target.clone());
        let staged = stage::stage(&args, self.handed, self.context, cluster, held);
        let (staged, _) = Box::pin(staged).await?;
        let what = staged.summary();
        Ok((staged, what))
    }

    pub(super) async fn verify(
        &self,
        cluster: &Cluster,
        role: String,
    ) -> Result<(Verified, String), Failure> {
        let args = verify::Args {
            role: Some(role),
            ..self.verify.clone()
        };
        let verified = verify::verify(&args, self.context, cluster, self.whole, self.made);
        let verified: Verification = Box::pin(verified).await?;
        self.made.delete(cluster, &self.context.output).await;
        if let Some(failure) = verified.failure() {
            return Err(failure);
        }
        let what = verified.summary();
        let output = &self.context.output;
        output.step("verified", format_args!("{}: {what}", verified.role));
        self.record.sides.borrow_mut().to = Some((verified.role.clone(), verified.images));
        let verified = Verified {
            role: verified.role,
            revision: verified.revision,
        };
        Ok((verified, what))
    }

    /// Production is checked unless that is not wanted.
    pub(super) fn checks(&self) -> ProductionFlags {
        let mut checks = self.args.production.clone();
        checks.production = Some(checks.production.unwrap_or(true));
        checks
    }
}

/// The side that passed, and what it ran.
pub(super) struct Verified {
    pub(super) role: String,
    pub(super) revision: Revision,
}
