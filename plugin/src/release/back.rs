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
use crate::look::{A_LONG_WHILE, find, look_patiently, may_pass};
use crate::render::{Output, Progress};

use super::flip::flip;
use super::grow::{growth_may_mend, waiting};
use super::growing::Growing;
use super::order::{Conflicts, Order, Stop};

/// How long the old side may take to grow.
const LONGEST: Duration = Duration::from_mins(5);
/// Between two looks meanwhile.
const PAUSE: Duration = Duration::from_millis(300);
/// After an attempt that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

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
            let ways = ways(cluster, target).await;
            stuck(&target.name, role, seen, why, ways)
        }
    }
}

/// Production stays where it should not; what has kept it there may have told the way past it.
fn stuck(name: &str, role: &str, seen: Failure, why: Failure, ways: Ways) -> Failure {
    let way = match ways {
        Ways::Told(ways) => Some(ways),
        Ways::Closed => None,
        Ways::Unknown => Some(format!("kubectl bluegreen rollback {name}")),
    };
    let mut hints = vec![format!("kubectl bluegreen status {name} shows both sides")];
    for hint in [way, why.hint].into_iter().flatten() {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    Failure {
        message: format!(
            "{}; and it could not be taken back to {role}: {}",
            seen.message, why.message
        ),
        details: seen.details.into_iter().chain(why.details).collect(),
        hint: Some(hints.join("; ")),
        exit: Exit::Unverified,
        ..seen
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
    let mut growing = Growing::new(cluster, output);
    let mut failing = Failing::default();
    loop {
        let objects = look_patiently(cluster, target).await?;
        let application = find(&objects, target)?;
        let Some(Planned { grow, plan }) = planned(&application, &objects, role)? else {
            return Ok(());
        };
        if !plan.verdict.allows() {
            let refused = || {
                let what = format!("{role} may not serve again");
                may_not(what, &plan.verdict, &application, &objects)
            };
            if !growing.has_begun() && !grow.is_empty() && growth_may_mend(&plan.verdict) {
                match growing.begin(&grow, &plan).await {
                    Ok(()) => failing = Failing::default(),
                    Err(why) => failing.again(why, output).await?,
                }
                continue;
            }
            if growing.has_no_room(&plan, refused).await {
                continue;
            }
            if growing.waits(&plan.verdict, began.elapsed() >= LONGEST) {
                progress.show(waiting(role, &plan.verdict));
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            progress.clear();
            return Err(growing.refused(refused()));
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
            Err(Stop::Failed(why)) => failing.again(why, output).await?,
            Err(stop) => conflicts.again(stop)?,
        }
    }
}

/// Since when the API server has not taken what would take production back.
#[derive(Debug, Default)]
struct Failing(Option<Instant>);

impl Failing {
    /// Waits for the next attempt, which may be made as long as a look may.
    ///
    /// # Errors
    /// No waiting changes it, or it was long enough.
    async fn again(&mut self, why: Failure, output: &Output) -> Result<(), Failure> {
        let was_away = self.0.is_some();
        let since = *self.0.get_or_insert_with(Instant::now);
        if !may_pass(&why, was_away) || since.elapsed() >= A_LONG_WHILE {
            return Err(why);
        }
        if !was_away {
            output.warning(format_args!("{}; it is tried again", why.message));
        }
        tokio::time::sleep(AFTER_FAILURE).await;
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(ways: Ways, why: Option<&str>) -> String {
        let seen = Failure::new(Exit::Unverified, "1 of 5 checks failed");
        let why = Failure {
            hint: why.map(str::to_owned),
            ..Failure::could_not("the guard did not answer")
        };
        let stuck = stuck("web", "blue", seen, why, ways);
        assert_eq!(stuck.exit, Exit::Unverified);
        stuck.hint.unwrap_or_default()
    }

    #[test]
    fn what_kept_production_there_tells_the_way_past_it() {
        let past = "to flip without the guard: kubectl patch service web";
        let status = "kubectl bluegreen status web shows both sides";
        assert_eq!(
            hint(Ways::Unknown, Some(past)),
            format!("{status}; kubectl bluegreen rollback web; {past}")
        );
        assert_eq!(hint(Ways::Closed, Some(past)), format!("{status}; {past}"));
        assert_eq!(hint(Ways::Closed, None), status);
        let way = "blue alone: kubectl bluegreen rollback web";
        let told = hint(Ways::Told(way.to_owned()), Some(way));
        assert_eq!(told, format!("{status}; {way}"));
    }
}
