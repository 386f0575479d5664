//! Whether somebody else is switching the application right now.

use bluegreen_shared::plan::switch::FlipPlan;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Output;

/// What a run knows of switches that others have begun: it looks again and again, and asks and says
/// things once.
#[derive(Default)]
pub(crate) struct Others {
    /// The user of this run.
    me: Option<String>,
    /// Whether it was said that a switch is taken over.
    told: bool,
}

impl Others {
    /// Lets a plan pass whose Services carry no unexpired intent, or only one of the same user, or of
    /// nobody: this run takes that over.
    ///
    /// # Errors
    /// Somebody else is switching the application (exit code 8).
    pub(crate) async fn not_busy(
        &mut self,
        cluster: &Cluster,
        application: &str,
        plan: &FlipPlan<'_>,
        output: &Output,
    ) -> Result<(), Failure> {
        let Some(intent) = &plan.under_way else {
            return Ok(());
        };
        // Where nobody stamps intents, nobody can tell whose it was; the guarded patches still see to it
        // that only one of two can flip.
        if let Some(by) = &intent.by
            && by != self.me(cluster).await?
        {
            let what = format!("{by} is switching {application} to {}", intent.to);
            return Err(Failure::new(Exit::Busy, what).hint(format!(
                "wait until it is done; by itself it ends at {}",
                intent.until.strftime("%H:%M:%S UTC")
            )));
        }
        if !std::mem::replace(&mut self.told, true) {
            output.warning(format_args!(
                "a switch of {application} to {} was begun and has not ended; this one takes its place",
                intent.to
            ));
        }
        Ok(())
    }

    /// The user's name.
    pub(crate) async fn me(&mut self, cluster: &Cluster) -> Result<&str, Failure> {
        let me = match self.me.take() {
            Some(me) => me,
            None => cluster.whoami().await?,
        };
        Ok(self.me.insert(me))
    }
}
