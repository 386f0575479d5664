//! What the gate says of production that stays where it is: the very rules that judge a flip, of a flip
//! to it from nowhere.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;

use crate::application::Application;
use crate::gate::{self, Course, Flip, Verdict};
use crate::keys;
use crate::objects::Objects;
use crate::refusal::Code;
use crate::workload::Workload;

use super::scene::Scene;

/// What a template alone decides, however its pods come up.
const OF_A_TEMPLATE: [Code; 3] = [
    Code::NoReadinessProbe,
    Code::PortMismatch,
    Code::ForeignPods,
];

/// What production lacks as it stands.
#[must_use]
pub fn state(application: &Application<'_>, objects: &Objects, now: Timestamp) -> Verdict {
    let services = application.production.iter().map(|one| one.service);
    let mut all = Verdict {
        course: Course::Forward,
        refusals: Vec::new(),
        warnings: Vec::new(),
    };
    for service in services {
        let [before, after] = [false, true].map(|routes| service_that(service, routes));
        let flip = Flip {
            before: &before,
            after: &after,
            now,
        };
        let verdict = gate::judge(&flip, objects);
        for (into, from) in [
            (&mut all.refusals, verdict.refusals),
            (&mut all.warnings, verdict.warnings),
        ] {
            for one in from {
                if !into.contains(&one) {
                    into.push(one);
                }
            }
        }
    }
    all
}

/// What production would lack whatever becomes of the pods of this template.
#[must_use]
pub fn judge_template(
    scene: &Scene<'_>,
    after: &Workload,
    objects: &Objects,
    now: Timestamp,
) -> Verdict {
    let mut then = objects.clone();
    then.pods.retain(|pod| !scene.workload.owns(pod));
    let is_it = |one: &&mut Workload| one.kind() == after.kind() && one.name() == after.name();
    if let Some(workload) = then.workloads.iter_mut().find(is_it) {
        *workload = after.clone();
    }
    let mut verdict = state(&scene.application(), &then, now);
    for refusals in [&mut verdict.refusals, &mut verdict.warnings] {
        refusals.retain(|refusal| OF_A_TEMPLATE.contains(&refusal.code));
    }
    verdict
}

/// The Service before it selected anything, or as it is. What it remembers of flips is of no other
/// strategy's concern.
fn service_that(service: &Service, routes: bool) -> Service {
    let mut service = service.clone();
    if let Some(annotations) = &mut service.metadata.annotations {
        annotations.retain(|key, _| key != keys::HISTORY && key != keys::INTENT);
    }
    if let Some(spec) = service.spec.as_mut().filter(|_| !routes) {
        spec.selector = None;
    }
    service
}
