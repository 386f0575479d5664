//! An application taken down on purpose: what is said first, and what is deleted.

use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;

use crate::application::Application;
use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::workload::Workload;

/// Everything that an application is made of.
#[derive(Clone, Debug)]
pub struct Takedown<'a> {
    /// Says on each production Service that it is to go, before anything goes: from then on nothing of
    /// the application is protected.
    pub say: Vec<(&'a Service, Patch)>,
    /// The Services, those of production first: nothing is sent to pods that are going.
    pub services: Vec<&'a Service>,
    /// The workloads of both environments.
    pub workloads: Vec<&'a Workload>,
}

/// Plans it. What else belongs to the application (`ConfigMaps`, autoscalers, Ingresses) is not known here.
#[must_use]
pub fn takedown<'a>(application: &Application<'a>, reason: &str) -> Takedown<'a> {
    let production = application.production.iter().map(|one| one.service);
    let bound = application.bound.iter().map(|one| one.service);
    let say = |service: &'a Service| {
        let metadata = &service.metadata;
        let same = patch::same(metadata);
        let why = patch::annotate(metadata, keys::TAKEDOWN, reason.to_owned());
        (service, Patch(same.into_iter().chain(why).collect()))
    };
    let sides = application.environments.iter();
    Takedown {
        say: production.clone().map(say).collect(),
        services: production.chain(bound).collect(),
        workloads: sides.flat_map(|side| side.workloads.clone()).collect(),
    }
}

/// Takes back what was said of a Service that stays after all; `None` where it was not said, or by somebody
/// else for another reason.
#[must_use]
pub fn revoked(service: &Service, reason: &str) -> Option<Patch> {
    let said = annotation(&service.metadata, keys::TAKEDOWN)?;
    let same = patch::same(&service.metadata);
    let unsaid = [
        patch::test(patch::annotation(keys::TAKEDOWN), said),
        patch::unannotate(keys::TAKEDOWN),
    ];
    (said == reason).then(|| Patch(same.into_iter().chain(unsaid).collect()))
}
