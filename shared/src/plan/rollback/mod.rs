//! The way back: production to the environment that served last.

mod declined;

use jiff::Timestamp;
use json_patch::Patch;

use crate::application::{Active, Application, Environment, Production};
use crate::gate;
use crate::history::{self, Entry};
use crate::objects::Objects;
use crate::overlap::Overlap;
use crate::patch;
use crate::workload::Workload;

use super::switch::{FlipPlan, flips, revision};
use super::twin::{ready_pods, twin};
use super::{Declined, retire};
use declined::{no_longer, no_way_back, nothing_tells, of_something_else};

/// What a rollback comes to.
#[derive(Clone, Debug)]
pub enum Rollback<'a> {
    /// The last flip was taken back before; this role serves again.
    Already(String),
    /// The way back.
    Back {
        /// Workloads of the old side that must grow first, in the order of their names.
        grow: Vec<Growth<'a>>,
        /// The flips, judged on the objects as they are now.
        plan: Box<FlipPlan<'a>>,
    },
}

/// A workload that must grow before it can serve again.
#[derive(Clone, Debug)]
pub struct Growth<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// Its replicas from then on; more than it has now.
    pub replicas: i32,
}

impl Growth<'_> {
    /// Sets the replicas of the very object that was looked at.
    #[must_use]
    pub fn patch(&self) -> Patch {
        let same = patch::same(self.workload.metadata());
        let replicas = patch::add(["spec", "replicas"], self.replicas);
        Patch(same.into_iter().chain([replicas]).collect())
    }

    /// Sets them to what they were when it was looked at, unless somebody has changed them since.
    #[must_use]
    pub fn undo(&self) -> Patch {
        let same = patch::same(self.workload.metadata());
        let place = ["spec", "replicas"];
        let ours = patch::test(place, self.replicas);
        let before = patch::replace(place, self.workload.replicas());
        Patch(same.into_iter().chain([ours, before]).collect())
    }
}

/// Plans the way back to the environment that served before the last flip.
///
/// A flip that was taken back already is not taken back again: a repeated rollback must not
/// release the bad side anew. Where one production Service went back and others did not, they follow.
///
/// # Errors
/// No flip is recorded, the record is not about what serves now, or the old side runs something
/// that has not served.
pub fn rollback<'a>(
    application: &Application<'a>,
    objects: &Objects,
    now: Timestamp,
) -> Result<Rollback<'a>, Declined> {
    let (newest, entries) = newest_history(application);
    if let Some(overlap) = application.overlap() {
        let back = out_of(overlap, application, objects, &entries);
        return Ok(Rollback::Back {
            grow: Vec::new(),
            plan: Box::new(flips(application, objects, back, now)),
        });
    }
    let (Some(newest), Some(last)) = (newest, entries.first()) else {
        return Err(no_way_back(application));
    };
    if let Some(role) = newest.selects().filter(|role| *role != last.to) {
        return Err(of_something_else(application, newest, role, last));
    }
    let (role, had_ready) = match history::is_taken_back(&entries) {
        Some(true) if application.active() == Active::Role(&last.to) => {
            return Ok(Rollback::Already(last.to.clone()));
        }
        // One Service has gone back, and others have not: they follow.
        Some(true) => (Some(&last.to), last.ready.to),
        Some(false) => (last.from.as_ref(), last.ready.from),
        None => return Err(nothing_tells(application, last)),
    };
    let Some(target) = role.and_then(|role| application.environment(role)) else {
        return Err(no_way_back(application));
    };
    for production in &application.production {
        let side = production.part_of(target);
        let runs = revision(&side, &objects.pods);
        let entries = history::of(production.service);
        let served = entries
            .first()
            .filter(|last| last.from.as_ref() == Some(&target.role))
            .and_then(|last| last.revision.from.as_ref());
        if let (Some(served), Some(runs)) = (served, &runs)
            && served != runs
            && !gate::runs_nothing_but(&side.workloads, &side.pods(&objects.pods), served)
        {
            return Err(no_longer(application, target, runs, served));
        }
    }
    Ok(Rollback::Back {
        grow: growth(application, target, objects, had_ready),
        plan: Box::new(flips(application, objects, &target.role, now)),
    })
}

/// Where an overlap ends that is taken back: in the side that served before, unless the overlap was the way
/// back itself, which must not end in the bad side.
fn out_of<'o>(
    overlap: &'o Overlap,
    application: &Application<'_>,
    objects: &Objects,
    entries: &[Entry],
) -> &'o str {
    let runs_what_served = |production: &Production<'_>| {
        let side = application.environment(&overlap.to);
        let runs = side.and_then(|side| revision(&production.part_of(side), &objects.pods));
        let entries = history::of(production.service);
        let last = entries.first();
        runs.is_some() && last.is_some_and(|last| last.revision.from == runs)
    };
    let was_way_back = entries.first().is_some_and(|last| {
        last.to == overlap.from
            && last.from.as_ref() == Some(&overlap.to)
            && application.production.iter().all(runs_what_served)
            && history::is_taken_back(entries) == Some(false)
    });
    if was_way_back {
        &overlap.to
    } else {
        &overlap.from
    }
}

/// The newest history of a production Service, and whose it is; empty where none has any.
fn newest_history<'p, 'a>(
    application: &'p Application<'a>,
) -> (Option<&'p Production<'a>>, Vec<Entry>) {
    let all = application.production.iter();
    let histories = all.map(|production| (Some(production), history::of(production.service)));
    histories
        .max_by_key(|(_, entries)| entries.first().map(|entry| entry.at))
        .unwrap_or_default()
}

/// To the larger of what each workload had and what serves now.
fn growth<'a>(
    application: &Application<'a>,
    target: &Environment<'a>,
    objects: &Objects,
    had_ready: usize,
) -> Vec<Growth<'a>> {
    let serving = application.other(&target.role);
    target
        .workloads
        .iter()
        .copied()
        .filter_map(|workload| {
            let twin = serving.and_then(|environment| twin(workload, environment));
            let serves = twin.map_or(0, |twin| ready_pods(twin, objects));
            let had = remembered(application, &target.role, workload).or_else(|| {
                // Before it was scaled down its ready pods were counted, not each workload's.
                (target.workloads.len() == 1).then(|| i32::try_from(had_ready).unwrap_or(i32::MAX))
            });
            let wanted = serves.max(had.unwrap_or(0)).max(1);
            (wanted > workload.replicas()).then_some(Growth {
                workload,
                replicas: wanted,
            })
        })
        .collect()
}

/// The replicas that the production Services remember of a workload that was scaled down. One that has
/// pods was scaled up again since, by somebody who knew how far.
pub(super) fn remembered(
    application: &Application<'_>,
    role: &str,
    workload: &Workload,
) -> Option<i32> {
    if workload.replicas() > 0 {
        return None;
    }
    let name = workload.reference();
    let all = application.production.iter();
    all.filter_map(|production| {
        retire::remembered(production.service, role)
            .get(&name)
            .copied()
    })
    .max()
}
