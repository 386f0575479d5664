//! A workload as it is to be stored, beside the one that is.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, Probe, Service};

use super::front::Front;
use super::{handler, role};
use crate::live::live;
use crate::selector::Labels;
use crate::workload::Workload;

/// What a request makes of a workload.
pub(super) struct Change<'a> {
    pub(super) after: &'a Workload,
    /// `None` where it is created.
    pub(super) before: Option<&'a Workload>,
    /// What its pods are to be labelled with, the role label included.
    pub(super) pod_labels: &'a Labels,
}

impl<'a> Change<'a> {
    /// The regular containers that are to be stored, by their place.
    pub(super) fn containers(&self) -> impl Iterator<Item = (usize, &'a Container)> {
        let spec = self.after.pod_spec().into_iter();
        spec.flat_map(|spec| spec.containers.iter()).enumerate()
    }

    /// Whether it serves before or after the update; what is created serves nobody yet.
    pub(super) fn is_live(&self, services: &[Service], now: Timestamp) -> bool {
        self.before.is_some_and(|before| {
            let then = Front::of(before);
            let from_now = Front::with(self.after, self.pod_labels);
            let role_from_now = role::with(self.after, self.pod_labels);
            live(&then, role::of(before), services, now).is_some()
                || live(&from_now, role_from_now, services, now).is_some()
        })
    }

    /// The readiness probe that a container runs with now.
    pub(super) fn stored_probe(&self, container: &str) -> Option<&'a Probe> {
        self.before?
            .pod_spec()?
            .containers
            .iter()
            .find(|stored| stored.name == container)?
            .readiness_probe
            .as_ref()
    }

    /// Whether a container runs with this probe now, so that it is no guess.
    pub(super) fn runs_with(&self, container: &str, probe: &Probe) -> bool {
        self.stored_probe(container)
            .is_some_and(|stored| handler::is_same(probe, stored))
    }

    /// Whether the template is the stored one but for readiness probes and role labels, so that
    /// with them nothing would restart.
    pub(super) fn drops_nothing_but_probes(&self) -> bool {
        let (Some(before), Some(after)) = (self.before, self.after.template()) else {
            return false;
        };
        let mut template = after.clone();
        template.metadata.get_or_insert_default().labels = Some(self.pod_labels.clone());
        for container in template
            .spec
            .iter_mut()
            .flat_map(|spec| &mut spec.containers)
        {
            if container.readiness_probe.is_none() {
                container.readiness_probe = self.stored_probe(&container.name).cloned();
            }
        }
        before.template() == Some(&template)
    }
}
