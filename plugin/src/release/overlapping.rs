//! Production that selects both sides: whether it still does, and the way out.

use bluegreen_shared::application::Application;
use bluegreen_shared::overlap::Overlap;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::Target;
use crate::look::{find, look_patiently};
use crate::render::Output;

use super::back::take_back;
use super::held::Held;

/// Production that selects both sides because of this run, which has to end that.
#[derive(Clone)]
pub(crate) struct Overlapping {
    pub(super) cluster: Cluster,
    pub(super) target: Target,
    pub(super) overlap: Overlap,
}

impl Overlapping {
    /// Whether it is still for this run to end, in that role.
    pub(super) fn goes_on(&self, application: &Application<'_>, to: &str) -> Result<(), Failure> {
        let (name, overlap) = (&application.name, &self.overlap);
        let mut production = application.production.iter();
        let returned = production.find(|one| one.selects() == Some(&overlap.from));
        let failed = if application.overlap() != Some(overlap) {
            let what = format!("somebody else has ended the overlap of {name}");
            Failure::new(Exit::Busy, what)
        } else if let Some(returned) = returned {
            let (service, from) = (returned.name(), &overlap.from);
            let what = format!("somebody else has sent Service/{service} back to {from}");
            Failure::new(Exit::Refused, what)
        } else if overlap.to != to {
            let what = format!(
                "{} of {name} was changed by somebody else while both sides served",
                overlap.to
            );
            Failure::new(Exit::Refused, what)
        } else {
            return Ok(());
        };
        Err(failed.hint(format!("kubectl bluegreen status {name}")))
    }

    /// What a release ends with that failed or was stopped while both sides served: the old one serves alone
    /// again. Only where somebody else has taken the release over, or has ended the overlap, it is for them
    /// to say.
    pub(super) async fn end(self, seen: Failure, held: Option<&Held>, output: &Output) -> Failure {
        let may_settle = held.is_some_and(Held::may_settle);
        if seen.exit == Exit::Busy && !may_settle || self.has_ended().await {
            return seen;
        }
        let Self {
            cluster,
            target,
            overlap,
        } = self;
        let exit = seen.exit;
        let failure = take_back(&cluster, &target, &overlap.from, seen, output).await;
        if failure.exit == Exit::TakenBack
            && let Some(held) = held
        {
            held.set_unfinished(false);
        }
        if exit != Exit::Interrupted {
            return failure;
        }
        let hint = format!("kubectl bluegreen status {}", target.name);
        let hint = failure.hint.clone().unwrap_or(hint);
        Failure { exit, ..failure }.hint(hint)
    }

    /// Whether production is in that overlap no more. What can't be seen is tried.
    async fn has_ended(&self) -> bool {
        let Ok(objects) = look_patiently(&self.cluster, &self.target).await else {
            return false;
        };
        find(&objects, &self.target)
            .is_ok_and(|application| application.overlap() != Some(&self.overlap))
    }
}
