//! What serves production now, or is about to.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;

use super::served;
use crate::intent::Intent;
use crate::keys;
use crate::selector::{self, Labels};
use crate::words;

/// Whether pods with these labels are live: a Service selects them which is neither bound nor
/// for tests, or an unexpired intent names their role.
///
/// Where the role can't be known, an intent of a Service in front of them names them too.
#[must_use]
pub fn is_live(
    pod_labels: &Labels,
    role: Option<&str>,
    services: &[Service],
    now: Timestamp,
) -> bool {
    services.iter().any(|service| {
        let selected = selector::matches(selector::of(service), pod_labels);
        let named = Intent::of(service)
            .is_some_and(|intent| intent.holds(now) && role.is_none_or(|role| role == intent.to));
        (selected && !is_aside(service)) || (named && served::may_select(service, pod_labels))
    })
}

/// Whether the Service is bound to one role or for tests, by a mark, its name or an own label.
fn is_aside(service: &Service) -> bool {
    let marked = |key: &str| {
        let annotations = service.metadata.annotations.as_ref();
        annotations.and_then(|all| all.get(key)).map(String::as_str)
    };
    if marked(keys::TEST) == Some("true") {
        return true;
    }
    if marked(keys::PRODUCTION) == Some("true") || marked(keys::OVERLAP).is_some() {
        return false;
    }
    let name = service.metadata.name.as_deref().unwrap_or_default();
    words::has_test_word(name) || words::colour(name).is_some() || is_labelled_test(service)
}

/// Whether one of its own labels is `test-ROLE`, as in the published pattern.
fn is_labelled_test(service: &Service) -> bool {
    selector::or_empty(service.metadata.labels.as_ref())
        .values()
        .filter_map(|value| value.strip_prefix("test-"))
        .any(|role| {
            words::as_colour(role).is_some()
                || selector::of(service).values().any(|value| value == role)
        })
}
