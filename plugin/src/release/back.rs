//! Takes a flip back that turned out badly.

use bluegreen_shared::plan::switch::{Switch, switch};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look_again};
use crate::render::Output;

use super::flip::{Attempts, Order, flip};

/// Flips production back to the role that served before, and returns what the verb ends with:
/// `seen` taken back, or `seen` and why it could not be taken back.
pub(crate) async fn take_back(
    cluster: &Cluster,
    target: &Target,
    role: &str,
    seen: Failure,
    output: &Output,
) -> Failure {
    match back(cluster, target, role, &seen.message, output).await {
        Ok(()) => Failure {
            message: format!("{}; production is back on {role}", seen.message),
            exit: Exit::TakenBack,
            ..seen
        },
        Err(why) => Failure {
            message: format!(
                "{}; and it could not be taken back to {role}: {}",
                seen.message, why.message
            ),
            details: seen.details.into_iter().chain(why.details).collect(),
            hint: Some(format!(
                "kubectl bluegreen status {} shows both sides; kubectl bluegreen rollback {0}",
                target.name
            )),
            ..seen
        },
    }
}

async fn back(
    cluster: &Cluster,
    target: &Target,
    role: &str,
    reason: &str,
    output: &Output,
) -> Result<(), Failure> {
    let mut attempts = Attempts::default();
    loop {
        let objects = look_again(cluster, target).await?;
        let application = find(&objects, target)?;
        let Switch::Flip(plan) = switch(&application, &objects, Some(role), Context::now())? else {
            return Ok(());
        };
        if !plan.verdict.allows() {
            return Err(Failure::refused(
                format!("{role} may not serve again"),
                &plan.verdict,
            ));
        }
        let order = Order {
            application: &application,
            pods: &objects.pods,
            plan: &plan,
            reason: Some(reason),
            override_reason: None,
            dry_run: DryRun::None,
        };
        match flip(cluster, &order, output).await {
            Ok(_) => return Ok(()),
            Err(stop) => attempts.again(stop)?,
        }
    }
}
