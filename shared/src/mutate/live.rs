//! What serves production now, or is about to.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;

use super::front::Front;
use crate::discover::Aside;
use crate::intent::Intent;
use crate::keys;
use crate::selector;

/// Whether a workload's pods are live: a Service selects them which is neither bound nor for
/// tests, or an unexpired intent names their role.
///
/// Where the role can't be known, an intent of a Service in front of them names them too.
pub(super) fn is_live(
    front: &Front<'_>,
    role: Option<&str>,
    services: &[Service],
    now: Timestamp,
) -> bool {
    services.iter().any(|service| {
        let selected = selector::matches(selector::of(service), front.pod_labels);
        let named = Intent::of(service)
            .is_some_and(|intent| intent.holds(now) && role.is_none_or(|role| role == intent.to));
        (selected && !is_aside(service)) || (named && front.may_have(service))
    })
}

/// Whether the Service is bound to one role or for tests; a mark that only production carries
/// outweighs what its name says.
fn is_aside(service: &Service) -> bool {
    let annotations = selector::or_empty(service.metadata.annotations.as_ref());
    match Aside::of(service) {
        None => false,
        Some(Aside::Marked(..)) => true,
        Some(Aside::Label(..) | Aside::Colour(_) | Aside::TestWord) => {
            !annotations.contains_key(keys::OVERLAP) && !annotations.contains_key(keys::ROLE_KEY)
        }
    }
}
