//! What may be announced before the pods are known, so that reading them costs no time of its own.

use jiff::Timestamp;

use crate::application::{Active, Application, Environment};
use crate::history;
use crate::intent::Intent;
use crate::workload::Workload;

use super::flip::ServiceFlip;

/// The role that a switch would go to, where nothing but the pods can still speak against it.
///
/// A switch to the side that served last may be declined by what its pods run, so it is not
/// announced ahead.
#[must_use]
pub fn switch(application: &Application<'_>, to: Option<&str>) -> Option<String> {
    let Active::Role(active) = application.active() else {
        return None;
    };
    let other = &application.other(active)?.role;
    let served_last = application.production.iter().any(|production| {
        let history = history::of(production.service);
        history.first().and_then(|last| last.from.as_deref()) == Some(other)
    });
    match to {
        Some(to) => (to == other).then(|| to.to_owned()),
        None => (!served_last).then(|| other.clone()),
    }
}

/// The role that a rollback would go to, by the history alone.
#[must_use]
pub fn rollback(application: &Application<'_>) -> Option<String> {
    let Active::Role(active) = application.active() else {
        return None;
    };
    let other = &application.other(active)?.role;
    let goes_back = |entries: &[history::Entry]| {
        !history::is_taken_back(entries)
            && entries
                .first()
                .is_some_and(|last| last.to == active && last.from.as_ref() == Some(other))
    };
    application
        .production
        .iter()
        .all(|production| goes_back(&history::of(production.service)))
        .then(|| other.clone())
}

/// The flips to that role, where by the controllers' counts it is all there, and nobody else is
/// switching; they are not judged.
#[must_use]
pub fn flips<'a>(
    application: &Application<'a>,
    to: &str,
    now: Timestamp,
) -> Option<Vec<ServiceFlip<'a>>> {
    let new = application.environment(to)?;
    let old = application.other(to)?;
    let is_complete = !new.workloads.is_empty() && new.workloads.iter().all(|it| is_complete(it));
    if !is_complete || ready(new) < ready(old) {
        return None;
    }
    let flips: Vec<ServiceFlip<'a>> = application
        .production
        .iter()
        .map(|production| ServiceFlip::to(production, to))
        .collect::<Option<_>>()?;
    let is_quiet = flips
        .iter()
        .all(|flip| !Intent::of(flip.before).is_some_and(|intent| intent.holds(now)));
    is_quiet.then_some(flips)
}

fn is_complete(workload: &Workload) -> bool {
    let (counts, replicas) = (workload.counts(), workload.replicas());
    let all = [
        counts.replicas,
        counts.updated,
        counts.ready,
        counts.available,
    ];
    replicas > 0
        && workload.is_observed()
        && !workload.is_deleting()
        && all.into_iter().all(|count| count == replicas)
}

fn ready(environment: &Environment<'_>) -> i32 {
    let ready = environment.workloads.iter().map(|it| it.counts().ready);
    ready.fold(0, i32::saturating_add)
}
