//! Objects → view model.

use bluegreen_shared::application::{Active, Application, Environment};
use bluegreen_shared::gate::{self, Course, Verdict};
use bluegreen_shared::history::{self, Entry};
use bluegreen_shared::intent::Intent;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::Why;
use bluegreen_shared::plan::rollback::{Rollback, rollback};
use bluegreen_shared::plan::switch::{Switch, switch};
use bluegreen_shared::plan::way_out::ways_out;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::Refusal;
use bluegreen_shared::verified;
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;

use crate::release::growth_may_mend;

use super::model::{
    Announced, EnvironmentLine, GateLine, OverlapLine, Reason, ServiceLine, State, Status,
    VerifiedLine, WorkloadLine,
};
use super::notes::notes;

pub(super) fn status(
    application: &Application<'_>,
    objects: &Objects,
    namespace: &str,
    now: Timestamp,
) -> Status {
    let (active, production) = match application.active() {
        Active::Role(role) => (Some(role.to_owned()), State::Decided),
        Active::Split(_) => (None, State::Split),
        Active::Overlap(overlap) => (Some(overlap.from.clone()), State::Overlap),
        Active::Neither(_) => (None, State::Neither),
    };
    let role_keys = application
        .production
        .first()
        .map(|first| first.role_keys().into_iter().map(str::to_owned).collect())
        .unwrap_or_default();
    let back = rollback(application, objects, now).ok();
    let instead = match switch(application, objects, None, now) {
        Err(declined) if declined.why == Why::ForwardOnly => Some(declined.hint),
        _ => None,
    };
    let sides = application.environments.iter();
    let environments =
        sides.map(|side| environment(application, side, objects, instead.is_some(), now));
    Status {
        application: application.name.clone(),
        namespace: namespace.to_owned(),
        rule: application.rule.to_string(),
        role_keys,
        last_flip: active
            .as_deref()
            .and_then(|active| last_flip(application, active)),
        active,
        production,
        intent: intent(application, now),
        overlap: overlap(application, objects, now),
        services: services(application),
        environments: environments.collect(),
        can_roll_back: back.is_some_and(|back| is_open(&back)),
        instead,
        notes: notes(application, objects, namespace),
        now,
    }
}

/// Whether `rollback` goes there, be it that the old side grows first.
fn is_open(back: &Rollback<'_>) -> bool {
    match back {
        Rollback::Back { grow, plan } => {
            plan.verdict.allows() || !grow.is_empty() && growth_may_mend(&plan.verdict)
        }
        Rollback::Already(_) => false,
    }
}

/// The overlap that production is in, and how it may end. Whether somebody is about to end it, the objects
/// don't say.
fn overlap(
    application: &Application<'_>,
    objects: &Objects,
    now: Timestamp,
) -> Option<OverlapLine> {
    let overlap = application.overlap()?;
    Some(OverlapLine {
        from: overlap.from.clone(),
        to: overlap.to.clone(),
        interrupted: true,
        ways: ways_out(application, objects, now),
    })
}

/// The newest entry, where it is about what serves now: a bare patch may have come after it.
fn last_flip(application: &Application<'_>, active: &str) -> Option<Entry> {
    application
        .production
        .iter()
        .filter_map(|production| history::of(production.service).into_iter().next())
        .max_by_key(|entry| entry.at)
        .filter(|entry| entry.to == active)
}

fn intent(application: &Application<'_>, now: Timestamp) -> Option<Announced> {
    application.production.iter().find_map(|production| {
        let intent = Intent::of(production.service)?;
        Some(Announced {
            service: production.name().to_owned(),
            interrupted: !intent.holds(now),
            to: intent.to,
            by: intent.by,
            until: intent.until,
        })
    })
}

fn services(application: &Application<'_>) -> Vec<ServiceLine> {
    let production = application.production.iter().map(|one| ServiceLine {
        name: one.name().to_owned(),
        production: true,
        role: one.selects().map(str::to_owned),
    });
    let bound = application.bound.iter().map(|one| ServiceLine {
        name: one.service.metadata.name.clone().unwrap_or_default(),
        production: false,
        role: Some(one.role.clone()),
    });
    production.chain(bound).collect()
}

fn environment(
    application: &Application<'_>,
    side: &Environment<'_>,
    objects: &Objects,
    has_to_be_named: bool,
    now: Timestamp,
) -> EnvironmentLine {
    let pods = side.pods(&objects.pods);
    EnvironmentLine {
        role: side.role.clone(),
        serves: application.serves(&side.role),
        workloads: side
            .workloads
            .iter()
            .map(|workload| line(workload, objects))
            .collect(),
        revision: gate::revision(&side.workloads, &pods),
        verified: verification(application, side, objects),
        gate: match switch(application, objects, Some(&side.role), now) {
            Ok(Switch::Flip(plan)) => Some(answer(plan.verdict, has_to_be_named)),
            Ok(Switch::Already(_)) | Err(_) => None,
        },
    }
}

fn line(workload: &Workload, objects: &Objects) -> WorkloadLine {
    WorkloadLine {
        kind: workload.kind().to_owned(),
        name: workload.name().to_owned(),
        images: workload.images().map(str::to_owned).collect(),
        ready: objects
            .pods
            .iter()
            .filter(|pod| workload.owns(pod) && pod::is_serving(pod))
            .count(),
        replicas: workload.replicas(),
    }
}

/// The newest verification of the side that any production Service carries.
fn verification(
    application: &Application<'_>,
    side: &Environment<'_>,
    objects: &Objects,
) -> Option<VerifiedLine> {
    let newest = application
        .production
        .iter()
        .filter_map(|production| verified::of(production.service, &side.role))
        .max_by_key(|verified| verified.at)?;
    let runs = verified::revision(&side.workloads, &side.pods(&objects.pods));
    Some(VerifiedLine {
        current: runs.is_ok_and(|runs| newest.matches(&runs)),
        at: newest.at,
        by: newest.by,
    })
}

fn answer(verdict: Verdict, has_to_be_named: bool) -> GateLine {
    let reasons = |refusals: Vec<Refusal>| {
        refusals
            .into_iter()
            .map(|refusal| Reason {
                refusal,
                events: Vec::new(),
            })
            .collect()
    };
    GateLine {
        allowed: verdict.allows(),
        course: match verdict.course {
            Course::Forward => "forward",
            Course::WayBack => "way back",
            Course::Rescue => "rescue",
        },
        has_to_be_named,
        refusals: reasons(verdict.refusals),
        warnings: reasons(verdict.warnings),
    }
}
