//! Takes a flip back that turned out badly.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::gate::Verdict;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rollback::{Growth, Rollback, rollback};
use bluegreen_shared::plan::switch::{FlipPlan, Switch, switch};
use bluegreen_shared::plan::way_out::{told, ways_out};

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look_patiently};
use crate::render::{Output, Progress};

use super::flip::flip;
use super::grow::{enlarge, growth_may_mend, waiting};
use super::order::{Conflicts, Order};

/// How long the old side may take to grow.
const LONGEST: Duration = Duration::from_mins(5);
/// Between two looks meanwhile.
const PAUSE: Duration = Duration::from_millis(300);

/// Flips production back to the role that served before, and returns what the verb ends with:
/// `seen` taken back, or `seen` and why it could not be taken back, whatever it was.
pub(crate) async fn take_back(
    cluster: &Cluster,
    target: &Target,
    role: &str,
    seen: Failure,
    output: &Output,
) -> Failure {
    output.warning(format_args!(
        "{}: production goes back to {role}",
        seen.message
    ));
    match go_back(cluster, target, role, &seen.message, output).await {
        Ok(()) => Failure {
            message: format!("{}; production is back on {role}", seen.message),
            exit: Exit::TakenBack,
            ..seen
        },
        Err(why) => {
            let name = &target.name;
            let way = match ways(cluster, target).await {
                Ways::Told(ways) => format!("; {ways}"),
                Ways::Closed => String::new(),
                Ways::Unknown => format!("; kubectl bluegreen rollback {name}"),
            };
            Failure {
                message: format!(
                    "{}; and it could not be taken back to {role}: {}",
                    seen.message, why.message
                ),
                details: seen.details.into_iter().chain(why.details).collect(),
                hint: Some(format!(
                    "kubectl bluegreen status {name} shows both sides{way}"
                )),
                exit: Exit::Unverified,
                ..seen
            }
        }
    }
}

/// How production comes out of the overlap that it was left in.
enum Ways {
    /// By these commands.
    Told(String),
    /// Neither side may serve alone.
    Closed,
    /// It is in none, or can't be looked at.
    Unknown,
}

async fn ways(cluster: &Cluster, target: &Target) -> Ways {
    let Ok(objects) = look_patiently(cluster, target).await else {
        return Ways::Unknown;
    };
    match find(&objects, target) {
        Ok(application) if application.overlap().is_some() => {
            let ways = told(&ways_out(&application, &objects, Context::now()));
            ways.map_or(Ways::Closed, Ways::Told)
        }
        _ => Ways::Unknown,
    }
}

/// Why a side may not serve alone, with the verb that lets the other one where production is in an overlap.
pub(crate) fn may_not(
    what: String,
    verdict: &Verdict,
    application: &Application<'_>,
    objects: &Objects,
) -> Failure {
    let refused = Failure::refused(what, verdict);
    match told(&ways_out(application, objects, Context::now())) {
        Some(ways) => refused.hint(ways),
        None => refused,
    }
}

/// Flips as soon as it may. A side that was scaled down meanwhile is scaled up again first, as a
/// rollback does it.
pub(crate) async fn go_back(
    cluster: &Cluster,
    target: &Target,
    role: &str,
    reason: &str,
    output: &Output,
) -> Result<(), Failure> {
    let began = Instant::now();
    let mut progress = Progress::new(output);
    let mut conflicts = Conflicts::default();
    let mut grown = false;
    loop {
        let objects = look_patiently(cluster, target).await?;
        let application = find(&objects, target)?;
        let Some(Planned { grow, plan }) = planned(&application, &objects, role)? else {
            return Ok(());
        };
        if !plan.verdict.allows() {
            if !grown && !grow.is_empty() && growth_may_mend(&plan.verdict) {
                enlarge(cluster, &grow, DryRun::None, output).await?;
                grown = true;
                continue;
            }
            if grown && began.elapsed() < LONGEST {
                progress.show(waiting(role, &plan.verdict));
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            progress.clear();
            let what = format!("{role} may not serve again");
            return Err(may_not(what, &plan.verdict, &application, &objects));
        }
        progress.clear();
        let order = Order {
            application: &application,
            pods: &objects.pods,
            plan: &plan,
            reason: Some(reason),
            override_reason: None,
            dry_run: DryRun::None,
            seen: Freshness::Live,
        };
        match flip(cluster, &order, output).await {
            Ok(_) => return Ok(()),
            Err(stop) => conflicts.again(stop)?,
        }
    }
}

/// The flip back, and what may have to grow for it.
struct Planned<'a> {
    grow: Vec<Growth<'a>>,
    plan: Box<FlipPlan<'a>>,
}

/// The flip back to the role, and what has to grow for it; `None` where it serves by now.
fn planned<'a>(
    application: &Application<'a>,
    objects: &Objects,
    role: &str,
) -> Result<Option<Planned<'a>>, Failure> {
    let now = Context::now();
    if let Ok(Rollback::Back { grow, plan }) = rollback(application, objects, now)
        && plan.to == role
    {
        return Ok(Some(Planned { grow, plan }));
    }
    Ok(match switch(application, objects, Some(role), now)? {
        Switch::Already(_) => None,
        Switch::Flip(plan) => Some(Planned {
            grow: Vec::new(),
            plan,
        }),
    })
}
