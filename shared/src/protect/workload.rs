//! A live workload that would serve no more.

use jiff::Timestamp;

use crate::keys;
use crate::live::{self, Live, is_taken_down};
use crate::metadata::namespace_flag;
use crate::mutate::front::Front;
use crate::mutate::role;
use crate::objects::Objects;
use crate::overlap;
use crate::refusal::{Code, Refusal};
use crate::selector;
use crate::workload::Workload;

use super::owner::{new_owner, owned};
use super::{protected, service};

pub(super) fn delete(workload: &Workload, objects: &Objects, now: Timestamp) -> Vec<Refusal> {
    let live = super::live(workload, objects, now);
    live.filter(|_| !is_going(workload))
        .map(|live| refuse(workload, &live, "would be deleted"))
        .into_iter()
        .collect()
}

pub(super) fn update(
    before: &Workload,
    after: &Workload,
    objects: &Objects,
    now: Timestamp,
) -> Vec<Refusal> {
    let Some(live) = super::live(before, objects, now).filter(|_| !is_going(before)) else {
        return Vec::new();
    };
    let mut refusals = Vec::new();
    if before.replicas() > 0 && after.replicas() == 0 {
        refusals.push(refuse(before, &live, "would be scaled to 0"));
    }
    let relabelled = relabelled(before, after, objects, now);
    if relabelled.is_empty() && !role::is_of_a_role(after) {
        refusals.push(refuse(before, &live, stripped(before)));
    }
    refusals.extend(relabelled);
    if let Some(how) = stops_first(before, after) {
        refusals.push(recreated(before, &live, &how));
    }
    if let Some(owner) = new_owner(before.metadata(), after.metadata()) {
        refusals.push(refuse(before, &live, &owned(owner)));
    }
    refusals
}

/// Other labels on its pods: what made it live would do so no more.
fn relabelled(
    before: &Workload,
    after: &Workload,
    objects: &Objects,
    now: Timestamp,
) -> Vec<Refusal> {
    let (was, is) = (Front::of(before), Front::of(after));
    live::all(&was, role::of(before), &objects.services, now)
        .filter(|live| !live.holds_of(&was, &is, role::of(after), now))
        .map(|live| {
            let what = match live {
                Live::Selected(service) => {
                    let selector = selector::query(&overlap::narrowed(service, was.pod_labels));
                    format!("would make pods that {selector} does not select")
                }
                Live::Intended(_) => "would make pods of no such role".to_owned(),
            };
            refuse(before, &live, &what)
        })
        .collect()
}

/// What would be gone that says its role: what has none is guarded by nobody, whatever selects it.
fn stripped(before: &Workload) -> &'static str {
    if before.annotation(keys::ROLE).is_some() {
        "would lose the annotation bluegreen.dev/role, which alone says its role"
    } else {
        "would lose the labels that say its role"
    }
}

/// What would stop pods that are ready, all at once, before there are new ones.
///
/// A rolling update that goes on is cut short so as well.
fn stops_first(before: &Workload, after: &Workload) -> Option<String> {
    let counts = before.counts();
    let rolls = || !before.is_observed() || counts.updated < counts.replicas;
    let recreates = before.recreates().is_some();
    let stops = before.template() != after.template() || (!recreates && rolls());
    after.recreates().filter(|_| counts.ready > 0 && stops)
}

fn recreated(workload: &Workload, live: &Live<'_>, how: &str) -> Refusal {
    let message = format!(
        "{} {} and would stop all its pods before it makes new ones ({how})",
        workload.reference(),
        live.why()
    );
    let name = service::name(live.service());
    let flag = namespace_flag(&live.service().metadata);
    let remedy = format!(
        "kubectl bluegreen stage {name}{flag} --image IMAGE updates the idle side, and kubectl bluegreen \
         switch {name}{flag} goes there; or set spec.strategy to a RollingUpdate that keeps pods"
    );
    Refusal::new(Code::Protected, &message, remedy)
}

fn refuse(workload: &Workload, live: &Live<'_>, what: &str) -> Refusal {
    let message = format!("{} {} and {what}", workload.reference(), live.why());
    protected(&message, live.service())
}

/// Whether it is taken down by itself: a workload that another Service keeps may go so.
fn is_going(workload: &Workload) -> bool {
    is_taken_down(workload.metadata().annotations.as_ref())
}
