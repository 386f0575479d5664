//! The update would take away what guards the Service, or route to what is not ready.
//!
//! It is judged whatever else changes: a setting that is loosened now would open the next flip.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::discover::Aside;
use crate::keys;
use crate::live;
use crate::metadata::annotation;
use crate::refusal::{Code, Refusal, three};
use crate::selector;
use crate::settings::{self, Settings};

use super::case::Case;

/// Whether a setting would be looser.
type IsLoosened = fn(&Case<'_>) -> bool;

/// Settings and marks that only get stricter.
const KEPT: [(&str, IsLoosened); 6] = [
    (keys::MIN_CAPACITY, |case| {
        case.old_settings().min_capacity > case.new_settings().min_capacity
    }),
    (keys::REQUIRE_VERIFIED, |case| {
        case.old_settings().require_verified && !case.new_settings().require_verified
    }),
    (keys::ON_DRIFT, |case| {
        case.old_settings().on_drift > case.new_settings().on_drift
    }),
    (keys::PRODUCTION, |case| loses(case, keys::PRODUCTION)),
    (keys::TEST, |case| loses(case, keys::TEST)),
    (keys::ROLE_KEY, |case| {
        let before = annotation(&case.before.metadata, keys::ROLE_KEY);
        before.is_some() && before != annotation(&case.after.metadata, keys::ROLE_KEY)
    }),
];

pub(super) fn check(case: &Case<'_>) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = KEPT
        .iter()
        .filter(|(_, is_loosened)| is_loosened(case))
        .map(|(key, _)| loosened(case, key))
        .collect();
    refusals.extend(set_aside(case));
    if !live::is_aside(case.after) {
        refusals.extend(unready_addresses(case));
        refusals.extend(external_addresses(case));
    }
    refusals
}

fn loosened(case: &Case<'_>, key: &str) -> Refusal {
    let value = annotation(&case.before.metadata, key).unwrap_or_default();
    let what = match annotation(&case.after.metadata, key) {
        Some(new) => format!("would have {key} changed from {value:?} to {new:?}"),
        None => format!("would lose {key}: {value:?}"),
    };
    let message = format!("{} {what}", case.service());
    let remedy = format!(
        "keep {key}; who may override the guard sets {}=REASON in the same update",
        keys::OVERRIDE
    );
    Refusal::new(Code::Protected, &message, remedy)
}

/// A mark or a label that makes it count as bound or for tests would take the guard off what it selects.
fn set_aside(case: &Case<'_>) -> Option<Refusal> {
    if live::is_aside(case.before) || !live::is_aside(case.after) {
        return None;
    }
    let selector = selector::of(case.before);
    let mut workloads = case.objects.workloads.iter();
    if !workloads.any(|workload| selector::matches(selector, workload.pod_labels())) {
        return None;
    }
    let why = Aside::of(case.after)?;
    let message = format!(
        "{} serves, and would count as {why}, which guards nothing",
        case.service()
    );
    let remedy = format!(
        "mark the Service that is production instead: {}",
        case.kubectl(&format!("annotate service/NAME {}=true", keys::PRODUCTION))
    );
    Some(Refusal::new(Code::Protected, &message, remedy))
}

fn unready_addresses(case: &Case<'_>) -> Option<Refusal> {
    let publishes = |service: &Service| {
        let spec = service.spec.as_ref();
        spec.and_then(|spec| spec.publish_not_ready_addresses) == Some(true)
    };
    if publishes(case.before) || !publishes(case.after) {
        return None;
    }
    let message = format!(
        "{} would route to pods that are not ready (publishNotReadyAddresses)",
        case.service()
    );
    let remedy = "publish them with a Service of their own".to_owned();
    Some(Refusal::new(Code::Protected, &message, remedy))
}

fn external_addresses(case: &Case<'_>) -> Option<Refusal> {
    let addresses = |service: &Service| -> BTreeSet<String> {
        let spec = service.spec.as_ref();
        let all = spec.and_then(|spec| spec.external_ips.as_ref());
        all.into_iter().flatten().cloned().collect()
    };
    let (old, new) = (addresses(case.before), addresses(case.after));
    let added: Vec<String> = new.difference(&old).cloned().collect();
    if added.is_empty() {
        return None;
    }
    let message = format!(
        "{} would take over {} (externalIPs)",
        case.service(),
        three(&added)
    );
    let remedy = "use a Service of type LoadBalancer for an address of its own".to_owned();
    Some(Refusal::new(Code::Protected, &message, remedy))
}

/// What each object asks for beside the Namespace's floor, which may lie below the default.
impl Case<'_> {
    fn old_settings(&self) -> Settings {
        settings::of(self.objects.namespace.as_ref(), &[self.before]).0
    }

    fn new_settings(&self) -> Settings {
        settings::of(self.objects.namespace.as_ref(), &[self.after]).0
    }
}

fn loses(case: &Case<'_>, key: &str) -> bool {
    let is_true = |service: &Service| annotation(&service.metadata, key) == Some("true");
    is_true(case.before) && !is_true(case.after)
}
