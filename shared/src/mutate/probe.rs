//! The readiness probe, into every serving container that has none.
//!
//! A probe that is wrong keeps new pods from becoming ready. On the idle side that is seen before
//! anybody depends on it; on what is live it would be an outage, so that nothing new is tried there.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Probe, Service};
use serde_json::json;

use super::served::{self, Serving};
use super::{Mutation, annotations, container_field, handler, live, role};
use crate::selector::Labels;
use crate::workload::Workload;

/// A workload as it is to be stored, and as it is.
pub(super) struct Change<'a> {
    pub(super) after: &'a Workload,
    pub(super) before: Option<&'a Workload>,
    /// What its pods are to be labelled with, the role label included.
    pub(super) pod_labels: &'a Labels,
}

/// Adds the probes that are lacking.
pub(super) fn add(
    mutation: &mut Mutation,
    change: &Change<'_>,
    services: &[Service],
    now: Timestamp,
) {
    let all = serving(change, services);
    if all.is_empty() {
        return;
    }
    let Some(wish) = annotations::read(mutation, change.after, &all) else {
        return;
    };
    let lacking: Vec<&Serving<'_>> = all
        .iter()
        .filter(|serving| serving.container.readiness_probe.is_none())
        .collect();
    let is_live = change.is_live(services, now);
    for serving in &lacking {
        let chosen = handler::choose(serving, &wish, &all);
        let probe = if is_live {
            kept(mutation, change, serving, chosen, &lacking)
        } else {
            chosen
        };
        if let Some(probe) = probe {
            let path = container_field("containers", serving.index, "readinessProbe");
            mutation.add(path, json!(probe));
        }
    }
}

fn serving<'a>(change: &Change<'a>, services: &[Service]) -> Vec<Serving<'a>> {
    let Some(template) = change.after.template() else {
        return Vec::new();
    };
    let Some(spec) = &template.spec else {
        return Vec::new();
    };
    let annotations = template
        .metadata
        .as_ref()
        .and_then(|it| it.annotations.as_ref());
    let related = served::related(services, change.pod_labels);
    served::serving(spec, &related, served::main_container(annotations))
}

/// What a live container keeps: the probe that it runs with, where the update drops it without
/// a word, as a server-side apply of the manifest does that never had it.
fn kept(
    mutation: &mut Mutation,
    change: &Change<'_>,
    serving: &Serving<'_>,
    chosen: Option<Probe>,
    lacking: &[&Serving<'_>],
) -> Option<Probe> {
    let name = &serving.container.name;
    let owner = change.after.reference();
    if let Some(stored) = change.stored(name) {
        if chosen.is_some_and(|chosen| handler::is_same(&chosen, stored)) {
            return Some(stored.clone());
        }
        if change.drops_nothing_but_probes(lacking) {
            mutation.warn(&format!(
                "{owner}: container {name} is live and keeps its readiness probe, which this update would drop"
            ));
            return Some(stored.clone());
        }
    }
    mutation.warn(&format!(
        "{owner}: container {name} has no readiness probe, none is added to what is live"
    ));
    None
}

impl Change<'_> {
    /// Whether it exists and serves: what is created serves nobody yet.
    fn is_live(&self, services: &[Service], now: Timestamp) -> bool {
        self.before.is_some_and(|before| {
            live::is_live(before.pod_labels(), role::of(before), services, now)
                || live::is_live(self.pod_labels, role::of(self.after), services, now)
        })
    }

    /// The readiness probe that a container runs with now.
    fn stored(&self, container: &str) -> Option<&Probe> {
        self.before?
            .pod_spec()?
            .containers
            .iter()
            .find(|stored| stored.name == container)?
            .readiness_probe
            .as_ref()
    }

    /// Whether with these containers' probes and the role labels the template is the stored one,
    /// so that nothing would restart.
    fn drops_nothing_but_probes(&self, lacking: &[&Serving<'_>]) -> bool {
        let Some(mut template) = self.after.template().cloned() else {
            return false;
        };
        template.metadata.get_or_insert_default().labels = Some(self.pod_labels.clone());
        let containers = template
            .spec
            .iter_mut()
            .flat_map(|spec| &mut spec.containers);
        for (index, container) in containers.enumerate() {
            if lacking.iter().any(|serving| serving.index == index) {
                container.readiness_probe = self.stored(&container.name).cloned();
            }
        }
        self.before.and_then(Workload::template) == Some(&template)
    }
}
