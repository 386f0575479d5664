//! A live workload that would serve no more.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Container;

use crate::keys;
use crate::live::{self, Live, is_taken_down};
use crate::metadata::{annotation, namespace_flag};
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
    if let Some(container) = unprobed(before, after)
        && !is_rolled(before, objects, now)
    {
        refusals.push(without_probe(before, &live, container));
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
    let keeps = match workload {
        Workload::Deployment(_) => "set spec.strategy to a RollingUpdate that keeps pods",
        Workload::StatefulSet(_) => "give it more pods than may be unavailable at once",
    };
    let remedy = format!(
        "kubectl bluegreen stage {name}{flag} --image IMAGE updates the idle side, and kubectl bluegreen \
         switch {name}{flag} goes there; or {keeps}"
    );
    Refusal::new(Code::Protected, &message, remedy)
}

/// The first container that had a readiness probe and loses it to a new template, be it to one of another
/// name: the new pods would count as ready as soon as they run, and the last one that serves would go.
///
/// Where none is ready, the probe may be what is wrong; and whoever wants none says so.
fn unprobed<'w>(before: &'w Workload, after: &Workload) -> Option<&'w str> {
    let none_is_wanted = after.annotation(keys::INJECT_PROBE) == Some("false");
    if none_is_wanted || before.counts().ready == 0 {
        return None;
    }
    let is_probed = |container: &&Container| container.readiness_probe.is_some();
    let mut probed = containers(before).filter(is_probed);
    let lost = probed.find(|was| {
        let namesake = containers(after).find(|is| is.name == was.name);
        namesake.map_or_else(
            || !containers(after).any(|is| is_probed(&is)),
            |is| !is_probed(&is),
        )
    })?;
    Some(&lost.name)
}

/// Whether a rolling update is noted on a Service in front, which may have brought the probe: it can be
/// taken back.
fn is_rolled(workload: &Workload, objects: &Objects, now: Timestamp) -> bool {
    let front = Front::of(workload);
    let mut all = live::all(&front, role::of(workload), &objects.services, now);
    all.any(|live| annotation(&live.service().metadata, keys::ROLLING).is_some())
}

fn containers(workload: &Workload) -> impl Iterator<Item = &Container> {
    workload
        .pod_spec()
        .into_iter()
        .flat_map(|spec| &spec.containers)
}

fn without_probe(workload: &Workload, live: &Live<'_>, container: &str) -> Refusal {
    let message = format!(
        "{} {} and would lose the readiness probe of container {container}, without which ready says nothing",
        workload.reference(),
        live.why()
    );
    let remedy = format!(
        "kubectl annotate {}{} {}=false if none is wanted; or keep the probe",
        workload.resource(),
        namespace_flag(workload.metadata()),
        keys::INJECT_PROBE
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
