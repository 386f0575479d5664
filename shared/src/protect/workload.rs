//! A live workload that would serve no more.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::keys;
use crate::live::{self, Live, is_taken_down};
use crate::metadata::namespace_flag;
use crate::mutate::front::Front;
use crate::mutate::role;
use crate::objects::Objects;
use crate::refusal::{Code, Refusal};
use crate::selector;
use crate::workload::Workload;

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
    if stops_first(before, after) {
        refusals.push(recreated(before, &live));
    }
    if let Some(owner) = new_owner(before, after) {
        // The garbage collector deletes whatever has none but owners that don't exist, and whether
        // one does can't be told from here.
        let what = format!(
            "would be owned by {}/{}, and be deleted with it",
            owner.kind, owner.name
        );
        refusals.push(refuse(before, &live, &what));
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
        .filter(|live| !live.holds_of(&is, role::of(after), now))
        .map(|live| {
            let what = match live {
                Live::Selected(service) => {
                    let selector = selector::query(selector::of(service));
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

/// Whether pods that are ready would be stopped, all at once, before there are new ones.
///
/// A rolling update that goes on is cut short so as well.
fn stops_first(before: &Workload, after: &Workload) -> bool {
    let counts = before.counts();
    let rolls = || !before.is_observed() || counts.updated < counts.replicas;
    let stops = before.template() != after.template() || (!before.recreates() && rolls());
    after.recreates() && counts.ready > 0 && stops
}

fn recreated(workload: &Workload, live: &Live<'_>) -> Refusal {
    let message = format!(
        "{} {} and would stop all its pods before it makes new ones (strategy Recreate)",
        workload.reference(),
        live.why()
    );
    let name = service::name(live.service());
    let flag = namespace_flag(&live.service().metadata);
    let remedy = format!(
        "kubectl bluegreen stage {name}{flag} --image IMAGE updates the idle side, and kubectl bluegreen \
         switch {name}{flag} goes there; or set spec.strategy.type to RollingUpdate"
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

fn new_owner<'a>(before: &Workload, after: &'a Workload) -> Option<&'a OwnerReference> {
    let had = before.metadata().owner_references.as_deref();
    let mut owners = after.metadata().owner_references.iter().flatten();
    owners.find(|owner| {
        let same = |known: &OwnerReference| known.uid == owner.uid;
        !had.unwrap_or_default().iter().any(same)
    })
}
