//! The way back while the old side is made larger for it, which must not close a way that was open.

use std::mem;
use std::time::{Duration, Instant};

use bluegreen_shared::gate::Verdict;
use bluegreen_shared::plan::rollback::Growth;
use bluegreen_shared::plan::switch::FlipPlan;
use bluegreen_shared::refusal::{Code, Refusal};
use bluegreen_shared::workload::Workload;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

use super::grow::{enlarge, is_back, shrink};

/// How long controllers may take to see that fewer pods are wanted again.
const SETTLING: Duration = Duration::from_secs(30);

/// A workload that was scaled up.
pub(super) struct Grown {
    /// As it was before.
    workload: Workload,
    /// Its replicas since.
    replicas: i32,
}

impl Grown {
    /// What was done.
    pub(super) fn growth(&self) -> Growth<'_> {
        Growth {
            workload: &self.workload,
            replicas: self.replicas,
        }
    }
}

/// How far it has got.
enum State {
    /// Nothing was scaled up.
    Small,
    /// Everything was.
    Grown(Vec<Grown>),
    /// There is no room for that, and why it may not go back then; what was scaled up is not any more.
    NoRoom { why: Failure, since: Instant },
}

/// The old side, and what was done to make it as large as it has to be.
pub(crate) struct Growing<'c> {
    cluster: &'c Cluster,
    output: &'c Output,
    state: State,
}

impl<'c> Growing<'c> {
    /// Nothing was done yet.
    pub(crate) fn new(cluster: &'c Cluster, output: &'c Output) -> Self {
        Self {
            cluster,
            output,
            state: State::Small,
        }
    }

    /// Whether it was scaled up, whatever has become of that.
    pub(crate) fn has_begun(&self) -> bool {
        !matches!(self.state, State::Small)
    }

    /// Scales it up. Where that fails, what is open as it is stays open.
    ///
    /// # Errors
    /// It can't be scaled up, and may not serve as it is.
    pub(crate) async fn begin(
        &mut self,
        grow: &[Growth<'_>],
        plan: &FlipPlan<'_>,
    ) -> Result<(), Failure> {
        let grown = grow.iter().map(|growth| Grown {
            workload: growth.workload.clone(),
            replicas: growth.replicas,
        });
        self.state = State::Grown(grown.collect());
        let Err(why) = enlarge(self.cluster, grow, DryRun::None, self.output).await else {
            return Ok(());
        };
        if !plan.verdict.allows() {
            self.state = State::Small;
            return Err(why);
        }
        let reason = why.message.clone();
        self.give_up(plan, &reason, why).await;
        Ok(())
    }

    /// Puts it back to what it was where there is no room for more of its pods; whether that was so.
    pub(crate) async fn has_no_room(
        &mut self,
        plan: &FlipPlan<'_>,
        refused: impl Fn() -> Failure,
    ) -> bool {
        let Some(stalled) = stalled(&plan.verdict).filter(|_| self.is_grown()) else {
            return false;
        };
        let why = refused().hint(&stalled.remedy);
        self.give_up(plan, &stalled.to_string(), why).await;
        true
    }

    async fn give_up(&mut self, plan: &FlipPlan<'_>, reason: &str, why: Failure) {
        let to = &plan.to;
        self.output
            .warning(format_args!("{to} can't be made larger: {reason}"));
        if let State::Grown(grown) = mem::replace(&mut self.state, State::Small) {
            shrink(self.cluster, &grown, self.output).await;
        }
        let since = Instant::now();
        self.state = State::NoRoom { why, since };
    }

    fn is_grown(&self) -> bool {
        matches!(self.state, State::Grown(_))
    }

    /// Whether what was done still needs its time.
    pub(crate) fn waits(&self, verdict: &Verdict, is_late: bool) -> bool {
        match &self.state {
            State::Small => false,
            State::Grown(_) => !is_late && !is_back(verdict),
            State::NoRoom { since, .. } => settles(verdict) && since.elapsed() < SETTLING,
        }
    }

    /// Why it may not go back, where it was refused in the end.
    pub(crate) fn refused(&self, seen: Failure) -> Failure {
        match &self.state {
            State::Small => seen,
            State::Grown(_) => Failure {
                exit: Exit::TimedOut,
                ..seen
            },
            State::NoRoom { why, .. } => why.clone(),
        }
    }
}

fn stalled(verdict: &Verdict) -> Option<&Refusal> {
    let mut refusals = verdict.refusals.iter();
    refusals.find(|refusal| refusal.code == Code::Stalled)
}

/// Whether nothing is in the way but what has been put back.
fn settles(verdict: &Verdict) -> bool {
    let mut refusals = verdict.refusals.iter();
    !verdict.allows() && refusals.all(|refusal| refusal.code == Code::Stalled)
}
